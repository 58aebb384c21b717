"""A disk that is really full: new mail is refused, old mail is kept, what was done to it is recorded (DECISIONS 9)."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailock.core.mail.message import Message
from mailock.ports.queue import Selection, StoreFailed
from mailock.storage.files import FileBodies
from mailock.storage.sqlite import checkpoints
from mailock.storage.sqlite.queue import SqliteQueue, open_sqlite
from tests.contract.spool import entering, message, planning, sent, settling

DISK = 24 << 20
BALLAST = 4 << 20
CONTENT = os.urandom(20_000)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("a small file system cannot be mounted here: it needs root, and a system that lets root mount")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def fill(queue: SqliteQueue) -> list[Message]:
    """Takes custody until the disk is full; returns what was taken."""
    taken: list[Message] = []

    async def one(number: int) -> None:
        given = message(number, content=CONTENT)
        await queue.enter(entering(given, content=CONTENT), leased=True)
        taken.append(given)

    for start in range(0, 100_000, 10):
        results = await asyncio.gather(*map(one, range(start, start + 10)), return_exceptions=True)
        refused = [result for result in results if isinstance(result, BaseException)]
        if refused:
            assert all(isinstance(result, StoreFailed) and "full" in str(result) for result in refused)
            return taken
    pytest.fail("the disk never was full")


async def test_a_full_disk_loses_nothing_and_records_every_outcome(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "PAGES", 200)
    queue = await open_sqlite(small_disk, ballast=BALLAST, on_unreferenced=lambda refs: None)
    taken = await fill(queue)
    assert len(taken) > 100
    for given in taken:
        await queue.commit(planning(given), keep_lease=True)
    for given in taken[1:]:
        await queue.commit(settling(given, sent()))
    await queue.close()
    queue = await open_sqlite(small_disk, ballast=BALLAST, on_unreferenced=lambda refs: None)
    assert [item.message for item in await queue.find(Selection(), limit=10_000)] == taken[:1]
    # The file keeps its size, but there is room in it again.
    more = message(200_000, content=CONTENT)
    await queue.enter(entering(more, content=CONTENT), leased=True)
    assert (await queue.small_body(more.body)) == CONTENT
    await queue.close()


async def test_a_large_body_that_does_not_fit_is_refused_and_leaves_no_trace(small_disk: Path) -> None:
    bodies = FileBodies(small_disk, 1000)
    draft = bodies.draft(1 << 60)
    with pytest.raises(OSError, match="No space left"):
        for _ in range(400):
            draft.write(os.urandom(100_000))
            await draft.drained()
        await draft.finish()
    draft.abandon()
    for _ in range(1000):
        if not files_in(small_disk):
            break
        await asyncio.sleep(0.01)
    small = bodies.draft((1 << 60) + 1)
    for _ in range(100):
        small.write(CONTENT)
        await small.drained()
    kept = await small.finish()
    assert b"".join([chunk async for chunk in bodies.read(kept.ref)]) == CONTENT * 100
    await bodies.close()
    assert len(files_in(small_disk)) == 1
