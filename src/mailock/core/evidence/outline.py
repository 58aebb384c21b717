"""What an examined message consists of, in a few words.

Its kind is the most telling thing in it: whoever looks at a day of mail wants to know how much of it was programs,
archives, documents, pictures or only text. The first of `KINDS` that a file of the message is, in any reading, counts;
files inside others count too, so a program in an archive is mail with a program.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from mailock.core.evidence.examination import Examination
from mailock.core.evidence.filetype import Family
from mailock.core.evidence.finding import Severity
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Why
from mailock.core.lifecycle.events import Outline
from mailock.core.mail.shown import cleaned

_MOST: Final = 32
"""Kinds of findings, engines, names, hashes and URLs that are kept of one message."""
_LOOKED: Final = 1000
"""Of how many texts those that differ are sought: a hostile message has any number."""
_LONGEST: Final = 200
"""Characters of a name or URL that are kept."""
_ENCRYPTED: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"})
_FAMILIES: Final = (
    ("program", frozenset({Family.EXECUTABLE, Family.SCRIPT, Family.SHORTCUT})),
    ("archive", frozenset({Family.ARCHIVE})),
    ("document", frozenset({Family.PDF, Family.OOXML, Family.ODF, Family.OLE, Family.RTF, Family.ONENOTE})),
    ("calendar", frozenset({Family.CALENDAR})),
    ("media", frozenset({Family.IMAGE, Family.MEDIA})),
    ("html", frozenset({Family.HTML})),
)
KINDS: Final = ("encrypted", *(kind for kind, _ in _FAMILIES), "text", "other", "empty")
"""What a message may be, the most telling first."""


def outline(examination: Examination) -> Outline:
    """The outline of what was examined."""
    files = [file for file in examination.files if file.looked_into]
    found = (one.kind for one in examination.findings if one.severity is not Severity.NOTE)
    missed = (one.engine for one in examination.coverage.incomplete if one.why not in _BY_POLICY)
    return Outline(
        kind=_kind(files),
        attachments=sum(1 for file in files if _listed(file)),
        links=len({link.untrusted_url for link in examination.links}),
        detections=tuple(dict.fromkeys(found))[:_MOST],
        unfinished=tuple(dict.fromkeys(missed))[:_MOST],
        files=_kept(name for file in examination.files for name in file.untrusted_names),
        hashes=tuple(dict.fromkeys(digest for file in files for digest in file.sha256))[:_MOST],
        urls=_kept(link.untrusted_url for link in examination.links),
    )


def _kept(untrusted_texts: Iterable[str]) -> tuple[str, ...]:
    """What is kept of texts from outside, each once."""
    return tuple(dict.fromkeys(islice((cleaned(text[:_LONGEST]) for text in untrusted_texts if text), _LOOKED)))[:_MOST]


_BY_POLICY: Final = frozenset({Why.NOT_CONFIGURED, Why.NOT_NEEDED, Why.EXCLUDED})


def _kind(files: list[File]) -> str:
    if any(file.encrypted or not _ENCRYPTED.isdisjoint(file.declared) for file in files):
        return "encrypted"
    families = frozenset(family for file in files for family in file.families)
    for kind, some in _FAMILIES:
        if not families.isdisjoint(some):
            return kind
    if families & {Family.TEXT, Family.XML}:
        return "text"
    return "other" if families - {Family.EMPTY} else "empty"


def _listed(file: File) -> bool:
    """Whether a client would list it as an attachment: a part of the message itself with a name, or said to be one."""
    own = file.provenance in ("mime", "rfc822") and not file.alternate
    return own and (file.disposition == "attachment" or bool(file.untrusted_names))
