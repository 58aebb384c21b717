"""The embedded queue: one file, one writer, two readers beside it."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from mailock.core.lifecycle.changes import Commit, Opened, Settled
from mailock.core.lifecycle.copies import Parcel
from mailock.core.lifecycle.events import Event
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.mail.message import BodyRef, QueueId
from mailock.ports.queue import Counts, Item, Selection, Waiting
from mailock.storage.disk import Disk
from mailock.storage.leases import Leases
from mailock.storage.sqlite import people, reads, schema
from mailock.storage.sqlite.ballast import Ballast
from mailock.storage.sqlite.group import GroupCommit
from mailock.storage.sqlite.ledger import Ledger
from mailock.storage.sqlite.outbox import RecentEvents, stored_batches
from mailock.storage.sqlite.place import SpoolLock, refuse_network
from mailock.storage.sqlite.reader import Reader
from mailock.storage.sqlite.tally import COPY_STAGES, MESSAGE_STAGES, decode_tally
from mailock.storage.sqlite.works import Afterwards, CommitWork, LedgerWork

FILE: Final = "queue.db"
BALLAST: Final = 64 * 1024 * 1024
LATECOMERS: Final = 600_000 << 21
"""Ten minutes of queue ids (storage/ids.py): so much later than its id was made a message may enter."""
Unreferenced = Callable[[list[BodyRef]], None]


async def open_sqlite(
    directory: Path, *, ballast: int = BALLAST, on_unreferenced: Unreferenced, vfs: str | None = None
) -> "SqliteQueue":
    """Opens the store in a directory, making both where they are not.

    `ballast`: bytes kept back for a full disk; 0 keeps none. `on_unreferenced` is called on the loop. `vfs` names
    another file layer of SQLite, for tests. Raises SpoolTaken, NetworkFileSystem, NewerSchema (sentences for people),
    OSError and apsw.Error.
    """
    files = await asyncio.to_thread(_open_files, directory, vfs)
    return SqliteQueue(files, Ballast(directory, ballast), on_unreferenced)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    lock: SpoolLock
    writer: apsw.Connection
    mover: apsw.Connection
    work: apsw.Connection
    people: apsw.Connection


def _open_files(directory: Path, vfs: str | None) -> _Files:
    directory.mkdir(parents=True, exist_ok=True)
    refuse_network(directory)
    lock = SpoolLock(directory)
    try:
        path = directory / FILE
        writer = schema.connect(path, cache=schema.WRITER_CACHE, vfs=vfs)
        schema.bring_up_to_date(writer)
        # SQLite syncs the directory for the log that it makes, but not for the file itself.
        Disk().sync_directory(directory)
        return _Files(
            lock=lock,
            writer=writer,
            mover=schema.connect(path, cache=schema.READER_CACHE, vfs=vfs),
            work=schema.reading(path, vfs=vfs),
            people=schema.reading(path, vfs=vfs),
        )
    except BaseException:
        lock.release()
        raise


class SqliteQueue:
    """A queue in one SQLite file. Made by `open_sqlite`, inside a running loop."""

    def __init__(self, files: _Files, ballast: Ballast, on_unreferenced: Unreferenced) -> None:
        self._files = files
        self._work = Reader(files.work, "queue-work")
        self._people = Reader(files.people, "queue-people")
        self._on_unreferenced = on_unreferenced
        self._leases = Leases()
        writer = self._writer = files.writer
        (document,) = writer.execute("SELECT doc FROM tally").fetchone() or (b"",)
        self._ledger = Ledger(writer, decode_tally(document))
        empty = writer.execute("SELECT 1 FROM outbox LIMIT 1").fetchone() is None
        self._recent = RecentEvents(last=self._ledger.rows.tally.sequence, empty=empty)
        self._low_water = 0
        """What is well below this queue id is gone, shunted, held or quarantined."""
        self._lettings_go = 0
        self._size, self._reusable = _size(writer)
        self._size_at = 0.0
        ballast.lay()
        self._group = GroupCommit(writer, self._ledger, ballast, mover=files.mover, on_durable=self._durable)

    @property
    def floor(self) -> QueueId | None:
        """The largest queue id that was ever stored: new ids are made above it."""
        return self._ledger.rows.tally.floor

    def enter(self, commit: Commit, *, leased: bool) -> Awaitable[None]:
        """Takes custody."""
        afterwards = Afterwards.TAKEN if leased else Afterwards.ENDED
        return self._group.submit(CommitWork(commit, self._leases, afterwards, intake=True))

    def commit(self, commit: Commit, *, keep_lease: bool = False) -> Awaitable[None]:
        """Makes a change durable."""
        if len(commit.changes) == 1 and not commit.entries:
            change = commit.changes[0]
            if isinstance(change, Settled):
                self._group.forget_attempt(change.queue_id, change.copy)
            elif isinstance(change, Opened) and not commit.events:
                self._group.open_attempt(change)
                return _DONE
        afterwards = Afterwards.KEPT if keep_lease else Afterwards.ENDED
        return self._group.submit(CommitWork(commit, self._leases, afterwards, intake=False))

    async def lease(self, stage: MessageStage, limit: int) -> Sequence[Waiting]:
        """Messages of a stage, oldest first."""
        with self._leases.watched() as view:
            found = await self._work.read(reads.waiting(stage, limit, view))
            free = [waiting for waiting in found if view.free_message(waiting.message.queue_id)]
            for waiting in free:
                self._leases.take_message(waiting.message.queue_id)
        # What was found and taken by another meanwhile leaves room for what stands behind it.
        return free if free or not found else await self.lease(stage, limit)

    async def lanes(self) -> Sequence[tuple[str, float]]:
        """Lanes with their earliest due time."""
        return await self._work.read(reads.lanes(self._leases))

    async def next_due(self, lane: str) -> float | None:
        """The earliest due time in a lane."""
        return await self._work.read(reads.next_due(lane, self._leases))

    async def parcels(self, lane: str, now: float, limit: int) -> Sequence[Parcel]:
        """Deliveries that are due, as parcels."""
        leases = self._leases
        with leases.watched() as view:
            found = await self._work.read(reads.parcels(lane, now, limit, view))
            free = [
                parcel
                for parcel in found
                if all(view.free_delivery(d.queue_id, d.copy, d.number) for d in parcel.deliveries)
            ]
            for parcel in free:
                numbers = [delivery.number for delivery in parcel.deliveries]
                leases.take_deliveries(parcel.message.queue_id, parcel.copy.number, numbers)
        return free if free or not found else await self.parcels(lane, now, limit)

    async def planned(self, limit: int) -> Sequence[Parcel]:
        """PLANNED copies that nobody has."""
        leases = self._leases
        with leases.watched() as view:
            found = await self._work.read(reads.planned(limit, view))
            free = [
                parcel
                for parcel in found
                if all(view.free_delivery(d.queue_id, d.copy, d.number) for d in parcel.deliveries)
            ]
            for parcel in free:
                numbers = [delivery.number for delivery in parcel.deliveries]
                leases.take_deliveries(parcel.message.queue_id, parcel.copy.number, numbers)
        return free if free or not found else await self.planned(limit)

    def put_back(self, queue_id: QueueId, copy: int | None = None, numbers: Sequence[int] = ()) -> None:
        """Ends a lease without an outcome."""
        self._leases.put_back(queue_id, copy, numbers)

    def leased(self) -> int:
        """How many leases are out."""
        return len(self._leases)

    def claim_message(self, queue_id: QueueId) -> bool:
        """Leases a message where it is free."""
        return self._leases.claim_message(queue_id)

    def claim(self, queue_id: QueueId, copy: int, numbers: Iterable[int]) -> frozenset[int]:
        """Leases what is free."""
        return self._leases.claim(queue_id, copy, numbers)

    async def counts(self) -> Counts:
        """How much waits where."""
        before = self._lettings_go
        found = await self._people.read(people.oldest(self._low_water - LATECOMERS))
        if found is not None and self._lettings_go == before:
            self._low_water = found[0]
        tally = self._ledger.rows.tally
        return Counts(
            messages={stage: tally.messages[stage] for stage in MESSAGE_STAGES},
            copies={stage: tally.copies[stage] for stage in COPY_STAGES},
            pending=tally.pending,
            deferred=tally.deferred,
            oldest=None if found is None else found[1],
        )

    async def find(self, selection: Selection, *, limit: int, after: QueueId | None = None) -> Sequence[Item]:
        """The messages that a selection means."""
        return await self._people.read(people.find(selection, limit, after))

    def used(self) -> int:
        """Bytes of the queue file, its free pages not counted; a second old at most while mail comes."""
        return self._size

    def reusable(self) -> int:
        """Bytes of its free pages, which the next mail fills."""
        return self._reusable

    async def body_names(self) -> set[int]:
        """The names of all bodies in files."""
        return await self._people.read(people.names_of_files)

    async def small_body(self, ref: BodyRef) -> bytes:
        """The content of an inline body."""
        content = await self._work.read(lambda do: reads.content_of(do, ref))
        if content is None:
            raise KeyError(ref.name)
        return content

    async def pending(self, limit: int) -> Sequence[tuple[int, Sequence[Event]]]:
        """The oldest batches of events."""
        known = self._recent.oldest(limit)
        return await self._work.read(stored_batches(limit)) if known is None else known

    async def drop(self, through: int) -> None:
        """Deletes batches that the log has."""
        await self._group.submit(LedgerWork(lambda ledger: ledger.drop_batches(through)))
        self._recent.drop(through)

    async def trim(self, keep: int) -> int:
        """Deletes the oldest batches beyond `keep`."""
        through, lost = await self._group.submit(LedgerWork(lambda ledger: ledger.trim_batches(keep)))
        self._recent.drop(through)
        return int(lost)

    async def close(self) -> None:
        """Writes what is pending and closes."""
        await self._group.close()
        if self._group.broken:
            # What a failed sync left in the log may differ from what SQLite remembers of it: the next start reads it
            # anew, with its checksums. Closing must not copy it into queue.db and delete it.
            for connection in (self._writer, self._files.mover, self._files.work, self._files.people):
                connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        self._work.close()
        self._people.close()
        self._files.mover.close()
        await asyncio.to_thread(self._writer.close)
        self._files.lock.release()

    def _durable(self) -> None:
        """A group is durable."""
        ledger = self._ledger
        for queue_id in ledger.rows.closed:
            self._leases.end_all(queue_id)
        if ledger.written is not None:
            self._recent.add(ledger.rows.tally.sequence, ledger.written)
        if ledger.rows.let_go:
            self._lettings_go += 1
            self._low_water = min(self._low_water, *ledger.rows.let_go)
        now = self._group.loop.time()
        if now > self._size_at + 1:
            self._size, self._reusable = _size(self._writer)
            self._size_at = now
        if ledger.rows.unreferenced:
            self._on_unreferenced(ledger.rows.unreferenced)


def _size(connection: apsw.Connection) -> tuple[int, int]:
    """Bytes of queue.db that hold something, and bytes that do not."""
    pages: int = connection.pragma("page_count")
    free: int = connection.pragma("freelist_count")
    size: int = connection.pragma("page_size")
    return (pages - free) * size, free * size


class _Done:
    """What need not be waited for."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        yield from ()


_DONE: Final = _Done()
