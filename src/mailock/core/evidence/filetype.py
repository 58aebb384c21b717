"""What a file is: by its bytes, beside what its name and its header say it is."""

from dataclasses import dataclass
from enum import Enum


class Family(Enum):
    """Files that are treated alike."""

    TEXT = "text"
    HTML = "html"
    """HTML and XHTML; SVG is an image that can carry script, and counts as HTML too."""
    XML = "xml"
    PDF = "pdf"
    OOXML = "ooxml"
    """docx, xlsx, pptx and their relatives."""
    ODF = "odf"
    OLE = "ole"
    """Compound files: doc, xls, ppt, msg, msi."""
    RTF = "rtf"
    ONENOTE = "onenote"
    ARCHIVE = "archive"
    """zip, 7z, rar, tar, gzip …, disk images too."""
    IMAGE = "image"
    MEDIA = "media"
    """Sound and film."""
    EXECUTABLE = "executable"
    """Machine code and installers: PE, ELF, Mach-O, jar, apk."""
    SCRIPT = "script"
    """js, vbs, ps1, bat, hta, wsf, py, sh …"""
    SHORTCUT = "shortcut"
    """lnk, url, desktop, settingcontent-ms …"""
    MESSAGE = "message"
    """A mail, and TNEF."""
    CALENDAR = "calendar"
    FONT = "font"
    KEY = "key"
    """Certificates, signatures, encrypted mail."""
    EMPTY = "empty"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileType:
    """What a file is, as its bytes say."""

    family: Family
    name: str
    """The usual extension, which rules know it by: `exe`, `docx`, `zip`, `html`; `txt` and `bin` for anything else."""
    media: str
    """Its media type."""
    untrusted_mismatch: str = ""
    """Empty, or a sentence: the name or the declared type says that it is something else."""
    polyglot: tuple[str, ...] = ()
    """Other types (names) that the same bytes are good for."""
