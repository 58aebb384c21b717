"""Looks at Office documents. A macro is a reason to look twice; one that starts by itself and runs programs is bad.

Every reader hands in what it sees to one Document; packed files come last, when all that is found is said.
"""

from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.filetype import Family
from mailock.core.evidence.finding import Sighting
from mailock.core.evidence.report import Unfinished
from mailock.core.evidence.specimen import Specimen
from mailock.engines.office import flat, odf, ole, ooxml, rtf
from mailock.engines.office.findings import Document
from mailock.engines.office.kinds import MANIFEST
from mailock.engines.suffixes import load


class Office:
    """Finds what documents run, load, link and pack."""

    manifest: Final = MANIFEST

    def __init__(self) -> None:
        load()

    def look(self, specimen: Specimen) -> Iterator[Sighting]:
        """What there is to see in the document."""
        document = Document(specimen)
        try:
            yield from _read(specimen.type.family, document)
        except Unfinished as unfinished:
            document.miss(unfinished.why, unfinished.detail)
        yield from document.ended()


def _read(family: Family, document: Document) -> Iterator[Sighting]:
    match family:
        case Family.OOXML:
            yield from ooxml.document_parts(document)
        case Family.ODF:
            yield from odf.document_parts(document)
        case Family.OLE if document.specimen.content.startswith(flat.ACTIVE_MIME):
            yield from flat.active_mime(document)
        case Family.OLE:
            yield from ole.document_streams(document)
        case Family.RTF:
            yield from rtf.objects(document)
        case Family.XML:
            yield from flat.xml_document(document)
        case _:
            yield from flat.text_document(document)
