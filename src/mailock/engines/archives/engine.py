"""The engine `archives`: opens whatever holds files, in every way that an unpacker might, and gives what is inside.

It goes by the type that the octets have and by their further faces (`polyglot`), never by the name.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from mailock.config.engines import EngineSettings
from mailock.core.evidence.filetype import Family
from mailock.core.evidence.finding import Child, Confidence, Finding, Severity, Sighting
from mailock.core.evidence.manifest import Manifest
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.evidence.specimen import Specimen
from mailock.engines.archives import (
    aces,
    arjs,
    cms,
    compounds,
    names,
    onenote,
    rars_reader,
    sevenzip,
    streams,
    system,
    tars,
    written,
    xars,
    zips,
)
from mailock.engines.archives.disks import images
from mailock.engines.archives.manifest import MANIFEST
from mailock.engines.archives.opening import Broken, Cut, Opening, quoted
from mailock.engines.archives.seven import reading

Reader = Callable[[Opening], Iterator[Child | Finding]]

_READERS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(("zip", "epub", "opc", "jar", "apk", "msix", "vsix", "xpi", "crx"), zips.opened),
    "rar": rars_reader.opened,
    "tar": tars.opened,
    "xar": xars.opened,
    **{kind: partial(streams.opened, kind=kind) for kind in streams.KINDS},
    **{kind: partial(reading.opened, kind=kind) for kind in reading.KINDS},
    **{kind: partial(system.opened, kind=kind) for kind in system.KINDS},
    "7z": sevenzip.opened,
    "arj": arjs.opened,
    "ace": aces.opened,
    **dict.fromkeys(("iso", "udf", "img", "vhd", "vhdx", "vmdk", "vdi", "qcow2", "dmg"), images.opened),
    "one": onenote.opened,
    **dict.fromkeys(written.KINDS, written.opened),
    "p7m": cms.opened,
    "p7s": cms.opened,
}
_UNREADABLE: Final = frozenset({
    "zoo", "arc", "alz", "egg", "sit", "lzo", "kwaj", "hlp", "pst", "kdbx",
})  # fmt: skip  # packed: a word a line would be longer than it is worth
"""Types that hold files and that nobody here can open."""
_DOCUMENTS: Final = frozenset({Family.OOXML, Family.ODF})


class Archives:
    """Opens containers. Made before the jail shuts: what it reads with is imported with this module."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return MANIFEST

    def look(self, specimen: Specimen) -> Iterator[Sighting]:
        """Everything inside, child by child. Raises Unfinished at the end, with the gravest reason why not all."""
        readers = [
            reader for name in (specimen.type.name, *specimen.type.polyglot) if (reader := _reader(specimen, name))
        ]
        named = specimen.type.name in _UNREADABLE
        piece = specimen.type.name == "bin" and any(map(names.is_volume, specimen.untrusted_names))
        if not readers and not named and not piece:
            return
        opening = Opening(specimen=specimen, settings=self._settings)
        try:
            yield from _opened(opening, readers)
        except Cut as cut:
            if cut.bomb:
                yield from opening.finding("archive.bomb", Severity.SUSPICIOUS, Confidence.HIGH, str(cut))
            opening.miss(cut.why, cut.detail)
        if named:
            opening.miss(Why.UNREADABLE, f"nobody here can open {specimen.type.name}")
        if piece:
            yield from opening.piece("by its name it is a piece of an archive in several")
        yield from _about_locks(opening)
        gravest = opening.gravest()
        if gravest is not None:
            raise Unfinished(*gravest)


def _reader(specimen: Specimen, name: str) -> Reader | None:
    if name == specimen.type.name:
        if specimen.type.family in _DOCUMENTS and name != "opc":
            return partial(zips.opened, document=True)
        if specimen.type.family is Family.OLE and name != "mso":
            return compounds.opened
    return _READERS.get(name)


def _opened(opening: Opening, readers: list[Reader]) -> Iterator[Child | Finding]:
    specimen = opening.specimen
    if len(specimen.ancestors) >= specimen.purse.depth:
        what = f"{len(specimen.ancestors)} containers within each other"
        raise Cut(Why.TOO_DEEP, what, bomb=True)
    for reader in readers:
        try:
            yield from reader(opening)
        except Broken as broken:
            opening.miss(Why.UNREADABLE, str(broken))
        except (MemoryError, RecursionError) as error:
            opening.miss(Why.TOO_COSTLY, f"opening it takes too much memory ({type(error).__name__})")


def _about_locks(opening: Opening) -> Iterator[Finding]:
    if opening.locked_names:
        what = f"{len(opening.locked_names)} of its files are locked, such as {quoted(opening.locked_names[0])}"
        yield from opening.finding("archive.encrypted", Severity.NOTE, Confidence.HIGH, what)
    program = next((name for name in opening.locked_names if names.runs(name)), None)
    if program is not None:
        what = f"{quoted(program)} is locked in it"
        yield from opening.finding("archive.encrypted-program", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
    if opening.opened_with:
        what = "a password from the mail, or from the dictionary, opened it"
        yield from opening.finding("archive.unlocked", Severity.SUSPICIOUS, Confidence.LOW, what)
