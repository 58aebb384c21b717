"""Candidates for passwords of what is packed in a message, from its subject and texts."""

from collections.abc import Iterable, Iterator
from typing import Final

from mailock.core.evidence.filetype import Family
from mailock.core.evidence.words import candidates
from mailock.core.mime.charsets import texts
from mailock.core.mime.part import Anatomy
from mailock.core.mime.words import decode

LOCKABLE: Final = frozenset({Family.ARCHIVE, Family.OLE, Family.OOXML, Family.ODF, Family.PDF})
"""Families whose files may have a password."""
READABLE: Final = 1 << 20
"""Octets of one text that are looked at."""


def words_of(
    anatomy: Anatomy, untrusted_subject: bytes, families: Iterable[Family], configured: tuple[str, ...]
) -> tuple[str, ...]:
    """The candidates, the most likely first; none where nothing can have a password."""
    if LOCKABLE.isdisjoint(families):
        return ()
    return candidates(decode(untrusted_subject), _texts(anatomy), configured)


def _texts(anatomy: Anatomy) -> Iterator[str]:
    for part in anatomy.parts:
        if part.types and part.types[0].startswith("text/"):
            for reading in part.readings:
                yield from texts(reading.content[:READABLE], part.charsets)[:1]
