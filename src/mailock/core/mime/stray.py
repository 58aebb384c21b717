"""Parts where no part should be: MIME fields at the start of lines within a body, a preamble or an epilogue.

A client with other rules for delimiters, or for the end of a header block, may take such lines for a part of its own.
So each is read as one, whatever boundary it may belong to. What lies between two of them belongs to the first.
"""

from typing import Final

from mailock.core.mime.part import Span

_FIELDS: Final = (b"type", b"transfer-encoding", b"disposition")
_LINES_BACK: Final = 8
_INDENTED: Final = 4
"""Blanks that may stand before a field."""


def strays(data: bytes, start: int, end: int, most: int) -> tuple[list[Span], bool]:
    """The entities that start within a body, and whether there are more than `most`."""
    if data.find(b"-", start, end) < 0 or data.find(b":", start, end) < 0:
        return [], False
    lower = data[start:end].lower()
    heads: list[int] = []
    behind = 0
    blanks = _BlankLines(lower)
    place = -1
    while (place := lower.find(b"content-", place + 1)) >= 0:
        if place < behind or not _is_field(lower, place + 8):
            continue
        begin = place
        while begin and lower[begin - 1] in b" \t" and place - begin < _INDENTED:
            begin -= 1
        if begin and lower[begin - 1] not in b"\r\n":
            continue
        if len(heads) >= most:
            return _spans(lower, heads, start), True
        heads.append(begin)
        behind = blanks.behind(place)
    return _spans(lower, heads, start), False


def _is_field(lower: bytes, place: int) -> bool:
    for name in _FIELDS:
        if lower.startswith(name, place):
            return lower[place + len(name) : place + len(name) + 8].lstrip(b" \t\0").startswith(b":")
    return False


class _BlankLines:
    """Where the next empty line is, asked in rising order: no octet is searched twice, however often it is asked."""

    def __init__(self, lower: bytes) -> None:
        self._lower = lower
        self._places = [-1, -1]

    def behind(self, start: int) -> int:
        """Behind the next empty line."""
        for index, mark in enumerate((b"\n\r\n", b"\n\n")):
            if self._places[index] < start:
                place = self._lower.find(mark, start)
                self._places[index] = len(self._lower) if place < 0 else place
        return min(min(self._places) + 2, len(self._lower))


def _spans(lower: bytes, heads: list[int], offset: int) -> list[Span]:
    """Each from its first field to its own delimiter, where one stands before it, or else to the next one's first."""
    spans: list[Span] = []
    ends = [*heads[1:], len(lower)] if heads else []
    for head, following in zip(heads, ends, strict=True):
        end = following
        delimiter = _delimiter_before(lower, head)
        if delimiter:
            close = lower.find(b"\n" + delimiter, head, following)
            if close >= 0:
                end = close
        spans.append(Span(offset + head, offset + end))
    return spans


def _delimiter_before(lower: bytes, head: int) -> bytes:
    """The line before these fields that looks like a delimiter; empty where there is none."""
    end = head - 1
    for _ in range(_LINES_BACK):
        if end <= 0:
            return b""
        begin = lower.rfind(b"\n", 0, end) + 1
        line = lower[begin:end].rstrip(b"\r \t")
        if line.startswith(b"--"):
            return line
        if not line:
            return b""
        end = begin - 1
    return b""
