"""What a file's name says: its extension as a system would see it, and the ways in which a name misleads people.

Windows ignores blanks and dots at the end of a name, everything behind a colon (a stream), and what stands before a
slash; it has no names with controls and certain marks in them, so who saves such a file leaves these out; people are
misled by long runs of blanks, by a second extension, and by marks that turn the direction of text (U+202E: `gpj.exe` is
shown as `exe.jpg`).
"""

from dataclasses import dataclass
from typing import Final

from mailock.engines.filetype.kinds import DOCUMENTS, FITTING, RUN

_TURNING: Final = frozenset("\u202d\u202e")
"""The overrides. Embeddings and marks stand in honest Arabic and Hebrew names, and in paths copied from Windows."""
_INVISIBLE: Final = frozenset(
    "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u2066\u2067\u2068\u2069\u061c\u180e\u202d\u202e"
)
_BLANKS: Final = (
    " \t\r\n\v\f\0\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000\u2800"
)
_IN_NO_NAME: Final = dict.fromkeys((*range(32), *map(ord, '<>"|?*'), 127))
"""What Windows has in no name: who saves a file leaves it out."""
_DOTS: Final = str.maketrans(dict.fromkeys("\u2024\uff0e\u3002\ufe52\u0701", "."))
_TAILS: Final = ("pdf", "docx", "xlsx", "doc", "xls", "jpg")
_LONGEST: Final = 24
"""An extension is shorter than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A file's name, taken apart."""

    extension: str
    """In lower case, without its dot; as the system that opens the file sees it."""
    before: str
    """The extension that stands before it, if it is one that is known: `pdf` of `a.pdf.exe`."""
    turned: bool
    """Whether it holds marks that turn the direction of text."""
    padded: bool
    """Whether a run of blanks keeps the extension out of sight."""
    trailing: bool
    """Whether blanks or dots stand behind the extension, which Windows takes away."""


def taken_apart(untrusted_name: str) -> Name:
    """What a name says. Any text is a name."""
    base = untrusted_name.replace("\\", "/").rpartition("/")[2].translate(_IN_NO_NAME)
    turned = not _TURNING.isdisjoint(base)
    visible = "".join(letter for letter in base if letter not in _INVISIBLE) if not base.isascii() else base
    visible = visible.translate(_DOTS) if not visible.isascii() else visible
    stripped = visible.rstrip(_BLANKS + ".")
    trailing = stripped != visible
    stem, dot, extension = stripped.rpartition(".")
    if ":" in extension:
        # Behind a colon stands the name of a stream: `a.exe:$DATA`, `a.txt::$DATA`.
        extension = extension.partition(":")[0]
    elif ":" in stem and stem.rpartition(":")[0].rpartition(".")[2].lower() in RUN:
        stem, dot, extension = stem.rpartition(":")[0].rpartition(".")
    extension = extension.strip(_BLANKS).lower() if dot else ""
    if len(extension) > _LONGEST:
        extension = ""
    inner = stem.rstrip(_BLANKS + ".")
    before = inner.rpartition(".")[2].strip(_BLANKS).lower() if "." in inner else ""
    if before not in FITTING and before not in DOCUMENTS:
        # "invoice_pdf.exe" and "scan-docx.js" are read as documents too.
        tail = inner[-5:].lower()
        before = next((known for known in _TAILS if tail.endswith(known) and tail[: -len(known)][-1:] in "_- "), "")
    padded = bool(extension) and any(blank * 6 in stem for blank in (" ", "\u00a0", "\u3000", "_", "."))
    return Name(extension=extension, before=before, turned=turned, padded=padded, trailing=trailing)
