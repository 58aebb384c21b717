"""RTF: its objects, fields and templates, read as Word reads them, through everything that is put between their digits.

Source: Rich Text Format specification 1.9.1; [MS-OLEDS] section 2.2 (objects of OLE 1). Word takes a control word
anywhere among the digits of an object, and goes on; attackers put thousands of them there.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from mailock.core.evidence.finding import Confidence, Severity, Sighting
from mailock.core.evidence.report import Why
from mailock.engines.office.equation import CLASSES, judged
from mailock.engines.office.fields import field as field_code
from mailock.engines.office.findings import Document, quoted, remote

_TOKEN: Final = re.compile(
    rb"(?P<brace>[{}])|\\(?P<word>[A-Za-z]{1,60})(?P<number>-?\d{1,10})? ?|\\'(?P<octet>[0-9A-Fa-f]{2})|\\"
    rb"(?P<sign>[^A-Za-z])|(?P<text>[^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)
_MOST_TOKENS: Final = 4_000_000
_DEEPEST: Final = 10_000
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WIDE_URL: Final = re.compile(rb"(?:h\0t\0t\0p\0s?\0?:\0/\0/\0|\\\0\\\0)(?:[\x21-\x7e]\0){3,1000}")
_NOT_HEX: Final = bytes(set(range(256)) - set(b"0123456789abcdefABCDEF"))
_LURES: Final = frozenset({b"objautlink", b"objupdate", b"objlink", b"objhtml", b"objocx", b"objemb"})
_DESTINATIONS: Final = frozenset(
    {b"objdata", b"objclass", b"fldinst", b"template", b"datafield", b"datastore", b"blipuid", b"pict"}
)


@dataclass(slots=True)
class _Group:
    """What a group is for."""

    destination: bytes = b""
    ignorable: bool = False


@dataclass(slots=True)
class _Read:
    """What was read of the document."""

    objects: list[bytes] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    words: set[bytes] = field(default_factory=set)
    noise: int = 0
    """Control words among the digits of objects."""


def objects(document: Document) -> Iterator[Sighting]:
    """What an RTF document does."""
    content = document.specimen.content
    if not content.lstrip()[:6].startswith(b"{\\rtf1"):
        says = "The document does not begin as RTF does, which Word overlooks and filters do not."
        yield from document.says("office.obfuscated", Severity.SUSPICIOUS, Confidence.LOW, says)
    read = _read(content, document)
    if read.noise > 20:
        says = f"{read.noise} control words stand among the digits of objects."
        yield from document.says("office.obfuscated", Severity.SUSPICIOUS, Confidence.HIGH, says)
    if b"objupdate" in read.words and read.objects:
        says = "An object is loaded without a click (objupdate)."
        yield from document.says("office.auto_update", Severity.SUSPICIOUS, Confidence.MEDIUM, says)
    for template in read.templates:
        if remote(template):
            says = f"The document loads its template from {quoted(template, 160)}."
            yield from document.says("office.remote_template", Severity.SUSPICIOUS, Confidence.HIGH, says)
            yield from document.link(template, opened=False)
    for code in read.fields:
        yield from field_code(code, document, "a field")
    for name in read.classes:
        if name.strip().lower() in CLASSES and not read.objects:
            yield from judged(b"", document, "an object", Severity.SUSPICIOUS)
    for number, digits in enumerate(read.objects, start=1):
        yield from _object(_octets(digits), f"object {number}", document)


def _read(content: bytes, document: Document) -> _Read:
    read = _Read()
    groups = [_Group()]
    pieces: dict[int, list[bytes]] = {}
    position, count = 0, 0
    while (match := _TOKEN.match(content, position)) is not None:
        position = match.end()
        count += 1
        if count > _MOST_TOKENS or len(groups) > _DEEPEST:
            document.miss(Why.TOO_MANY, "The document has more groups or control words than the budget has.")
            break
        group = groups[-1]
        match match.lastgroup:
            case "brace" if match[0] == b"{":
                groups.append(_Group(group.destination))
            case "brace":
                _closed(groups, pieces, read)
            case "word" | "number":
                position = _word(match, content, position, groups, pieces, read)
            case "sign" if match["sign"] == b"*":
                group.ignorable = True
            case "text" | "octet":
                if group.destination in (b"objdata", b"objclass", b"fldinst", b"template") and not group.ignorable:
                    piece = match[0] if match.lastgroup == "text" else _letter(match["octet"], group.destination)
                    pieces.setdefault(_owner(groups), []).append(piece)
            case _:
                pass
    while len(groups) > 1:
        _closed(groups, pieces, read)
    return read


def _word(
    match: re.Match[bytes],
    content: bytes,
    position: int,
    groups: list[_Group],
    pieces: dict[int, list[bytes]],
    read: _Read,
) -> int:
    """A control word. Gives where reading goes on: `bin` has octets behind it."""
    word, group = match["word"].lower(), groups[-1]
    if word == b"bin":
        size = max(0, min(int(match["number"] or 0), len(content) - position))
        if group.destination == b"objdata":
            pieces.setdefault(_owner(groups), []).append(content[position : position + size].hex().encode("ascii"))
        return position + size
    if word in _DESTINATIONS:
        group.destination, group.ignorable = word, False
        pieces.setdefault(_owner(groups), [])
    elif group.ignorable:
        # A destination that nobody knows: what is in it is left out.
        group.destination, group.ignorable = b"unknown", False
    elif group.destination == b"objdata":
        read.noise += 1
    if word in _LURES:
        read.words.add(word)
    return position


def _letter(octet: bytes, destination: bytes) -> bytes:
    """An octet in hexadecimal: a letter in texts; among an object's digits Word leaves it out."""
    return b"" if destination == b"objdata" else bytes((int(octet, 16),))


def _owner(groups: list[_Group]) -> int:
    """The outermost group of the destination that the innermost one is in."""
    destination = groups[-1].destination
    at = len(groups) - 1
    while at > 0 and groups[at - 1].destination == destination:
        at -= 1
    return at


def _closed(groups: list[_Group], pieces: dict[int, list[bytes]], read: _Read) -> None:
    if len(groups) <= 1:
        return
    at = len(groups) - 1
    group = groups.pop()
    if groups[-1].destination == group.destination or at not in pieces:
        return
    whole = b"".join(pieces.pop(at))
    match group.destination:
        case b"objdata":
            read.objects.append(whole)
        case b"fldinst":
            read.fields.append(whole.decode("cp1252", "replace"))
        case b"template":
            read.templates.append(whole.decode("cp1252", "replace").strip())
        case b"objclass":
            read.classes.append(whole.decode("cp1252", "replace"))
        case _:
            pass


def _octets(digits: bytes) -> bytes:
    plain = digits.translate(None, _NOT_HEX)
    return bytes.fromhex(plain[: len(plain) // 2 * 2].decode("ascii"))


def _object(data: bytes, where: str, document: Document) -> Iterator[Sighting]:
    """An object of OLE 1: its class, then data; what is in it is handed on."""
    name, native = _header(data)
    at = data.find(_COMPOUND)
    lowered = name.lower()
    if lowered in CLASSES or b"equation.3" in data[:256].lower() or b"Equation Native" in data.replace(b"\0", b""):
        inner = native if native and at < 0 else b""
        yield from judged(inner or data[at + 512 :] if at >= 0 else native, document, where, Severity.MALICIOUS)
    elif lowered == "package" or lowered.startswith("package"):
        says = f"A file is packed in the document ({where})."
        yield from document.says("office.embedded", Severity.SUSPICIOUS, Confidence.LOW, says)
        file_name, content = package(native)
        document.file("rtf", content or native, file_name)
    elif lowered in ("ole2link", "htmlfile", "script", "scriptfile"):
        says = f"An object is a link that loads by itself, as CVE-2017-0199 uses it ({name}, {where})."
        yield from document.says("office.linked_object", Severity.SUSPICIOUS, Confidence.HIGH, says)
    elif name or at >= 0:
        says = f"An object is packed in the document ({quoted(name) or 'of no class'}, {where})."
        yield from document.says("office.embedded", Severity.NOTE, Confidence.HIGH, says)
    for match in _WIDE_URL.finditer(data):
        to = match[0].decode("utf-16-le", "replace")
        if remote(to):
            bad = lowered in ("ole2link", "htmlfile") or b"\xe0\xc9\xea\x79" in data
            says = f"An object is loaded from {quoted(to, 160)} ({where})."
            level = Severity.MALICIOUS if bad else Severity.SUSPICIOUS
            yield from document.says("office.linked_object", level, Confidence.HIGH, says)
            yield from document.link(to, opened=False)
    if at >= 0:
        document.file("rtf", data[at:], "object.ole")


def _header(data: bytes) -> tuple[str, bytes]:
    """The class and the native data of an OLE 1 object; empty where it is none."""
    if len(data) < 12:
        return "", b""
    kind, length = struct.unpack_from("<II", data, 4)
    if kind not in (1, 2) or length > 256:
        return "", data
    name = data[12 : 12 + length].split(b"\0")[0].decode("latin-1")
    at = 12 + length
    for _ in range(2):
        if at + 4 > len(data):
            return name, b""
        at += 4 + min(int.from_bytes(data[at : at + 4], "little"), len(data))
    size = int.from_bytes(data[at : at + 4], "little")
    return name, data[at + 4 : at + 4 + size]


def package(native: bytes) -> tuple[str, bytes]:
    """The file in the data of a Package: its name, its content ([MS-OLEDS] section 2.3.6, and what Windows writes)."""
    at = 2 if native[:2] == b"\x02\x00" else 6
    names = []
    for _ in range(2):
        end = native.find(b"\0", at)
        if end < 0:
            return "", b""
        names.append(native[at:end])
        at = end + 1
    at += 4
    at += 4 + int.from_bytes(native[at : at + 4], "little")
    size = int.from_bytes(native[at : at + 4], "little")
    content = native[at + 4 : at + 4 + size]
    return names[0].decode("cp1252", "replace"), content
