"""What the embedded store promises besides the contract: restarts, faults of the disk, and who may open it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path

import apsw
import pytest
import pytest_asyncio

from mailock.core.lifecycle.changes import Commit, Opened
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.lifecycle.transitions import IllegalMove
from mailock.core.mail.message import BodyRef
from mailock.ports.queue import Selection, StoreFailed
from mailock.storage.sqlite import checkpoints
from mailock.storage.sqlite.place import SpoolTaken
from mailock.storage.sqlite.queue import SqliteQueue, open_sqlite
from mailock.storage.sqlite.schema import NewerSchema
from tests.contract.spool import (
    EPOCH,
    LANE,
    deferred,
    entering,
    in_file,
    message,
    moving,
    noted,
    planning,
    queue_id,
    sent,
    settling,
    staging,
)

FAULTY = "faulty"
BALLAST = 1 << 20


class FaultyVFS(apsw.VFS):
    """SQLite's files on a disk that can be told to fail."""

    def __init__(self) -> None:
        self.sync_fault: int | None = None
        self.faulty_name = ""
        """Syncs fail of files whose names end so."""
        self.full_while: Path | None = None
        """The disk is full as long as this file exists."""
        super().__init__(FAULTY, "unix")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802  apsw's name
        return FaultyFile(self, name, flags)


class FaultyFile(apsw.VFSFile):
    """One of them."""

    def __init__(self, vfs: FaultyVFS, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self.vfs = vfs
        self.name = name.filename() if isinstance(name, apsw.URIFilename) else name or ""

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  apsw's name
        if self.vfs.full_while is not None and self.vfs.full_while.exists():
            raise apsw.exception_for(apsw.SQLITE_FULL)
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802  apsw's name
        if self.vfs.sync_fault is not None and self.name.endswith(self.vfs.faulty_name):
            raise apsw.exception_for(self.vfs.sync_fault)
        super().xSync(flags)


@pytest.fixture
def vfs() -> Iterator[FaultyVFS]:
    """A disk that works, so far."""
    made = FaultyVFS()
    yield made
    made.unregister()


async def opened(folder: Path, *, ballast: int = 0, vfs: str | None = None) -> SqliteQueue:
    """The store of a folder."""
    return await open_sqlite(folder, ballast=ballast, on_unreferenced=lambda refs: None, vfs=vfs)


@pytest_asyncio.fixture
async def queue(tmp_path: Path, vfs: FaultyVFS) -> AsyncIterator[SqliteQueue]:
    """An empty store on the disk that can fail."""
    made = await opened(tmp_path, ballast=BALLAST, vfs=FAULTY)
    yield made
    await made.close()


async def test_everything_is_there_after_a_restart_and_nothing_is_leased(tmp_path: Path) -> None:
    queue = await opened(tmp_path)
    first, second, third = message(1), in_file(message(2, recipients=2)), message(3)
    await queue.enter(entering(first, second, third), leased=True)
    await queue.commit(planning(second))
    await queue.commit(settling(second, deferred(0)))
    await queue.commit(planning(third, stage=CopyStage.QUARANTINED))
    before = await queue.find(Selection(), limit=10), await queue.counts(), await queue.pending(10), queue.floor
    await queue.close()
    queue = await opened(tmp_path)
    assert before == (
        await queue.find(Selection(), limit=10),
        await queue.counts(),
        await queue.pending(10),
        queue.floor,
    )
    assert queue.leased() == 0
    assert [w.message for w in await queue.lease(MessageStage.ACCEPTED, 10)] == [first]
    assert [p.message for p in await queue.parcels(LANE, EPOCH, 10)] == [second]
    assert await queue.body_names() == {second.body.name}
    await queue.close()


async def test_ids_and_sequences_go_on_above_what_was_there_and_is_gone(tmp_path: Path) -> None:
    queue = await opened(tmp_path)
    assert queue.floor is None
    await queue.enter(entering(message(7)), leased=True)
    await queue.commit(staging(message(7), MessageStage.ACCEPTED, MessageStage.CLOSED))
    ((sequence, _),) = await queue.pending(10)
    await queue.drop(sequence)
    await queue.close()
    queue = await opened(tmp_path)
    assert queue.floor == queue_id(7)
    await queue.commit(Commit(events=(noted(message(7), "later"),)))
    ((later, _),) = await queue.pending(10)
    assert later > sequence
    await queue.close()


async def test_an_open_attempt_is_written_with_the_next_commit(tmp_path: Path) -> None:
    queue = await opened(tmp_path)
    given = message(1)
    await queue.enter(entering(given), leased=True)
    await queue.commit(planning(given), keep_lease=True)
    await queue.commit(Commit(changes=(Opened(queue_id=given.queue_id, copy=0, numbers=(0,), at=EPOCH + 9),)))
    reading = apsw.Connection(str(tmp_path / "queue.db"))
    assert reading.execute("SELECT opened FROM delivery").fetchall() == [(None,)]
    await queue.enter(entering(message(2)), leased=True)
    assert reading.execute("SELECT opened FROM delivery").fetchall() == [(EPOCH + 9,)]
    reading.close()
    await queue.close()


async def test_closing_writes_attempts_that_are_open(tmp_path: Path) -> None:
    queue = await opened(tmp_path)
    given = message(1)
    await queue.enter(entering(given), leased=True)
    await queue.commit(planning(given), keep_lease=True)
    await queue.commit(Commit(changes=(Opened(queue_id=given.queue_id, copy=0, numbers=(0,), at=EPOCH),)))
    await queue.close()
    reading = apsw.Connection(str(tmp_path / "queue.db"))
    assert reading.execute("SELECT opened FROM delivery").fetchall() == [(EPOCH,)]
    reading.close()


async def test_a_failed_sync_refuses_the_whole_group_and_everything_after(tmp_path: Path, vfs: FaultyVFS) -> None:
    queue = await opened(tmp_path, vfs=FAULTY)
    await queue.enter(entering(message(0)), leased=True)
    vfs.sync_fault = apsw.SQLITE_IOERR_FSYNC
    tries = [queue.enter(entering(message(number)), leased=True) for number in range(1, 9)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(result, StoreFailed) and "restart Mailock" in str(result) for result in results)
    assert queue.leased() == 1
    vfs.sync_fault = None
    with pytest.raises(StoreFailed, match="restart Mailock"):
        await queue.enter(entering(message(9)), leased=True)
    with pytest.raises(StoreFailed, match="restart Mailock"):
        await queue.commit(planning(message(0)))
    assert [item.message for item in await queue.find(Selection(), limit=10)] == [message(0)]
    await queue.close()
    # What the disk really holds is for the next start to read: closing has not touched the log.
    assert (tmp_path / "queue.db-wal").stat().st_size > 0
    queue = await opened(tmp_path)
    assert (await queue.find(Selection(), limit=10))[0].message == message(0)
    await queue.close()


async def test_a_sync_that_fails_while_the_log_is_moved_is_final_too(
    tmp_path: Path, vfs: FaultyVFS, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "PAGES", 10)
    queue = await opened(tmp_path, vfs=FAULTY)
    vfs.sync_fault, vfs.faulty_name = apsw.SQLITE_IOERR_FSYNC, "queue.db"
    taken = 0
    with pytest.raises(StoreFailed, match="restart Mailock"):
        for number in range(1000):
            await queue.enter(entering(message(number)), leased=False)
            taken += 1
    assert taken >= 1
    vfs.sync_fault = None
    with pytest.raises(StoreFailed, match="restart Mailock"):
        await queue.enter(entering(message(2000)), leased=False)
    await queue.close()
    queue = await opened(tmp_path)
    assert len(await queue.find(Selection(), limit=2000)) == taken
    await queue.close()


async def test_a_full_disk_refuses_new_mail_and_records_what_was_done_to_the_old(
    queue: SqliteQueue, vfs: FaultyVFS, tmp_path: Path
) -> None:
    given = message(1)
    await queue.enter(entering(given), leased=True)
    await queue.commit(planning(given), keep_lease=True)
    vfs.full_while = tmp_path / "ballast"
    outcome, refused = await asyncio.gather(
        queue.commit(settling(given, sent())), queue.enter(entering(message(2)), leased=True), return_exceptions=True
    )
    assert outcome is None
    assert isinstance(refused, StoreFailed)
    assert "full" in str(refused)
    assert not await queue.find(Selection(), limit=10)
    assert not (tmp_path / "ballast").exists()
    vfs.full_while = None
    await queue.enter(entering(message(2)), leased=True)
    assert (tmp_path / "ballast").stat().st_size == BALLAST


async def test_a_full_disk_without_ballast_refuses_all_and_is_not_final(vfs: FaultyVFS, tmp_path: Path) -> None:
    queue = await opened(tmp_path, vfs=FAULTY)
    given = message(1)
    await queue.enter(entering(given), leased=True)
    vfs.full_while = tmp_path
    for _ in range(2):
        with pytest.raises(StoreFailed, match="full"):
            await queue.commit(planning(given))
        with pytest.raises(StoreFailed, match="full"):
            await queue.enter(entering(message(2)), leased=True)
    vfs.full_while = None
    await queue.commit(planning(given))
    await queue.enter(entering(message(2)), leased=True)
    assert len(await queue.find(Selection(), limit=10)) == 2
    await queue.close()


async def test_one_process_at_a_time(tmp_path: Path) -> None:
    queue = await opened(tmp_path)
    with pytest.raises(SpoolTaken, match="in use by process"):
        await opened(tmp_path)
    await queue.close()
    queue = await opened(tmp_path)
    await queue.close()


async def test_a_newer_schema_is_not_touched_and_the_store_is_let_go(tmp_path: Path) -> None:
    queue = await opened(tmp_path)
    await queue.close()
    connection = apsw.Connection(str(tmp_path / "queue.db"))
    connection.pragma("user_version", 99)
    for _ in range(2):
        with pytest.raises(NewerSchema, match="schema 99"):
            await opened(tmp_path)
    connection.pragma("user_version", 1)
    connection.close()
    queue = await opened(tmp_path)
    await queue.close()


async def test_the_log_file_is_begun_anew_while_mail_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "PAGES", 100)
    gone: list[BodyRef] = []
    queue = await open_sqlite(tmp_path, ballast=0, on_unreferenced=gone.extend)
    content = b"x" * 10_000

    async def one(number: int) -> None:
        given = message(number, content=content)
        await queue.enter(entering(given, content=content), leased=True)
        await queue.commit(planning(given), keep_lease=True)
        await queue.commit(settling(given, sent()))

    for start in range(0, 1000, 10):
        await asyncio.gather(*(one(number) for number in range(start, start + 10)))
        await queue.drop((await queue.pending(1))[-1][0])
    # 1000 × 10 kB went through it; how much of that lies there at once depends on how fast the disk is.
    assert (tmp_path / "queue.db-wal").stat().st_size < 6_000_000
    assert (tmp_path / "queue.db").stat().st_size < 6_000_000
    await queue.close()
    assert not (tmp_path / "queue.db-wal").exists()


async def test_a_message_that_was_held_is_the_oldest_again_when_let_go(tmp_path: Path) -> None:
    queue = await opened(tmp_path)
    await queue.enter(entering(message(1), message(2)), leased=False)
    await queue.commit(planning(message(1), stage=CopyStage.HELD))
    await queue.commit(planning(message(2)))
    for _ in range(2):
        assert (await queue.counts()).oldest == EPOCH + 2
    await queue.commit(moving(message(1), CopyStage.HELD, CopyStage.READY))
    assert (await queue.counts()).oldest == EPOCH + 1
    await queue.close()


async def test_nobody_leases_what_is_committed_and_handed_on_in_memory_before_we_are_told_of_it(tmp_path: Path) -> None:
    queue = await open_sqlite(tmp_path, ballast=0, on_unreferenced=lambda refs: None)
    told: list[Exception | None] = []
    committed = asyncio.Event()
    finish = queue._group._finished

    def late(fault: Exception | None) -> None:
        told.append(fault)
        committed.set()

    async def unheard(work: Awaitable[None]) -> None:
        """The commit is on the disk and in every snapshot; the loop learns of it only now."""
        committed.clear()
        queue._group._finished = late  # type: ignore[method-assign]  # the one moment that cannot be had otherwise
        going = asyncio.ensure_future(work)
        await committed.wait()
        assert await queue.lease(MessageStage.ACCEPTED, 10) == []
        assert await queue.parcels(LANE, EPOCH + 1e6, 10) == []
        queue._group._finished = finish  # type: ignore[method-assign]  # as it was
        finish(told.pop())
        await going

    await unheard(queue.enter(entering(message(1)), leased=True))
    await unheard(queue.commit(planning(message(1)), keep_lease=True))
    assert queue.leased() == 1
    queue.put_back(queue_id(1), 0, [0])
    assert len(await queue.parcels(LANE, EPOCH + 1e6, 10)) == 1
    await queue.close()


async def test_a_refused_commit_lets_go_of_nothing_that_others_have(tmp_path: Path) -> None:
    queue = await open_sqlite(tmp_path, ballast=0, on_unreferenced=lambda refs: None)
    await queue.enter(entering(message(1)), leased=True)
    await queue.commit(planning(message(1)), keep_lease=True)
    with pytest.raises(IllegalMove):
        await queue.commit(planning(message(1)), keep_lease=True)
    assert (queue.leased(), await queue.parcels(LANE, EPOCH + 1e6, 10)) == (1, [])
    await queue.close()
