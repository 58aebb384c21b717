"""What a From value shows: the one address that it plainly holds, or every address that some client makes of it.

The grammar of RFC 5322 section 3.4 has corners that clients read differently, and each has been used to show an address
that nobody authenticated (Chen, Paxson, Jiang: "Composition Kills", USENIX Security 2020). So this reader accepts
little: one address, alone or in one pair of angle brackets at the end. Whatever else it finds is told with every
address in it, however a client may get at it: encoded words decoded, quotes and comments left in and left out, cut at a
NUL.
"""

import unicodedata
from dataclasses import dataclass, field
from typing import Final

from mailock.core.authentication.looks import MOST, scan, seen
from mailock.core.mail.address import ATEXT
from mailock.core.mime import charsets, words
from mailock.core.smtp.domain import is_shown_as_written, read_domain

LONGEST: Final = 8 << 10
"""Octets of a value that are read."""
NESTED: Final = 10

_BLANKS: Final = " \t"
_COMMENT: Final = "\1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """What one value shows."""

    address: str
    """The one that it plainly holds, its domain in its one spelling; empty where there is none."""
    addresses: tuple[str, ...]
    """All that it may show, `address` first."""
    named: tuple[str, ...]
    """Addresses of other domains that its display name shows."""
    odd: str
    """Empty, or why it does not plainly hold one address."""


class _Odd(Exception):
    """The value is not plainly one address."""


@dataclass(slots=True)
class _Pieces:
    """A value in pieces."""

    outer: list[str] = field(default_factory=list)
    """What stands outside of quotes, comments and brackets."""
    hidden: list[str] = field(default_factory=list)
    """The contents of quotes and comments."""
    shown: list[str] = field(default_factory=list)
    """All but the brackets and what is in them, as a reader sees it: without the quotes."""
    inner: str | None = None
    """What stands in the angle brackets."""
    bare: list[str] = field(default_factory=list)
    """All, with a mark for each comment: within an address some clients end it there."""


def read(untrusted_value: bytes) -> Mailbox:
    """What a value shows. Never raises."""
    cut = untrusted_value[:LONGEST]
    octets = cut.replace(b"\r\n", b"")
    try:
        if len(untrusted_value) > LONGEST:
            raise _Odd(f"it has more than {LONGEST} octets")
        address, named = _plain(charsets.shown(octets))
        as_utf8 = octets.decode("utf-8", "replace")
        if "\N{REPLACEMENT CHARACTER}" in as_utf8:
            # Octets of a charset that nobody told: other clients read what of them is UTF-8.
            other, more = _plain(as_utf8)
            if other != address:
                raise _Odd("the address holds octets of a charset that nobody told")
            named = list(dict.fromkeys([*named, *more]))
    except _Odd as odd:
        return Mailbox(address="", addresses=every(cut), named=(), odd=str(odd))
    return Mailbox(address=address, addresses=(address, *named), named=_foreign(named, address), odd="")


def every(untrusted_value: bytes) -> tuple[str, ...]:
    """Every address that some client may make of a value."""
    text = charsets.shown(untrusted_value.replace(b"\r\n", b""))
    texts = [text, words.decode(untrusted_value.replace(b"\r\n", b"")), text.partition("\0")[0], text.replace("\0", "")]
    texts += [_without_comments(text), text.replace('"', "").replace("\\", "")]
    texts.append("@".join(piece.strip(_BLANKS) for piece in text.split("@")))
    found: dict[str, None] = {}
    for one in texts:
        found.update(dict.fromkeys(scan(one)))
    return tuple(found)[:MOST]


def _plain(text: str) -> tuple[str, list[str]]:
    """The address, and others that its display name shows. Raises _Odd."""
    for character in text:
        if character != "\t" and unicodedata.category(character) in ("Cc", "Zl", "Zp"):
            raise _Odd("it holds control characters")
    pieces = _split(text)
    within = pieces.inner if pieces.inner is not None else "".join(pieces.bare)
    address = _address(within.strip(_BLANKS + _COMMENT))
    outer = "".join(pieces.outer) if pieces.inner is not None else ""
    if not outer and not pieces.hidden:
        return address, []
    shown = [seen(one) for one in ("".join(pieces.shown) if outer else "", outer, *pieces.hidden)]
    others = list(dict.fromkeys(other for one in shown for other in scan(one) if other != address))
    if "@" in outer and _spelled(outer.strip(_BLANKS)) != address:
        raise _Odd("an @ stands beside the address")
    if others and ("@" in outer or any("<" in one for one in shown)):
        raise _Odd(f"it shows {others[0]} beside {address}")
    return address, others[:MOST]


def _split(text: str) -> _Pieces:
    """Takes a value apart. Raises _Odd."""
    pieces = _Pieces()
    position = 0
    while position < len(text):
        character = text[position]
        if character == "(":
            content, position = _comment(text, position)
            pieces.hidden.append(content)
            pieces.shown.append(f"({content})")
            pieces.bare.append(_COMMENT)
            continue
        if pieces.inner is not None and character not in _BLANKS:
            raise _Odd("text follows the address")
        if character == '"':
            content, end = _quoted(text, position)
            pieces.hidden.append(content)
            pieces.shown.append(content)
            pieces.bare.append(text[position:end])
            position = end
        elif character == "<":
            end = text.find(">", position)
            if end < 0:
                raise _Odd("an angle bracket is not closed")
            pieces.inner = text[position + 1 : end]
            position = end + 1
        else:
            pieces.outer.append(character)
            pieces.shown.append(character)
            pieces.bare.append(character)
            position += 1
    return pieces


def _comment(text: str, start: int) -> tuple[str, int]:
    """The content of a comment, and where it ends."""
    depth, position = 0, start
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "(":
            depth += 1
            if depth > NESTED:
                raise _Odd("comments are nested too deep")
        elif character == ")":
            depth -= 1
            if not depth:
                return text[start + 1 : position], position + 1
        position += 1
    raise _Odd("a comment is not closed")


def _quoted(text: str, start: int) -> tuple[str, int]:
    """The content of a quoted string, unescaped, and where it ends."""
    content: list[str] = []
    position = start + 1
    while position < len(text):
        character = text[position]
        if character == '"':
            return "".join(content), position + 1
        if character == "\\":
            position += 1
            character = text[position : position + 1]
        content.append(character)
        position += 1
    raise _Odd("a quote is not closed")


def _address(text: str) -> str:
    """An address, its domain in its one spelling. Raises _Odd."""
    local, at, domain = text.rpartition("@")
    if not at or not local:
        raise _Odd("it holds no address")
    if _COMMENT in text:
        raise _Odd("a comment stands within the address")
    if local.startswith('"') and local.endswith('"') and len(local) > 2:
        local_is = all(character in ATEXT or character in ". " for character in local[1:-1])
    else:
        local_is = "=?" not in local and all(character == "." or _is_atext(character) for character in local)
    if not local_is:
        raise _Odd(f"{local[:60]!r} is not plainly the name in an address")
    name = read_domain(domain)
    if name is None:
        if domain.startswith("[") and domain.endswith("]"):
            raise _Odd("the address is at an address literal, whose owner nobody vouches for")
        raise _Odd(f"{domain[:60]!r} is no domain")
    if not is_shown_as_written(name):
        raise _Odd(f"{name[:60]!r} may be shown as another name")
    return f"{local}@{name}"


def _spelled(text: str) -> str:
    """An address with its domain in its one spelling, as far as it is one."""
    local, at, domain = text.rpartition("@")
    return f"{local}{at}{read_domain(domain) or domain}"


def _is_atext(character: str) -> bool:
    if character < "\x80":
        return character in ATEXT
    return unicodedata.category(character)[0] in "LNM" and unicodedata.normalize("NFKC", character) == character


def _without_comments(text: str) -> str:
    kept: list[str] = []
    depth = 0
    for character in text:
        depth += character == "("
        if not depth:
            kept.append(character)
        depth -= character == ")" and depth > 0
    return "".join(kept)


def _foreign(others: list[str], address: str) -> tuple[str, ...]:
    """Those of other domains; a name without a dot is no domain to a reader."""
    own = address.rpartition("@")[2]
    return tuple(other for other in others if "." in (name := other.rpartition("@")[2]) and name != own)
