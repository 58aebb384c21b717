"""Documents that are one text: Word and Excel XML of 2003, flat packages, flat OpenDocument, SYLK, CSV with formulas,
web queries.

Sources: the Office 2003 XML reference schemas (binData), ECMA-376 part 2 annex C (flat packages), SYLK as published.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Confidence, Severity, Sighting
from mailock.core.evidence.report import Why
from mailock.core.mime.charsets import texts
from mailock.engines.office import xlm
from mailock.engines.office.equation import equation
from mailock.engines.office.fields import formula
from mailock.engines.office.findings import Document, quoted
from mailock.engines.office.markup import elements
from mailock.engines.office.ooxml import text_part
from mailock.engines.office.relations import relation
from mailock.engines.office.vba import macros

ACTIVE_MIME: Final = b"ActiveMime"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE_XML: Final = (
    b"office/word/2003/wordml",
    b"urn:schemas-microsoft-com:office:spreadsheet",
    b"2006/xmlpackage",
    b"urn:oasis:names:tc:opendocument:",
)
_CELL: Final = re.compile(r"[=+@-](?:[^|\r\n]{0,600}\|'[^'\r\n]{0,600}'|[^|\s]{1,600}\|[^\s!]{1,600})!")
_SHEETS: Final = (".csv", ".tsv", ".tab", ".dif", ".prn", ".slk", ".xls", ".xlsx", ".xlsm", ".xlt", ".xla", ".xlsb")
_MOST_TEXT: Final = 4 << 20
_SYLK_SHEET: Final = re.compile(r"^O;[^\r\n]*E", re.MULTILINE)
_SYLK_FORMULA: Final = re.compile(r"^C;[^\r\n]*?;E(?P<formula>[^\r\n]{1,2000})", re.MULTILINE)
_SYLK_AUTO: Final = re.compile(r"^NN;[^\r\n]*N(?:auto_open|auto_close)", re.MULTILINE | re.IGNORECASE)
_CALLS: Final = re.compile(r"(?<![\w.])(EXEC|CALL|REGISTER|FOPEN|FWRITE)\s*\(", re.IGNORECASE)
_QUERY: Final = re.compile(r"\A\s*(?:WEB|XLODBC)\r?\n\d{1,3}\r?\n(?P<to>[^\r\n]{4,4000})", re.IGNORECASE)


def xml_document(document: Document) -> Iterator[Sighting]:
    """A document of Office in one XML file; nothing where it is other XML."""
    content = document.specimen.content
    head = content[:65_536]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.replace(b"\0", b"")
    head = head.lower()
    if not any(mark in head for mark in _OFFICE_XML) and b"mso-application" not in head:
        return
    yield from text_part(content, document, "the document")
    for element in elements(content, document, where="the document"):
        if element.name in ("binData", "binaryData", "binary-data"):
            yield from _packed(element.untrusted_text, element.attributes.get("name", ""), document)
        elif element.name == "Relationship":
            yield from relation(element, document, "the document")
        for name, value in element.attributes.items():
            if name in ("href", "HRef", "dest", "Formula"):
                yield from (formula(value, document, "a cell") if name == "Formula" else document.link(value))


def active_mime(document: Document) -> Iterator[Sighting]:
    """The macros beside a page in one file (MHTML): a part of its own there, `editdata.mso`."""
    data = _from_active_mime(document.specimen.content, document)
    if not data:
        document.miss(Why.UNREADABLE, "What its ActiveMime envelope holds cannot be read.")
        return
    yield from macros(data, document, "the document: ")
    yield from equation(data, document, "the document")
    document.file("ole", data)


def _packed(text: str, name: str, document: Document) -> Iterator[Sighting]:
    """Binary data in the document: macros, in an envelope of their own (ActiveMime), or an object."""
    try:
        data = base64.b64decode("".join(text.split()))
    except (binascii.Error, ValueError):
        return
    if data.startswith(ACTIVE_MIME):
        data = _from_active_mime(data, document)
    if data.startswith(_COMPOUND):
        yield from macros(data, document, f"{quoted(name) or 'the document'}: ")
        yield from equation(data, document, quoted(name) or "the document")
    if data:
        document.file("xml", data, name)


def _from_active_mime(data: bytes, document: Document) -> bytes:
    for start in (0x32, 0x22A, *(match.start() for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data[:1024]))):
        try:
            found = zlib.decompressobj().decompress(data[start:], max(1, min(document.left, 64 << 20)))
        except zlib.error:
            continue
        if found.startswith(_COMPOUND):
            document.spend(len(found))
            return found
    return b""


def text_document(document: Document) -> Iterator[Sighting]:
    """Text that Excel opens: SYLK, cells that call programs, web queries. Nearly all text is none of these."""
    content = document.specimen.content[:_MOST_TEXT]
    sylk = content[:8].upper().startswith(b"ID;")
    query = content.lstrip()[:8].upper().startswith((b"WEB\r", b"WEB\n", b"XLODBC\r", b"XLODBC\n"))
    cells = b"|" in content and b"!" in content and any(map(_opened_by_excel, document.specimen.untrusted_names))
    if not (sylk or query or cells):
        return
    text = texts(content, document.specimen.charsets)[0] if content else ""
    if sylk:
        yield from _sylk(text, document)
    if query and (match := _QUERY.match(text)) is not None:
        says = f"The file asks {quoted(match['to'], 160)} for data when it is opened."
        yield from document.says("office.query", Severity.SUSPICIOUS, Confidence.MEDIUM, says)
        yield from document.link(match["to"], opened=False)
    if cells:
        yield from _cells(text, document)


def _opened_by_excel(untrusted_name: str) -> bool:
    """Whether Excel is what opens a text of this name; nobody takes a mail's own text there."""
    return untrusted_name.lower().rstrip(". ").endswith(_SHEETS)


def _cells(text: str, document: Document) -> Iterator[Sighting]:
    """Cells of CSV that are formulas with a program in them: `=cmd|' /C calc'!A0`."""
    for line in text.splitlines()[:200_000]:
        if "|" not in line or "!" not in line or len(line) > 20_000:
            continue
        for cell in re.split(r"[,;\t]", line) if line.count("|") < 50 else ():
            start = cell.strip().strip('"').lstrip()
            if start[:1] in ("=", "+", "-", "@") and _CELL.match(start):
                yield from formula(start, document, "a cell")


def _sylk(text: str, document: Document) -> Iterator[Sighting]:
    formulas = [match["formula"] for match in _SYLK_FORMULA.finditer(text)][:20_000]
    found = xlm.Sheets(
        sheets=["the sheet"] if _SYLK_SHEET.search(text) else [],
        automatic=_SYLK_AUTO.search(text) is not None,
        calls={match[1].upper() for code in formulas for match in _CALLS.finditer(code)},
        strings=formulas,
    )
    yield from xlm.told(found, document, "SYLK")
    for code in formulas:
        yield from formula("=" + code, document, "a cell")
