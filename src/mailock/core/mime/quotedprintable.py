"""Quoted-printable in every tolerant way that clients decode it (RFC 2045 section 6.7).

An equals sign that escapes nothing is the crux: some keep it, some drop it, some join the lines although blanks, or a
bare CR, stand between it and the line end.
"""

import binascii
from typing import Final

from mailock.core.mime.part import How, Reading

_MOST_PIECES: Final = 2_000_000
_HEX: Final = frozenset(b"0123456789ABCDEFabcdef")


def readings(raw: bytes) -> tuple[list[Reading], bool]:
    """The contents of a quoted-printable text, the most likely first, and whether it is well-formed."""
    if b"=" not in raw:
        return [Reading(How.IDENTITY, raw)], True
    content = binascii.a2b_qp(raw)
    kept = content.count(b"=")
    escaped = raw.count(b"=3D") + raw.count(b"=3d") if kept else 0
    if kept == escaped and b"==" not in raw and raw.count(b"=\r") == raw.count(b"=\r\n"):
        return [Reading(How.QUOTED_PRINTABLE, content)], True
    found = [Reading(How.QUOTED_PRINTABLE, _tolerant(raw)), Reading(How.QUOTED_PRINTABLE_LOOSE, _tolerant(raw, b""))]
    found += [Reading(How.QUOTED_PRINTABLE, content), Reading(How.IDENTITY, raw)]
    distinct: list[Reading] = []
    for reading in found:
        if all(reading.content != other.content for other in distinct):
            distinct.append(reading)
    return distinct, False


def cut(raw: bytes) -> bool:
    """Whether a broken text has more equals signs than are followed."""
    return raw.count(b"=") > _MOST_PIECES


def _tolerant(raw: bytes, kept: bytes = b"=") -> bytes:
    """A content where blanks may stand before a joined line end, and `kept` stands for what escapes nothing."""
    pieces = raw.split(b"=", _MOST_PIECES)
    out = [pieces[0]]
    for piece in pieces[1:]:
        if len(piece) > 1 and piece[0] in _HEX and piece[1] in _HEX:
            out.append(bytes((int(piece[:2], 16),)) + piece[2:])
            continue
        line_end = len(piece) - len(piece.lstrip(b" \t"))
        if piece.startswith((b"\r\n", b"\n", b"\r"), line_end):
            out.append(piece[line_end + (2 if piece.startswith(b"\r\n", line_end) else 1) :])
        else:
            out.append(kept + piece)
    return b"".join(out)
