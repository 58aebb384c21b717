"""base64 in every tolerant way that clients decode it (RFC 2045 section 6.8).

The RFC lets a decoder overlook foreign characters, and says nothing of what follows padding. Decoders differ in both:
each way that gives another content is a reading. A clean text costs one look and one decoding, both in C.
"""

import binascii
from typing import Final

from mailock.core.mime.part import How, Reading

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LINE_ENDS: Final = b"\r\n"
_BLANKS: Final = b" \t\r\n\v\f"
_FOREIGN: Final = bytes(octet for octet in range(256) if octet not in _ALPHABET + b"=")
_PLAIN: Final = _ALPHABET + _LINE_ENDS
_URLSAFE: Final = bytes.maketrans(b"-_", b"+/")
_MOST_PIECES: Final = 200_000


def readings(raw: bytes) -> tuple[list[Reading], bool]:
    """The contents of a base64 text, the most likely first, and whether it is well-formed."""
    rest = raw.translate(None, _PLAIN)
    if not rest or (rest in (b"=", b"==") and raw.rstrip(_LINE_ENDS).endswith(rest)):
        content, whole = _decoded(raw)
        return [Reading(How.BASE64, content)], whole
    compact = raw.translate(None, _FOREIGN)
    found = [Reading(How.BASE64_SECTIONS, _sections(compact))]
    if b"=" in rest:
        first, _, more = compact.lstrip(b"=").partition(b"=")
        if more.strip(b"="):
            found.append(Reading(How.BASE64_FIRST, _padded(first)))
            found.append(Reading(How.BASE64_MERGED, _padded(compact.replace(b"=", b""))))
    junk = rest.translate(None, b"= \t\v\f")
    if junk:
        found.extend(_around_junk(raw, junk))
    tidy = not junk and rest.translate(None, b" \t\v\f") in (b"", b"=", b"==")
    return _distinct(found), tidy


def lenient(raw: bytes) -> bytes:
    """One content: foreign characters overlooked, sections joined."""
    return _sections(raw.translate(None, _FOREIGN))


def _around_junk(raw: bytes, junk: bytes) -> list[Reading]:
    """What decoders make of a text with foreign characters that do not overlook them."""
    found: list[Reading] = []
    place = min(raw.find(bytes((octet,))) for octet in set(junk))
    before = raw[:place].translate(None, _FOREIGN)
    if before:
        found.append(Reading(How.BASE64_UNTIL_JUNK, _sections(before)))
    if raw.count(b"\n") <= _MOST_PIECES:
        lines = [line for line in raw.split(b"\n") if not line.translate(None, _PLAIN + b"= \t")]
        found.append(Reading(How.BASE64_LINES, _sections(b"".join(lines).translate(None, _FOREIGN))))
    if b"-" in junk or b"_" in junk:
        found.append(Reading(How.BASE64_URLSAFE, lenient(raw.translate(_URLSAFE))))
    return [reading for reading in found if reading.content]


def _sections(compact: bytes) -> bytes:
    """Letters of the alphabet and padding: each section decoded by itself, and joined."""
    if b"=" not in compact:
        return _padded(compact)
    if compact.count(b"=") > _MOST_PIECES:
        return _padded(compact.replace(b"=", b""))
    return b"".join([_padded(section) for section in compact.split(b"=") if section])


def _padded(letters: bytes) -> bytes:
    """Letters of the alphabet only; a last one that makes no octet is left out."""
    over = len(letters) % 4
    if over == 1:
        letters = letters[:-1]
    elif over:
        letters += b"=="[over - 2 :]
    return binascii.a2b_base64(letters)


def _decoded(raw: bytes) -> tuple[bytes, bool]:
    try:
        return binascii.a2b_base64(raw), True
    except binascii.Error:
        return lenient(raw), False


def _distinct(found: list[Reading]) -> list[Reading]:
    kept: list[Reading] = []
    for reading in found:
        if all(reading.content != other.content for other in kept):
            kept.append(reading)
    return kept
