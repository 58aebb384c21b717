"""Where an archive begins that unpackers find behind something else: a stub that unpacks, a picture, a script.

Four octets come up by chance, so each candidate is checked further than its signature: by a checksum, by fields that
have to agree. What is found here is a type beside the type (`filetype`), and where its reader begins (`archives`).
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Final

_METHODS: Final = frozenset((0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 18, 19, 93, 94, 95, 96, 97, 98, 99))
_CANDIDATES: Final = 64
_SEVEN_ZIP: Final = b"7z\xbc\xaf\x27\x1c"
_RAR: Final = b"Rar!\x1a\x07"
_SCRIPT_SEARCHED: Final = 1 << 20


def starts(kind: str, content: bytes) -> Iterator[int]:
    """Where archives of a kind begin that can be told by their beginning. KINDS has those that are known."""
    search, signature, shift = _SOUGHT[kind]
    at = content.find(signature)
    for _ in range(_CANDIDATES):
        if at < 0:
            return
        if at >= shift and search(content, at - shift):
            yield at - shift
        at = content.find(signature, at + 1)


def first(kind: str, content: bytes) -> int:
    """Where the first of them begins; -1 where there is none."""
    return next(starts(kind, content), -1)


def zip_(content: bytes, *, at_end_only: bool) -> int:
    """Where a zip begins, which is found from its end; -1 where there is none."""
    end = content.rfind(b"PK\x05\x06")
    if end >= 0 and len(content) - end >= 22:
        comment = int.from_bytes(content[end + 20 : end + 22], "little")
        start = end - int.from_bytes(content[end + 12 : end + 16], "little")
        listed = 0 <= start < end and content[start : start + 4] == b"PK\x01\x02"
        if listed and (not at_end_only or end + 22 + comment == len(content)):
            shift = start - int.from_bytes(content[end + 16 : end + 20], "little")
            begins = shift + int.from_bytes(content[start + 42 : start + 46], "little")
            return begins if 0 <= begins < start else start
    return -1 if at_end_only else first("zip", content)


def _local(content: bytes, at: int) -> bool:
    """The header of a file in a zip."""
    method = int.from_bytes(content[at + 8 : at + 10], "little")
    length = int.from_bytes(content[at + 26 : at + 28], "little")
    name = content[at + 30 : at + 30 + length]
    known = at + 30 <= len(content) and method in _METHODS and content[at + 4] < 100
    return known and 0 < len(name) == length < 1024 and min(name) >= 32


def _rar(content: bytes, at: int) -> bool:
    old = content[at + 6 : at + 7] == b"\0" and content[at + 9 : at + 10] == b"\x73"
    new = content[at + 6 : at + 8] == b"\x01\0" and content[at + 13 : at + 14] in (b"\x01", b"\x04")
    return old or new


def _seven(content: bytes, at: int) -> bool:
    return zlib.crc32(content[at + 12 : at + 32]) == int.from_bytes(content[at + 8 : at + 12], "little")


def _cabinet(content: bytes, at: int) -> bool:
    """[MS-CAB] 2.1: reserved fields, the version, folders and files."""
    head = content[at : at + 36]
    return head[4:8] == head[12:16] == bytes(4) and head[24:26] == b"\3\1" and any(head[26:28]) and any(head[28:30])


def _arj(content: bytes, at: int) -> bool:
    """Its main header, which has a checksum (the format's own description, UNARJ.DOC)."""
    size = int.from_bytes(content[at + 2 : at + 4], "little")
    head = content[at + 4 : at + 4 + size]
    told = int.from_bytes(content[at + 4 + size : at + 8 + size], "little")
    return 30 <= size <= 2600 and len(head) == size and head[6] == 2 and zlib.crc32(head) == told


def _lha(content: bytes, at: int) -> bool:
    """A header of level 0 or 1 has a sum of its octets; one of level 2 only its length."""
    if content[at + 4 : at + 5] not in (b"h", b"z") or content[at + 6 : at + 7] != b"-" or at + 24 > len(content):
        return False
    if content[at + 20] in (0, 1):
        return content[at] > 20 and sum(content[at + 2 : at + 2 + content[at]]) & 0xFF == content[at + 1]
    length = int.from_bytes(content[at : at + 2], "little")
    return content[at + 20] == 2 and 26 <= length <= len(content) - at and content[at + 23 : at + 24] != b"\0"


def _ace(content: bytes, at: int) -> bool:
    """The checksum of its main header is half a CRC, with all bits turned."""
    size = int.from_bytes(content[at + 2 : at + 4], "little")
    head = content[at + 4 : at + 4 + size]
    told = int.from_bytes(content[at : at + 2], "little")
    return size >= 27 and len(head) == size and ~zlib.crc32(head) & 0xFFFF == told


def _nullsoft(content: bytes, at: int) -> bool:
    return len(content) >= at + 28


def _gzip(content: bytes, at: int) -> bool:
    """Behind a script only, which unpacks its own end."""
    if not content.startswith(b"#!") or at > _SCRIPT_SEARCHED or content[at + 3] > 31:
        return False
    try:
        return bool(zlib.decompressobj(31).decompress(content[at : at + 4096], 64))
    except zlib.error:
        return False


def _xz(content: bytes, at: int) -> bool:
    fields = content[at + 6 : at + 8]
    return content.startswith(b"#!") and zlib.crc32(fields) == int.from_bytes(content[at + 8 : at + 12], "little")


_SOUGHT: Final[dict[str, tuple[Callable[[bytes, int], bool], bytes, int]]] = {
    "zip": (_local, b"PK\x03\x04", 0),
    "rar": (_rar, _RAR, 0),
    "7z": (_seven, _SEVEN_ZIP, 0),
    "cab": (_cabinet, b"MSCF\0\0\0\0", 0),
    "arj": (_arj, b"\x60\xea", 0),
    "lha": (_lha, b"-l", 2),
    "ace": (_ace, b"**ACE**", 7),
    "nsis": (_nullsoft, b"\xef\xbe\xad\xdeNullsoftInst", 4),
    "gz": (_gzip, b"\x1f\x8b\x08", 0),
    "xz": (_xz, b"\xfd7zXZ\0", 0),
}
"""What is checked, what is searched for, and how far behind the beginning that stands."""
ANYWHERE: Final = ("rar", "7z")
"""Kinds that are sought behind everything, other archives too."""
BEHIND: Final = (*ANYWHERE, "cab", "arj", "lha", "ace", "nsis", "gz", "xz")
"""Kinds that are sought behind what is no archive, which may hold them as they are."""
