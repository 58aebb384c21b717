"""Encoded words (RFC 2047) as clients read them: anywhere, broken off, with blanks inside, with letters cut in two.

Meant for names and for display; nothing raises, and what cannot be read stays as it is.
"""

import binascii
from collections.abc import Callable
from typing import Final

from mailock.core.mime import charsets
from mailock.core.mime.base64text import lenient

_LONGEST_CHARSET: Final = 60
_BLANKS: Final = b" \t\r\n"


def decode(value: bytes) -> str:
    """A value with its encoded words decoded. Blanks between two of them are no text (RFC 2047 section 6.2)."""
    return _decode(value, charsets.text)


def decode_turned(value: bytes) -> str:
    """The same, with the octets of words in UTF-16 and UTF-32 in the other order where nothing tells it."""
    return _decode(value, charsets.text_turned)


def _decode(value: bytes, read: Callable[[bytes, str], str]) -> str:
    if b"=?" not in value:
        return charsets.shown(value)
    text: list[str] = []
    run: list[bytes] = []
    charset = ""
    position = 0
    for start, end, word_charset, content in _words(value):
        between = value[position:start]
        if run and between.strip(_BLANKS):
            text.append(read(b"".join(run), charset))
            run = []
        if not run:
            text.append(charsets.shown(between))
        elif word_charset != charset:
            text.append(read(b"".join(run), charset))
            run = []
        charset = word_charset
        run.append(content)
        position = end
    if run:
        text.append(read(b"".join(run), charset))
    text.append(charsets.shown(value[position:]))
    return "".join(text)


def _words(value: bytes) -> list[tuple[int, int, str, bytes]]:
    """The encoded words: from, to, charset, octets."""
    found: list[tuple[int, int, str, bytes]] = []
    position = 0
    unclosed = False
    while (start := value.find(b"=?", position)) >= 0:
        position = start + 2
        mark = value.find(b"?", position, position + _LONGEST_CHARSET)
        if mark <= position or value[mark + 2 : mark + 3] != b"?":
            continue
        how = value[mark + 1 : mark + 2].lower()
        if how not in (b"b", b"q"):
            continue
        begin = mark + 3
        end = -1 if unclosed else value.find(b"?=", begin)
        unclosed = end < 0
        stop = len(value) if unclosed else end
        content = _decoded(how, value[begin:stop])
        charset = value[start + 2 : mark].decode("latin-1").strip().lower().partition("*")[0]
        position = stop if unclosed else stop + 2
        found.append((start, position, charset, content))
    return found


def _decoded(how: bytes, text: bytes) -> bytes:
    if how == b"b":
        return lenient(text)
    return binascii.a2b_qp(text.replace(b" ", b"=20"), header=True)
