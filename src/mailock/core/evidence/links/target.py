"""A URL as a browser reads it: what it really leads to, and the oddities by which it hides that from others.

Source: WHATWG URL Standard, section 4.4 (the basic URL parser), as far as it decides where a link leads: leading and
trailing controls and blanks are dropped, tabs and line ends left out, backslashes are slashes, any number of slashes
comes before the host, the last @ ends the user. Nothing here raises, whatever it is given.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mailock.core.evidence.links.hosts import host


class Oddity(Enum):
    """A way in which a URL is written as ordinary ones are not."""

    USERINFO = "a user before the host"
    HOST_AS_USER = "a user that looks like a host"
    ODD_ADDRESS = "an address in a form that hides it"
    BACKSLASH = "backslashes for slashes before the host"
    SLASHES = "too few or too many slashes before the host"
    BREAKS = "tabs or line ends inside"
    HIDDEN = "characters that nobody sees in the host"
    MIXED = "a host that mixes scripts"
    LOOKALIKE = "a host of letters that look like others"
    ESCAPED_HOST = "a host in percent signs"


WEB: Final = frozenset({"http", "https"})
SHARES: Final = frozenset({"file", "smb", "cifs", "nfs", "dav", "davs"})
SCRIPTS: Final = frozenset({"javascript", "vbscript", "livescript", "jscript", "mocha"})
_HOSTED: Final = WEB | SHARES | {"ftp", "ftps", "sftp", "ws", "wss", "gopher", "ldap", "ldaps", "telnet", "ssh"}
_ORDINARY: Final = re.compile(
    r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z])?)((?::[0-9]{1,5})?)(?=[/?#]|\Z)", re.IGNORECASE | re.ASCII
)
"""ASCII alone: else `ſ` and `İ` count as s and i in another case, and browsers read them so only in hosts."""
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]{0,40}):", re.IGNORECASE | re.ASCII)
_ENDS: Final = "".join(map(chr, range(0x21)))
_BREAKS: Final = dict.fromkeys(map(ord, "\t\r\n"))
_HOST_LIKE: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a URL leads."""

    scheme: str
    """In lower case."""
    untrusted_url: str
    """As a client would open it."""
    host: str
    """In lower case and IDNA, or an address; empty where the scheme has none."""
    untrusted_tail: str
    """Path, query and fragment, from the first slash on; of a scheme without hosts all behind the colon."""
    address: bool = False
    lookalike: str = ""
    """The host that readers take it for."""
    oddities: frozenset[Oddity] = frozenset()

    @property
    def path(self) -> str:
        """The path alone."""
        return self.untrusted_tail.partition("#")[0].partition("?")[0]

    @property
    def query(self) -> str:
        """The query alone, without its question mark."""
        return self.untrusted_tail.partition("#")[0].partition("?")[2]


def target(untrusted: str) -> Target | None:
    """What a URL leads to; None where it is none: relative, or without a host where one is needed."""
    if (match := _ORDINARY.match(untrusted)) and untrusted.isprintable() and "\\" not in untrusted:
        name = match[2].lower()
        if "xn--" not in name and not name.rpartition(".")[2].startswith("0x"):
            scheme, tail = match[1].lower(), untrusted[match.end() :].replace(" ", "%20") or "/"
            url = f"{scheme}://{name}{_port(scheme, match[3])}{tail}"
            return Target(scheme=scheme, untrusted_url=url, host=name, untrusted_tail=tail)
    return _thoroughly(untrusted)


def _thoroughly(untrusted: str) -> Target | None:
    trimmed = untrusted.strip(_ENDS)
    text = trimmed.translate(_BREAKS)
    odd: set[Oddity] = {Oddity.BREAKS} if text != trimmed else set()
    if text.startswith(("\\\\", "//")):
        # A share of Windows, or the scheme of the page; in mail there is no page.
        scheme, rest = ("file" if text.startswith("\\\\") else "https"), text
    elif match := _SCHEME.match(text):
        scheme, rest = match[1].lower(), text[match.end() :]
    else:
        return None
    if scheme not in _HOSTED:
        url = f"{scheme}:{rest}"
        return Target(scheme=scheme, untrusted_url=url, host="", untrusted_tail=rest, oddities=frozenset(odd))
    if scheme == "file" and not rest.replace("\\", "/").startswith("//"):
        return None
    return _hosted(scheme, rest, odd)


def _hosted(scheme: str, rest: str, odd: set[Oddity]) -> Target | None:
    start = len(rest) - len(rest.lstrip("/\\"))
    if "\\" in rest[:start] and scheme in WEB:
        odd.add(Oddity.BACKSLASH)
    if start != 2 and not (scheme == "file" and start in (3, 4, 5)):
        odd.add(Oddity.SLASHES)
    if scheme == "file" and start == 3:
        return None  # a file of the reader's own machine
    end = min((at for mark in "/\\?#" if (at := rest.find(mark, start)) >= 0), default=len(rest))
    authority, tail = rest[start:end], rest[end:]
    user, at_sign, place = authority.rpartition("@")
    if at_sign:
        odd.add(Oddity.HOST_AS_USER if _HOST_LIKE.search(user) else Oddity.USERINFO)
    name, port = _split_port(place)
    found = host(name)
    if not found.name:
        return None
    odd.update(
        oddity
        for oddity, has in (
            (Oddity.ODD_ADDRESS, found.odd_address),
            (Oddity.HIDDEN, found.hidden),
            (Oddity.MIXED, found.mixed),
            (Oddity.LOOKALIKE, bool(found.lookalike)),
            (Oddity.ESCAPED_HOST, "%" in name),
        )
        if has
    )
    path, mark, behind = _cut(tail)
    tail = (path.replace("\\", "/").replace(" ", "%20") or "/") + mark + behind.replace(" ", "%20")
    shown = f"[{found.name}]" if ":" in found.name else found.name
    return Target(
        scheme=scheme,
        untrusted_url=f"{scheme}://{shown}{_port(scheme, port)}{tail}",
        host=found.name,
        untrusted_tail=tail,
        address=found.address,
        lookalike=found.lookalike,
        oddities=frozenset(odd),
    )


def _cut(tail: str) -> tuple[str, str, str]:
    """A path, the mark behind it, and what follows that."""
    at = min((at for mark in "?#" if (at := tail.find(mark)) >= 0), default=len(tail))
    return tail[:at], tail[at : at + 1], tail[at + 1 :]


def _split_port(place: str) -> tuple[str, str]:
    if place.startswith("["):
        name, _, behind = place.partition("]")
        return name + "]", behind
    name, colon, number = place.rpartition(":")
    return (name, colon + number) if colon and (number.isdecimal() or not number) else (place, "")


def _port(scheme: str, port: str) -> str:
    number = port.lstrip(":")
    return "" if not number or (scheme, number) in (("http", "80"), ("https", "443"), ("ftp", "21")) else f":{number}"
