"""How what we write ourselves gets its final form: fields that cannot be broken out of, folding, encodings of parts.

Every line ends with CRLF, no value can end its field, and no line is longer than 998 octets (RFC 5322 section 2.1.1).
Text goes out as 7bit where it is ASCII with short lines, otherwise as UTF-8 in quoted-printable, so our words need no
8BITMIME. Field values that are not ASCII become encoded words (RFC 2047), except in an internationalised message (RFC
6532), whose fields are UTF-8.
"""

from base64 import b64encode
from typing import Final

LINE: Final = 76
"""Octets of a line that we try to keep to; with encoded words in it a line may have no more (RFC 2047 section 2)."""
LONGEST: Final = 998
"""Octets of a line at most, without its CRLF."""

# Tabs and line ends become blanks; other controls, lone surrogates and the line ends of Unicode become `?`.
_UNFIT: Final = {
    **dict.fromkeys([*range(32), *range(127, 160), 0x2028, 0x2029, *range(0xD800, 0xE000)], "?"),
    **dict.fromkeys((9, 10, 13), " "),
}
_WORD_OCTETS: Final = 36
"""Octets in one encoded word: 48 characters of Base64 and 12 around them leave room for the name of the field."""
_QUOTED_LINE: Final = 76


def one_line(text: str) -> str:
    """Text that cannot leave the line it is put into, and can be written as UTF-8."""
    return text.translate(_UNFIT)


def ascii_line(text: str) -> str:
    """The same, in ASCII; other characters become `?`."""
    return one_line(text).encode("ascii", "replace").decode("ascii")


def field(name: str, value: str, *, utf8: bool = False) -> bytes:
    """A field with its CRLF, folded at blanks. Without `utf8`, a value that is not ASCII goes as encoded words."""
    clean = one_line(value).strip(" ")
    if not utf8 and not clean.isascii():
        clean = " ".join(encoded_words(clean))
    first, *words = clean.split(" ")
    lines = [f"{name}: {first}"]
    for word in words:
        # An empty word stands for a second blank; a folded line must not consist of blanks only.
        if not word or _octets(lines[-1]) + 1 + _octets(word) <= LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    return b"".join(_broken(line.encode()) + b"\r\n" for line in lines)


def crlf(content: bytes) -> bytes:
    """Content with CRLF as its only line end: bare CR and bare LF are taken for line ends."""
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def is_plain(content: bytes) -> bool:
    """Whether content may go as 7bit: ASCII, no NUL, short lines, CRLF only."""
    return content.isascii() and is_short(content)


def is_short(content: bytes) -> bool:
    """Whether content may go as 8bit: no NUL, no line over 998 octets, CRLF only."""
    if (
        b"\0" in content
        or content.count(b"\r") != content.count(b"\r\n")
        or content.count(b"\n") != content.count(b"\r\n")
    ):
        return False
    return all(len(line) <= LONGEST for line in content.split(b"\r\n"))


def part(kind: str, content: bytes) -> bytes:
    """A body part: its fields, an empty line, the content. Ends with CRLF."""
    content = crlf(content)
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    if is_plain(content):
        return _part(kind, "7bit", content)
    return _part(kind, "quoted-printable", quoted_printable(content))


def part_as_is(kind: str, content: bytes) -> bytes:
    """A body part whose content must not be encoded: 7bit or 8bit. Raises ValueError where neither allows it."""
    if not is_short(content):
        raise ValueError("content with long lines, NUL or bare line ends cannot go as 8bit")
    ending = b"" if content.endswith(b"\r\n") else b"\r\n"
    return _part(kind, "7bit" if content.isascii() else "8bit", content + ending)


def base64_part(kind: str, content: bytes) -> bytes:
    """A body part of octets in Base64."""
    return _part(kind, "base64", base64_lines(content))


def base64_lines(content: bytes) -> bytes:
    """Octets in Base64, in lines of 76 letters, each with its CRLF (RFC 2045 section 6.8)."""
    coded = b64encode(content)
    return b"".join(coded[at : at + 76] + b"\r\n" for at in range(0, len(coded), 76))


def quoted_printable(content: bytes) -> bytes:
    """Content with CRLF line ends as quoted-printable (RFC 2045 section 6.7)."""
    return b"\r\n".join(_quoted_line(line) for line in content.split(b"\r\n"))


def _part(kind: str, encoding: str, content: bytes) -> bytes:
    return field("Content-Type", kind) + field("Content-Transfer-Encoding", encoding) + b"\r\n" + content


def _octets(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def encoded_words(text: str) -> list[str]:
    """Text as encoded words (RFC 2047) in UTF-8, each of whole characters.

    A reader joins them without the blanks between them.
    """
    chunks = [b""]
    for character in text:
        octets = character.encode()
        if len(chunks[-1]) + len(octets) > _WORD_OCTETS:
            chunks.append(b"")
        chunks[-1] += octets
    return [f"=?utf-8?B?{b64encode(chunk).decode('ascii')}?=" for chunk in chunks]


def _broken(line: bytes) -> bytes:
    """A line that is too long although it was folded, broken by force between characters."""
    pieces = []
    while len(line) > LONGEST:
        end = LONGEST
        while line[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(line[:end])
        line = b" " + line[end:]
    return b"\r\n".join([*pieces, line])


def _quoted_line(line: bytes) -> bytes:
    tokens = [bytes((c,)) if (33 <= c <= 126 and c != 61) or c in b" \t" else b"=%02X" % c for c in line]
    if tokens and tokens[-1] in (b" ", b"\t"):
        tokens[-1] = b"=%02X" % line[-1]
    lines = [b""]
    for place, token in enumerate(tokens):
        room = _QUOTED_LINE if place == len(tokens) - 1 else _QUOTED_LINE - 1
        if len(lines[-1]) + len(token) > room:
            lines.append(b"")
        lines[-1] += token
    return b"=\r\n".join(lines)
