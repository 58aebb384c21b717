"""Excel 4.0 macros: sheets whose formulas are a program, in each of Excel's formats.

Sources: [MS-XLS] sections 2.4.28 (BoundSheet8), 2.4.150 (Lbl), 2.5.198 (formulas); [MS-XLSB]; ECMA-376 (xlsx).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from mailock.core.evidence.finding import Confidence, Severity, Sighting
from mailock.engines.office.fields import dde
from mailock.engines.office.findings import Document, quoted
from mailock.engines.office.markup import Element
from mailock.engines.office.vba import addresses

CALLS: Final = frozenset(
    {"EXEC", "CALL", "REGISTER", "FOPEN", "FWRITE", "FWRITELN", "REGISTER.ID", "URLDOWNLOADTOFILE"}
)
_WORD: Final = re.compile(
    r"(?<![\w.])(EXEC|CALL|REGISTER(?:\.ID)?|FOPEN|FWRITE(?:LN)?|FORMULA(?:\.FILL)?|RUN|GOTO)\s*\(", re.I
)
_AUTO: Final = re.compile(r"^(?:_xlnm\.)?auto_?(?:open|close|activate|deactivate)", re.IGNORECASE)
_LONGEST: Final = 1 << 20


@dataclass(slots=True)
class Sheets:
    """What there is of Excel 4.0 macros in one workbook."""

    sheets: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    automatic: bool = False
    calls: set[str] = field(default_factory=set)
    strings: list[str] = field(default_factory=list)


def told(found: Sheets, document: Document, where: str) -> Iterator[Sighting]:
    """What is to be said of them."""
    if not found.sheets and not (found.calls & CALLS):
        return
    dangerous = sorted(found.calls & CALLS)
    pieces = [f"Excel 4.0 macros on {quoted(found.sheets[0]) if found.sheets else 'a sheet'}"]
    pieces += ["start by themselves"] if found.automatic else []
    pieces += [f"call {', '.join(dangerous)}"] if dangerous else []
    pieces += [f"on a hidden sheet {quoted(found.hidden[0])}"] if found.hidden else []
    if dangerous and (found.automatic or found.hidden):
        level, sure = Severity.MALICIOUS, Confidence.HIGH if found.automatic else Confidence.MEDIUM
    elif dangerous or found.automatic or found.hidden:
        level, sure = Severity.SUSPICIOUS, Confidence.HIGH
    else:
        level, sure = Severity.SUSPICIOUS, Confidence.MEDIUM
    yield from document.says("office.xlm", level, sure, f"{', '.join(pieces)} ({where}).")
    text = "\n".join(found.strings)[:_LONGEST]
    yield from addresses(text, document)


def xml_sheet(parts: Iterable[Element], document: Document, where: str) -> Iterator[Sighting]:
    """A macro sheet of xlsx."""
    found = Sheets(sheets=[where])
    size = 0
    for element in parts:
        if element.name == "sheetView" and element.attributes.get("state"):
            found.hidden.append(where)
        if element.name in ("f", "v", "t") and element.untrusted_text and size < _LONGEST:
            size += len(element.untrusted_text)
            found.strings.append(element.untrusted_text)
            found.calls.update(match[1].upper() for match in _WORD.finditer(element.untrusted_text))
    yield from told(found, document, where)
    if found.strings:
        document.file("xlm", "\n".join(found.strings).encode("utf-8", "replace"), "macrosheet.txt")


def named(element: Element, document: Document) -> Iterator[Sighting]:
    """A defined name of xlsx that starts a macro sheet."""
    name = element.attributes.get("name", "")
    if element.name == "definedName" and _AUTO.match(name):
        hidden = ", hidden" if element.attributes.get("hidden") in ("1", "true") else ""
        says = f"The name {quoted(name)} starts {quoted(element.untrusted_text)} when the workbook is opened{hidden}."
        yield from document.says("office.xlm", Severity.SUSPICIOUS, Confidence.MEDIUM, says)


_FUNCTIONS: Final = {
    110: "EXEC",
    150: "CALL",
    149: "REGISTER",
    267: "REGISTER.ID",
    132: "FOPEN",
    138: "FWRITE",
    137: "FWRITELN",
    17: "RUN",
    96: "FORMULA",
}
_CALLED: Final = re.compile(
    rb"[\x22\x42\x62][\x00-\x1e]([\x6e\x96\x95\x84\x8a\x89\x60\x11])\x00|[\x21\x41\x61]([\x6e\x96\x95])\x00", re.DOTALL
)
_WIDE: Final = re.compile(rb"(?:[\x20-\x7e]\x00){4,2000}")


def binary_sheet(name: str, content: bytes, document: Document) -> Iterator[Sighting]:
    """A macro sheet, or the workbook, of xlsb; its formulas are searched for calls, not parsed."""
    wide = [match[0].decode("utf-16-le") for match in _WIDE.finditer(content)][:5000]
    if "macrosheet" not in name.lower():
        for word in wide:
            if _AUTO.match(word):
                says = f"The name {quoted(word)} starts macros when the workbook is opened."
                yield from document.says("office.xlm", Severity.SUSPICIOUS, Confidence.MEDIUM, says)
        return
    calls = {_FUNCTIONS[(match[1] or match[2])[0]] for match in _CALLED.finditer(content)}
    yield from told(Sheets(sheets=[name], calls=calls, strings=wide), document, name)


def binary_link(content: bytes, document: Document, where: str) -> Iterator[Sighting]:
    """An external link of xlsb: a DDE link has its server and topic as strings, one behind the other."""
    wide = [match[0].decode("utf-16-le") for match in _WIDE.finditer(content)][:50]
    # BrtBeginSupBook (360) with the kind DDE (1); its record number is written in two octets.
    at = content.find(b"\xe8\x02")
    if at >= 0 and content[at + 3 : at + 5] == b"\x01\x00":
        words = _counted(content[at + 5 :], 2) or wide
        yield from dde(words[0] if words else "", words[1] if len(words) > 1 else "", document, where)


def _counted(content: bytes, number: int) -> list[str]:
    """Strings, each with its length in four octets before it."""
    found = []
    at = 0
    for _ in range(number):
        length = int.from_bytes(content[at : at + 4], "little")
        if length > 4096:
            break
        found.append(content[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace"))
        at += 4 + 2 * length
    return found
