"""Disk images, in every view that a system has of them: a disc may show one tree as ISO 9660, another as Joliet, and a
third as UDF. A file that several views have is given once.
"""

import io
import struct
from collections.abc import Iterator
from typing import Final

import pycdlib
from pycdlib.pycdlibexception import PyCdlibException

from mailock.core.evidence.finding import Child, Finding
from mailock.core.evidence.report import Why
from mailock.engines.archives import system
from mailock.engines.archives.disks import volumes
from mailock.engines.archives.once import Once
from mailock.engines.archives.opening import Opening
from mailock.engines.archives.seven import theirs

_FAULTS: Final = (
    PyCdlibException, ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, OverflowError, RuntimeError,
    AssertionError, EOFError, struct.error,
)  # fmt: skip  # the library raises whatever a broken structure leads to


def opened(opening: Opening) -> Iterator[Child | Finding]:
    """Every file on an image."""
    content = opening.specimen.content
    once = Once()
    is_disc = content[0x8001:0x8006] == b"CD001" or content[0x8801:0x8806] == b"CD001"
    has_udf = b"NSR0" in content[0x8000:0x10000]
    if is_disc:
        yield from _iso(opening, once)
    if has_udf and not theirs.there():
        yield from _views(opening, once, ("udf_path",))
    if theirs.there() or not (is_disc or has_udf):
        yield from volumes.opened(opening, once)


def _iso(opening: Opening, once: Once) -> Iterator[Child | Finding]:
    if not system.there():
        yield from _views(opening, once, ("joliet_path", "iso_path"))
        return
    yield from once.fresh(system.entries(opening, "iso9660", "none", "iso"))


def _views(opening: Opening, once: Once, facets: tuple[str, ...]) -> Iterator[Child | Finding]:
    image = pycdlib.PyCdlib()
    try:
        image.open_fp(io.BytesIO(opening.specimen.content))
    except _FAULTS as error:
        opening.miss(Why.UNREADABLE, f"the disk image is damaged: {error}")
        return
    for facet in facets:
        for path in _paths(opening, image, facet):
            file = _file(opening, image, facet, path)
            if file is not None and once.first(path, file):
                yield from opening.child(file, path.removesuffix(";1").lstrip("/"), "iso")


def _paths(opening: Opening, image: pycdlib.PyCdlib, facet: str) -> list[str]:
    found: list[str] = []
    try:
        for folder, _, files in image.walk(**{facet: "/"}):
            found += [f"{folder.rstrip('/')}/{file}" for file in files]
            if len(found) > opening.files_left:
                opening.too_many(len(found))
    except _FAULTS as error:
        opening.miss(Why.UNREADABLE, f"the disk image is damaged: {error}")
    return found


class _Bounded(io.BytesIO):
    """Takes a file up to a limit."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, piece: "bytes | bytearray | memoryview", /) -> int:  # type: ignore[override]  # any buffer, as BytesIO
        """Takes a piece. Raises OverflowError beyond the limit."""
        if self.tell() + len(piece) > self._limit:
            raise OverflowError
        return super().write(piece)


def _file(opening: Opening, image: pycdlib.PyCdlib, facet: str, path: str) -> bytes | None:
    sheet = _Bounded(opening.room)
    try:
        image.get_file_from_iso_fp(sheet, **{facet: path})
    except OverflowError:
        opening.overflow(opening.room + 1)
    except _FAULTS as error:
        opening.miss(Why.UNREADABLE, f"a file on the image is damaged: {error}")
        return None
    return sheet.getvalue()
