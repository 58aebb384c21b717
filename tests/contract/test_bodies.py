"""Bodies: what a draft promises, for every store; and what files promise besides."""

import asyncio
import errno
import hashlib
import os
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from mailock.core.mail.message import BodyRef, QueueId, show_id
from mailock.ports.bodies import Bodies
from mailock.storage.disk import Disk
from mailock.storage.files import FileBodies
from mailock.storage.memory.bodies import MemoryBodies

LIMIT = 1000
NAME = (1 << 60) + 7


@pytest_asyncio.fixture(params=["memory", "files"])
async def bodies(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bodies]:
    """An empty store of bodies."""
    if request.param == "memory":
        yield MemoryBodies(LIMIT)
        return
    files = FileBodies(tmp_path, LIMIT)
    yield files
    await files.close()


@pytest_asyncio.fixture
async def files(tmp_path: Path) -> AsyncIterator[FileBodies]:
    """An empty store in files."""
    made = FileBodies(tmp_path, LIMIT)
    yield made
    await made.close()


async def content_of(bodies: Bodies, ref: BodyRef, start: int = 0) -> bytes:
    """Everything from an offset."""
    chunks = [chunk async for chunk in bodies.read(ref, start)]
    assert all(0 < len(chunk) <= 256 * 1024 for chunk in chunks)
    return b"".join(chunks)


async def soon(holds: Callable[[], bool]) -> None:
    """Waits until something holds."""
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not come true in ten seconds")


def sample(size: int) -> bytes:
    """Bytes that differ everywhere."""
    return hashlib.shake_128(b"sample").digest(size)


@pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT])
async def test_a_small_body_is_finished_at_once(bodies: Bodies, size: int) -> None:
    draft = bodies.draft(NAME)
    for place in range(0, size, 100):
        draft.write(sample(size)[place : place + 100])
    assert (draft.size, draft.backlog) == (size, 0)
    kept = draft.finish_small()
    assert kept is not None
    assert kept.content == sample(size)
    assert kept.ref == BodyRef(NAME, hashlib.sha256(sample(size)).hexdigest(), size, inline=True)


@pytest.mark.parametrize("size", [LIMIT + 1, 256 * 1024, 256 * 1024 + 1, 3_000_001])
@pytest.mark.parametrize("piece", [1460, 65536, 5_000_000])
async def test_a_large_body_comes_back_as_it_was_written(bodies: Bodies, size: int, piece: int) -> None:
    content = sample(size)
    draft = bodies.draft(NAME)
    for place in range(0, size, piece):
        draft.write(content[place : place + piece])
        if draft.backlog > 1 << 20:
            await draft.drained()
            assert draft.backlog < 1 << 20
    assert draft.finish_small() is None
    kept = await draft.finish()
    assert kept.content is None
    assert kept.ref == BodyRef(NAME, hashlib.sha256(content).hexdigest(), size, inline=False)
    assert await content_of(bodies, kept.ref) == content
    assert await content_of(bodies, kept.ref, size - 10) == content[-10:]
    assert bodies.used() == size


async def test_finish_also_ends_a_small_body(bodies: Bodies) -> None:
    draft = bodies.draft(NAME)
    draft.write(b"small")
    kept = await draft.finish()
    assert (kept.content, kept.ref.inline) == (b"small", True)


async def test_what_is_dropped_is_gone(bodies: Bodies) -> None:
    draft = bodies.draft(NAME)
    draft.write(sample(5000))
    kept = await draft.finish()
    bodies.drop([kept.ref])
    await soon(lambda: bodies.used() == 0)
    with pytest.raises(OSError, match=r".*"):
        await content_of(bodies, kept.ref)


async def test_drafts_at_once_do_not_mix(bodies: Bodies) -> None:
    async def one(number: int) -> BodyRef:
        draft = bodies.draft(NAME + number)
        for _ in range(30):
            draft.write(bytes([number]) * 50_000)
            await asyncio.sleep(0)
        return (await draft.finish()).ref

    refs = await asyncio.gather(*map(one, range(10)))
    for number, ref in enumerate(refs):
        assert await content_of(bodies, ref) == bytes([number]) * 1_500_000


async def test_a_reader_may_stop_in_the_middle(bodies: Bodies) -> None:
    draft = bodies.draft(NAME)
    draft.write(sample(2_000_000))
    kept = await draft.finish()
    reading = bodies.read(kept.ref)
    async for chunk in reading:
        assert chunk
        break
    await reading.aclose()  # type: ignore[attr-defined]  # every store makes it with a generator
    assert len(await content_of(bodies, kept.ref)) == 2_000_000


def files_in(folder: Path) -> list[str]:
    """Every file below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_an_abandoned_body_leaves_nothing(files: FileBodies, tmp_path: Path) -> None:
    for size in (10, 2000, 700_000):
        draft = files.draft(NAME + size)
        draft.write(sample(size))
        draft.abandon()
        draft.abandon()
    begun = files.draft(NAME)
    begun.write(sample(700_000))
    await asyncio.sleep(0.05)
    begun.abandon()
    await soon(lambda: files_in(tmp_path) == [])
    assert files_in(tmp_path) == []


async def test_a_finish_that_is_given_up_leaves_nothing(files: FileBodies, tmp_path: Path) -> None:
    draft = files.draft(NAME)
    draft.write(sample(5_000_000))
    finishing = asyncio.ensure_future(draft.finish())
    await asyncio.sleep(0)
    finishing.cancel()
    await asyncio.wait([finishing])
    await asyncio.sleep(0.1)
    await soon(lambda: files_in(tmp_path) == [])
    assert files_in(tmp_path) == []


async def test_a_body_that_lost_its_end_is_an_error(files: FileBodies, tmp_path: Path) -> None:
    draft = files.draft(NAME)
    draft.write(sample(2_000_000))
    kept = await draft.finish()
    os.truncate(tmp_path / files_in(tmp_path)[0], 1_500_000)
    with pytest.raises(OSError, match="ends at 1500000 of 2000000"):
        await content_of(files, kept.ref)


async def test_the_sweep_keeps_what_rows_name_and_what_this_process_writes(tmp_path: Path) -> None:
    before = FileBodies(tmp_path, LIMIT)
    refs = []
    for number in range(3):
        draft = before.draft(NAME + number)
        draft.write(sample(2000))
        refs.append((await draft.finish()).ref)
    left = before.draft(NAME + 3)
    left.write(sample(700_000))
    await before.close()
    after = FileBodies(tmp_path, LIMIT)
    now = after.draft(NAME + 4)
    now.write(sample(700_000))
    assert await after.sweep({refs[1].name}) == 3
    assert after.used() == 2000
    kept = await now.finish()
    assert await content_of(after, kept.ref) == sample(700_000)
    assert await content_of(after, refs[1]) == sample(2000)
    assert [Path(name).name for name in files_in(tmp_path)] == sorted(
        show_id(QueueId(ref.name)) for ref in (refs[1], kept.ref)
    )
    await after.close()


class SlowToDelete(Disk):
    """A disk on which each deletion waits until it may."""

    def __init__(self) -> None:
        self.asked, self.may = threading.Event(), threading.Event()

    def delete(self, path: Path) -> None:
        """Waits, then deletes."""
        self.asked.set()
        assert self.may.wait(10.0)
        super().delete(path)


async def test_the_sweep_keeps_a_body_that_comes_while_it_sweeps(tmp_path: Path) -> None:
    disk = SlowToDelete()
    after = FileBodies(tmp_path, LIMIT, disk=disk)
    (tmp_path / "bodies" / "00" / show_id(QueueId(NAME & ~255))).write_bytes(b"an orphan in the first folder")
    sweeping = asyncio.ensure_future(after.sweep(set()))
    assert await asyncio.to_thread(disk.asked.wait, 10.0)
    draft = after.draft(NAME | 255)
    draft.write(sample(2000))
    kept = await draft.finish()
    disk.may.set()
    assert await sweeping == 1
    assert await content_of(after, kept.ref) == sample(2000)
    await after.close()


async def test_inline_bodies_are_read_from_the_queue(tmp_path: Path) -> None:
    async def small_body(ref: BodyRef) -> bytes:
        return {NAME: b"0123456789"}[ref.name]

    files = FileBodies(tmp_path, LIMIT, small_body=small_body)
    assert await content_of(files, BodyRef(NAME, "", 10, inline=True), 4) == b"456789"
    with pytest.raises(FileNotFoundError):
        await content_of(files, BodyRef(NAME + 1, "", 10, inline=True))
    await files.close()


class FaultyDisk(Disk):
    """A disk on which one call fails."""

    def __init__(self, call: str, number: int) -> None:
        self.fault = OSError(number, os.strerror(number))
        self.call = call

    def strike(self, call: str) -> None:
        """Fails where it is that call's turn."""
        if call == self.call:
            raise self.fault

    def create(self, path: Path) -> int:
        self.strike("create")
        return super().create(path)

    def write(self, file: int, chunks: list[bytes]) -> None:
        self.strike("write")
        super().write(file, chunks)

    def sync(self, file: int) -> None:
        self.strike("sync")
        super().sync(file)

    def rename(self, old: Path, new: Path) -> None:
        self.strike("rename")
        super().rename(old, new)

    def sync_directory(self, directory: Path) -> None:
        self.strike("sync_directory")
        super().sync_directory(directory)


@pytest.mark.parametrize("call", ["create", "write", "sync", "rename", "sync_directory"])
async def test_a_full_disk_refuses_the_body_and_not_the_next(tmp_path: Path, call: str) -> None:
    disk = FaultyDisk("", errno.ENOSPC)
    files = FileBodies(tmp_path, LIMIT, disk=disk)
    disk.call = call
    draft = files.draft(NAME)
    draft.write(sample(3_000_000))
    with pytest.raises(OSError, match="No space left"):
        await draft.finish()
    disk.call = ""
    assert files.used() == 0
    draft = files.draft(NAME + 1)
    draft.write(sample(3_000_000))
    kept = await draft.finish()
    assert await content_of(files, kept.ref) == sample(3_000_000)
    await files.close()
    assert len(files_in(tmp_path)) == 1


@pytest.mark.parametrize("call", ["sync", "sync_directory"])
async def test_a_failed_sync_is_final(tmp_path: Path, call: str) -> None:
    disk = FaultyDisk("", errno.EIO)
    files = FileBodies(tmp_path, LIMIT, disk=disk)
    disk.call = call
    draft = files.draft(NAME)
    draft.write(sample(2000))
    with pytest.raises(OSError, match=r"Input/output error"):
        await draft.finish()
    disk.call = ""
    draft = files.draft(NAME + 1)
    draft.write(sample(2000))
    with pytest.raises(OSError, match="restart Mailock"):
        await draft.finish()
    await files.close()
    assert files_in(tmp_path) == []


async def test_a_fault_while_receiving_is_told_to_who_waits(tmp_path: Path) -> None:
    disk = FaultyDisk("write", errno.EIO)
    files = FileBodies(tmp_path, LIMIT, disk=disk)
    draft = files.draft(NAME)
    for _ in range(40):
        draft.write(sample(100_000))
    with pytest.raises(OSError, match=r"Input/output error"):
        await draft.drained()
    draft.write(sample(100_000))
    assert draft.backlog == 0
    draft.abandon()
    await files.close()
    assert files_in(tmp_path) == []
