"""The registrable domain of a host, by the public suffix list (publicsuffix.org). No engine: engines share it, because
the list is read once, before the jail shuts, and takes 2 MB.
"""

import functools

from publicsuffixlist import PublicSuffixList


@functools.cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


def load() -> None:
    """Reads the list. It has to be done while there is a file system."""
    _suffixes()


@functools.lru_cache(maxsize=4096)
def site(host: str) -> str | None:
    """The registrable domain of a host; None where it ends in no known suffix, or is one."""
    found = _suffixes().privatesuffix(host)
    return found if isinstance(found, str) else None


def place(host: str) -> str:
    """The registrable domain of a host; under a suffix that nobody knows, its last two names. An address is itself."""
    found = site(host)
    if found is not None or host[-1:].isdigit() or host.endswith("]"):
        return found or host
    return ".".join(host.rsplit(".", 2)[-2:])
