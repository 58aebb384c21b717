"""Where a multipart is split: its delimiter lines (RFC 2046 section 5.1.1), in every way that clients recognise them.

Most clients want `--boundary` alone on its line, but for blanks behind it. Some want nothing at all behind it; some
take any line that starts with it, as the RFC allows; some take a bare CR for a line end; some go on after the closing
delimiter. Each of these rules, where it makes a difference, gives a way to split.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from mailock.core.mime.part import Span

_BLANKS: Final = b" \t\r\n"
_TAIL: Final = 1_000
_MOST_MISSES: Final = 20_000
_SHORT: Final = 3
"""Delimiters up to this length stand within lines by chance."""


class _Mark(Enum):
    """What a line that starts with the delimiter is."""

    EXACT = auto()
    PADDED = auto()
    CLOSE = auto()
    CLOSE_PADDED = auto()
    CLOSE_LONGER = auto()
    LONGER = auto()
    BARE = auto()
    """One that only counts where a bare CR ends a line."""
    INSIDE = auto()
    """One that does not start its line, but ends it."""


_OPENING: Final = frozenset({_Mark.EXACT, _Mark.PADDED})
_CLOSING: Final = frozenset({_Mark.CLOSE, _Mark.CLOSE_PADDED, _Mark.CLOSE_LONGER})
_LENIENT: Final = _OPENING | _CLOSING
_STRICT: Final = frozenset({_Mark.EXACT, _Mark.CLOSE})


@dataclass(frozen=True, slots=True)
class _Line:
    mark: _Mark
    start: int
    """Before the line end that belongs to the delimiter."""
    end: int
    """Behind the delimiter's own line end."""


@dataclass(frozen=True, slots=True)
class Splitting:
    """One way to split a body."""

    preamble: Span
    parts: tuple[Span, ...]
    epilogue: Span
    closed: bool


@dataclass(frozen=True, slots=True)
class Splittings:
    """Every way to split a body by one boundary, the most likely first; none where it does not stand there."""

    ways: tuple[Splitting, ...]
    odd: bool
    """Whether there are delimiter lines that not every client takes for one."""
    after_close: bool
    cut: bool
    """Whether there are more delimiters than were looked at."""
    lines: int
    """How many were looked at."""


def splittings(data: bytes, start: int, end: int, boundary: bytes, most: int) -> Splittings:
    """The ways to split the octets from `start` to `end`, looking at no more than `most` delimiter lines."""
    delimiter = b"--" + boundary
    lines, cut = _lines(data, start, end, delimiter, most)
    if not lines:
        return Splittings((), odd=False, after_close=False, cut=cut, lines=0)
    marks = {line.mark for line in lines}
    ordinary = [line for line in lines if line.mark in _LENIENT]
    if not any(line.mark in _OPENING for line in ordinary):
        ordinary = [line for line in lines if line.mark is not _Mark.INSIDE]
    usual = ordinary or lines
    ways = [_split(usual, start, end)]
    odd = bool(marks - _STRICT)
    if odd:
        ways.append(_split([line for line in lines if line.mark in _STRICT], start, end))
        ways.append(_split([line for line in lines if line.mark in _LENIENT or line.mark is _Mark.LONGER], start, end))
        ways.append(_split([line for line in lines if line.mark is not _Mark.INSIDE], start, end))
        ways.append(_split(lines, start, end))
    after_close = _goes_on(usual)
    if after_close:
        ways.append(_split(lines, start, end, frozenset(_Mark)))
    distinct = tuple(dict.fromkeys(way for way in ways if way.parts))
    return Splittings(distinct, odd, after_close, cut, len(lines))


def _lines(data: bytes, start: int, end: int, delimiter: bytes, most: int) -> tuple[list[_Line], bool]:
    """The places where a delimiter stands, in order, and whether there are more."""
    found: list[_Line] = []
    misses = 0
    place = data.find(delimiter, start, end)
    while place >= 0:
        if len(found) >= most or misses > _MOST_MISSES:
            return found, True
        before = data[place - 1] if place > start else 0x0A
        line = _line(data, place, start, end, len(delimiter))
        if before == 0x0A:
            found.append(line)
        elif before == 0x0D:
            found.append(_Line(_Mark.BARE, place - 1, line.end))
        elif line.mark in _LENIENT and len(delimiter) > _SHORT:
            found.append(_Line(_Mark.INSIDE, place, line.end))
        else:
            misses += 1
            place = data.find(delimiter, place + 1, end)
            continue
        place = data.find(delimiter, max(line.end, place + 1), end)
    return found, False


def _line(data: bytes, text: int, start: int, end: int, size: int) -> _Line:
    """The delimiter line whose text starts here.

    One that does not start its line is followed for a little only: a line may hold a million of them.
    """
    starts = text == start or data[text - 1] == 0x0A
    near = min(end, text + size + _TAIL)
    feed = data.find(b"\n", text, end if starts else near)
    line_end = feed + 1 if feed >= 0 else end if starts else near
    before = text
    if before > start and starts:
        before -= 1
        if before > start and data[before - 1] == 0x0D:
            before -= 1
    tail = data[text + size : min(line_end, near)]
    bare = tail.find(b"\r", 0, len(tail) - 2)
    if bare >= 0 and not tail[:bare].strip(b"- \t"):
        return _Line(_Mark.BARE, before, text + size + bare + 1)
    return _Line(_mark(tail), before, line_end)


def _mark(tail: bytes) -> _Mark:
    """What the text behind the delimiter makes of its line."""
    stripped = tail.strip(_BLANKS)
    ended = tail.rstrip(b"\r\n")
    if not stripped:
        return _Mark.EXACT if not ended else _Mark.PADDED
    if stripped == b"--" and tail.startswith(b"--"):
        return _Mark.CLOSE if ended == b"--" else _Mark.CLOSE_PADDED
    return _Mark.CLOSE_LONGER if tail.startswith(b"--") else _Mark.LONGER


def _goes_on(lines: list[_Line]) -> bool:
    """Whether delimiters stand behind the closing one."""
    closing = [index for index, line in enumerate(lines) if line.mark in _CLOSING]
    return bool(closing) and closing[0] + 1 < len(lines)


def _split(lines: list[_Line], start: int, end: int, opening: frozenset[_Mark] = frozenset()) -> Splitting:
    """Split by these lines; a closing one ends the parts unless it counts as `opening`."""
    parts: list[Span] = []
    begin = -1
    for line in lines:
        if begin >= 0:
            parts.append(Span(begin, max(begin, line.start)))
        if line.mark in _CLOSING and line.mark not in opening:
            preamble = Span(start, max(start, lines[0].start))
            return Splitting(preamble, tuple(parts), Span(line.end, end), closed=True)
        begin = line.end
    if begin >= 0:
        parts.append(Span(begin, end))
    preamble = Span(start, max(start, lines[0].start) if lines else end)
    return Splitting(preamble, tuple(parts), Span(end, end), closed=False)
