"""OneNote: the files that lie in a section ([MS-ONESTORE] 2.6.13, FileDataStoreObject)."""

from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Child, Finding
from mailock.core.evidence.report import Why
from mailock.engines.archives.opening import Opening

_STORE: Final = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")
_HEADER: Final = 36
_NAME_SEARCHED: Final = 1 << 22


def opened(opening: Opening) -> Iterator[Child | Finding]:
    """Every file that was put into the section, with the names that stand in it."""
    content = opening.specimen.content
    names = _names(content)
    at = content.find(_STORE)
    count = 0
    while at >= 0:
        size = int.from_bytes(content[at + 16 : at + 24], "little")
        start = at + _HEADER
        if start + size > len(content):
            opening.miss(Why.UNREADABLE, "a file in the section is cut off")
        file = content[start : start + min(size, opening.room + 1)]
        if file:
            yield from opening.child(file, names[count] if count < len(names) else "", "onenote")
            count += 1
        at = content.find(_STORE, max(at + 16, min(start + size, len(content))))


def _names(content: bytes) -> list[str]:
    """File names in the section: texts in UTF-16 that end like one. They do not say to which file they belong, so they
    are given in order; what a file is its octets say.
    """
    found: list[str] = []
    text = content[:_NAME_SEARCHED]
    dot = text.find(b".\0")
    while dot >= 0 and len(found) < 100:
        start = dot
        while start >= 2 and text[start - 1 : start] == b"\0" and 32 <= text[start - 2] < 127 and dot - start < 200:
            start -= 2
        end = dot + 2
        while end + 1 < len(text) and text[end + 1] == 0 and chr(text[end]).isalnum() and end - dot < 12:
            end += 2
        name = text[start:end].decode("utf-16-le", "replace")
        if 4 <= end - dot - 2 <= 8 and dot > start and name not in found and text[end : end + 2] == b"\0\0":
            found.append(name)
        dot = text.find(b".\0", dot + 2)
    return found
