"""The header block of an entity as clients read it: where it ends, and which MIME fields it has, in every reading.

Clients agree on a well-formed block. They differ on a line that is no field (Python takes it for the body's first line,
most others skip it), on a line of blanks (end, or a continuation), and on a bare CR (a line end, or a letter). Each of
these gives a reading of its own, with its own start of the body and its own fields; the plain one comes first.
"""

from dataclasses import dataclass
from typing import Final

from mailock.core.mime.defects import Defect

_VISIBLE: Final = bytes(range(33, 127))
_BLANKS: Final = b" \t\r\n\v\f\0"
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class HeadReading:
    """One reading: where the body starts, and the Content- fields (name in lower case, unfolded value) before it."""

    body: int
    fields: tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """A header block."""

    end: int
    """Where the most likely reading's fields end, before the empty line."""
    readings: tuple[HeadReading, ...]
    """At least one."""
    defects: frozenset[Defect]


def head(data: bytes, start: int, end: int, limit: int) -> Head:
    """Read the block that starts an entity; `limit` is how many octets of it are looked at."""
    fields_end, body = _first_blank_line(data, start, min(end, start + limit))
    block = data[start:fields_end]
    defects: set[Defect] = set()
    if body == fields_end and fields_end > start:
        defects.add(Defect.HEADER_TOO_LONG if fields_end < end else Defect.NO_BLANK_LINE)
    readings = _scan(block, start, body, defects)
    ends = block.count(b"\r\n")
    if ends and ends != block.count(b"\n"):
        defects.add(Defect.MIXED_LINE_ENDS)
    bare = block.count(b"\r") - ends - (block[-1:] == b"\r")
    if bare:
        defects.add(Defect.BARE_CR)
        relined = block.replace(b"\r\n", b" \n").replace(b"\r", b"\n")
        for reading in _scan_bare(relined, start, body, set()):
            if reading not in readings:
                readings.append(reading)
    if b"\0" in block:
        defects.add(Defect.NUL_IN_HEADER)
    if readings[0].body != body:
        fields_end = readings[0].body
    return Head(fields_end, tuple(readings), frozenset(defects))


def _first_blank_line(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the fields end and the body starts."""
    if data.startswith((b"\n", b"\r\n"), start, end):
        return start, start + 1 + data.startswith(b"\r", start)
    crlf = data.find(b"\n\r\n", start, end)
    lf = data.find(b"\n\n", start, end if crlf < 0 else crlf + 1)
    if lf >= 0:
        return lf + 1, lf + 2
    if crlf >= 0:
        return crlf + 1, crlf + 3
    return end, end


def _scan_bare(block: bytes, start: int, body: int, defects: set[Defect]) -> list[HeadReading]:
    """The readings of a block whose bare CRs were made line ends; an empty line may now stand in it."""
    blank = block.find(b"\n\n")
    if block.startswith(b"\n"):
        return _scan(b"", start, start + 1, defects)
    if blank >= 0:
        return _scan(block[: blank + 1], start, start + blank + 2, defects)
    return _scan(block, start, body, defects)


def _scan(block: bytes, start: int, body: int, defects: set[Defect]) -> list[HeadReading]:
    """Go through the lines; the reading that goes through to the end is the first, unless a delimiter stands before."""
    fields: list[list[bytes]] = []
    current: list[bytes] | None = None
    stray, likely = True, False
    early: dict[Defect, HeadReading] = {}
    position = start
    for line in block.split(b"\n"):
        here = position
        position += len(line) + 1
        if line[:1] in (b" ", b"\t"):
            if not line.strip(_BLANKS):
                if Defect.BLANK_LOOKING_LINE not in early:
                    early[Defect.BLANK_LOOKING_LINE] = HeadReading(min(position, start + len(block)), _joined(fields))
                continue
            if not stray:
                if current is not None:
                    current.append(line)
                continue
            defects.add(Defect.STRAY_CONTINUATION)
            line = line.lstrip(_BLANKS)
        elif not line or line == b"\r":
            continue
        name, colon, value = line.partition(b":")
        odd = name.translate(None, _VISIBLE)
        broken = not colon or odd or not name
        if broken and Defect.BROKEN_HEADER_LINE not in early and not _harmless(line, here == start):
            early[Defect.BROKEN_HEADER_LINE] = HeadReading(here, _joined(fields))
            likely = line.startswith(b"--")
        stray = not colon
        current = None
        if odd:
            name = name.translate(None, odd)
        lower = name.lower()
        if lower.startswith(b"content-") and colon:
            if odd:
                defects.add(Defect.ODD_FIELD_NAME)
            current = [lower, value]
            fields.append(current)
    defects.update(early)
    through = HeadReading(body, _joined(fields))
    others = [reading for reading in early.values() if reading.body != body]
    if likely:
        others.sort(key=lambda reading: -reading.body)
        return list(dict.fromkeys((*others, through)))
    return [through, *others]


def _harmless(line: bytes, first: bool) -> bool:
    """Lines that every client overlooks: the separator of mbox files, at the top, and its quoted form."""
    return line.startswith(b">From ") or (first and line.startswith((b"From ", _BOM)))


def _joined(fields: list[list[bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((field[0], _unfolded(field)) for field in fields)


def _unfolded(field: list[bytes]) -> bytes:
    value = field[1] if len(field) == 2 else b"".join(line.rstrip(b"\r") for line in field[1:])
    return value.strip(_BLANKS)
