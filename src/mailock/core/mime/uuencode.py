"""uuencode, as Unix mail had it before MIME and as clients still show it: files between `begin` and `end` in a text.

The format is in POSIX (uuencode, "Historical Algorithm"); `begin-base64` is its other algorithm. Each line starts with
its length; mail systems have stripped its blanks at the end, and encoders have written ` for a blank. Clients differ
on what counts as a first line: some want an octal mode, some are content with `begin` and a blank.
"""

import binascii
from dataclasses import dataclass
from typing import Final

from mailock.core.mime import base64text

MOST_FILES: Final = 200
"""Files of one text that are listed."""
_LETTERS: Final = bytes.maketrans(
    bytes(range(0x21, 0x61)) + b" ",
    bytes(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[(code - 32) & 63]
        for code in range(0x21, 0x61)
    )
    + b"A",
)
_FULL: Final = b"M"
"""The length of a line of 45 octets, which 60 letters follow."""


@dataclass(frozen=True, slots=True)
class File:
    """A file found in a text."""

    start: int
    end: int
    untrusted_name: bytes
    content: bytes
    whole: bool
    """Whether every line fitted its length, and an `end` came."""
    cut: bool = False
    """Whether only a part of it was decoded, because there are more escapes in it than are followed."""


def files(text: bytes) -> list[File]:
    """The files in a text, in order."""
    found: list[File] = []
    position = 0
    while len(found) < MOST_FILES:
        start = _begin(text, position)
        if start < 0:
            return found
        line_end = _line_end(text, start)
        position = line_end
        first = text[start:line_end].strip(b"\r\n\0 \t")
        word, _, rest = first.partition(b" ")
        mode, _, name = rest.lstrip(b" \t").partition(b" ")
        modal = mode.isdigit() and len(mode) <= 6
        if not modal:
            name = rest
        body, end, closed = _extent(text, line_end, b"====" if word.lower() == b"begin-base64" else b"end")
        if word.lower() == b"begin-base64":
            content, whole = base64text.lenient(body), True
        else:
            content, whole = decode(body)
        if content and (modal or whole):
            found.append(File(start, end, name.strip(), content, whole and closed))
            position = end
    return found


def _begin(text: bytes, start: int) -> int:
    """The next line that starts a file; -1 where there is none."""
    while True:
        place = text.find(b"begin", start)
        if place < 0:
            return -1
        if (not place or text[place - 1] in b"\r\n") and text[place + 5 : place + 6] in (b" ", b"\t", b"-"):
            return place
        start = place + 5


def _line_end(text: bytes, start: int) -> int:
    """Behind the line that starts here; it may end with a bare CR."""
    feed = text.find(b"\n", start)
    end = len(text) if feed < 0 else feed + 1
    bare = text.find(b"\r", start, end - 2)
    return end if bare < 0 else bare + 1


def _extent(text: bytes, start: int, mark: bytes) -> tuple[bytes, int, bool]:
    """The lines up to the closing one, where that ends, and whether there is one."""
    place = start - 1
    while (place := text.find(mark, place + 1)) >= 0:
        if text[place - 1] in b"\r\n" and not text[place + len(mark) : place + len(mark) + 1].strip(b"\r\n \t"):
            return text[start:place], place + len(mark), True
    return text[start:], len(text), False


def decode(body: bytes) -> tuple[bytes, bool]:
    """Lines of uuencode, and whether each fits its length. What does not fit is decoded as far as it goes."""
    lines = body.split(b"\n") if b"\n" in body else body.split(b"\r")
    step = len(lines[0])
    full = _full_lines(body, lines, step)
    if full:
        joined = body[: full * (step + 1)].replace(b"\r\n", b"\n").replace(b"\nM", b"")[1:-1]
        head = binascii.a2b_base64(joined.translate(_LETTERS))
    else:
        head = b""
    out = [head]
    whole = True
    for line in lines[full:]:
        line = line.rstrip(b"\r\n")
        if not line.strip() or line == b"`":
            continue
        length = (line[0] - 32) & 63
        letters = (length + 2) // 3 * 4
        data = line[1 : letters + 1]
        whole = whole and letters - 3 <= len(line) - 1 <= letters + 2 and 32 < line[0] <= 96
        data = data.ljust(letters, b" ").translate(_LETTERS)
        out.append(base64text.lenient(data)[:length])
    return b"".join(out), whole


def _full_lines(body: bytes, lines: list[bytes], step: int) -> int:
    """How many lines from the first one are full ones and alike, so that they can be decoded in one go."""
    if not lines[0].startswith(_FULL) or len(lines[0].rstrip(b"\r")) != 61:
        return 0
    count = body.count(b"\n" + _FULL) + 1
    size = count * (step + 1)
    block = body[:size]
    same = block.count(b"\n") == count and block.endswith(b"\n") and block.count(b"\n" + _FULL) == count - 1
    if not same or any(len(line) != step for line in lines[:count]):
        return 0
    letters = block.translate(None, b"\r\n")
    return count if len(letters) == 61 * count and not letters.translate(None, bytes(range(32, 97))) else 0
