"""What was asked of the disk, in order: a layer of SQLite's and one of ours that pass everything on and write it down.

A write is written down when it was made, a sync with the moment at which it began: so a sync never counts for what
was written while it ran. `said` marks the moments at which somebody was told that something is durable.
"""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import apsw

from mailock.storage.disk import Disk

VFS = "powercut"


@dataclass(frozen=True, slots=True)
class Created:
    """A file came to be, empty."""

    path: str


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes went to a place in a file."""

    path: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file was truncated."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """What had been done to a file before step `since` is on the disk."""

    path: str
    since: int


@dataclass(frozen=True, slots=True)
class Renamed:
    """A file got another name."""

    path: str
    new: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """A file lost its name."""

    path: str


@dataclass(frozen=True, slots=True)
class NamesSynced:
    """The names in a directory, as they were before step `since`, are on the disk."""

    path: str
    since: int


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody was told something."""

    what: object


Step: TypeAlias = Created | Written | Cut | Synced | Renamed | Deleted | NamesSynced | Said


@dataclass(slots=True)
class Trace:
    """The steps. May be added to from any thread."""

    steps: list[Step] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, step: Step) -> None:
        """Writes a step down."""
        with self.lock:
            self.steps.append(step)

    def said(self, what: object) -> None:
        """Writes down that somebody was told something."""
        self.add(Said(what))

    @property
    def now(self) -> int:
        """The number of the next step."""
        return len(self.steps)


class TracedDisk(Disk):
    """Our own files."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.files: dict[int, tuple[str, int]] = {}

    def create(self, path: Path) -> int:
        file = super().create(path)
        self.files[file] = (str(path), 0)
        self.trace.add(Created(str(path)))
        return file

    def write(self, file: int, chunks: list[bytes]) -> None:
        super().write(file, chunks)
        path, size = self.files[file]
        data = b"".join(chunks)
        self.files[file] = (path, size + len(data))
        self.trace.add(Written(path, size, data))

    def sync(self, file: int) -> None:
        since = self.trace.now
        super().sync(file)
        self.trace.add(Synced(self.files[file][0], since))

    def close(self, file: int) -> None:
        del self.files[file]
        super().close(file)

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self.trace.add(Renamed(str(old), str(new)))

    def sync_directory(self, directory: Path) -> None:
        since = self.trace.now
        super().sync_directory(directory)
        self.trace.add(NamesSynced(str(directory), since))

    def delete(self, path: Path) -> None:
        existed = path.exists()
        super().delete(path)
        if existed:
            self.trace.add(Deleted(str(path)))


class TracedVFS(apsw.VFS):
    """SQLite's files. Registered as VFS for as long as the object lives."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        super().__init__(VFS, "unix")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802  apsw's name
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        existed = path is not None and Path(path).exists()
        return TracedFile(self.trace, path, name, flags, existed=existed)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802  apsw's name
        since = self.trace.now
        super().xDelete(filename, syncdir)
        self.trace.add(Deleted(filename))
        if syncdir:
            self.trace.add(NamesSynced(str(Path(filename).parent), since + 1))


class TracedFile(apsw.VFSFile):
    """One of SQLite's files."""

    def __init__(
        self, trace: Trace, path: str | None, name: str | apsw.URIFilename | None, flags: list[int], *, existed: bool
    ) -> None:
        super().__init__("unix", name, flags)
        self.trace = trace
        self.path = path or ""
        # SQLite's unix layer syncs the directory with the first sync of a journal or log that it made.
        kinds = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL
        self.name_is_to_be_synced = not existed and bool(flags[0] & kinds)
        if not existed:
            trace.add(Created(self.path))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  apsw's name
        super().xWrite(data, offset)
        self.trace.add(Written(self.path, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802  apsw's name
        super().xTruncate(newsize)
        self.trace.add(Cut(self.path, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802  apsw's name
        since = self.trace.now
        super().xSync(flags)
        self.trace.add(Synced(self.path, since))
        if self.name_is_to_be_synced:
            self.name_is_to_be_synced = False
            self.trace.add(NamesSynced(str(Path(self.path).parent), since))
