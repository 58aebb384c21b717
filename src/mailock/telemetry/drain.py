"""Copies events from the queue's outbox into the log, and lets the outbox forget them once the log has them durably.

The mail never waits for this. A log that is broken or full is tried again, later and later; meanwhile the outbox is
held to a bound by dropping its oldest events, and how many is told: by an alert now, and in the log itself once it
works again.
"""

import asyncio
import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, Protocol, TypeVar

from mailock.core.lifecycle.events import Event
from mailock.ports.alerts import Alert, Alerts
from mailock.ports.clock import Clock
from mailock.ports.log import LogWriter
from mailock.ports.queue import Outbox, StoreFailed
from mailock.telemetry.forward import Trouble

INTERVAL: Final = 0.2
"""Seconds from one look at the outbox to the next while little happens: what people wait for a record at most."""
_BATCHES: Final = 1000
"""Batches of events a call; a full call is followed by the next at once."""
_BUSY: Final = 500
"""From so many events a call on, what can wait waits."""
_BACKLOG: Final = 10_000
"""Rows that may wait for the index over words before it comes first."""
_RETRY: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds to wait after each failure in a row."""

P = ParamSpec("P")
T = TypeVar("T")


class Log(LogWriter, Protocol):
    """What the drain needs of a log besides writing."""

    def tidy(self, now: float) -> bool:
        """Does a little of what can wait. Returns whether there is more."""
        ...

    def gap(self, *, at: float, since: float, events: int) -> None:
        """Records that events were lost."""
        ...

    @property
    def unindexed(self) -> int:
        """Rows that `tidy` has yet to take into the index."""
        ...

    def close(self) -> None:
        """Closes the file."""
        ...


class Drain:
    """The task that keeps the log up to date. `keep`: batches that the outbox may hold while the log is broken."""

    def __init__(
        self,
        outbox: Outbox,
        log: Log,
        clock: Clock,
        alerts: Alerts,
        *,
        keep: int = 1_000_000,
        watch: Callable[[Event], None] | None = None,
        troubles: Callable[[], Sequence[Trouble]] = tuple,
    ) -> None:
        """`watch` sees every event that was written, once, in the drain's own thread: it counts.

        `troubles` says how those do who get the records elsewhere.
        """
        self._troubles = troubles
        self._outbox = outbox
        self._log = log
        self._clock = clock
        self._alerts = alerts
        self._keep = keep
        self._watch = watch
        self._stopping = asyncio.Event()
        self._until = 0.0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="log")
        self._failures = 0
        self._failing_since = 0.0
        self._lost = 0
        self._unheard: dict[str, Trouble] = {}

    def stop(self, *, seconds: float = 5.0) -> None:
        """Lets `run` empty the outbox, for so long at most, and return."""
        self._until = self._clock.steady() + seconds
        self._stopping.set()

    async def run(self) -> bool:
        """Works until `stop`. Returns whether the log has everything; what it has not stays in the outbox."""
        try:
            while not self._stopping.is_set():
                if not await self._turn():
                    await self._pause()
            while self._clock.steady() < self._until:
                if not await self._turn():
                    return self._failures == 0
            return False
        finally:
            await self._call(self._log.close)
            self._thread.shutdown(wait=False)

    async def _turn(self) -> bool:
        """Copies what waits, once. Returns whether more waits already."""
        try:
            batches = await self._outbox.pending(_BATCHES)
            if batches:
                await self._copy(batches)
                await self._outbox.drop(batches[-1][0])
            await self._works()
            self._listen()
            await self._tidy(busy=sum(len(events) for _, events in batches) > _BUSY)
        except (OSError, StoreFailed) as error:
            await self._fails(error)
            return False
        return len(batches) == _BATCHES

    async def _copy(self, batches: Sequence[tuple[int, Sequence[Event]]]) -> None:
        try:
            await self._call(self._log.write, batches)
        except OSError:
            raise
        except Exception:
            # Not a fault of the disk but a bug, and one batch that nobody can write must not keep all others out.
            await self._copy_singly(batches)
        if self._watch is not None:
            await self._call(self._count, batches)

    async def _copy_singly(self, batches: Sequence[tuple[int, Sequence[Event]]]) -> None:
        for batch in batches:
            try:
                await self._call(self._log.write, [batch])
            except OSError:
                raise
            except Exception as error:
                self._lost += len(batch[1])
                self._failing_since = self._failing_since or self._clock.now()
                self._tell("log", f"{len(batch[1])} events cannot be written to the log and are left out: {error!r}")

    def _count(self, batches: Sequence[tuple[int, Sequence[Event]]]) -> None:
        assert self._watch is not None
        for _, events in batches:
            for event in events:
                self._watch(event)

    async def _tidy(self, *, busy: bool) -> None:
        if not busy or self._log.unindexed > _BACKLOG:
            await self._call(self._log.tidy, self._clock.now())

    async def _works(self) -> None:
        """The log could be written: what was lost meanwhile is recorded in it."""
        if self._lost:
            now = self._clock.now()
            await self._call(self._log.gap, at=now, since=self._failing_since, events=self._lost)
            self._tell(
                "track.db works again", f"the log works again; {self._lost} events were lost meanwhile, and it says so"
            )
        elif self._failures:
            self._tell("track.db works again", "the log works again; nothing was lost")
        self._failures, self._failing_since, self._lost = 0, 0.0, 0

    def _listen(self) -> None:
        """Tells once of each collector that does not get records, and once when it does again."""
        for now in self._troubles():
            before = self._unheard.get(now.to)
            if now.why and before is None:
                self._unheard[now.to] = now
                self._tell(f"records to {now.to}", f"records of the log do not leave: {now.why}; they wait")
            elif before is not None and not now.why:
                del self._unheard[now.to]
                lost = f"{now.lost - before.lost} were lost meanwhile" if now.lost > before.lost else "none was lost"
                self._tell(f"records to {now.to} again", f"records of the log reach {now.to} again; {lost}")

    async def _fails(self, error: Exception) -> None:
        self._failures += 1
        self._failing_since = self._failing_since or self._clock.now()
        self._tell("track.db", str(error))
        try:
            lost = await self._outbox.trim(self._keep)
        except StoreFailed:
            # Then the queue itself is in trouble, tells so, and takes nothing in that would need room.
            return
        if lost:
            self._lost += lost
            self._tell(
                "track.db loses", f"the log is still broken: {self._lost} events were dropped, oldest first: {error}"
            )

    async def _pause(self) -> None:
        seconds = _RETRY[min(self._failures, len(_RETRY)) - 1] if self._failures else INTERVAL
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    def _tell(self, about: str, text: str) -> None:
        self._alerts.tell(Alert(kind="log", about=about, text=text, at=self._clock.now()))

    async def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs what blocks in the log's own thread: there is only one, so that the file has one user."""
        call = functools.partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
