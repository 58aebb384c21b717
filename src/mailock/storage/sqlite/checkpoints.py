"""Moving what was committed from the log file into queue.db, without holding commits up for long.

Left to itself SQLite does it inside some COMMIT, which then takes as long as writing and syncing everything that is in
the log. Here it is moved beside the commits, over a connection and a thread of its own, again and again until little is
left. Only that little is moved by the writer after one of its commits, so that for a moment nothing is left in the log
and the next commit can begin it anew; otherwise the log would grow for as long as mail comes.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import Final, assert_never

import apsw

PAGES: Final = 2000
"""Pages written to the log after which moving begins: 16 MiB."""
LITTLE: Final = 128
"""Pages that the writer may move itself: a megabyte."""
PASSES: Final = 8
"""After so many the writer moves what there is: the disk is slower than the mail, and somebody has to wait."""


class _Phase(Enum):
    QUIET = "the log is short"
    MOVING = "the log is being moved beside the commits"
    MOVED = "what was in the log has been moved, and more has come"
    REST = "the writer has to move the rest"


class Checkpoints:
    """When the log is moved. `on_fault` hears of a checkpoint that failed, on the loop."""

    def __init__(
        self, writer: apsw.Connection, mover: apsw.Connection, *, on_fault: Callable[[Exception], None]
    ) -> None:
        self._writer = writer
        self._mover = mover
        self._on_fault = on_fault
        self._phase = _Phase.QUIET
        self._passes = 0
        self._written_before = 0
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(1, "queue-checkpoint")

    def committed(self) -> None:
        """Called on the loop after a commit, while the writer's connection is free: begins moving where it is time."""
        match self._phase:
            case _Phase.QUIET:
                if self._written() - self._written_before >= PAGES:
                    self._passes = 0
                    self._move()
            case _Phase.MOVED:
                if self._passes < PASSES and self._written() - self._written_before > LITTLE:
                    self._move()
                else:
                    self._phase = _Phase.REST
            case _Phase.MOVING | _Phase.REST:
                pass
            case _:
                assert_never(self._phase)

    def hurry(self) -> None:
        """The disk is full: the log, which would go on growing, is to be moved and begun anew with the next commit."""
        if self._phase is _Phase.QUIET:
            self._phase = _Phase.REST

    @property
    def rest_is_due(self) -> bool:
        """Whether the writer has to call `move_rest` after its next COMMIT."""
        return self._phase is _Phase.REST

    def move_rest(self) -> None:
        """Moves the rest. Called in the writer's thread. Raises apsw.Error."""
        _move(self._writer)
        self._written_before = self._written()
        self._phase = _Phase.QUIET

    def close(self) -> None:
        """Waits for what is being moved."""
        self._pool.shutdown(wait=True)

    def _written(self) -> int:
        pages, _ = self._writer.status(apsw.SQLITE_DBSTATUS_CACHE_WRITE)
        return pages

    def _move(self) -> None:
        self._phase = _Phase.MOVING
        self._passes += 1
        self._written_before = self._written()
        self._loop.run_in_executor(self._pool, _move, self._mover).add_done_callback(self._moved)

    def _moved(self, moved: "asyncio.Future[None]") -> None:
        self._phase = _Phase.MOVED
        fault = moved.exception()
        if isinstance(fault, Exception):
            self._phase = _Phase.QUIET
            self._on_fault(fault)


def _move(connection: apsw.Connection) -> None:
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
