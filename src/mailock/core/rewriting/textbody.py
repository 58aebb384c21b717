"""The text of a part as letters that can be changed, and back into the octets that its header promises.

A text is read in the part's own charset where that gives the very octets back. Where it does not (octets that are none
of that charset), octets are carried as letters of Latin-1: what is searched for and what is put in is then brought to
the charset's octets first, and nothing else is touched. Where what is put in has letters that the charset lacks, HTML
gets character references, and plain text becomes UTF-8.
"""

from dataclasses import dataclass
from typing import Final

from mailock.core.mime.charsets import codec
from mailock.core.mime.compose import LONGEST, base64_lines, quoted_printable
from mailock.core.mime.part import How, Part, Reading

_SUPERSETS: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""How clients read a charset (WHATWG Encoding, section 4.2): what becomes UTF-8 is read so."""
_NOT_ASCII: Final = ("utf-7", "utf-16", "utf-32")
"""Codecs (beginnings of their names) in which ASCII does not stand for itself."""
_IDENTITY: Final = frozenset({"", "7bit", "8bit", "binary"})


class Unwritable(Exception):
    """A text cannot be changed; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Letters:
    """A text, and how it is written."""

    text: str
    codec: str
    """The charset of the part; what is put in is written in it."""
    carried: bool
    """Whether `text` is octets, carried as letters of Latin-1."""

    def brought(self, text: str) -> str:
        """Text as it stands among these letters; a letter that the charset lacks becomes `?` in carried ones."""
        return text.encode(self.codec, "replace").decode("latin-1") if self.carried else text


@dataclass(frozen=True, slots=True)
class Octets:
    """A changed body."""

    octets: bytes
    encoding: str | None
    """The transfer encoding that has to be declared now; None: what is declared stays."""
    charset: str | None
    """The charset that has to be declared now; None: what is declared stays."""


def letters(part: Part, reading: Reading) -> Letters:
    """The text of a reading. Raises Unwritable."""
    name = codec(part.charsets[0]) if part.charsets else None
    content = reading.content
    if name is None:
        name = "ascii" if content.isascii() else "utf-8" if _reads(content, "utf-8") else "cp1252"
    if _reads(content, name):
        return Letters(content.decode(name), name, carried=False)
    if not name.startswith(_NOT_ASCII):
        return Letters(content.decode("latin-1"), name, carried=True)
    try:
        return Letters(content.decode(name), "utf-8", carried=False)
    except (UnicodeDecodeError, ValueError) as fault:
        raise Unwritable(f"part {part.path} is not written in the charset that it declares") from fault


def written(
    part: Part, reading: Reading, before: Letters, text: str, *, html: bool, forbidden: frozenset[bytes]
) -> Octets:
    """The octets of a changed text, in which none of the `forbidden` stands. Raises Unwritable."""
    content, charset = _encoded(part, reading, before, text, html=html)
    octets = _octets(part, reading, before, content, charset)
    if any(mark in octets.octets for mark in forbidden):
        encoding = None if part.encodings[:1] == ("base64",) else "base64"
        return Octets(base64_lines(content), encoding, charset)
    return octets


def _octets(part: Part, reading: Reading, before: Letters, content: bytes, charset: str | None) -> Octets:
    encoding = part.encodings[0] if part.encodings else ""
    if encoding == "base64" and reading.how is not How.IDENTITY:
        return Octets(base64_lines(content), None, charset)
    if encoding == "quoted-printable":
        return Octets(quoted_printable(content), None, charset)
    if encoding in _IDENTITY and _travels(reading.content, content):
        return Octets(content, None, charset)
    plain = not before.codec.startswith(_NOT_ASCII) or charset is not None
    if plain:
        return Octets(quoted_printable(content), "quoted-printable", charset)
    return Octets(base64_lines(content), "base64", charset)


def _encoded(part: Part, reading: Reading, before: Letters, text: str, *, html: bool) -> tuple[bytes, str | None]:
    if before.carried:
        return text.encode("latin-1", "xmlcharrefreplace" if html else "replace"), None
    declared = codec(part.charsets[0]) if part.charsets else None
    changed = "utf-8" if declared is not None and declared != before.codec else None
    try:
        return text.encode(before.codec, "xmlcharrefreplace" if html else "strict"), changed
    except UnicodeEncodeError:
        pass
    superset = _SUPERSETS.get(before.codec, before.codec)
    try:
        # What stood there is read as clients read it; what is new is letters already.
        same = reading.content.decode(superset) == before.text
    except UnicodeDecodeError:
        same = False
    if not same and not reading.content.isascii():
        raise Unwritable(f"part {part.path} has octets that are none of its charset, so it cannot become UTF-8")
    return text.encode("utf-8"), "utf-8"


def _travels(before: bytes, after: bytes) -> bool:
    """Whether a body may go as it is: what is new in it asks no more of the road than what was there."""
    if not after.isascii() and before.isascii():
        return False
    if b"\0" in after and b"\0" not in before:
        return False
    start, end = changed_range(before, after)
    first = after.rfind(b"\n", 0, start) + 1
    last = after.find(b"\n", len(after) - end)
    return all(len(line.rstrip(b"\r")) <= LONGEST for line in after[first : None if last < 0 else last].split(b"\n"))


def changed_range(before: bytes, after: bytes) -> tuple[int, int]:
    """How many octets at the start, and how many at the end, two contents have in common."""
    most = min(len(before), len(after))
    start = _common(before, after, most)
    end = _common_end(before, after, most - start)
    return start, end


def _common(before: bytes, after: bytes, most: int) -> int:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if before[low:middle] == after[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(before: bytes, after: bytes, most: int) -> int:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if before[len(before) - middle : len(before) - low] == after[len(after) - middle : len(after) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _reads(content: bytes, name: str) -> bool:
    """Whether a charset gives the very octets back."""
    try:
        return content.decode(name).encode(name) == content
    except (UnicodeError, ValueError, LookupError):
        return False
