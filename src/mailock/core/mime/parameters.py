"""The parameters of a MIME field as clients read them, well-formed or not (RFC 2045 section 5.1).

`split` reads them as the RFC says. Where a value is written in a way that clients take apart differently (quotes that
do not close, text behind them, comments, backslashes, missing semicolons), it says so, and `hunt` then lists every
value that a careless reader could find for one name.
"""

from dataclasses import dataclass
from typing import Final

Parameters = tuple[tuple[bytes, bytes], ...]
"""Names in lower case, and values."""
MOST: Final = 256
"""Parameters of one field that are looked at."""
_LONGEST: Final = 8_192
"""Octets of a value that are hunted for."""
_BLANKS: Final = b" \t\r\n\v\f\0"
_ENDS_TOKEN: Final = b" \t\r\n,;"
_KEY: Final = b"abcdefghijklmnopqrstuvwxyz0123456789*-._"
_SPACED: Final = bytes(0x20 if octet < 32 or octet in (127, 160) else octet for octet in range(256))
"""Controls, and no-break spaces, become blanks."""
_CONTROLS: Final = bytes((*range(32), 127))
_UNUSUAL: Final = b" \t\"'(),<>\\\0"


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a field: what stands before the first semicolon, and its parameters in order."""

    raw: bytes
    first: bytes
    parameters: Parameters
    """Values without their quotes."""
    odd: bool
    """Whether clients may take it apart differently."""
    cut: bool
    """Whether there are more parameters than are looked at."""


def split(raw: bytes) -> Value:
    """A value, taken apart as the RFC says, as far as it goes."""
    first, _, rest = raw.partition(b";")
    found: list[tuple[bytes, bytes]] = []
    odd = b"(" in raw or b"\\" in raw or b"=" in first
    position = 0
    for _ in range(MOST):
        equals = rest.find(b"=", position)
        if equals < 0:
            break
        semicolon = rest.find(b";", position, equals)
        if semicolon >= 0:
            odd = odd or bool(rest[position:semicolon].strip(_BLANKS))
            position = semicolon + 1
            continue
        name = rest[position:equals].strip(_BLANKS).lower()
        value, position, fine = _value(rest, equals + 1)
        # Two apostrophes belong to an extended value (RFC 2231 section 4).
        fine = fine or (name.endswith(b"*") and value.count(b"'") == 2 and _is_plain(value.replace(b"'", b"")))
        odd = odd or not fine or not name or bool(name.translate(None, _KEY))
        found.append((name, value))
    else:
        return Value(raw, first.strip(_BLANKS), tuple(found), odd=True, cut=True)
    odd = odd or bool(rest[position:].strip(b" \t\r\n;"))
    return Value(raw, first.strip(_BLANKS), tuple(found), odd, cut=False)


def _value(text: bytes, start: int) -> tuple[bytes, int, bool]:
    """The value that starts behind an equals sign, where the next parameter starts, and whether all was regular."""
    while text[start : start + 1] in (b" ", b"\t", b"\r", b"\n"):
        start += 1
    if text[start : start + 1] == b'"':
        quote = _closing_quote(text, start + 1)
        if quote < 0:
            return text[start + 1 :], len(text), False
        inner = text[start + 1 : quote]
        semicolon = text.find(b";", quote)
        end = len(text) if semicolon < 0 else semicolon
        fine = b";" not in inner and not text[quote + 1 : end].strip(_BLANKS)
        return (unescaped(inner) if b"\\" in inner else inner), end + 1, fine
    semicolon = text.find(b";", start)
    end = len(text) if semicolon < 0 else semicolon
    value = text[start:end].strip(_BLANKS)
    return value, end + 1, _is_plain(value)


def _is_plain(value: bytes) -> bool:
    """Whether a value without quotes is one that every client takes whole."""
    return bool(value) and value.translate(None, _UNUSUAL) == value


def _closing_quote(text: bytes, start: int) -> int:
    """The next quote that no backslash escapes; -1 where there is none."""
    quote = text.find(b'"', start)
    while quote > start and text[quote - 1] == 0x5C:
        before = text[start:quote]
        if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
            return quote
        start = quote + 1
        quote = text.find(b'"', start)
    return quote


def unescaped(inner: bytes) -> bytes:
    """A quoted string's inside with its backslashes taken away (RFC 5322 section 3.2.1)."""
    pieces = inner.split(b"\\\\")
    return b"\\".join(piece.replace(b"\\", b"") for piece in pieces)


def without_comments(raw: bytes) -> bytes:
    """A value without its comments, nested ones too (RFC 5322 section 3.2.2); quoted strings are left alone."""
    if b"(" not in raw:
        return raw
    kept: list[bytes] = []
    depth = 0
    position = 0
    quoted = False
    for index in range(len(raw)):
        octet = raw[index]
        if octet == 0x22 and not depth:
            quoted = not quoted
        elif octet == 0x28 and not quoted:
            if not depth:
                kept.append(raw[position:index])
            depth += 1
        elif octet == 0x29 and depth:
            depth -= 1
            position = index + 1
    if not depth:
        kept.append(raw[position:])
    return b"".join(kept)


def hunt(raw: bytes, name: bytes) -> list[tuple[bytes, bytes]]:
    """Every (name with its star suffix, value) that a careless reader could find in a value for a parameter's name.

    Comments, backslashes and controls may stand within the name itself.
    """
    found: list[tuple[bytes, bytes]] = []
    spaced = raw.replace(b"\xc2\xa0", b" ").translate(_SPACED)
    plain = raw.translate(None, _CONTROLS)
    for spelling in dict.fromkeys((raw, without_comments(raw), raw.replace(b"\\", b""), spaced, plain)):
        _hunt(spelling, name, found)
    return found


def _hunt(raw: bytes, name: bytes, found: list[tuple[bytes, bytes]]) -> None:
    lower = raw.lower()
    place = lower.find(name)
    while place >= 0 and len(found) < MOST:
        after = place + len(name)
        suffix_start = suffix_end = _behind_blanks(raw, after)
        while lower[suffix_end : suffix_end + 1] in (b"*", *_DIGITS):
            suffix_end += 1
        begin = _behind_blanks(raw, suffix_end + raw.startswith(b'"', suffix_end))
        if raw[begin : begin + 1] == b"=":
            suffix = lower[suffix_start:suffix_end]
            for value in _careless(raw, _behind_blanks(raw, begin + 1)):
                if (name + suffix, value) not in found:
                    found.append((name + suffix, value))
        place = lower.find(name, after)


_DIGITS: Final = tuple(b"%d" % digit for digit in range(10))


def _behind_blanks(raw: bytes, start: int) -> int:
    """Behind blanks and comments."""
    while True:
        while raw[start : start + 1] in (b" ", b"\t", b"\r", b"\n", b"\0"):
            start += 1
        if raw[start : start + 1] != b"(":
            return start
        close = raw.find(b")", start)
        if close < 0:
            return start
        start = close + 1


def _careless(raw: bytes, start: int) -> list[bytes]:
    """What may be the value that starts here."""
    raw = raw[start : start + _LONGEST]
    start = 0
    semicolon = raw.find(b";", start)
    until = raw[start:] if semicolon < 0 else raw[start:semicolon]
    longer = _over_semicolons(raw)
    values = [until.strip(_BLANKS), without_comments(until).strip(_BLANKS), longer, unescaped(longer)]
    if raw[start : start + 1] in (b'"', b"'"):
        mark = raw[start : start + 1]
        for close in (_closing_quote(raw, start + 1) if mark == b'"' else -1, raw.find(mark, start + 1)):
            inner = raw[start + 1 :] if close < 0 else raw[start + 1 : close]
            values += [inner, unescaped(inner)]
    values += [value.replace(b'"', b"").strip(b"' \t\0") for value in values[:2]]
    values.append(_token(until))
    values += [value.split(b"\0")[0] for value in values if b"\0" in value]
    return [value for value in dict.fromkeys(values) if value or b'""' in until]


def _over_semicolons(raw: bytes) -> bytes:
    """A value with the semicolons in it that no further parameter follows."""
    pieces = raw.split(b";", MOST)
    last = next((index for index, piece in enumerate(pieces) if index and b"=" in piece), len(pieces))
    return b";".join(pieces[:last]).strip(_BLANKS)


def _token(text: bytes) -> bytes:
    """Text up to the first blank, comma or semicolon."""
    for index, octet in enumerate(text):
        if octet in _ENDS_TOKEN:
            return text[:index]
    return text
