"""What a compound file is ([MS-CFB]): a document, a message, an installer. The names in its directory say so.

Only the directory is read, in bounded steps; the file's own numbers are never trusted.
"""

from collections.abc import Iterator
from typing import Final

_MOST_SECTORS: Final = 256
_SEARCHED: Final = 1 << 20
_INSTALLERS: Final = frozenset((b"\x84\x10\x0c", b"\x86\x10\x0c", b"\x82\x10\x0c"))
_CLASS_END: Final = b"\0\0\0\0\0\xc0\0\0\0\0\0\0F"
_BY_NAME: Final = (
    ("EncryptedPackage", "encrypted-office"),
    ("__properties_version1.0", "msg"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("PP97_DUALSTORAGE", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("VisioDocument", "vsd"),
    ("Quill", "pub"),
    ("Props14", "mpp"),
    ("Props12", "mpp"),
    ("Props9", "mpp"),
    ("BodyText", "hwp"),
    ("Catalog", "thumbs"),
)


def kind(content: bytes) -> str:
    """The name of the type of a content with the signature of compound files."""
    names: set[str] = set()
    for name, class_ in _entries(content):
        if name.startswith("Root") and class_[:3] in _INSTALLERS and class_[3:] == _CLASS_END:
            return "msi"
        names.add(name.lower())
    for name, called in _BY_NAME:
        if name.lower() in names:
            return called
    if any(name and 0x3800 <= ord(name[0]) < 0x4841 for name in names):
        return "msi"
    if len(names) < 2:
        # A broken directory; what opens the file may be more patient.
        searched = content[:_SEARCHED]
        for name, called in _BY_NAME[:7]:
            if name.encode("utf-16-le") in searched:
                return called
    return "ole"


def _entries(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and class ids of the directory."""
    size = 1 << min(int.from_bytes(content[30:32], "little"), 16)
    if size < 128:
        return
    sector = int.from_bytes(content[48:52], "little")
    seen: set[int] = set()
    while sector < 0xFFFFFFFA and sector not in seen and len(seen) < _MOST_SECTORS:
        seen.add(sector)
        start = (sector + 1) * size
        for at in range(start, min(start + size, len(content)), 128):
            length = int.from_bytes(content[at + 64 : at + 66], "little")
            if 2 <= length <= 64:
                name = content[at : at + length - 2].decode("utf-16-le", "replace")
                yield name, content[at + 80 : at + 96]
        sector = _next(content, sector, size)


def _next(content: bytes, sector: int, size: int) -> int:
    """The sector that follows one, by the allocation table that the header lists."""
    table, slot = divmod(sector, size // 4)
    if table >= 109:
        return 0xFFFFFFFE
    at = int.from_bytes(content[76 + 4 * table : 80 + 4 * table], "little")
    entry = (at + 1) * size + 4 * slot
    return int.from_bytes(content[entry : entry + 4] or b"\xfe\xff\xff\xff", "little")
