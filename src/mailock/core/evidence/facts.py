"""What online engines may be asked of a message without anybody having to say it: the digests of its parts, the URLs
that it leads to, and their hosts.
"""

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from mailock.core.evidence.finding import Fact, FactKind, Link
from mailock.core.evidence.part import File

LONGEST_URL: Final = 8192


def facts_of(files: Iterable[File], links: Iterable[Link]) -> tuple[Fact, ...]:
    """The facts, each once for each part that has it."""
    return tuple(dict.fromkeys((*_digests(files), *_places(links))))


def _digests(files: Iterable[File]) -> Iterator[Fact]:
    for file in files:
        for digest in file.sha256:
            yield Fact(part=file.path, kind=FactKind.SHA256, untrusted_value=digest)


def _places(links: Iterable[Link]) -> Iterator[Fact]:
    for link in links:
        url = link.untrusted_url[:LONGEST_URL]
        yield Fact(part=link.part, kind=FactKind.URL, untrusted_value=url)
        try:
            host = urlsplit(url).hostname
        except ValueError:
            continue  # no browser would find a host in it either; the URL as a whole is still asked about
        if host:
            yield Fact(part=link.part, kind=FactKind.DOMAIN, untrusted_value=host)
