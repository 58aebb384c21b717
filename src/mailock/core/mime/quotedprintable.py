"""Quoted-printable in every tolerant way that clients decode it (RFC 2045 section 6.7).

An equals sign that escapes nothing is the crux: some keep it, some drop it, some drop it with the one or two letters
behind it, some join the lines although blanks, or a bare CR, stand between it and the line end, some join all lines
before they look for escapes. Escapes in small letters are none to a few. And what may not stand there at all may be
left out, as the RFC itself allows.
"""

import binascii
from typing import Final

from mailock.core.mime.part import How, Reading

_MOST_PIECES: Final = 500_000
_HEX: Final = frozenset(b"0123456789ABCDEFabcdef")
_CAPITALS: Final = frozenset(b"0123456789ABCDEF")
_WITHOUT_SMALL: Final = bytes.maketrans(b"abcdef", b"xxxxxx")
_WITHOUT_CAPITALS: Final = bytes.maketrans(b"ABCDEF", b"xxxxxx")
_CONTROLS: Final = bytes(octet for octet in (*range(32), 127) if octet not in b"\t\r\n")
_VISIBLE: Final = bytes(range(33, 127))
_KEPT, _DROPPED = -1, 0
"""What becomes of an equals sign that escapes nothing; a number above 0 says how many octets behind it go with it."""


def readings(raw: bytes) -> tuple[list[Reading], bool]:
    """The contents of a quoted-printable text, the most likely first, and whether it is well-formed."""
    if b"=" not in raw:
        return [Reading(How.IDENTITY, raw)], True
    content = binascii.a2b_qp(raw)
    kept = content.count(b"=")
    escaped = raw.count(b"=3D") + raw.count(b"=3d") if kept else 0
    fine = kept == escaped and b"==" not in raw and raw.count(b"=\r") == raw.count(b"=\r\n")
    found = [Reading(How.QUOTED_PRINTABLE, content)]
    if not fine:
        found = [Reading(How.QUOTED_PRINTABLE, _tolerant(raw, _KEPT)), *_loose(raw, _HEX), *found]
        joined = raw.replace(b"=\r\n", b"").replace(b"=\n", b"")
        found.append(Reading(How.QUOTED_PRINTABLE_JOINED, _tolerant(joined, _KEPT)))
    if _in_two_cases(raw, content):
        found.append(Reading(How.QUOTED_PRINTABLE_CAPITALS, _tolerant(raw, _KEPT, _CAPITALS)))
        found += _loose(raw, _CAPITALS)
    if len(raw.translate(None, _CONTROLS)) < len(raw):
        found.append(Reading(How.QUOTED_PRINTABLE_LEGAL, _tolerant(raw.translate(None, _CONTROLS), _KEPT)))
    if _escapes_needlessly(raw, content):
        found.append(Reading(How.QUOTED_PRINTABLE_LEGAL, _escapes(raw)))
    if not fine:
        found.append(Reading(How.IDENTITY, raw))
    distinct: list[Reading] = []
    for reading in found:
        if all(reading.content != other.content for other in distinct):
            distinct.append(reading)
    return distinct, fine


def cut(raw: bytes) -> bool:
    """Whether a broken text has more equals signs than are followed."""
    return raw.count(b"=") > _MOST_PIECES


def _loose(raw: bytes, letters: frozenset[int]) -> list[Reading]:
    return [Reading(How.QUOTED_PRINTABLE_LOOSE, _tolerant(raw, behind, letters)) for behind in (_DROPPED, 1, 2)]


def _tolerant(raw: bytes, behind: int, letters: frozenset[int] = _HEX) -> bytes:
    """A content where blanks may stand before a joined line end; `behind` says what becomes of what escapes nothing."""
    out: list[bytes] = []
    position = 0
    for _ in range(_MOST_PIECES):
        equals = raw.find(b"=", position)
        if equals < 0:
            break
        out.append(raw[position:equals])
        position = equals + 1
        pair = raw[position : position + 2]
        if len(pair) == 2 and pair[0] in letters and pair[1] in letters:
            out.append(bytes((int(pair, 16),)))
            position += 2
            continue
        line_end = position
        while raw[line_end : line_end + 1] in (b" ", b"\t"):
            line_end += 1
        if raw.startswith((b"\r", b"\n"), line_end):
            position = line_end + (2 if raw.startswith(b"\r\n", line_end) else 1)
        elif behind == _KEPT:
            out.append(b"=")
        else:
            position += behind
    out.append(raw[position:])
    return b"".join(out)


def _in_two_cases(raw: bytes, content: bytes) -> bool:
    """Whether there are escapes in small letters beside escapes in capitals, which no encoder writes.

    An escape that is none any more leaves its three octets in the content.
    """
    if len(binascii.a2b_qp(raw.translate(_WITHOUT_SMALL))) == len(content):
        return False
    return len(binascii.a2b_qp(raw.translate(_WITHOUT_CAPITALS))) != len(content)


def _escapes_needlessly(raw: bytes, content: bytes) -> bool:
    """Whether all that can be seen in a text is escaped, letters too, and something stands beside the escapes."""
    escapes = raw.count(b"=") - raw.count(b"=\r\n") - raw.count(b"=\n")
    if not len(content) // 4 < escapes != len(content):
        return False
    first, *pieces = raw.split(b"=", _MOST_PIECES)
    if len(first.translate(None, _VISIBLE)) < len(first):
        return False
    letters = False
    for piece in pieces:
        if piece[:2].isalnum():
            letters = letters or piece[:1] in (b"4", b"5", b"6", b"7")
            piece = piece[2:]
        if len(piece.translate(None, _VISIBLE)) < len(piece):
            return False
    return letters


def _escapes(raw: bytes) -> bytes:
    """The escapes of a text, and nothing else of it."""
    pieces = raw.split(b"=", _MOST_PIECES)[1:]
    pairs = [piece[:2] for piece in pieces if len(piece) > 1 and piece[0] in _HEX and piece[1] in _HEX]
    return bytes.fromhex(b"".join(pairs).decode("ascii"))
