"""Workbooks of Excel before 2007: their records, for macro sheets, names that start them, DDE links and links.

Sources: [MS-XLS] sections 2.3 (records), 2.5.198 (formulas as tokens); of Excel 5 and 95 the sizes of its tokens.
"""

import re
import struct
from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Sighting
from mailock.engines.office import xlm
from mailock.engines.office.fields import dde
from mailock.engines.office.findings import Document

_MOST_RECORDS: Final = 1_000_000
_BOF, _BOUNDSHEET, _NAME, _FORMULA, _FILEPASS, _SUPBOOK, _HLINK = 0x809, 0x85, 0x18, 0x06, 0x2F, 0x1AE, 0x1B8
_EXTERNSHEET, _STRING = 0x17, 0x207
_SIZES_8: Final = {
    **dict.fromkeys(range(0x03, 0x17), 0),
    0x01: 4,
    0x02: 4,
    0x1C: 1,
    0x1D: 1,
    0x1E: 2,
    0x1F: 8,
    0x20: 7,
    0x21: 2,
    0x22: 3,
    0x23: 4,
    0x24: 4,
    0x25: 8,
    0x26: 6,
    0x27: 6,
    0x28: 6,
    0x29: 2,
    0x2A: 4,
    0x2B: 8,
    0x2C: 4,
    0x2D: 8,
    0x39: 6,
    0x3A: 6,
    0x3B: 10,
    0x3C: 6,
    0x3D: 10,
}
_SIZES_5: Final = _SIZES_8 | {
    0x23: 14,
    0x24: 3,
    0x25: 6,
    0x2A: 3,
    0x2B: 6,
    0x2C: 3,
    0x2D: 6,
    0x39: 24,
    0x3A: 17,
    0x3B: 20,
    0x3C: 17,
    0x3D: 20,
}
_FUNCTIONS: Final = {
    110: "EXEC",
    150: "CALL",
    149: "REGISTER",
    267: "REGISTER.ID",
    132: "FOPEN",
    138: "FWRITE",
    137: "FWRITELN",
}
_URL: Final = re.compile(rb"(?:h\0t\0t\0p\0s?\0?:\0/\0/\0)(?:[\x21-\x7e]\0){3,1000}")


def encrypted(content: bytes) -> bool:
    """Whether a workbook is encrypted: the record FILEPASS stands near its beginning."""
    return any(kind == _FILEPASS for kind, _ in _records(content[:8192]))


def workbook(content: bytes, document: Document, where: str) -> Iterator[Sighting]:
    """What a workbook's stream does."""
    found = xlm.Sheets()
    version, kind_of_stream = 0x600, 0
    for kind, data in _records(content):
        match kind:
            case 0x809 | 0x409 | 0x209 | 0x009 if len(data) >= 4:
                version, kind_of_stream = struct.unpack_from("<HH", data)
            case 0x85 if len(data) >= 8:
                _sheet(data, version, found)
            case 0x18 if len(data) >= 16:
                _name(data, version, found)
            case 0x06 | 0x206 | 0x406 if len(data) > 22 and kind_of_stream == 0x40:
                _tokens(data[22 : 22 + int.from_bytes(data[20:22], "little")], version, found)
            case 0x1AE if len(data) > 6:
                yield from _link_to_program(data, document, where)
            case 0x17 if version < 0x600 and len(data) > 3:
                yield from _old_link(data, document, where)
            case 0x1B8:
                for match in _URL.finditer(data):
                    yield from document.link(match[0].decode("utf-16-le", "replace").rstrip("\0"))
            case _:
                pass
    yield from xlm.told(found, document, where)


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = count = 0
    while at + 4 <= len(content) and count < _MOST_RECORDS:
        kind, size = struct.unpack_from("<HH", content, at)
        yield kind, content[at + 4 : at + 4 + size]
        at += 4 + size
        count += 1


def _sheet(data: bytes, version: int, found: xlm.Sheets) -> None:
    state, kind, length = data[4] & 3, data[5], data[6]
    if kind != 1:
        return
    wide = version >= 0x600 and data[7] & 1
    start = 8 if version >= 0x600 else 7
    raw = data[start : start + length * (2 if wide else 1)]
    name = raw.decode("utf-16-le" if wide else "cp1252", "replace")
    found.sheets.append(name)
    if state:
        found.hidden.append(name)


def _name(data: bytes, version: int, found: xlm.Sheets) -> None:
    flags, length = int.from_bytes(data[:2], "little"), data[3]
    if version >= 0x600:
        wide = data[14] & 1
        raw = data[15 : 15 + length * (2 if wide else 1)]
        name = raw.decode("utf-16-le" if wide else "cp1252", "replace")
    else:
        name = data[14 : 14 + length].decode("cp1252", "replace")
    if flags & 0x20:
        found.automatic = found.automatic or name[:1] in ("\x01", "\x02", "\x0a", "\x0b")
    elif name.replace("\0", "").lower().startswith(("auto_open", "auto_close", "auto_activate")):
        # Excel goes by the beginning, and leaves out NULs; that is how these names are hidden.
        found.automatic = True


def _tokens(data: bytes, version: int, found: xlm.Sheets) -> None:
    """The functions and strings of a formula; ends at a token that it does not know."""
    sizes = _SIZES_8 if version >= 0x600 else _SIZES_5
    at = 0
    while at < len(data):
        token = data[at]
        plain = token if token < 0x20 else token & 0x1F | 0x20
        at += 1
        if plain == 0x17 and at + 1 < len(data):
            length = data[at]
            wide = version >= 0x600 and data[at + 1] & 1
            start = at + 2 if version >= 0x600 else at + 1
            raw = data[start : start + length * (2 if wide else 1)]
            found.strings.append(raw.decode("utf-16-le" if wide else "cp1252", "replace"))
            at = start + len(raw)
        elif plain == 0x19 and at + 2 < len(data):
            chosen = int.from_bytes(data[at + 1 : at + 3], "little")
            at += 3 + (2 * (chosen + 1) if data[at] & 4 else 0)
        elif plain in sizes:
            if plain in (0x21, 0x22):
                start = at + (plain == 0x22)
                number = int.from_bytes(data[start : start + 2], "little") & 0x7FFF
                if number in _FUNCTIONS:
                    found.calls.add(_FUNCTIONS[number])
            at += sizes[plain]
        else:
            return


def _link_to_program(data: bytes, document: Document, where: str) -> Iterator[Sighting]:
    """A link to another file or program: the name of a DDE server and its topic have 03 between them."""
    length = int.from_bytes(data[2:4], "little")
    if length in (0x0401, 0x3A01) or length > 255:
        return
    wide = data[4] & 1
    raw = data[5 : 5 + length * (2 if wide else 1)].decode("utf-16-le" if wide else "cp1252", "replace")
    if not int.from_bytes(data[:2], "little") and "\x03" in raw:
        server, _, topic = raw.partition("\x03")
        yield from dde(server, topic, document, where)


def _old_link(data: bytes, document: Document, where: str) -> Iterator[Sighting]:
    raw = data[1 : 1 + data[0]].decode("cp1252", "replace")
    if "\x03" in raw:
        server, _, topic = raw.partition("\x03")
        yield from dde(server.lstrip("\x00\x01\x02"), topic, document, where)
