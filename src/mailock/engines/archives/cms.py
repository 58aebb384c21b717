"""S/MIME: what a signature encloses (RFC 5652, SignedData). Mail programs show it as the message; so it is looked into.

What is encrypted for a recipient's key nobody here can open: that is Incomplete(ENCRYPTED).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mailock.core.evidence.finding import Child, Finding
from mailock.core.evidence.report import Why
from mailock.engines.archives.opening import Broken, Opening

_SIGNED: Final = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_ENVELOPED: Final = (
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17",
)
_COMPRESSED: Final = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"
_DETACHED: Final = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_SEQUENCE, _OID, _OCTETS, _OCTETS_BUILT, _EXPLICIT = 0x30, 0x06, 0x04, 0x24, 0xA0
_DEEPEST: Final = 8
_MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class _Value:
    """A value of ASN.1: its tag, where its content is; `end` is behind it."""

    tag: int
    start: int
    stop: int
    end: int


def opened(opening: Opening) -> Iterator[Child | Finding]:
    """The message in the signature, where there is one."""
    try:
        yield from _enclosed(opening)
    except Broken:
        # What a part holds that is only the signature of another is shown by nobody: broken, it hides nothing.
        if _DETACHED.isdisjoint(opening.specimen.declared):
            raise


def _enclosed(opening: Opening) -> Iterator[Child | Finding]:
    content = opening.specimen.content
    outer = _value(content, 0)
    kind, body = _pair(content, outer)
    if kind in _ENVELOPED:
        opening.miss(Why.ENCRYPTED, "it is encrypted for its recipient's key")
        return
    if kind == _COMPRESSED:
        opening.miss(Why.UNREADABLE, "compressed S/MIME")
        return
    if kind != _SIGNED or body is None:
        return
    inner = _value(content, body.start)
    for value in _values(content, inner.start, inner.stop):
        # Version, digests, then what is signed.
        if value.tag == _SEQUENCE and content[value.start : value.start + 1] == b"\x06":
            _, enclosed = _pair(content, value)
            if enclosed is not None:
                octets = _octets(content, _value(content, enclosed.start), opening.room + 1)
                yield from opening.child(octets, "smime.eml", "cms")
            return


def _pair(content: bytes, value: _Value) -> tuple[bytes, _Value | None]:
    """An object identifier and the explicit value behind it."""
    if value.tag != _SEQUENCE:
        raise Broken("it is no CMS")
    identity = _value(content, value.start)
    if identity.tag != _OID:
        raise Broken("it is no CMS")
    if identity.end >= value.stop:
        return content[identity.start : identity.stop], None
    explicit = _value(content, identity.end)
    return content[identity.start : identity.stop], explicit if explicit.tag == _EXPLICIT else None


def _octets(content: bytes, value: _Value, most: int) -> bytes:
    """An octet string, which may be built of pieces that are built of pieces."""
    pieces: list[bytes] = []
    waiting = [(value, 0)]
    got = 0
    while waiting and got < most and len(pieces) < _MOST:
        one, depth = waiting.pop()
        if one.tag == _OCTETS:
            pieces.append(content[one.start : one.stop])
            got += one.stop - one.start
        elif one.tag == _OCTETS_BUILT and depth < _DEEPEST:
            waiting.extend((inner, depth + 1) for inner in reversed(list(_values(content, one.start, one.stop))))
    return b"".join(pieces)[:most]


def _values(content: bytes, start: int, stop: int) -> Iterator[_Value]:
    for _ in range(_MOST):
        if start >= stop or content[start : start + 2] == b"\0\0":
            return
        value = _value(content, start)
        yield value
        start = value.end


def _value(content: bytes, at: int, depth: int = 0) -> _Value:
    """The value at a place (X.690). One of indefinite length ends at its two zeros. Raises Broken."""
    if at + 2 > len(content) or depth > 64:
        raise Broken("the CMS is cut off")
    tag, length = content[at], content[at + 1]
    start = at + 2
    if length == 0x80:
        place = start
        for _ in range(_MOST):
            if content[place : place + 2] == b"\0\0":
                return _Value(tag, start, place, place + 2)
            place = _value(content, place, depth + 1).end
        raise Broken("the CMS has no end")
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(content[start : start + count], "big")
        start += count
    stop = min(len(content), start + length)
    return _Value(tag, start, stop, stop)
