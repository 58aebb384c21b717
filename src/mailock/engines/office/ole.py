"""Documents of Office before 2007, and whatever else is a compound file: Word, Excel, PowerPoint, and their objects.

Sources: [MS-CFB], [MS-DOC] section 2.5.1 (the FIB), [MS-PPT] sections 2.8 (actions) and 2.10.34 (ExOleObjStg),
[MS-OLEDS] (links, class ids).
"""

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

import olefile

from mailock.core.evidence.finding import Confidence, Severity, Sighting
from mailock.core.evidence.report import Unfinished, Why
from mailock.engines.office import biff
from mailock.engines.office.equation import equation
from mailock.engines.office.fields import field
from mailock.engines.office.findings import Document, quoted, remote
from mailock.engines.office.vba import FAULTS, carved_macros, compound, macros, paths, stream

_CLASSES: Final = {
    "00000300-0000-0000-C000-000000000046": ("office.linked_object", "StdOleLink, a link that loads by itself"),
    "79EAC9E0-BAF9-11CE-8C82-00AA004BA90B": ("office.linked_object", "URL Moniker"),
    "79EAC9E2-BAF9-11CE-8C82-00AA004BA90B": ("office.linked_object", "HTTPS Moniker"),
    "ECABB0C7-7F19-11D2-978E-0000F8757E2A": ("office.linked_object", "SOAP Moniker"),
    "06290BD3-48AA-11D2-8432-006008C3FBFC": ("office.exploit", "Script Moniker"),
    "3050F4D8-98B5-11CF-BB82-00AA00BDCE0B": ("office.exploit", "HTML Application"),
    "F20DA720-C02F-11CE-927B-0800095AE340": ("office.embedded", "Package"),
    "0003000C-0000-0000-C000-000000000046": ("office.embedded", "Package"),
    "88D969E5-F192-11D4-A65F-0040963251E5": ("office.exploit", "XML DOM 5, known for its holes"),
    "1EFB6596-857C-11D1-B16A-00C0F0283628": ("office.exploit", "MSCOMCTL TabStrip (CVE-2012-1856)"),
    "BDD1F04B-858B-11D1-B16A-00C0F0283628": ("office.exploit", "MSCOMCTL ListView (CVE-2012-0158)"),
    "996BF5E0-8044-4650-ADEB-0B013914E99C": ("office.exploit", "MSCOMCTL ListView 2 (CVE-2012-0158)"),
    "C74190B6-8589-11D1-B16A-00C0F0283628": ("office.exploit", "MSCOMCTL TreeView (CVE-2012-0158)"),
    "D27CDB6E-AE6D-11CF-96B8-444553540000": ("office.activex", "Shockwave Flash"),
    "8856F961-340A-11D0-A96B-00C04FD705A2": ("office.activex", "Web Browser"),
    "EAB22AC3-30C1-11CF-A7EB-0000C05BAE0B": ("office.activex", "Web Browser"),
}
_FIELD: Final = re.compile("\x13([^\x13-\x15]{2,1500})")
_WIDE_URL: Final = re.compile(rb"(?:h\0t\0t\0p\0s?\0?:\0/\0/\0|\\\0\\\0)(?:[\x21-\x7e]\0){3,1000}")
_ENCRYPTED: Final = 0x0100
_MOST_RECORDS: Final = 500_000


def document_streams(document: Document) -> Iterator[Sighting]:
    """What a compound file does. Raises Unfinished(UNREADABLE) where it is none."""
    content = document.specimen.content
    file = compound(content)
    if file is None:
        yield from carved_macros(content, document)
        raise Unfinished(Why.UNREADABLE, "The document's structure is broken: no reader of compound files opens it.")
    with file:
        listed = paths(file, document)
        names = {"/".join(path).lower() for path in listed}
        if "encryptedpackage" in names or "encryptedpackage" in {name.rpartition("/")[2] for name in names}:
            yield from _locked(document)
            return
        yield from _classes(file, document)
        for path in listed:
            yield from _stream(file, path, document)
    yield from macros(content, document, "")
    yield from equation(content, document, "the document")


def _stream(file: olefile.OleFileIO, path: list[str], document: Document) -> Iterator[Sighting]:
    where = "/".join(path)
    match path[-1].lower():
        case "worddocument":
            yield from _word(stream(file, path, document), document, where)
        case "workbook" | "book":
            data = stream(file, path, document)
            if biff.encrypted(data):
                yield from _locked(document)
            else:
                yield from biff.workbook(data, document, where)
        case "powerpoint document":
            yield from _slides(stream(file, path, document), document, where)
        case "\x01ole" | "\x03linkinfo" | "\x01olelink":
            yield from _linked(stream(file, path, document), document, where)
        case "\x01ole10native" | "package" | "contents" | "embeddedodf":
            says = f"Something is packed in the document ({quoted(where)})."
            yield from document.says("office.embedded", Severity.NOTE, Confidence.HIGH, says)
        case "encryptedsummary":
            yield from _locked(document)
        case _:
            pass


def _locked(document: Document) -> Iterator[Sighting]:
    """What is behind the password is for the engine of archives, which looks for it."""
    yield from document.says("office.encrypted", Severity.NOTE, Confidence.HIGH, "The document has a password.")


def _classes(file: olefile.OleFileIO, document: Document) -> Iterator[Sighting]:
    """The classes of the document and of the objects in it."""
    try:
        entries = [entry for entry in file.direntries if entry is not None][:20_000]
    except FAULTS:
        return
    for entry in entries:
        known = _CLASSES.get(str(entry.clsid or "").upper())
        if known is None:
            continue
        kind, what = known
        level = Severity.SUSPICIOUS if kind != "office.embedded" else Severity.NOTE
        sure = Confidence.HIGH if kind == "office.exploit" else Confidence.MEDIUM
        yield from document.says(kind, level, sure, f"There is an object of the class {what} ({quoted(entry.name)}).")


def _word(data: bytes, document: Document, where: str) -> Iterator[Sighting]:
    if len(data) > 12 and struct.unpack_from("<H", data, 10)[0] & _ENCRYPTED:
        yield from _locked(document)
        return
    if b"\x13" not in data:
        return
    seen: set[str] = set()
    for text in (data.decode("latin-1"), data.decode("utf-16-le", "replace"), data[1:].decode("utf-16-le", "replace")):
        for match in _FIELD.finditer(text):
            code = match[1].replace("\0", "")
            if code not in seen and code.isprintable() and len(seen) < 5000:
                seen.add(code)
                yield from field(code, document, where)


def _linked(data: bytes, document: Document, where: str) -> Iterator[Sighting]:
    """A link object: where it leads stands in wide letters among its monikers."""
    for match in _WIDE_URL.finditer(data):
        to = match[0].decode("utf-16-le", "replace").replace("\0", "")
        if remote(to):
            bad = any(end in to.lower() for end in (".hta", "script:", ".html!", "mhtml:"))
            says = f"An object is loaded from {quoted(to, 160)} ({quoted(where)})."
            level = Severity.MALICIOUS if bad else Severity.SUSPICIOUS
            yield from document.says("office.linked_object", level, Confidence.HIGH, says)
            yield from document.link(to, opened=False)


def _slides(data: bytes, document: Document, where: str) -> Iterator[Sighting]:
    at = count = 0
    while at + 8 <= len(data) and count < _MOST_RECORDS:
        version, kind, size = struct.unpack_from("<HHI", data, at)
        count += 1
        body = at + 8
        if kind == 0x0FF3 and size >= 9:
            if data[body + 8] in (1, 2):
                what = "a macro" if data[body + 8] == 1 else "a program"
                says = f"A slide starts {what} ({where})."
                yield from document.says("office.program", Severity.SUSPICIOUS, Confidence.MEDIUM, says)
        elif kind == 0x1011:
            yield from _object(data[body : body + size], version >> 4, document)
        # Containers have the version 15; what is in them follows directly.
        at = body if version & 0xF == 0xF else body + size
    for match in _WIDE_URL.finditer(data):
        yield from document.link(match[0].decode("utf-16-le", "replace").replace("\0", ""))


def _object(data: bytes, instance: int, document: Document) -> Iterator[Sighting]:
    """An object of a presentation: a compound file, mostly compressed."""
    if instance == 1:
        try:
            data = zlib.decompressobj().decompress(data[4:], max(1, min(document.left, 64 << 20)))
        except zlib.error:
            return
        document.spend(len(data))
    if b"V\0B\0A\0" not in data:
        says = "An object is packed in the presentation."
        yield from document.says("office.embedded", Severity.NOTE, Confidence.HIGH, says)
    yield from macros(data, document, "an object: ")
    yield from equation(data, document, "an object")
