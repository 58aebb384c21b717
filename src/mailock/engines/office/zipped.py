"""The members of a document's zip archive, inflated within bounds. What a member claims to be is not believed."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mailock.core.evidence.report import Unfinished, Why
from mailock.engines.office.findings import Document

MOST_MEMBERS: Final = 10_000
LARGEST_MEMBER: Final = 48 << 20
_PIECE: Final = 1 << 16
FAULTS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    KeyError,
    IndexError,
    OverflowError,
)
"""What zipfile raises for broken archives."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the archive."""

    name: str
    """As it stands, with slashes, without the first."""
    info: zipfile.ZipInfo


class Zipped:
    """The archive of a document. Of several members of one name all are there: readers disagree which one counts."""

    def __init__(self, document: Document) -> None:
        """Raises Unfinished(UNREADABLE) where it is no archive."""
        self._document = document
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(document.specimen.content))
            infos = self._archive.infolist()
        except FAULTS as error:
            raise Unfinished(Why.UNREADABLE, f"The document's archive is broken: {error}"[:200]) from error
        if len(infos) > MOST_MEMBERS:
            document.miss(Why.TOO_MANY, f"The document has more than {MOST_MEMBERS} members.")
        self.members = [
            Member(info.filename.replace("\\", "/").lstrip("/"), info)
            for info in infos[:MOST_MEMBERS]
            if not info.is_dir()
        ]

    def read(self, member: Member) -> bytes:
        """A member's content; empty, and missed, where it is broken, locked or too large."""
        return b"".join(self._pieces(member))

    def begins(self, member: Member, octets: int) -> bytes:
        """The first octets of a member."""
        try:
            with self._archive.open(member.info) as opened:
                return opened.read(octets)
        except FAULTS:
            return b""

    def _pieces(self, member: Member) -> Iterator[bytes]:
        document = self._document
        size = 0
        try:
            with self._archive.open(member.info) as opened:
                while piece := opened.read(_PIECE):
                    size += len(piece)
                    document.spend(len(piece))
                    if size > LARGEST_MEMBER or document.left <= 0:
                        document.miss(Why.TOO_COSTLY, "The document unpacks to more octets than the budget has.")
                        return
                    yield piece
        except FAULTS as error:
            # An encrypted member is a RuntimeError here; the engine of archives looks for its password.
            document.miss(Why.UNREADABLE, f"A member of the document cannot be read: {error}"[:200])
