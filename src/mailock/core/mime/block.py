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
_NAMED: Final = frozenset({b"content-type", b"content-transfer-encoding", b"content-disposition"})
_NOT_OF_NAMES: Final = bytes(octet for octet in range(256) if not (octet == 0x2D or bytes((octet,)).isalpha()))
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
    lines = _Lines(start + len(block), defects)
    position = start
    for line in block.split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon and name and not name.translate(None, _VISIBLE):
            # Nearly every line is one of these.
            lines.stray, lines.last_broken, lines.current = False, -1, None
            if b"content-" in name.lower():
                lines.take_named(name, value, odd=b"")
        else:
            lines.take(line, position, first=position == start)
        position += len(line) + 1
    defects.update(lines.early)
    through = HeadReading(body, _joined(lines.fields))
    others = [reading for reading in (*lines.early.values(), *lines.behind()) if reading.body != body]
    if lines.delimited:
        others.sort(key=lambda reading: -reading.body)
        return list(dict.fromkeys((*others, through)))
    return [through, *others]


class _Lines:
    """The lines of a block, gone through once."""

    def __init__(self, end: int, defects: set[Defect]) -> None:
        self.fields: list[list[bytes]] = []
        self.current: list[bytes] | None = None
        """The MIME field that may go on."""
        self.stray = True
        """Whether there is no field that could go on."""
        self.early: dict[Defect, HeadReading] = {}
        """What those read who end the header at the first line of each kind."""
        self.delimited = False
        """Whether the first line that is no field looks like a delimiter."""
        self.last_broken = -1
        """Where the lines begin that stand behind all fields and are none; -1 where there are none."""
        self._end = end
        self._defects = defects

    def take(self, line: bytes, here: int, *, first: bool) -> None:
        """Take a line that is no plain field; it stands at `here`."""
        if line[:1] in (b" ", b"\t"):
            if not line.strip(_BLANKS):
                if Defect.BLANK_LOOKING_LINE not in self.early:
                    behind = min(here + len(line) + 1, self._end)
                    self.early[Defect.BLANK_LOOKING_LINE] = HeadReading(behind, _joined(self.fields))
                return
            if not self.stray:
                self._continue(line)
                return
            self._defects.add(Defect.STRAY_CONTINUATION)
            line = line.lstrip(_BLANKS)
            if self.current is not None:
                # The name stood on the line before it, and no colon, which may stand here.
                self.current.append(line.removeprefix(b":"))
                return
        elif not line or line == b"\r":
            return
        name, colon, value = line.partition(b":")
        odd = name.translate(None, _VISIBLE)
        broken = not colon or odd or not name
        if broken and not _harmless(line, first):
            if Defect.BROKEN_HEADER_LINE not in self.early:
                self.early[Defect.BROKEN_HEADER_LINE] = HeadReading(here, _joined(self.fields))
                self.delimited = line.startswith(b"--")
            if self.last_broken < 0:
                self.last_broken = here
        self.stray, self.current = not colon, None
        if colon:
            self.take_named(name, value, odd)
            return
        name, _, value = line.strip(_BLANKS).partition(b" ")
        if name.lower() in _NAMED:
            # The colon is missing, or stands on the next line.
            self.take_named(name, value, odd=b" ")

    def take_named(self, name: bytes, value: bytes, odd: bytes) -> None:
        """Take a field, where its name is one of MIME's with or without its `odd` octets."""
        lower = name.lower()
        plain = lower.translate(None, _NOT_OF_NAMES)
        if plain not in _NAMED:
            plain = lower.translate(None, odd)
        if plain.startswith(b"content-"):
            if odd or plain != lower:
                self._defects.add(Defect.ODD_FIELD_NAME)
            self.current = [plain, value]
            self.fields.append(self.current)

    def behind(self) -> list[HeadReading]:
        """What those read who end the header at the first line behind all fields that is none itself."""
        return [HeadReading(self.last_broken, _joined(self.fields))] if self.last_broken >= 0 else []

    def _continue(self, line: bytes) -> None:
        if self.current is not None:
            self.current.append(line)
        if b":" in line and b"content-" in line.lower() and (hidden := _hidden(line.strip(_BLANKS))) is not None:
            # Those who strip a line before they look at it see a field of its own.
            self._defects.add(Defect.ODD_FIELD_NAME)
            self.fields.append(hidden)


def _hidden(line: bytes) -> list[bytes] | None:
    """A field that stands on a continued line; None where it is none, or one of a list of names in another field."""
    name, colon, value = line.partition(b":")
    name = name.translate(None, _NOT_OF_NAMES).lower()
    if not colon or name not in _NAMED:
        return None
    word = value.partition(b";")[0].strip(_BLANKS)
    if b":" in word or (name == b"content-type" and b"/" not in word):
        return None
    return [name, value]


def _harmless(line: bytes, first: bool) -> bool:
    """Lines that every client overlooks: the separator of mbox files, at the top, and its quoted form."""
    return line.startswith(b">From ") or (first and line.startswith((b"From ", _BOM)))


def _joined(fields: list[list[bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((field[0], _unfolded(field)) for field in fields)


def _unfolded(field: list[bytes]) -> bytes:
    value = field[1] if len(field) == 2 else b"".join(line.rstrip(b"\r") for line in field[1:])
    return value.strip(_BLANKS)
