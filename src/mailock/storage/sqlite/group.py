"""Group commit: what arrives while a COMMIT is under way goes into the next one, so one sync serves many messages.

The SQL of a group runs on the event loop's thread, a few microseconds a statement; only the COMMIT, which writes the
log file and syncs it, runs in the writer's thread, where it holds no lock of the interpreter. While it runs, nobody
touches the connection. (With all SQL in the writer's thread, each statement has to win the interpreter back from the
loop: measured in docs/benchmarks.md.)

A work that raises spoils nobody else's: the group is rolled back and written again without it. What the disk refuses
is refused to the whole group. After a failed sync the kernel may have thrown away what was not written and will not
say so again, so it is final: nothing is written any more until a restart has read what is really there (DECISIONS 2).
A full disk is not final: the ballast is released, new mail is refused, and what was done to the old is written into
the room (DECISIONS 9).
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Final, Protocol

import apsw

from mailock.core.lifecycle.changes import Opened
from mailock.ports.queue import StoreFailed
from mailock.storage.sqlite.ballast import Ballast
from mailock.storage.sqlite.checkpoints import Checkpoints
from mailock.storage.sqlite.ledger import Ledger

_LOG: Final = logging.getLogger("mailock.storage")
MOST_WORKS: Final = 256
"""Works of one group: what bounds how long the loop is kept."""
FINAL: Final = frozenset({apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC, apsw.SQLITE_IOERR_TRUNCATE})


class Work(Protocol):
    """Something to be made durable."""

    intake: bool
    """Whether it is new mail, which may be refused where old mail may not."""
    future: "asyncio.Future[Any]"

    def write(self, ledger: Ledger) -> None:
        """Writes it into the transaction. Raises IllegalMove, and then it alone is refused."""
        ...

    def durable(self) -> object:
        """It is durable: does what follows from that; returns what its future gets."""
        ...

    def refused(self) -> None:
        """It is not, and will not be: takes back what `write` did beside the rows."""
        ...


class GroupCommit:
    """The one writer of a queue.db."""

    def __init__(
        self,
        connection: apsw.Connection,
        ledger: Ledger,
        ballast: Ballast,
        *,
        mover: apsw.Connection,
        on_durable: Callable[[], None],
    ) -> None:
        self.loop: Final = asyncio.get_running_loop()
        self._connection = connection
        self._checkpoints = Checkpoints(connection, mover, on_fault=self._checkpoint_failed)
        self._ledger = ledger
        self._ballast = ballast
        self._on_durable = on_durable
        self._waiting: list[Work] = []
        self._group: list[Work] = []
        self._opened: dict[tuple[int, int], Opened] = {}
        self._busy = False
        self._full = False
        self._final: str | None = None
        self.broken = False
        """After `close`: whether a sync had failed."""
        self._jobs: SimpleQueue[bool | None] = SimpleQueue()
        self._idle = asyncio.Event()
        self._idle.set()
        self._thread = threading.Thread(target=self._write, name="queue-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work) -> "asyncio.Future[Any]":
        """Puts a work into the next group; its future ends when that is durable, with StoreFailed where it is not."""
        future = work.future = self.loop.create_future()
        if self._final is not None:
            future.set_exception(StoreFailed(self._final))
        elif self._full and work.intake and not self._has_room():
            future.set_exception(StoreFailed(_FULL))
        else:
            self._waiting.append(work)
            if not self._busy:
                self._busy = True
                self._idle.clear()
                self.loop.call_soon(self._turn)
        return future

    def open_attempt(self, change: Opened) -> None:
        """Keeps an Opened for the next group."""
        self._opened[change.queue_id, change.copy] = change

    def forget_attempt(self, queue_id: int, copy: int) -> None:
        """An attempt is settled before its beginning was written: then that need not be."""
        self._opened.pop((queue_id, copy), None)

    async def close(self) -> None:
        """Writes what is pending and ends the thread."""
        await self._idle.wait()
        if self._opened and self._final is None:
            self._busy = True
            self._idle.clear()
            self._turn()
            await self._idle.wait()
        self.broken = self._final is not None
        self._final = self._final or "the queue is closed"
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._checkpoints.close()

    def _turn(self) -> None:
        """Writes the next group and hands its COMMIT to the thread."""
        if self._final is not None:
            self._refuse_all(self._final)
            return
        group, self._waiting = self._waiting[:MOST_WORKS], self._waiting[MOST_WORKS:]
        try:
            group = self._written(group)
        except (apsw.Error, OSError) as fault:
            self._group = group
            self._finished(fault)
            return
        self._group = group
        if group or self._opened:
            self._opened.clear()
            self._jobs.put(self._checkpoints.rest_is_due)
        else:
            self._finished(None)

    def _written(self, group: list[Work]) -> list[Work]:
        """Runs the SQL of a group; returns the works that are in the transaction. Raises apsw.Error where none is."""
        while group or self._opened:
            ledger = self._ledger
            ledger.begin()
            for change in self._opened.values():
                ledger.open_attempt(change)
            for work in group:
                try:
                    work.write(ledger)
                except (apsw.FullError, apsw.IOError):
                    raise
                except Exception as fault:
                    self._roll_back()
                    _refuse(work, fault)
                    group = [other for other in group if other is not work]
                    break
            else:
                ledger.finish()
                return group
        return group

    def _roll_back(self) -> None:
        self._ledger.undo()
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _write(self) -> None:
        """The writer's thread."""
        commit = self._connection.cursor().execute
        while (with_rest := self._jobs.get()) is not None:
            fault: Exception | None = None
            try:
                commit("COMMIT")
            except Exception as caught:
                fault = caught
            if with_rest and fault is None:
                try:
                    self._checkpoints.move_rest()
                except Exception as caught:
                    self.loop.call_soon_threadsafe(self._checkpoint_failed, caught)
            self.loop.call_soon_threadsafe(self._finished, fault)

    def _finished(self, fault: Exception | None) -> None:
        """A COMMIT has ended, or its SQL could not be run: tells the works, and starts the next group."""
        group, self._group = self._group, []
        try:
            if fault is None:
                for work in group:
                    _accomplish(work)
                self._on_durable()
                self._checkpoints.committed()
            else:
                self._roll_back()
                self._failed(group, fault)
        finally:
            if self._waiting:
                # What the sockets have ready by now still joins this group.
                self.loop.call_soon(self._turn)
            else:
                self._busy = False
                self._idle.set()

    def _failed(self, group: list[Work], fault: Exception) -> None:
        """Says why the group was refused, and whether anything can go on."""
        if isinstance(fault, apsw.FullError):
            self._full = True
            self._checkpoints.hurry()
            if self._ballast.release():
                self._waiting = [work for work in group if not work.intake] + self._waiting
                group = [work for work in group if work.intake]
            refusal = _FULL
        elif _is_final(fault):
            refusal = self._final = f"{_SYNC} ({fault})"
            group, self._waiting = group + self._waiting, []
        else:
            refusal = f"the queue file cannot be written ({fault}): look at the disk and its file system's log"
        # Only of a full disk it is known that SQLite took back every octet.
        in_doubt = not isinstance(fault, apsw.FullError)
        for work in group:
            _refuse(work, StoreFailed(refusal, in_doubt=in_doubt))

    def _checkpoint_failed(self, fault: Exception) -> None:
        """A checkpoint that cannot be written is tried again later; one that cannot be synced ends all writing."""
        if _is_final(fault):
            self._final = f"{_SYNC} ({fault})"
        _LOG.warning("the queue's log file could not be moved into queue.db: %s", fault)

    def _refuse_all(self, why: str) -> None:
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            _refuse(work, StoreFailed(why))
        self._busy = False
        self._idle.set()

    def _has_room(self) -> bool:
        self._full = not self._ballast.lay()
        return not self._full


_FULL: Final = "the disk of the data directory is full: free some space, and mail is accepted again at once"
_SYNC: Final = (
    "a sync of the queue file failed, so what the disk holds is not known: check the disk, then restart Mailock"
)


def _is_final(fault: Exception) -> bool:
    # apsw gives every error of SQLite an `extendedresult`, which its type stubs leave out.
    return getattr(fault, "extendedresult", None) in FINAL


def _accomplish(work: Work) -> None:
    try:
        result = work.durable()
    except Exception as fault:
        _refuse(work, fault)
        return
    if not work.future.done():
        work.future.set_result(result)


def _refuse(work: Work, fault: Exception) -> None:
    work.refused()
    if not work.future.done():
        work.future.set_exception(fault)
