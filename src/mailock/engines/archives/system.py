"""What the system's libarchive reads: cab, cpio, ar, deb, rpm, LHA, ISO 9660, and the rarer compressed streams.

It is a C library and reads hostile octets in the jail only. A format is named to it, so that it tries no other. Where
the system does not have it, what it would read is Incomplete(MISSING).
"""

import logging
import os
from collections.abc import Iterator
from ctypes import CDLL
from types import ModuleType
from typing import Any, Final

from mailock.core.evidence.finding import Child, Confidence, Finding, Severity
from mailock.core.evidence.report import Why
from mailock.engines.archives.names import leads_out
from mailock.engines.archives.once import Once
from mailock.engines.archives.opening import Opening, quoted
from mailock.engines.archives.seven import reading, theirs

_SHARED_OBJECT: Final = "libarchive.so.13"
_FORMATS: Final = {
    "cab": ("cab", "none"),
    "cpio": ("cpio", "none"),
    "ar": ("ar", "none"),
    "deb": ("ar", "none"),
    "rpm": ("cpio", "all"),
    "lha": ("lha", "none"),
    "z": ("raw", "compress"),
    "lz4": ("raw", "lz4"),
    "lz": ("raw", "lzip"),
}
KINDS: Final = tuple(_FORMATS)
_MOST_STEPS: Final = 1_000_000


def _loaded() -> ModuleType | None:
    """The binding, or None. It would search the library by starting programs, which are not there in a jail, so it is
    told where it is.
    """
    try:
        CDLL(_SHARED_OBJECT)
    except OSError:
        return None
    before = os.environ.get("LIBARCHIVE")
    os.environ["LIBARCHIVE"] = before or _SHARED_OBJECT
    try:
        import libarchive
    except (OSError, AttributeError, ImportError):
        return None
    finally:
        if before is None:
            del os.environ["LIBARCHIVE"]
    # It warns of damage in a log of its own; what is to be said of damage is said by the engine.
    logging.getLogger("libarchive").disabled = True
    module: ModuleType = libarchive
    return module


_LIBRARY: Final = _loaded()


def there() -> bool:
    """Whether the system has libarchive."""
    return _LIBRARY is not None


def opened(opening: Opening, *, kind: str) -> Iterator[Child | Finding]:
    """Every file in a content of one of KINDS, which may begin behind something else."""
    format_, filter_ = _FORMATS[kind]
    once = Once()
    misses = len(opening.misses)
    yield from once.fresh(entries(opening, format_, filter_, kind, opening.beginning(kind)))
    if len(opening.misses) > misses and kind in reading.KINDS and theirs.there():
        # It knows methods that libarchive does not, such as Quantum in cab and the older ones of LHA.
        del opening.misses[misses:]
        yield from once.fresh(reading.opened(opening, kind=kind))


def entries(
    opening: Opening, format_: str, filter_: str, provenance: str, content: bytes | None = None
) -> Iterator[Child | Finding]:
    """Every file that libarchive finds in a content, taken as one format behind one filter."""
    if _LIBRARY is None:
        opening.miss(Why.MISSING, "libarchive is not installed; on Debian: apt-get install libarchive13")
        return
    octets = opening.specimen.content if content is None else content
    try:
        with _LIBRARY.memory_reader(octets, format_name=format_, filter_name=filter_) as archive:
            for steps, entry in enumerate(archive):
                if steps > opening.files_left * 4 + 10_000:
                    opening.too_many(steps, empty=True)
                if entry.isdir:
                    continue
                name = _name(opening, entry, format_)
                file = _content(opening, entry)
                if leads_out(name) and format_ not in ("cpio", "iso9660"):
                    what = f"the name {quoted(name)} leads out of the folder"
                    yield from opening.finding("archive.traversal", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
                if file or entry.isfile:
                    yield from opening.child(file, name, provenance)
    except _LIBRARY.exception.ArchiveError as error:
        why = Why.ENCRYPTED if "assphrase" in str(error) or "ncrypted" in str(error) else Why.UNREADABLE
        opening.miss(why, f"{provenance}: {error}")


def only_file(zip_of_one: bytes, password: bytes | None, most: int) -> bytes | None:
    """The one file of a zip, at most a block more than `most` octets; None where it cannot be had. For PPMd, and for
    large files of the old encryption, which takes half a second a MiB in Python.
    """
    if _LIBRARY is None:
        return None
    pieces: list[bytes] = []
    got = 0
    try:
        with _LIBRARY.memory_reader(zip_of_one, format_name="zip", filter_name="none", passphrase=password) as archive:
            for entry in archive:
                for block in entry.get_blocks():
                    pieces.append(block)
                    got += len(block)
                    if got > most:
                        break
                break
    except _LIBRARY.exception.ArchiveError:
        return None
    return b"".join(pieces)


def _name(opening: Opening, entry: Any, format_: str) -> str:
    if format_ == "raw":
        outer = next(iter(opening.specimen.untrusted_names), "")
        stem, dot, ending = outer.rpartition(".")
        return stem + ".tar" if ending.lower() in ("taz", "tlz") else stem if dot else outer
    try:
        return str(entry.pathname or "")
    except UnicodeError:
        return ""


def _content(opening: Opening, entry: Any) -> bytes:
    pieces: list[bytes] = []
    got = 0
    for block in entry.get_blocks():
        pieces.append(block)
        got += len(block)
        if got > opening.room:
            opening.overflow(got)
    return b"".join(pieces)
