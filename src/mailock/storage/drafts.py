"""A body while it is being received: in memory while it is small, then through a file that threads write."""

import asyncio
import errno
import hashlib
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from pathlib import Path
from typing import Final, TypeVar

from mailock.core.mail.message import BodyRef
from mailock.ports.bodies import Kept
from mailock.storage.disk import Disk

GATHERED: Final = 512 * 1024
"""Bytes that are worth a thread's turn."""
DRAINED: Final = 768 * 1024
"""A backlog below which the writer may go on."""
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})

T = TypeVar("T")


class _Stage(Enum):
    OPEN = "being received"
    KEPT = "finished: it is its owner's now"
    ABANDONED = "dropped, and a thread is still at work for it"
    CLEARED = "nothing is left of it, or soon will be"


class Spool:
    """What all drafts share: the disk, the threads, the syncs of directories, and whether a sync ever failed."""

    def __init__(self, disk: Disk, pool: ThreadPoolExecutor, inline_limit: int) -> None:
        self.disk = disk
        self.pool = pool
        self.inline_limit = inline_limit
        self.used = 0
        self.jobs: set[asyncio.Future[None]] = set()
        """What threads do for drafts now."""
        self._counting = threading.Lock()
        self._broken: str | None = None
        self._wanted: dict[Path, list[asyncio.Future[None]]] = {}
        self._syncing: asyncio.Task[None] | None = None

    def count(self, size: int) -> None:
        """Counts bytes that files take. Called in any thread."""
        with self._counting:
            self.used += size

    def check(self) -> None:
        """Raises OSError once a sync has failed."""
        if self._broken is not None:
            raise OSError(errno.EIO, self._broken)

    def sync_file(self, file: int) -> None:
        """Syncs a file. Called in a thread. Raises OSError; one that does not mean a full disk is final."""
        self._final(self.disk.sync, file)

    def sync_directory(self, directory: Path) -> Awaitable[None]:
        """Returns once a directory is synced. Those that are wanted while one sync runs share the next."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._wanted.setdefault(directory, []).append(future)
        if self._syncing is None:
            self._syncing = loop.create_task(self._sync_wanted())
        return future

    async def _sync_wanted(self) -> None:
        loop = asyncio.get_running_loop()
        while self._wanted:
            wanted, self._wanted = self._wanted, {}
            faults = await loop.run_in_executor(self.pool, self._sync_each, list(wanted))
            for directory, futures in wanted.items():
                for future in futures:
                    _resolve(future, faults.get(directory))
        self._syncing = None

    def _sync_each(self, directories: list[Path]) -> dict[Path, OSError]:
        faults = {}
        for directory in directories:
            try:
                self._final(self.disk.sync_directory, directory)
            except OSError as fault:
                faults[directory] = fault
        return faults

    def _final(self, sync: Callable[[T], None], what: T) -> None:
        try:
            sync(what)
        except OSError as fault:
            if fault.errno not in _NO_ROOM:
                self._broken = f"a sync of the spool failed ({fault}): check the disk, then restart Mailock"
            raise


class FileDraft:
    """One body. Its calls are made on the event loop; at most one thread works for it at a time."""

    __slots__ = (
        "_chunks",
        "_fault",
        "_file",
        "_flying",
        "_gathered",
        "_hash",
        "_job",
        "_name",
        "_on_disk",
        "_path_of",
        "_size",
        "_spool",
        "_stage",
    )

    def __init__(self, spool: Spool, name: int, path_of: Callable[[int], Path]) -> None:
        self._spool = spool
        self._name = name
        self._path_of = path_of
        self._chunks: list[bytes] = []
        self._gathered = 0
        self._flying = 0
        self._size = 0
        self._file: int | None = None
        self._hash = hashlib.sha256()
        self._job: asyncio.Future[None] | None = None
        self._fault: BaseException | None = None
        self._on_disk = False
        self._stage = _Stage.OPEN

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._size

    @property
    def backlog(self) -> int:
        """Bytes that wait in memory to reach the disk; those of a body that is still small do not."""
        return self._gathered + self._flying if self._size > self._spool.inline_limit else 0

    def write(self, data: bytes) -> None:
        """Takes the next bytes."""
        self._size += len(data)
        if self._fault is not None:
            return
        self._chunks.append(data)
        self._gathered += len(data)
        if self._gathered >= GATHERED and self._size > self._spool.inline_limit and self._job is None:
            self._submit(self._append)

    async def drained(self) -> None:
        """Returns once the backlog is small. Raises OSError where the disk refuses."""
        while self.backlog > DRAINED and self._job is not None:
            await asyncio.wait([self._job])
        if self._fault is not None:
            raise self._fault

    def finish_small(self) -> Kept | None:
        """The body at once, where it is small."""
        if self._size > self._spool.inline_limit:
            return None
        self._stage = _Stage.KEPT
        content = b"".join(self._chunks)
        return Kept(BodyRef(self._name, hashlib.sha256(content).hexdigest(), self._size, inline=True), content)

    async def finish(self) -> Kept:
        """The body, once it is durable."""
        small = self.finish_small()
        if small is not None:
            return small
        try:
            await self._settled()
            self._spool.check()
            self._submit(self._complete)
            await self._settled()
            await self._spool.sync_directory(self._path.parent)
        except BaseException:
            # Also where the one who waits is gone: what a thread still does for this body is cleared away after it.
            self.abandon()
            raise
        self._stage = _Stage.KEPT
        self._spool.count(self._size)
        return Kept(BodyRef(self._name, self._hash.hexdigest(), self._size, inline=False), None)

    def abandon(self) -> None:
        """Drops what was received; what lies on the disk is deleted in the background."""
        if self._stage is not _Stage.OPEN:
            return
        self._stage = _Stage.ABANDONED
        self._chunks, self._gathered = [], 0
        if self._job is None:
            self._clear()

    async def _settled(self) -> None:
        """Returns once no thread works for this body. Raises OSError where one met it."""
        while self._job is not None:
            await asyncio.wait([self._job])
        if self._fault is not None:
            raise self._fault

    def _submit(self, work: Callable[[list[bytes]], None]) -> None:
        chunks, self._chunks = self._chunks, []
        self._flying, self._gathered = self._gathered, 0
        self._on_disk = True
        self._job = asyncio.get_running_loop().run_in_executor(self._spool.pool, work, chunks)
        # Added before anybody can wait for the job, so it has run when a waiter wakes up.
        self._job.add_done_callback(self._done)
        self._spool.jobs.add(self._job)

    def _done(self, job: "asyncio.Future[None]") -> None:
        """A thread's turn is over: starts the next where enough has gathered, or clears away what was abandoned."""
        self._job = None
        self._spool.jobs.discard(job)
        self._flying = 0
        fault = job.exception()
        if fault is not None:
            self._fault = self._fault or fault
            self._chunks, self._gathered = [], 0
        if self._stage is _Stage.ABANDONED:
            self._clear()
        elif self._gathered >= GATHERED:
            self._submit(self._append)

    def _clear(self) -> None:
        self._stage = _Stage.CLEARED
        if self._on_disk:
            self._submit(self._discard)

    def _append(self, chunks: list[bytes]) -> None:
        """Writes and hashes. Runs in a thread, as do the next two."""
        if self._file is None:
            self._file = self._spool.disk.create(self._unfinished)
        self._spool.disk.write(self._file, chunks)
        for chunk in chunks:
            self._hash.update(chunk)

    def _complete(self, chunks: list[bytes]) -> None:
        """Writes the rest, syncs the file and gives it its name."""
        self._append(chunks)
        assert self._file is not None, "what was appended to is open"
        self._spool.sync_file(self._file)
        self._close()
        self._spool.disk.rename(self._unfinished, self._path)

    def _discard(self, _: list[bytes]) -> None:
        """Deletes what lies on the disk; what cannot be deleted is swept at the next start."""
        self._close()
        self._spool.disk.delete(self._unfinished)
        self._spool.disk.delete(self._path)

    def _close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            self._spool.disk.close(file)

    @property
    def _path(self) -> Path:
        """Made when it is wanted: most bodies never see a file."""
        return self._path_of(self._name)

    @property
    def _unfinished(self) -> Path:
        return self._path.with_name(f"{self._path.name}.tmp")


def _resolve(future: "asyncio.Future[None]", fault: OSError | None) -> None:
    if future.done():
        return
    if fault is None:
        future.set_result(None)
    else:
        future.set_exception(fault)
