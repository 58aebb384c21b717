"""Disks within disks: a virtual disk holds a disk, a disk has partitions, a partition holds a file system.

No layer is copied out: each is a stream that the next one reads from, so that a virtual disk of gigabytes that is
mostly empty costs what is in it. At each layer every reading is tried, since the same sectors may be a file system to
one system and a table of partitions to another; a file that several readings have is given once.
"""

from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Child, Finding
from mailock.core.evidence.report import Why
from mailock.engines.archives.disks import exfat
from mailock.engines.archives.once import Once
from mailock.engines.archives.opening import Opening
from mailock.engines.archives.seven import ours, reading, theirs
from mailock.engines.archives.seven.theirs import Archive, Library, Locked, Stream

_DISKS: Final = ("VHD", "VHDX", "VMDK", "QCOW", "VDI", "Dmg", "GPT", "MBR", "APM")
_FILE_SYSTEMS: Final = ("FAT", "NTFS", "Ext", "HFS", "APFS", "Udf", "Iso", "SquashFS", "CramFS")
_LOCKED: Final = ((3, b"-FVE-FS-", "BitLocker"), (0, b"LUKS\xba\xbe", "LUKS"))
_DEEPEST: Final = 5
_MOST_VOLUMES: Final = 64
_LOOKED_AT: Final = 1 << 20


def opened(opening: Opening, once: Once) -> Iterator[Child | Finding]:
    """Every file in every reading of an image."""
    if theirs.LIBRARY is None:
        reading.missing(opening)
        return
    source = ours.Content(opening.specimen.content)
    try:
        stream = Stream(source.pointer(ours.IN), owned=False)
        disk = _Disk(opening, once, theirs.LIBRARY)
        yield from disk.within(stream, depth=0)
        if not disk.has_file_system:
            opening.miss(Why.UNREADABLE, "no file system was found on it that can be read")
    finally:
        source.forget()


class _Disk:
    """One image that is being read, layer by layer."""

    def __init__(self, opening: Opening, once: Once, library: Library) -> None:
        self._opening = opening
        self._once = once
        self._library = library
        self.has_file_system = False

    def within(self, stream: Stream, *, depth: int) -> Iterator[Child | Finding]:
        """Every file in one layer."""
        lock = next((name for at, mark, name in _LOCKED if stream.read_at(at, len(mark)) == mark), "")
        if lock:
            self._opening.locked(f"a volume of {lock}")
            return
        read = False
        for format_ in _FILE_SYSTEMS:
            with_it = self._as(stream, format_)
            if with_it is not None:
                read = True
                with with_it as archive:
                    yield from self._once.fresh(reading.files(self._opening, archive, format_.lower()))
        if exfat.begins(stream):
            read = True
            yield from self._once.fresh(exfat.files(self._opening, stream))
        is_file_system, misses = read, len(self._opening.misses)
        self.has_file_system = self.has_file_system or read
        for format_ in _DISKS:
            with_it = self._as(stream, format_)
            if with_it is not None:
                with with_it as archive:
                    yield from self._volumes(archive, format_, depth)
                if is_file_system:
                    # The sectors are a file system that is read; what makes no sense as a disk is no loss.
                    del self._opening.misses[misses:]
                read = True
        head = b"" if read else stream.read_at(0, _LOOKED_AT)
        # Behind its first sector a disk of today looks like one partition to old systems.
        if any(head) and not head.startswith(b"EFI PART"):
            self._opening.miss(Why.UNREADABLE, f"a volume of {stream.size():,} octets has no file system that is known")

    def _as(self, stream: Stream, format_: str) -> Archive | None:
        try:
            return self._library.opened(stream, format_)
        except Locked:
            self._opening.locked(f"a volume ({format_})")
            return None

    def _volumes(self, archive: Archive, format_: str, depth: int) -> Iterator[Child | Finding]:
        if depth >= _DEEPEST or archive.count > _MOST_VOLUMES:
            self._opening.miss(Why.TOO_DEEP, "disks within disks" if depth >= _DEEPEST else "too many partitions")
            return
        for index in range(archive.count):
            volume = archive.stream(index)
            if volume is not None:
                try:
                    yield from self.within(volume, depth=depth + 1)
                finally:
                    volume.close()
            else:
                yield from self._copied(archive, index, format_, depth)
        if archive.damaged:
            self._opening.miss(Why.UNREADABLE, f"the {format_} is damaged or cut off")

    def _copied(self, archive: Archive, index: int, format_: str, depth: int) -> Iterator[Child | Finding]:
        """A volume that can only be read from its beginning on."""
        room = self._opening.room
        came = archive.extract([index], room)
        if came.full:
            self._opening.overflow(room + 1)
        for _, octets, result in came.files:
            if result:
                self._opening.miss(Why.UNREADABLE, f"a volume of the {format_} is damaged")
            source = ours.Content(octets)
            try:
                yield from self.within(Stream(source.pointer(ours.IN), owned=False), depth=depth + 1)
            finally:
                source.forget()
