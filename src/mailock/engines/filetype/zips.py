"""What a zip is: an office document, a program, a book, or an archive. Its content says so, not its name.

Only as much is read as that takes: the names of its central directory, and `[Content_Types].xml` (ECMA-376 part 2).
`mailock.engines.archives` reads all of it.
"""

import zlib
from collections.abc import Iterator
from typing import Final

_END, _ENTRY, _LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_MOST_NAMES: Final = 400
_LONGEST_LIST: Final = 1 << 18
_MAIN: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"wordprocessingml.document.main", "docx", "docm"),
    (b"ms-word.document.macroEnabled.main", "docm", "docm"),
    (b"wordprocessingml.template.main", "dotx", "dotm"),
    (b"ms-word.template.macroEnabledTemplate.main", "dotm", "dotm"),
    (b"ms-excel.sheet.binary.macroEnabled.main", "xlsb", "xlsb"),
    (b"ms-excel.sheet.macroEnabled.main", "xlsm", "xlsm"),
    (b"ms-excel.template.macroEnabled.main", "xltm", "xltm"),
    (b"ms-excel.addin.macroEnabled.main", "xlam", "xlam"),
    (b"spreadsheetml.template.main", "xltx", "xltm"),
    (b"spreadsheetml.sheet.main", "xlsx", "xlsm"),
    (b"ms-powerpoint.slideshow.macroEnabled.main", "ppsm", "ppsm"),
    (b"ms-powerpoint.template.macroEnabled.main", "potm", "potm"),
    (b"ms-powerpoint.addin.macroEnabled.main", "ppam", "ppam"),
    (b"ms-powerpoint.presentation.macroEnabled.main", "pptm", "pptm"),
    (b"presentationml.slideshow.main", "ppsx", "ppsm"),
    (b"presentationml.template.main", "potx", "potm"),
    (b"presentationml.presentation.main", "pptx", "pptm"),
    (b"ms-visio.drawing.macroEnabled.main", "vsdm", "vsdm"),
    (b"ms-visio.drawing.main", "vsdx", "vsdm"),
    (b"package.xps-fixeddocumentsequence", "xps", "xps"),
)
_BY_FOLDER: Final = ((b"word/", "docx", "docm"), (b"xl/", "xlsx", "xlsm"), (b"ppt/", "pptx", "pptm"))
_ODF: Final = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
    b"application/vnd.oasis.opendocument.graphics": "odg",
    b"application/vnd.sun.xml.writer": "odt",
    b"application/vnd.sun.xml.calc": "ods",
    b"application/vnd.sun.xml.impress": "odp",
    b"application/vnd.sun.xml.draw": "odg",
    b"application/epub+zip": "epub",
}
_BY_NAME: Final[tuple[tuple[bytes, str], ...]] = (
    (b"AndroidManifest.xml", "apk"),
    (b"AppxManifest.xml", "msix"),
    (b"AppxMetadata/AppxBundleManifest.xml", "msix"),
    (b"extension.vsixmanifest", "vsix"),
    (b"install.rdf", "xpi"),
    (b"META-INF/mozilla.rsa", "xpi"),
    (b"META-INF/MANIFEST.MF", "jar"),
)


def kind(content: bytes) -> str:
    """The name of the type of a content that begins with, or holds, a zip."""
    names = list(_names(content))
    known = frozenset(name for name, _ in names)
    stated = _stated(content)
    if stated in _ODF:
        return _ODF[stated]
    if stated.startswith(b"application/vnd.oasis.opendocument."):
        return _ODF.get(stated.removesuffix(b"-template").removesuffix(b"-master"), "odf")
    types = next((name for name in known if name.lower() == b"[content_types].xml"), None)
    if types is not None:
        found = _office(content, dict(names).get(types, -1), known)
        if found:
            return found
    for name, called in _BY_NAME:
        if name in known:
            return called
    if b"content.xml" in known and b"META-INF/manifest.xml" in known:
        return "odf"
    if any(name.endswith(b".class") for name in known) or (b"META-INF/" in known and b"plugin.xml" in known):
        return "jar"
    return "opc" if types is not None else "zip"


def _office(content: bytes, at: int, known: frozenset[bytes]) -> str:
    listed = _inflated(content, at)
    macros = b"vbaProject" in listed or any(b"vbaproject" in name.lower() for name in known)
    for main, plain, enabled in _MAIN:
        if main in listed:
            return enabled if macros else plain
    for folder, plain, enabled in _BY_FOLDER:
        if any(name.lower().startswith(folder) for name in known):
            return enabled if macros else plain
    return ""


def _stated(content: bytes) -> bytes:
    """The media type that OpenDocument and EPUB put first, uncompressed."""
    if content[30:38] != b"mimetype" or not content.startswith(_LOCAL):
        return b""
    start = 38 + int.from_bytes(content[28:30], "little")
    length = int.from_bytes(content[18:22], "little")
    stated = content[start : start + (length or 80)][:80]
    return stated.partition(b"PK")[0].strip()


def _names(content: bytes) -> Iterator[tuple[bytes, int]]:
    """Names with the offset of their local headers: of the central directory, or of what local headers there are."""
    end = content.rfind(_END)
    start = -1
    if end >= 0:
        start = end - int.from_bytes(content[end + 12 : end + 16], "little")
        shift = start - int.from_bytes(content[end + 16 : end + 20], "little")
    if start < 0 or content[start : start + 4] != _ENTRY:
        yield from _local_names(content)
        return
    for _ in range(_MOST_NAMES):
        if content[start : start + 4] != _ENTRY:
            return
        length, extra, comment = (int.from_bytes(content[start + o : start + o + 2], "little") for o in (28, 30, 32))
        yield (
            content[start + 46 : start + 46 + length].replace(b"\\", b"/"),
            shift + int.from_bytes(content[start + 42 : start + 46], "little"),
        )
        start += 46 + length + extra + comment


def _local_names(content: bytes) -> Iterator[tuple[bytes, int]]:
    at = content.find(_LOCAL)
    for _ in range(_MOST_NAMES):
        if at < 0:
            return
        length = int.from_bytes(content[at + 26 : at + 28], "little")
        yield content[at + 30 : at + 30 + length].replace(b"\\", b"/"), at
        at = content.find(_LOCAL, at + 4)


def _inflated(content: bytes, at: int) -> bytes:
    """What an entry inflates to, as far as it can; empty where it is not deflated or stored."""
    if at < 0 or content[at : at + 4] != _LOCAL:
        return b""
    name, extra = (int.from_bytes(content[at + o : at + o + 2], "little") for o in (26, 28))
    data = at + 30 + name + extra
    if content[at + 8 : at + 10] == b"\0\0":
        return content[data : data + (int.from_bytes(content[at + 18 : at + 22], "little") or 20_000)][:_LONGEST_LIST]
    try:
        return zlib.decompressobj(-15).decompress(content[data : data + _LONGEST_LIST], _LONGEST_LIST)
    except zlib.error:
        return b""
