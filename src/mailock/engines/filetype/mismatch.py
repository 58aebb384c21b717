"""Whether a file's name or its declared type says that it is something else than its octets say; as a sentence."""

from collections.abc import Sequence
from typing import Final

from mailock.core.evidence.filetype import Family
from mailock.engines.filetype.kinds import FITTING, TYPES, by_media, family
from mailock.engines.filetype.naming import Name

_BY_MEDIA: Final = by_media() | {
    "application/xhtml+xml": "html",
    "application/x-pkcs7-signature": "p7s",
    "application/x-pkcs7-mime": "p7m",
    "application/pgp-signature": "pgp",
    "application/pgp-keys": "pgp",
    "application/pgp": "pgp",
    "application/x-zip-compressed": "zip",
    "application/x-zip": "zip",
    "application/x-gzip": "gz",
    "application/x-rar-compressed": "rar",
    "application/x-rar": "rar",
    "application/x-compressed": "zip",
    "application/x-pdf": "pdf",
    "application/javascript": "js",
    "application/x-javascript": "js",
    "application/ics": "ics",
    "application/x-msdos-program": "exe",
    "application/x-msdownload": "exe",
    "application/x-dosexec": "exe",
    "application/mspowerpoint": "ppt",
    "application/x-msexcel": "xls",
    "application/excel": "xls",
    "application/doc": "doc",
    "text/rtf": "rtf",
    "text/xml": "xml",
    "text/x-vcard": "vcf",
    "text/directory": "vcf",
    "application/hta": "hta",
    "image/jpg": "jpg",
    "image/pjpeg": "jpg",
    "image/x-png": "png",
    "image/x-icon": "ico",
    "image/x-ms-bmp": "bmp",
    "message/rfc822": "eml",
    "message/partial": "eml",
    "application/vnd.ms-tnef": "tnef",
}
_TEXTUAL: Final = frozenset(
    {Family.TEXT, Family.HTML, Family.XML, Family.SCRIPT, Family.MESSAGE, Family.CALENDAR, Family.KEY, Family.SHORTCUT}
)
_OFFICE: Final = frozenset({Family.OLE, Family.OOXML, Family.ODF, Family.RTF, Family.HTML, Family.XML, Family.MESSAGE})
_ZIPS: Final = frozenset(
    {"jar", "apk", "msix", "vsix", "xpi"}
    | {name for name, (of, _) in TYPES.items() if of in (Family.OOXML, Family.ODF)}
)
_SIGNED: Final = frozenset({
    "pdf", "docx", "docm", "xlsx", "xlsm", "xlsb", "pptx", "pptm", "odt", "ods", "odp", "doc", "xls", "ppt", "msg",
    "rtf", "zip", "7z", "rar", "gz", "bz2", "xz", "cab", "iso", "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff",
    "webp", "mp3", "mp4", "avi", "mov", "wav", "exe", "dll", "msi", "lnk", "one",
})  # fmt: skip  # packed: a word a line would be longer than it is worth
"""Extensions of files that always have a signature: what has none is something else, or broken."""


def expected(untrusted_media: str) -> str:
    """The type that a media type stands for; empty where it says nothing."""
    return _BY_MEDIA.get(untrusted_media, "")


def sentence(kind: str, called: Sequence[Name], declared: Sequence[str]) -> str:
    """What contradicts the octets; empty where nothing does."""
    if kind == "empty":
        return ""
    for name in called:
        if not name_fits(kind, name.extension):
            return f"the name says {name.extension}, the content is {_described(kind)}"
    for media in declared:
        claimed = expected(media)
        if claimed and not declaration_fits(kind, claimed):
            return f"declared as {media}, the content is {_described(kind)}"
    return ""


def name_fits(kind: str, extension: str) -> bool:
    """Whether a content is ordinary under an extension; under an unknown one everything is."""
    if extension not in FITTING or kind in FITTING[extension]:
        return True
    if kind == "bin":
        return extension not in _SIGNED
    if kind == "txt":
        # Text where a signature belongs: a part that was cut, or a server's message saved under the file's name.
        return extension not in _SIGNED
    fitting = {family(name) for name in FITTING[extension]}
    alike = family(kind) in (Family.IMAGE, Family.MEDIA, Family.FONT) and family(kind) in fitting
    return alike or (family(kind) in _TEXTUAL and bool(fitting & {Family.TEXT}))


def declaration_fits(kind: str, claimed: str) -> bool:
    """Whether a content may be declared as a type: mail programs are careless within families."""
    is_, says = family(kind), family(claimed)
    if is_ is says or (kind == "bin" and claimed not in _SIGNED):
        return True
    if kind == "bin":
        return True
    if says in _TEXTUAL and is_ in _TEXTUAL:
        return True
    if says in _OFFICE and is_ in _OFFICE:
        return True
    if claimed == "opc" or (says is Family.ARCHIVE and kind in _ZIPS):
        return True
    return says is Family.OTHER


def _described(kind: str) -> str:
    return {"bin": "unknown octets", "txt": "plain text"}.get(kind, kind)
