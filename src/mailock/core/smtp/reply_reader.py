"""Replies as a next hop writes them: read incrementally, within bounds (RFC 5321 sections 4.2 and 4.2.1).

Lenient where it costs nothing: a line may end with LF alone, the text may be missing, may be UTF-8 or worse, and an
enhanced code may be absent or contradict the three digits (it is then plain text). Strict where it decides: three
digits from 200 to 599, the same ones on every line, and an end.
"""

from functools import lru_cache
from typing import Final

from mailock.core.smtp.client_effects import Fault
from mailock.core.smtp.reply import Reply, is_enhanced

LINE_OCTETS: Final = 4096
"""RFC 5321 says 512; longer explanations are seen."""
LINES: Final = 128
"""The most lines of one reply."""


class ReplyReader:
    """Octets in, replies out."""

    __slots__ = ("_at", "_buffer", "_lines")

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0
        self._lines: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """These octets came."""
        self._buffer = self._buffer[self._at :] + data
        self._at = 0

    def next(self) -> Reply | Fault | None:
        """The next whole reply, what is wrong with what came, or None where more must come."""
        while True:
            end = self._buffer.find(b"\n", self._at)
            if end < 0:
                return Fault.OVERLONG if len(self._buffer) - self._at >= LINE_OCTETS else None
            line = self._buffer[self._at : end].removesuffix(b"\r")
            self._at = end + 1
            if len(line) >= LINE_OCTETS or len(self._lines) >= LINES:
                return Fault.OVERLONG
            if line[3:4] == b"-":
                self._lines.append(line)
                continue
            if not self._lines:
                return _single(line) or Fault.MALFORMED
            lines, self._lines = [*self._lines, line], []
            return _read(lines) or Fault.MALFORMED

    @property
    def empty(self) -> bool:
        """Whether nothing is left that was not read as a reply."""
        return self._at == len(self._buffer) and not self._lines


@lru_cache(maxsize=256)
def _single(line: bytes) -> Reply | None:
    """A reply of one line. The same few come again and again."""
    return _read([line])


def _read(lines: list[bytes]) -> Reply | None:
    digits = lines[0][:3]
    if not digits.isdigit() or len(digits) < 3 or not b"200" <= digits <= b"599":
        return None
    if any(line[:3] != digits or line[3:4] not in (b" ", b"-", b"") for line in lines):
        return None
    texts = [_text(line[4:]) for line in lines]
    enhanced = texts[0].split(" ", 1)[0]
    if not is_enhanced(enhanced) or ord(enhanced[0]) != digits[0]:
        enhanced = ""
    else:
        texts = [text.removeprefix(enhanced).lstrip(" ") for text in texts]
    return Reply(int(digits), enhanced, tuple(texts))


def _text(octets: bytes) -> str:
    """What stands there, without anything that could forge a line of a log."""
    text = octets.decode("utf-8", "replace").rstrip(" ")
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)
