"""Files within contents: uuencode, yEnc and BinHex, calendars and cards, TNEF containers.

A file that is one of these is opened by clients and unpackers just as the text of a mail, whatever its type.
"""

from dataclasses import dataclass
from typing import Final

from mailock.core.mime import binhex, property, tnef, uuencode, yenc
from mailock.core.mime.defects import Defect
from mailock.core.mime.naming import Names
from mailock.core.mime.part import How, Provenance, Reading

_IN_TEXT: Final = (
    (Provenance.UUENCODE, How.UUENCODE, uuencode.files, Defect.BROKEN_UUENCODE),
    (Provenance.YENC, How.YENC, yenc.files, Defect.BROKEN_YENC),
    (Provenance.BINHEX, How.BINHEX, binhex.files, Defect.BROKEN_BINHEX),
    (Provenance.PROPERTY, How.BASE64, property.files, Defect.BROKEN_BASE64),
)


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file found within a content."""

    provenance: Provenance
    untrusted_names: tuple[str, ...]
    contents: tuple[Reading, ...]
    media: str
    defects: frozenset[Defect]


def enclosed(contents: list[Reading]) -> tuple[list[Enclosed], set[Defect]]:
    """The files within the readings of one body, without doubles."""
    found: list[Enclosed] = []
    defects: set[Defect] = set()
    for reading in contents:
        _in_text(reading.content, found, defects)
        if reading.content.startswith(tnef.SIGNATURE):
            container = tnef.unpack(reading.content)
            if container.cut:
                defects.add(Defect.TOO_MANY_PARTS)
            if not container.whole:
                defects.add(Defect.BROKEN_TNEF)
            for item in container.enclosed:
                pieces = tuple(Reading(How.TNEF, content) for content in item.contents)
                found.append(Enclosed(Provenance.TNEF, tuple(item.names), pieces, item.media, frozenset()))
    return list(dict.fromkeys(found)), defects


def _in_text(text: bytes, found: list[Enclosed], defects: set[Defect]) -> None:
    for provenance, how, listing, defect in _IN_TEXT:
        files = listing(text)
        if len(files) >= uuencode.MOST_FILES:
            defects.add(Defect.TOO_MANY_PARTS)
        for file in files:
            names = Names()
            names.add(file.untrusted_name)
            wrong = set() if file.whole else {defect}
            if file.cut:
                wrong.add(Defect.TOO_LARGE)
            contents = (Reading(how, file.content),)
            found.append(Enclosed(provenance, names.listed(), contents, "application/octet-stream", frozenset(wrong)))
