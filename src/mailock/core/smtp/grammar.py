"""The grammar of paths and of xtext (RFC 5321 section 4.1.2, RFC 6531 section 3.3, RFC 3461 section 4).

A path is read to an `Address`: the local part unquoted, the domain in its one spelling, a source route dropped (RFC
5321 section 4.1.1.3 lets us). Nearly all paths are plain ASCII without quotes, and one regular expression reads
those; its parts exclude each other, so it runs in one pass over its input and never goes back. The rest is read by
hand.

Lengths: RFC 5321 section 4.5.3.1 gives 64 octets for a local part and 255 for a domain as the least that must be taken.
Addresses that carry a bounce address or a signature in their local part are longer, so ours may have 255.
"""

import re
from typing import Final

from mailock.core.mail.address import ATEXT, Address
from mailock.core.mail.value import value
from mailock.core.smtp.domain import DOMAIN_OCTETS, read_domain, read_literal

LOCAL_OCTETS: Final = 255
"""The longest local part that we take, unquoted and in UTF-8."""

_ATOM: Final = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN: Final = re.compile(rb" *<(" + _ATOM + rb"(?:\." + _ATOM + rb")*)@([A-Za-z0-9_.-]+)>(?: +([^ ].*)?)?")
_PLAIN_LOCAL: Final = re.compile(_ATOM.decode() + r"(?:\." + _ATOM.decode() + r")*")
_XTEXT: Final = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_QUOTABLE: Final = frozenset(chr(code) for code in range(0x20, 0x7F))


@value(frozen=True, slots=True)
class Path:
    """What stood between the angle brackets, and the parameters behind them."""

    address: Address | None
    """None for the null path `<>`."""
    parameters: bytes
    ascii: bool
    """Whether it was ASCII on the wire: otherwise it needs SMTPUTF8."""


def read_path(argument: bytes) -> Path | None:
    """The path that MAIL FROM: or RCPT TO: was given, or None where it is none. Spaces before it are forgiven."""
    match = _PLAIN.fullmatch(argument)
    if match is None:
        return _read_rare(argument)
    local, domain, parameters = match.groups()
    name = read_domain(domain.decode("ascii"))
    if name is None or len(local) > LOCAL_OCTETS:
        return None
    return Path(Address(local.decode("ascii"), name), parameters or b"", ascii=True)


def write_path(address: Address | None) -> str:
    """The path with its angle brackets, as a command carries it."""
    if address is None:
        return "<>"
    if _PLAIN_LOCAL.fullmatch(address.local) and address.domain:
        return f"<{address.local}@{address.domain}>"
    return f"<{address}>"


def read_xtext(text: str) -> str | None:
    """The text behind an xtext (RFC 3461 section 4); octets over 127 are read as UTF-8. None where it is no xtext."""
    if not is_xtext(text):
        return None
    head, *rest = text.encode("ascii").split(b"+")
    octets = head + b"".join(bytes((int(part[:2], 16),)) + part[2:] for part in rest)
    return octets.decode("utf-8", "replace")


def write_xtext(text: str) -> str:
    """The text as xtext: what is not a printable ASCII character, and `+`, `=` and space, as hexadecimal of its
    UTF-8.
    """
    return "".join(chr(c) if 0x21 <= c <= 0x7E and c not in b"+=" else f"+{c:02X}" for c in text.encode("utf-8"))


def is_xtext(text: str) -> bool:
    """Whether the text is well-formed xtext."""
    return _XTEXT.fullmatch(text) is not None


def _read_rare(argument: bytes) -> Path | None:
    """Paths with quotes, literals, routes, UTF-8, or without a domain."""
    try:
        text = argument.decode("utf-8").lstrip(" ")
    except UnicodeDecodeError:
        return None
    if not text.startswith("<"):
        return None
    if text.startswith("<>"):
        return _finish(None, text, 2)
    at = _skip_route(text, 1)
    local, at = _read_local(text, at)
    if not local or len(local.encode("utf-8")) > LOCAL_OCTETS:
        return None
    if text[at : at + 1] == ">":
        # RFC 5321 section 4.5.1: postmaster alone may stand without a domain.
        return _finish(Address(local, ""), text, at + 1) if local.lower() == "postmaster" else None
    end = text.find(">", at)
    if text[at : at + 1] != "@" or end < 0 or end - at > 4 * DOMAIN_OCTETS:
        return None
    domain = text[at + 1 : end]
    name = read_literal(domain) if domain.startswith("[") else read_domain(domain)
    return None if name is None else _finish(Address(local, name), text, end + 1)


def _finish(address: Address | None, text: str, end: int) -> Path | None:
    path, rest = text[:end], text[end:]
    if rest and not rest.startswith(" "):
        return None
    return Path(address, rest.strip(" ").encode("utf-8"), path.isascii())


def _skip_route(text: str, at: int) -> int:
    """Where the mailbox starts behind a source route `@a,@b:`; routes are obsolete and carry no meaning for us."""
    if text[at : at + 1] != "@":
        return at
    colon = text.find(":", at)
    hops = text[at:colon].split(",") if colon > 0 else []
    sound = bool(hops) and all(hop.startswith("@") and read_domain(hop[1:]) is not None for hop in hops)
    return colon + 1 if sound else at


def _read_local(text: str, at: int) -> tuple[str | None, int]:
    """The local part at this place, unquoted, and where it ends; None where there is none."""
    if text[at : at + 1] == '"':
        return _read_quoted(text, at + 1)
    end = at
    while end < len(text) and (text[end] in ATEXT or text[end] == "." or _is_utf8_atext(text[end])):
        end += 1
    local = text[at:end]
    return (local, end) if local and all(local.split(".")) else (None, end)


def _read_quoted(text: str, at: int) -> tuple[str | None, int]:
    out: list[str] = []
    while at < len(text):
        character = text[at]
        if character == '"':
            return "".join(out), at + 1
        if character == "\\":
            at += 1
            character = text[at : at + 1]
            if character not in _QUOTABLE:
                break
        elif character not in _QUOTABLE and not _is_utf8_atext(character):
            break
        out.append(character)
        at += 1
    return None, at


def _is_utf8_atext(character: str) -> bool:
    """RFC 6531 admits everything over 127; we leave out what cannot be seen, so that no log line can be forged with
    it.
    """
    return character > "\x7f" and character.isprintable()
