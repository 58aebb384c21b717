"""The machine's own table of host names, `/etc/hosts` (hosts(5))."""

import ipaddress
from pathlib import Path
from typing import Final

_LOOK_SECONDS: Final = 5.0


class HostsFile:
    """The names in a hosts file, which is read again soon after it changed. A file that is missing names nobody."""

    def __init__(self, path: Path = Path("/etc/hosts")) -> None:
        self._path = path
        self._names: dict[str, tuple[str, ...]] = {}
        self._changed: float | None = None
        self._look_at = 0.0

    def addresses(self, host: str, now: float) -> tuple[str, ...]:
        """The addresses of a name in lower case, in the file's order; `now` is a steady clock's reading."""
        if now >= self._look_at:
            self._look_at = now + _LOOK_SECONDS
            self._look()
        return self._names.get(host, ())

    def _look(self) -> None:
        try:
            changed = self._path.stat().st_mtime
            if changed != self._changed:
                self._names = read_hosts(self._path.read_text(errors="replace"))
                self._changed = changed
        except OSError:
            self._names, self._changed = {}, None


def read_hosts(text: str) -> dict[str, tuple[str, ...]]:
    """Names in lower case with their addresses. Lines that do not begin with an address are passed over."""
    names: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) < 2 or not _is_address(words[0]):
            continue
        for name in words[1:]:
            key = name.lower().rstrip(".")
            if words[0] not in names.get(key, ()):
                names[key] = (*names.get(key, ()), words[0])
    return names


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
