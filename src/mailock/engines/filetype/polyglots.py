"""What else the same bytes are good for: programs look for their format at other places than the first octet.

Unpackers look for a zip from the end, for RAR and 7z behind a stub; PDF readers take a header in the first 1,024
octets; mshta runs whatever HTML stands anywhere; a GIF or BMP can be written so that it is a script. Every candidate is
checked further than its signature, as four octets come up by chance (`engines.faces`).
"""

from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.filetype import Family
from mailock.engines import faces

_SEARCHED: Final = 1 << 20
_STORING: Final = frozenset({
    "tar", "iso", "udf", "img", "vhd", "vhdx", "vmdk", "ar", "deb", "cpio", "chm", "wim", "dmg", "one", "mbox", "msi",
    "ole", "doc", "xls", "ppt", "msg", "vdi", "qcow2", "squashfs", "cramfs",
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
        at = faces.zip_(content, at_end_only=kind in _STORING)
        if at >= 0:
            yield "zip", at
        if kind not in _STORING:
            for other in faces.ANYWHERE if family is Family.ARCHIVE else faces.BEHIND:
                at = faces.first(other, content) if kind != other else -1
                if at >= 0:
                    yield other, at
    if kind != "pdf":
        at = content.find(b"%PDF-", 0, 1024 + 5)
        if at >= 0 and b" obj" in content and (b"startxref" in content or b"trailer" in content):
            yield "pdf", at
    yield from _at_fixed_places(content, kind)
    yield from _scripts(content, kind, family)


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
