"""BinHex 4.0 (RFC 1741): files of old Macintoshes within text; the data fork is what counts."""

import binascii
from typing import Final

from mailock.core.mime.uuencode import MOST_FILES, File

_LETTERS: Final = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TABLE: Final = bytes.maketrans(_LETTERS, _BASE64)
_FOREIGN: Final = bytes(octet for octet in range(256) if octet not in _LETTERS)
_REPEAT: Final = b"\x90"
_MOST_RUNS: Final = 500_000


def bare(text: bytes) -> list[File]:
    """The file that a text is which says nothing of BinHex, but is declared to be it."""
    begin, end = text.find(b":"), text.rfind(b":")
    file = _unpacked(text[begin + 1 : end if end > begin else None], max(begin, 0), len(text))
    return [file] if file is not None else []


def files(text: bytes) -> list[File]:
    """The files in a text, in order."""
    found: list[File] = []
    position = 0
    while len(found) < MOST_FILES:
        start = text.find(b"(This file must be converted with BinHex", position)
        if start < 0:
            return found
        begin = text.find(b":", start)
        end = text.find(b":", begin + 1) if begin >= 0 else -1
        if begin < 0:
            return found
        stop = len(text) if end < 0 else end
        position = stop
        file = _unpacked(text[begin + 1 : stop], start, stop)
        if file is not None:
            found.append(file)
    return found


def _unpacked(body: bytes, start: int, end: int) -> File | None:
    letters = body.translate(None, _FOREIGN).translate(_TABLE)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    packed = binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    flat = _expanded(packed)
    size = flat[0] if flat else 0
    header = size + 20
    if not 0 < size < 64 or len(flat) < header:
        return None
    name = flat[1 : size + 1]
    data = int.from_bytes(flat[size + 12 : size + 16], "big")
    content = flat[header + 2 : header + 2 + data]
    return File(start, end, name, content, len(content) == data, packed.count(_REPEAT) > _MOST_RUNS)


def _expanded(packed: bytes) -> bytes:
    """Runs written out: an octet, 0x90 and a count; 0x90 and 0 is 0x90 itself."""
    pieces = packed.split(_REPEAT, _MOST_RUNS)
    out = [pieces[0]]
    last = pieces[0][-1:]
    for piece in pieces[1:]:
        count = piece[0] if piece else 0
        run = _REPEAT if not count else last * (count - 1)
        out.append(run + piece[1:])
        last = piece[-1:] if len(piece) > 1 else run[-1:] or last
    return b"".join(out)
