"""What 7-Zip's library reads of a content: ARJ, WIM, CHM and others, with a password where one is needed.

Files come out some at a time, so that what is in memory stays small; of an archive whose files are packed together that
unpacks the beginning again, at most a few times.
"""

from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Child, Confidence, Finding, Severity
from mailock.core.evidence.report import Why
from mailock.engines.archives.names import leads_out
from mailock.engines.archives.opening import Broken, Opening, quoted
from mailock.engines.archives.seven import ours, theirs
from mailock.engines.archives.seven.theirs import Archive, Item, Library, Locked, Stream

KINDS: Final = {
    "arj": ("Arj",),
    "wim": ("wim",),
    "chm": ("Chm", "Hxs"),
    "szdd": ("MsLZ",),
    "squashfs": ("SquashFS",),
    "cramfs": ("CramFS",),
    "7z": ("7z",),
    "lha": ("Lzh",),
    "cab": ("Cab",),
    "rpm": ("Rpm",),
    "nsis": ("Nsis",),
}
"""The handlers that are asked, by the type of the content. Where others read a type, too, they come first."""
_BATCH: Final = 32 << 20
"""Octets that are unpacked at a time, more or less."""
_MEND: Final = "7-Zip's library is not installed; on Debian: apt-get install p7zip-full"


def missing(opening: Opening) -> None:
    """Notes that the library is not there."""
    opening.miss(Why.MISSING, _MEND)


def opened(opening: Opening, *, kind: str, content: bytes | None = None) -> Iterator[Child | Finding]:
    """Every file in a content of one of KINDS. Raises Broken where no handler takes it."""
    if theirs.LIBRARY is None:
        missing(opening)
        return
    source = ours.Content(opening.beginning(kind) if content is None else content)
    try:
        stream = Stream(source.pointer(ours.IN), owned=False)
        for format_ in KINDS[kind]:
            archive = _unlocked(opening, theirs.LIBRARY, stream, format_)
            if archive is not None:
                with archive:
                    yield from files(opening, archive, kind)
                return
    except Locked:
        opening.locked("its list of files")
        return
    finally:
        source.forget()
    raise Broken(f"the {kind} is damaged: it has no beginning that can be read")


def only_file(zip_of_one: bytes, most: int) -> bytes | None:
    """The one file of a zip, at most `most` octets; None where it cannot be had. For methods that are rare today."""
    if theirs.LIBRARY is None:
        return None
    source = ours.Content(zip_of_one)
    try:
        archive = theirs.LIBRARY.opened(Stream(source.pointer(ours.IN), owned=False), "zip")
        if archive is None:
            return None
        with archive:
            came = archive.extract([0], most).files
    except Locked:
        return None
    finally:
        source.forget()
    # The checksum in this zip is none: who asks knows it.
    return next((octets for _, octets, result in came if result in (0, theirs.WRONG_CHECKSUM)), None)


def _unlocked(opening: Opening, library: Library, stream: Stream, format_: str) -> Archive | None:
    """The archive, with the word that opens it where it has a lock. Raises Locked where even its list is locked."""
    archive: Archive | None = None
    try:
        archive = library.opened(stream, format_)
        if archive is None:
            return None
        probe = _smallest_locked(archive, opening.files_left)
        if probe is None:
            return archive
    except Locked:
        probe = None
    for word in opening.passwords():
        try:
            tried = library.opened(stream, format_, word)
        except Locked:
            continue
        if tried is not None:
            if probe is None or _fits(tried, probe, opening.room):
                if archive is not None:
                    archive.close()
                opening.opened_with.add(word)
                return tried
            tried.close()
    if archive is None:
        raise Locked
    return archive


def _smallest_locked(archive: Archive, most: int) -> Item | None:
    items = (archive.item(index) for index in range(min(archive.count, most)))
    return min((item for item in items if item and item.encrypted), key=lambda item: item.size or 0, default=None)


def _fits(archive: Archive, probe: Item, room: int) -> bool:
    results = archive.extract([probe.index], room + 1).files
    return any(not result for _, _, result in results)


def files(opening: Opening, archive: Archive, provenance: str) -> Iterator[Child | Finding]:
    """Every file of an archive. Raises Cut where it is more than there is room for."""
    count = archive.count
    if count > opening.files_left * 4 + 10_000:
        opening.too_many(count, empty=True)
    items = [item for index in range(count) if (item := archive.item(index)) is not None]
    if any(item.is_split for item in items):
        yield from opening.piece("a file in it goes on in another volume")
    for batch in _batches([item for item in items if not _is_bookkeeping(item.untrusted_path)]):
        yield from _batch(opening, archive, batch, provenance)
    if archive.damaged:
        opening.miss(Why.UNREADABLE, f"the {provenance} is damaged or cut off")


def _is_bookkeeping(path: str) -> bool:
    """What a file system keeps for itself, and shows to nobody: tables, logs, journals. A stream that somebody put
    beside one of them is none of it.
    """
    own = path.startswith(("[SYSTEM]", "[SYS]"))
    return own and (":" not in path or path.rpartition(":")[2].startswith("$"))


def _batches(items: list[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    size = 0
    for item in items:
        if batch and size + (item.size or 0) > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += item.size or 0
    if batch:
        yield batch


def _batch(opening: Opening, archive: Archive, batch: list[Item], provenance: str) -> Iterator[Child | Finding]:
    room = opening.room
    came = archive.extract([item.index for item in batch], room)
    waiting = {item.index: item for item in batch}
    for index, octets, result in came.files:
        item = waiting.pop(index)
        if result and not came.full:
            _about_failure(opening, item, result)
        if octets or not result:
            yield from _given(opening, item, octets, provenance)
    if came.full:
        opening.overflow(room + 1 - sum(len(octets) for _, octets, _ in came.files))
    for item in waiting.values():
        _about_failure(opening, item, theirs.WRONG_PASSWORD if came.locked or item.encrypted else 0)


def _given(opening: Opening, item: Item, octets: bytes, provenance: str) -> Iterator[Child | Finding]:
    name = item.untrusted_path
    if leads_out(name):
        what = f"the name {quoted(name)} leads out of the folder"
        yield from opening.finding("archive.traversal", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
    yield from opening.child(octets, name, provenance, encrypted=item.encrypted)


def _about_failure(opening: Opening, item: Item, result: int) -> None:
    if result == theirs.WRONG_PASSWORD or item.encrypted:
        opening.locked(item.untrusted_path)
    elif result == theirs.UNSUPPORTED:
        opening.miss(Why.UNREADABLE, f"{quoted(item.untrusted_path)} is packed in a way that nobody here can open")
    else:
        opening.miss(Why.UNREADABLE, f"{quoted(item.untrusted_path)} is damaged")
