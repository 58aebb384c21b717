"""Equation Editor objects. The program (EQNEDT32) has been removed from Office for its holes; documents that carry its
objects are old, or attacks: CVE-2017-11882, CVE-2018-0802 and CVE-2018-0798 overflow it.

Source: MTEF version 3 (its header of 28 octets, the FONT record 8 with a name, the MATRIX record 5).
"""

from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Confidence, Severity, Sighting
from mailock.engines.office.findings import Document
from mailock.engines.office.vba import compound, paths, stream

CLASSES: Final = ("equation.3", "equation.2", "equation.dsmt4")
_CLASS_ID: Final = bytes.fromhex("02ce020000000000c000000000000046")
_LONGEST_FONT: Final = 40
_HEADER: Final = 28


def equation(content: bytes, document: Document, where: str) -> Iterator[Sighting]:
    """The equations in a compound file."""
    if b"E\0q\0u\0a\0t\0i\0o\0n\0 \0N\0a\0t\0i\0v\0e" not in content and _CLASS_ID not in content:
        return
    file = compound(content)
    if file is None:
        return
    with file:
        found = [
            stream(file, path, document) for path in paths(file, document) if path[-1].lower() == "equation native"
        ]
    for data in found or [b""]:
        yield from judged(data, document, where, Severity.SUSPICIOUS)


def judged(data: bytes, document: Document, where: str, severity: Severity) -> Iterator[Sighting]:
    """One equation's data, which begins with its header."""
    if overflows(data):
        says = f"An equation overflows the Equation Editor, as CVE-2017-11882 does ({where})."
        yield from document.says("office.exploit", Severity.MALICIOUS, Confidence.HIGH, says)
    else:
        says = f"There is an Equation Editor object ({where})."
        sure = Confidence.MEDIUM if severity is Severity.MALICIOUS else Confidence.LOW
        yield from document.says("office.equation", severity, sure, says)


def overflows(data: bytes) -> bool:
    """Whether a font's name is longer than the program's buffer, or a matrix larger than its table."""
    body = data[_HEADER:] if data[:2] == b"\x1c\x00" else data
    body = body[5:] if body[:1] in (b"\x02", b"\x03") else body
    for start in range(min(8, len(body))):
        if body[start] == 8 and _font_too_long(body[start + 3 :]):
            return True
        if body[start] == 5 and start + 7 < len(body) and max(body[start + 5], body[start + 6]) > 64:
            return True
    return False


def _font_too_long(name: bytes) -> bool:
    end = name.find(b"\0")
    letters = name[: end if end >= 0 else len(name)]
    return len(letters) > _LONGEST_FONT
