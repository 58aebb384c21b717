"""What else the same bytes are good for: programs look for their format at other places than the first octet.

Unpackers look for a zip from the end, for RAR and 7z behind a stub; PDF readers take a header in the first 1,024
octets; mshta runs whatever HTML stands anywhere; a GIF or BMP can be written so that it is a script. Every candidate is
checked further than its signature, as four octets come up by chance.
"""

import zlib
from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.filetype import Family

_METHODS: Final = frozenset((0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 18, 19, 93, 94, 95, 96, 97, 98, 99))
_CANDIDATES: Final = 64
_SEARCHED: Final = 1 << 20
_SEVEN_ZIP: Final = b"7z\xbc\xaf\x27\x1c"
_STORING: Final = frozenset({
    "tar", "iso", "udf", "img", "vhd", "vhdx", "vmdk", "ar", "deb", "cpio", "chm", "wim", "dmg", "one", "mbox", "msi",
    "ole", "doc", "xls", "ppt", "msg",
})  # fmt: skip  # packed: a word a line would be longer than it is worth
"""Types that hold files as they are: a zip within is not a second face."""
_ACTIVE_MARKUP: Final = (b"<hta:application", b"<script")
_ZIPPED: Final = frozenset({"zip", "epub", "opc", "jar", "apk", "msix", "vsix", "xpi"})


def found(content: bytes, kind: str, family: Family) -> Iterator[tuple[str, int]]:
    """Further types with the offset at which they begin; the type itself is not among them."""
    if len(content) < 16:
        return
    zipped = kind in _ZIPPED or family in (Family.OOXML, Family.ODF)
    if not zipped:
        at = _zip(content, at_end_only=kind in _STORING)
        if at >= 0:
            yield "zip", at
    if kind != "rar" and kind not in _STORING:
        at = _rar(content)
        if at >= 0 and not zipped:
            yield "rar", at
    if kind != "7z" and kind not in _STORING:
        at = _seven(content)
        if at >= 0 and not zipped:
            yield "7z", at
    if kind != "pdf":
        at = content.find(b"%PDF-", 0, 1024 + 5)
        if at >= 0 and b" obj" in content and (b"startxref" in content or b"trailer" in content):
            yield "pdf", at
    yield from _at_fixed_places(content, kind)
    yield from _scripts(content, kind, family)


def _zip(content: bytes, *, at_end_only: bool) -> int:
    end = content.rfind(b"PK\x05\x06")
    if end >= 0 and len(content) - end >= 22:
        comment = int.from_bytes(content[end + 20 : end + 22], "little")
        start = end - int.from_bytes(content[end + 12 : end + 16], "little")
        listed = 0 <= start < end and content[start : start + 4] == b"PK\x01\x02"
        if listed and (not at_end_only or end + 22 + comment == len(content)):
            shift = start - int.from_bytes(content[end + 16 : end + 20], "little")
            first = shift + int.from_bytes(content[start + 42 : start + 46], "little")
            return first if 0 <= first < start else start
    return -1 if at_end_only else _local(content)


def _local(content: bytes) -> int:
    at = content.find(b"PK\x03\x04")
    for _ in range(_CANDIDATES):
        if at < 0 or at + 30 > len(content):
            return -1
        method = int.from_bytes(content[at + 8 : at + 10], "little")
        length = int.from_bytes(content[at + 26 : at + 28], "little")
        name = content[at + 30 : at + 30 + length]
        if method in _METHODS and content[at + 4] < 100 and 0 < len(name) == length < 1024 and min(name) >= 32:
            return at
        at = content.find(b"PK\x03\x04", at + 4)
    return -1


def _rar(content: bytes) -> int:
    at = content.find(b"Rar!\x1a\x07")
    for _ in range(_CANDIDATES):
        if at < 0:
            return -1
        old = content[at + 6 : at + 7] == b"\0" and content[at + 9 : at + 10] == b"\x73"
        new = content[at + 6 : at + 8] == b"\x01\0" and content[at + 13 : at + 14] in (b"\x01", b"\x04")
        if old or new:
            return at
        at = content.find(b"Rar!\x1a\x07", at + 6)
    return -1


def _seven(content: bytes) -> int:
    at = content.find(_SEVEN_ZIP)
    for _ in range(_CANDIDATES):
        if at < 0:
            return -1
        if zlib.crc32(content[at + 12 : at + 32]) == int.from_bytes(content[at + 8 : at + 12], "little"):
            return at
        at = content.find(_SEVEN_ZIP, at + 6)
    return -1


def _at_fixed_places(content: bytes, kind: str) -> Iterator[tuple[str, int]]:
    if kind not in ("iso", "udf") and content[0x8001:0x8006] == b"CD001":
        yield "iso", 0
    if kind not in ("tar", "iso", "udf", "img", "vhd") and content[257:262] == b"ustar":
        yield "tar", 0
    if kind != "vhd" and len(content) > 1024 and content[-512:-504] == b"conectix":
        yield "vhd", 0
    if kind != "dmg" and len(content) > 1024 and content[-512:-508] == b"koly":
        yield "dmg", 0


def _scripts(content: bytes, kind: str, family: Family) -> Iterator[tuple[str, int]]:
    if kind in ("gif", "bmp", "wav", "webp", "avi") and _image_is_script(content, kind):
        yield "js", 0
    if family in (Family.IMAGE, Family.MEDIA, Family.FONT, Family.KEY) or kind in ("lnk", "bin", "pdf"):
        markup = _markup(content)
        if markup > 0:
            yield "hta", markup
    elif family is Family.EXECUTABLE and b"<hta:application" in content[:_SEARCHED].lower():
        yield "hta", content[:_SEARCHED].lower().find(b"<hta:application")


def _image_is_script(content: bytes, kind: str) -> bool:
    """The octets behind the signature, which an image has for numbers, open a comment or make an assignment."""
    behind = content[{"gif": 6, "bmp": 2}.get(kind, 4) :][:3].lstrip()
    if not (behind.startswith((b"/*", b"//")) or behind[:1] == b"="):
        return False
    return any(
        word in content for word in (b"*/", b"alert", b"eval", b"function", b"=1;", b"=0;", b"var ", b"document.")
    )


def _markup(content: bytes) -> int:
    """Where active HTML begins in the first or last MiB; -1 where there is none."""
    head = content[:_SEARCHED].lower()
    places = [head.find(mark) for mark in _ACTIVE_MARKUP]
    if len(content) > _SEARCHED:
        tail = content[-_SEARCHED:].lower()
        shift = len(content) - len(tail)
        places += [place + shift if (place := tail.find(mark)) >= 0 else -1 for mark in _ACTIVE_MARKUP]
    return min((place for place in places if place >= 0), default=-1)
