"""URLs and names brought to one spelling, so that a list and a mail mean the same place when they do.

Much as Safe Browsing does it ("URLs and Hashing" of its Update API): escapes undone and made again, dots in the path
resolved, user and fragment left out, usual ports dropped. The scheme does not count: who serves a page over http serves
it over https too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

from mailock.core.smtp.domain import read_domain

LONGEST: Final = 8192
LABELS: Final = 12
"""How many parents of a name are looked up."""
DEPTH: Final = 24
"""How many folders of a path are looked up."""
_PORTS: Final = frozenset({80, 443, 21})
_SCHEMES: Final = frozenset({"http", "https", "ftp", "ftps", "hxxp", "hxxps"})
_LABEL: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN: Final = re.compile(rf"(?:https?://)?((?:{_LABEL}\.)+[a-z]{{2,24}})((?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*/?)")
"""What is in its one spelling already, as most entries of large feeds are; reading those takes no longer than this."""
_WHITE: Final = dict.fromkeys(map(ord, "\t\r\n"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL leads, in one spelling."""

    host: str
    port: int | None
    """None for a usual one."""
    path: str
    """Begins with `/`."""
    query: str

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.site}{self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def site(self) -> str:
        """Host and port."""
        return self.host if self.port is None else f"{self.host}:{self.port}"


def read_place(untrusted_text: str) -> Place | None:
    """Where a URL leads, written with or without its scheme; None where it leads to no server."""
    plain = _PLAIN.fullmatch(untrusted_text)
    if plain is not None and len(plain[1]) < 254:
        return Place(plain[1], None, plain[2] or "/", "")
    text = untrusted_text.strip().translate(_WHITE).replace("[.]", ".").replace("\\", "/")[:LONGEST]
    scheme, colon, rest = text.partition("://")
    if not colon:
        rest = text
        if "@" in re.split("[/?#]", text.lstrip("/"), maxsplit=1)[0]:
            return None  # an address of somebody, or `mailto:`
    elif scheme.lower() not in _SCHEMES:
        return None
    try:
        url = urlsplit(f"http://{rest.lstrip('/')}")
        port = url.port
    except ValueError:
        return None
    host = read_host(url.hostname or "")
    if host is None:
        return None
    query = quote(unquote_to_bytes(url.query), safe="=&;+,/?:@!$'()*~-._")
    return Place(host, None if port in _PORTS else port, _path(url.path), query)


def read_host(untrusted_text: str) -> str | None:
    """A name or an address of a server; None for anything else."""
    text = untrusted_text.strip().replace("[.]", ".").strip("[]").rstrip(".").lower()
    try:
        return str(ip_address(text))
    except ValueError:
        pass
    return read_domain(text)


def is_address(host: str) -> bool:
    """Whether a host is an address and has no parents."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def parents(host: str) -> Iterator[str]:
    """A host and the domains above it, down to two labels; an address alone."""
    yield host
    if is_address(host):
        return
    labels = host.split(".")
    for start in range(max(1, len(labels) - LABELS), len(labels) - 1):
        yield ".".join(labels[start:])


def folders(place: Place) -> Iterator[str]:
    """The folders that a place is in, with their site, from the top; each ends with `/`."""
    at = 0
    for _ in range(DEPTH):
        at = place.path.find("/", at) + 1
        if not at:
            return
        yield place.site + place.path[:at]


def _path(path: str) -> str:
    octets = path.encode("utf-8", "replace")
    for _ in range(4):
        undone = unquote_to_bytes(octets)
        if undone == octets:
            break
        octets = undone
    kept: list[bytes] = []
    pieces = octets.split(b"/")
    for piece in pieces:
        if piece == b"..":
            del kept[-1:]
        elif piece not in (b"", b"."):
            kept.append(piece)
    end = b"/" if kept and pieces[-1] in (b"", b".", b"..") else b""
    return quote(b"/" + b"/".join(kept) + end, safe="/=&;+,:@!$'()*~-._")
