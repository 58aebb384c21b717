"""yEnc, as news readers and some mail clients show it: files between `=ybegin` and `=yend` in a text.

The format is Juergen Helbing's draft 1.3 of 2002 (yenc.org): every octet plus 42, and a few of them escaped by `=` and
64 more. A multi-part post has a `=ypart` line.
"""

from typing import Final

from mailock.core.mime.uuencode import MOST_FILES, File

_MOST_ESCAPES: Final = 2_000_000
_MINUS_42: Final = bytes((octet - 42) % 256 for octet in range(256))
_MINUS_106: Final = bytes((octet - 106) % 256 for octet in range(256))


def files(text: bytes) -> list[File]:
    """The files in a text, in order."""
    found: list[File] = []
    position = 0
    while len(found) < MOST_FILES:
        start = text.find(b"=ybegin", position)
        if start < 0:
            return found
        position = start + 7
        if start and text[start - 1] not in b"\r\n":
            continue
        begin = _next_line(text, start)
        line = text[start:begin].strip(b"\r\n")
        if text.startswith(b"=ypart", begin):
            begin = _next_line(text, begin)
        end = text.find(b"\n=yend", begin - 1)
        closed = end >= 0
        body = text[begin : end if closed else len(text)]
        position = _next_line(text, end + 1) if closed else len(text)
        content = decode(body)
        _, told, name = line.partition(b" name=")
        size = line.partition(b" size=")[2].partition(b" ")[0]
        whole = closed and (b"part=" in line or (size.isdigit() and len(size) < 16 and int(size) == len(content)))
        found.append(
            File(start, position, name.strip() if told else b"", content, whole, body.count(b"=") > _MOST_ESCAPES)
        )
    return found


def decode(body: bytes) -> bytes:
    """Lines of yEnc, decoded."""
    pieces = body.translate(None, b"\r\n").split(b"=", _MOST_ESCAPES)
    out = [pieces[0].translate(_MINUS_42)]
    out += [piece[:1].translate(_MINUS_106) + piece[1:].translate(_MINUS_42) for piece in pieces[1:]]
    return b"".join(out)


def _next_line(text: bytes, start: int) -> int:
    feed = text.find(b"\n", start)
    return len(text) if feed < 0 else feed + 1
