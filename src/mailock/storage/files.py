"""Bodies: small ones stay in memory until they are stored with their row, large ones go to files of their own.

A large body is written while it comes, in pieces of a quarter of a megabyte, to `bodies/xx/NAME.tmp`; threads write
and hash it. In the end the file is synced, renamed to `bodies/xx/NAME`, and its directory is synced: only then may a
row name it. So a row never names what is not there; a file that no row names is swept at the next start. Deletion
goes the other way: the row first, then the file.

After a failed sync nobody can say what the disk holds, and asking again would not tell: nothing is taken any more
until a restart (DECISIONS 2). A full disk only refuses the body that did not fit.
"""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from mailock.core.mail.message import BodyRef, QueueId, show_id
from mailock.ports.bodies import in_memory
from mailock.storage.disk import Disk
from mailock.storage.drafts import FileDraft, Spool

CHUNK: Final = 256 * 1024
THREADS: Final = 4
SmallBody = Callable[[BodyRef], Awaitable[bytes]]


class FileBodies:
    """The bodies of one data directory. Making one makes the folders, which blocks and raises OSError.

    `inline_limit`: bytes up to which a body is small. `small_body` gives the content of an inline body (a method
    of that name), so that `read` serves both kinds; without it, reading an inline body raises OSError.
    """

    def __init__(
        self, directory: Path, inline_limit: int, *, small_body: SmallBody | None = None, disk: Disk | None = None
    ) -> None:
        self._folder = directory / "bodies"
        self._small_body = small_body
        self._disk = Disk() if disk is None else disk
        self._pool = ThreadPoolExecutor(THREADS, "bodies")
        self._deleting = ThreadPoolExecutor(1, "bodies-delete")
        self._spool = Spool(self._disk, self._pool, inline_limit)
        self._first: int | None = None
        """The first name that this process gave out: what is older and unnamed is an orphan."""
        self._make_folders()

    def draft(self, name: int) -> FileDraft:
        """Starts a body. Names grow."""
        if self._first is None:
            self._first = name
        return FileDraft(self._spool, name, self._path)

    async def read(self, ref: BodyRef, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes of a body from an offset, in chunks. Raises OSError where it is gone, or shorter than it was."""
        if ref.inline:
            content = await self._inline(ref)
            for offset in range(start, ref.size, CHUNK):
                yield content[offset : offset + CHUNK]
            return
        loop = asyncio.get_running_loop()
        path = self._path(ref.name)
        file = await loop.run_in_executor(self._pool, os.open, path, os.O_RDONLY | os.O_CLOEXEC)
        ahead = None
        try:
            while start < ref.size:
                ahead = ahead or loop.run_in_executor(self._pool, os.pread, file, CHUNK, start)
                chunk = await ahead
                if not chunk:
                    raise OSError(errno.EIO, f"the body ends at {start} of {ref.size} bytes", str(path))
                start += len(chunk)
                # The next chunk is read while the caller works on this one.
                ahead = loop.run_in_executor(self._pool, os.pread, file, CHUNK, start) if start < ref.size else None
                yield chunk
        finally:
            if ahead is not None:
                await asyncio.wait([ahead])
            os.close(file)

    async def descriptor(self, ref: BodyRef) -> int:
        """A descriptor of a body's bytes. Raises OSError where it is gone."""
        if ref.inline:
            return in_memory(await self._inline(ref))
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, os.open, self._path(ref.name), os.O_RDONLY | os.O_CLOEXEC
        )

    def drop(self, refs: Iterable[BodyRef]) -> None:
        """Deletes the files of bodies, in the background."""
        files = [(self._path(ref.name), ref.size) for ref in refs if not ref.inline]
        if files:
            asyncio.get_running_loop().run_in_executor(self._deleting, self._delete, files)

    def used(self) -> int:
        """Bytes that bodies in files take, once `sweep` has counted what lay there."""
        return self._spool.used

    async def sweep(self, kept: set[int]) -> int:
        """Deletes files that are not finished, or whose names are not in `kept`: what a crash left. Returns how many.

        Runs beside everything else; bodies of this process are left alone. Raises OSError.
        """
        return await asyncio.get_running_loop().run_in_executor(self._deleting, self._sweep, kept)

    async def close(self) -> None:
        """Waits for the threads. Drafts that stand open are abandoned first, by those who opened them."""
        while self._spool.jobs:
            await asyncio.wait(self._spool.jobs)
        await asyncio.to_thread(self._pool.shutdown)
        await asyncio.to_thread(self._deleting.shutdown)

    async def _inline(self, ref: BodyRef) -> bytes:
        if self._small_body is None:
            raise OSError(
                errno.ENOENT, f"body {show_id(QueueId(ref.name))} lies in the queue, and none was given to ask"
            )
        try:
            return await self._small_body(ref)
        except KeyError as fault:
            raise FileNotFoundError(f"body {show_id(QueueId(ref.name))} is gone from the queue") from fault

    def _path(self, name: int) -> Path:
        return self._folder / f"{name & 255:02x}" / show_id(QueueId(name))

    def _make_folders(self) -> None:
        if (self._folder / "ff").is_dir():
            return
        for number in range(256):
            (self._folder / f"{number:02x}").mkdir(parents=True, exist_ok=True)
        self._disk.sync_directory(self._folder)
        self._disk.sync_directory(self._folder.parent)

    def _delete(self, files: list[tuple[Path, int]]) -> None:
        for path, size in files:
            self._disk.delete(path)
            self._spool.count(-size)

    def _sweep(self, kept: set[int]) -> int:
        names = {show_id(QueueId(name)) for name in kept}
        first: str | None = None
        swept = 0
        for folder in sorted(self._folder.iterdir()):
            for entry in os.scandir(folder):
                # Asked again at each file: the first body of this process may come while those of others are swept.
                if first is None and self._first is not None:
                    first = show_id(QueueId(self._first))
                # Names sort as numbers do, and this process only gives out larger ones than any before.
                if first is not None and entry.name.removesuffix(".tmp") >= first:
                    continue
                if entry.name in names:
                    self._spool.count(entry.stat().st_size)
                else:
                    self._disk.delete(Path(entry.path))
                    swept += 1
        return swept
