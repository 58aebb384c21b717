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
_MARKED: Final = bytes(octet if octet in _PLAIN + b"= \t\v\f" else 0x21 for octet in range(256))
"""Every foreign character that is no blank becomes an exclamation mark."""
_URLSAFE: Final = bytes.maketrans(b"-_", b"+/")
_MOST_PIECES: Final = 500_000


def readings(raw: bytes) -> tuple[list[Reading], bool]:
    """The contents of a base64 text, the most likely first, and whether it is well-formed."""
    rest = raw.translate(None, _PLAIN)
    if not rest or (rest in (b"=", b"==") and raw.rstrip(_LINE_ENDS).endswith(rest)):
        content, whole = _decoded(raw)
        if whole and _even(raw):
            return [Reading(How.BASE64, content)], whole
        cut_off = [] if whole else _whole_groups(raw.translate(None, _FOREIGN))
        return _distinct([Reading(How.BASE64, content), *cut_off, *_line_by_line(raw)]), whole
    compact = raw.translate(None, _FOREIGN)
    found = [Reading(How.BASE64_SECTIONS, _sections(compact)), *_whole_groups(compact)]
    if b"=" in rest:
        first, _, more = compact.lstrip(b"=").partition(b"=")
        if more.strip(b"="):
            found.append(Reading(How.BASE64_FIRST, _padded(first)))
            found.append(Reading(How.BASE64_MERGED, _padded(compact.replace(b"=", b""))))
            found.append(Reading(How.BASE64_ZEROS, _padded(compact.replace(b"=", b"A"))))
            found.extend(Reading(How.BASE64_GROUPS, _groups(compact, mark)) for mark in (b"", b"A"))
    junk = rest.translate(None, b"= \t\v\f")
    if junk:
        found.extend(_around_junk(raw, junk))
    if not _even(raw):
        found.extend(_line_by_line(raw))
    tidy = not junk and rest.translate(None, b" \t\v\f") in (b"", b"=", b"==")
    return _distinct(found), tidy


def cut(raw: bytes) -> bool:
    """Whether a text has so many lines or so much padding that not every way to decode it was followed."""
    return raw.count(b"=") > _MOST_PIECES or raw.count(b"\n") > _MOST_PIECES


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
        heads = [line.partition(b"!")[0] for line in raw.translate(_MARKED).split(b"\n")]
        for kept in (lines, heads):
            found.append(Reading(How.BASE64_LINES, _sections(b"".join(kept).translate(None, _FOREIGN))))
    if b"-" in junk or b"_" in junk:
        found.append(Reading(How.BASE64_URLSAFE, lenient(raw.translate(_URLSAFE))))
    return [reading for reading in found if reading.content]


def _whole_groups(compact: bytes) -> list[Reading]:
    """What a decoder makes of it that drops a last group which is not whole and not padded."""
    over = (len(compact) - compact.rfind(b"=") - 1) % 4
    return [Reading(How.BASE64_WHOLE, _sections(compact[:-over]))] if over > 1 else []


def _even(raw: bytes) -> bool:
    """Whether all lines but the last are alike and hold whole groups of four letters.

    Then it does not matter whether a decoder begins anew with each line.
    """
    feed = raw.find(b"\n")
    end = len(raw.rstrip(_LINE_ENDS))
    if feed < 0 or feed >= end:
        return True
    step = feed + 1
    ends = raw[feed:end:step]
    returns = raw[feed - 1 : end : step] if raw.startswith(b"\r", feed - 1) else b""
    return (
        (feed - bool(returns)) % 4 == 0
        and ends.count(b"\n") == len(ends) == raw.count(b"\n", 0, end)
        and returns.count(b"\r") >= (len(ends) if returns else 0)
        and raw.count(b"\r", 0, end) == returns.count(b"\r")
    )


def _line_by_line(raw: bytes) -> list[Reading]:
    """What a decoder makes of it that begins anew with each line, and may want whole groups in it."""
    if raw.count(b"\n") > _MOST_PIECES:
        return []
    lines = [line.translate(None, _FOREIGN) for line in raw.split(b"\n")]
    whole = [line[: len(line) // 4 * 4] for line in lines]
    return [Reading(How.BASE64_BY_LINE, b"".join(map(_sections, kept))) for kept in (lines, whole)]


def _sections(compact: bytes) -> bytes:
    """Letters of the alphabet and padding: each section decoded by itself, and joined."""
    if b"=" not in compact:
        return _padded(compact)
    if compact.count(b"=") > _MOST_PIECES:
        return _padded(compact.replace(b"=", b""))
    return b"".join([_padded(section) for section in compact.split(b"=") if section])


def _groups(compact: bytes, mark: bytes) -> bytes:
    """Groups of four, padding counted as one of them wherever it stands: each gives an octet less for each of it.

    The padding counts as `mark`, and where that is empty what stands behind it moves up.
    """
    out: list[bytes] = []
    position = 0
    while (equals := compact.find(b"=", position)) >= 0 and len(out) < _MOST_PIECES:
        start = equals - (equals - position) % 4
        out.append(_padded(compact[position:start]))
        group = compact[start : start + 4]
        out.append(_padded(group.replace(b"=", mark))[: 3 - group.count(b"=")])
        position = start + 4
    out.append(_padded(compact[position:].replace(b"=", mark)))
    return b"".join(out)


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
