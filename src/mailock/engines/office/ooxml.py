"""Documents of the Open XML formats (ECMA-376): their parts, one by one, by what they are and not by their names alone.

What is packed in them is taken out by the engine of archives; macros, relationships, fields and formulas are read here.
"""

from collections.abc import Callable, Iterator
from typing import Final

from mailock.core.evidence.finding import Confidence, Severity, Sighting
from mailock.engines.office import xlm
from mailock.engines.office.equation import equation
from mailock.engines.office.fields import dde, field, formula
from mailock.engines.office.findings import Document, quoted
from mailock.engines.office.markup import Element, declared, elements
from mailock.engines.office.relations import relation
from mailock.engines.office.vba import macros
from mailock.engines.office.zipped import Member, Zipped

_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SKIPPED: Final = ("docprops/", "word/styles", "word/fonttable", "word/numbering", "xl/styles", "ppt/slidelayouts/")
"""Parts with nothing that acts; their relationships are read all the same."""
_LONGEST_FIELD: Final = 16_384


def document_parts(document: Document) -> Iterator[Sighting]:
    """What the parts of a document do. Raises Unfinished(UNREADABLE) where it is no archive."""
    zipped = Zipped(document)
    packed: list[str] = []
    for member in zipped.members:
        name = member.name.lower()
        if name.endswith((".rels", ".xml", ".vml")) or name == "[content_types].xml":
            yield from _part(name, zipped, member, document)
            continue
        head = zipped.begins(member, 8)
        if head == _COMPOUND:
            content = zipped.read(member)
            yield from macros(content, document, f"{member.name}: ")
            yield from equation(content, document, member.name)
            if "vbaproject" not in name:
                packed.append(member.name)
        elif name.endswith(".bin") and ("macrosheet" in name or name.startswith("xl/workbook")):
            yield from xlm.binary_sheet(member.name, zipped.read(member), document)
        elif "/embeddings/" in name:
            packed.append(member.name)
        elif name.startswith("xl/externallinks/") and name.endswith(".bin"):
            yield from xlm.binary_link(zipped.read(member), document, member.name)
    if packed:
        says = f"{len(packed)} objects are packed in the document, such as {quoted(packed[0])}."
        yield from document.says("office.embedded", Severity.NOTE, Confidence.HIGH, says)


def _part(name: str, zipped: Zipped, member: Member, document: Document) -> Iterator[Sighting]:
    if name.startswith(_SKIPPED) and not name.endswith(".rels"):
        return
    content = zipped.read(member)
    yield from declared(content, document, member.name)
    for words, reader in _READERS:
        if any(word in name for word in words):
            yield from reader(content, document, member.name)
            return
    yield from text_part(content, document, member.name)


def _relations(content: bytes, document: Document, where: str) -> Iterator[Sighting]:
    for element in elements(content, document, where=where):
        if element.name == "Relationship":
            yield from relation(element, document, where)


def _controls(content: bytes, document: Document, where: str) -> Iterator[Sighting]:
    for element in elements(content, document, where=where):
        if element.name == "ocx":
            says = f"There is an ActiveX control {quoted(element.attributes.get('classid', ''))} ({where})."
            yield from document.says("office.activex", Severity.SUSPICIOUS, Confidence.LOW, says)


def _connections(content: bytes, document: Document, where: str) -> Iterator[Sighting]:
    for element in elements(content, document, where=where):
        given = element.attributes
        to = given.get("url") or given.get("sourceFile") or given.get("connection") or ""
        if element.name in ("dbPr", "webPr", "connection", "textPr", "olapPr") and to:
            says = f"The document asks {quoted(to, 160)} for data ({where})."
            runs = "cmd" in to.lower() or "powershell" in to.lower()
            level = Severity.MALICIOUS if runs else Severity.SUSPICIOUS
            yield from document.says("office.query", level, Confidence.MEDIUM if runs else Confidence.LOW, says)
            yield from document.link(to, opened=False)


def _external_link(content: bytes, document: Document, where: str) -> Iterator[Sighting]:
    for element in elements(content, document, where=where, begun=frozenset({"ddeLink"})):
        given = element.attributes
        if element.name == "ddeLink" and element.begins:
            yield from dde(given.get("ddeService", ""), given.get("ddeTopic", ""), document, where)


def _add_ins(content: bytes, document: Document, where: str) -> Iterator[Sighting]:
    for element in elements(content, document, where=where, begun=frozenset({"customUI"})):
        callback = element.attributes.get("onLoad", "")
        if (element.name == "customUI" and callback) or element.name == "webextension":
            what = f"The ribbon calls the macro {quoted(callback)}" if callback else "A web add-in is in the document"
            yield from document.says("office.add_in", Severity.SUSPICIOUS, Confidence.LOW, f"{what} ({where}).")


def text_part(content: bytes, document: Document, where: str) -> Iterator[Sighting]:
    """Fields, formulas and actions of a part: Word's text, Excel's sheets, PowerPoint's slides."""
    code: list[str] = []
    size = 0
    for element in elements(content, document, where=where, begun=_BEGUN):
        match element.name:
            case "instrText" | "delInstrText" if not element.begins and size < _LONGEST_FIELD:
                code.append(element.untrusted_text)
                size += len(element.untrusted_text)
            case "fldSimple" if element.begins:
                yield from field(element.attributes.get("instr", ""), document, where)
            case "p" | "fldChar" if code and (element.name == "p" or element.attributes.get("fldCharType") == "end"):
                if not element.begins:
                    yield from field("".join(code), document, where)
                    code, size = [], 0
            case "f" | "formula" | "definedName" if element.untrusted_text:
                yield from formula(element.untrusted_text, document, where)
                yield from xlm.named(element, document)
            case "hlinkClick" | "hlinkMouseOver" | "hlinkHover" if element.begins:
                yield from _click(element, document, where)
            case "sheet" | "hyperlink" if not element.begins:
                yield from _sheet_or_link(element, document, where)
            case _:
                pass
    if code:
        yield from field("".join(code), document, where)


_BEGUN: Final = frozenset({"fldSimple", "hlinkClick", "hlinkMouseOver", "hlinkHover"})


def _sheet_or_link(element: Element, document: Document, where: str) -> Iterator[Sighting]:
    if element.name == "hyperlink" and (to := element.attributes.get("href", "")):
        yield from document.link(to)


def _click(element: Element, document: Document, where: str) -> Iterator[Sighting]:
    action = element.attributes.get("action", "")
    if action.lower().startswith(("ppaction://program", "ppaction://macro", "ppaction://ole")):
        touched = " when it is only touched" if element.name != "hlinkClick" else ""
        says = f"The slide starts something{touched}: {quoted(action, 120)} ({where})."
        yield from document.says("office.program", Severity.SUSPICIOUS, Confidence.MEDIUM, says)
    elif element.name != "hlinkClick" and "id" in element.attributes:
        says = f"The slide leads elsewhere when it is only touched ({where})."
        yield from document.says("office.program", Severity.SUSPICIOUS, Confidence.LOW, says)


def _macro_sheet(content: bytes, document: Document, where: str) -> Iterator[Sighting]:
    yield from xlm.xml_sheet(elements(content, document, where=where), document, where)


_READERS: Final[tuple[tuple[tuple[str, ...], Callable[[bytes, Document, str], Iterator[Sighting]]], ...]] = (
    ((".rels",), _relations),
    (("activex/",), _controls),
    (("connections", "querytables/"), _connections),
    (("externallinks/",), _external_link),
    (("customui", "webextension"), _add_ins),
    (("macrosheets/", "dialogsheets/"), _macro_sheet),
)
