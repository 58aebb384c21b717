"""What mailflow writes into the log, and keeps writing whatever happens to it: events by the drain, refusals counted.

Mail never waits for it, and goes on without it (DECISIONS 4).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from mailock.config.model import Policy
from mailock.config.outward import LogForward
from mailock.core.lifecycle.changes import Commit
from mailock.core.lifecycle.events import Event, Refused
from mailock.ports.alerts import Alerts
from mailock.ports.clock import Clock
from mailock.ports.ids import Ids
from mailock.ports.queue import Queue
from mailock.processes.home import Home
from mailock.processes.logbook import LogBook
from mailock.telemetry.drain import Drain
from mailock.telemetry.refusals import CountedRefusals

NOTING_SECONDS: Final = 2.0
REFUSALS_EVERY: Final = 5.0
AGAIN_SECONDS: Final = 5.0
log = logging.getLogger(__name__)


class Chronicle:
    """The writing side of the log, of one process. A Participant of installs: they say where records go besides."""

    name = "the log"

    def __init__(
        self, home: Home, queue: Queue, ids: Ids, clock: Clock, alerts: Alerts, watch: Callable[[Event], None] | None
    ) -> None:
        """`watch` sees every event that the log has; see Drain."""
        self._home = home
        self._queue = queue
        self._clock = clock
        self._alerts = alerts
        self._watch = watch
        self._noting: set[asyncio.Future[None]] = set()
        self.refusals = CountedRefusals(ids, clock, self._note)
        self._forward = self._before = self._next = self._home.policy.log.forward
        self._file = self._new_file()
        self._drain = self._new_drain()

    async def prepare(self, policy: Policy) -> None:
        """Keeps what a policy says."""
        self._before, self._next = self._forward, policy.log.forward

    async def switch(self, revision: int) -> None:
        """Records go there from now on."""
        self._go(self._next)

    async def undo(self) -> None:
        """Goes back."""
        self._go(self._before)

    def _go(self, forward: tuple[LogForward, ...]) -> None:
        self._forward = forward
        to = [(one.to, one.format.value) for one in forward]
        authorities = str(self._home.authorities) if self._home.authorities else None
        self._file.forward(node=self._home.hostname, authorities=authorities, to=to)

    async def run(self) -> None:
        """Drains until it is closed. Not even a bug in it may end the process."""
        while True:
            try:
                await self._drain.run()
            except Exception:
                log.exception("the log broke; events wait in the outbox, and it is tried again")
                await asyncio.sleep(AGAIN_SECONDS)
                self._file = self._new_file()
                self._drain = self._new_drain()
            else:
                return

    async def sweep(self) -> None:
        """Writes down counted refusals when their minute is over, until cancelled."""
        while True:
            await asyncio.sleep(REFUSALS_EVERY)
            self.refusals.sweep()

    async def close(self) -> None:
        """Writes what was counted, and lets `run` end when the outbox is empty."""
        self.refusals.close()
        if self._noting:
            # What was counted has to be in the outbox before the drain empties it.
            await asyncio.wait(self._noting, timeout=NOTING_SECONDS)
        self._drain.stop()

    def _new_file(self) -> LogBook:
        return LogBook(self._home.data / "track.db", keep_seconds=self._home.log_seconds)

    def _new_drain(self) -> Drain:
        self._go(self._forward)
        file = self._file
        return Drain(self._queue, file, self._clock, self._alerts, watch=self._watch, troubles=lambda: file.troubles)

    def _note(self, refused: Refused) -> None:
        noting = asyncio.ensure_future(self._queue.commit(Commit(events=(refused,)), keep_lease=True))
        self._noting.add(noting)
        noting.add_done_callback(self._noted)

    def _noted(self, future: "asyncio.Future[None]") -> None:
        self._noting.discard(future)
        if not future.cancelled() and future.exception() is not None:
            log.warning("a refusal could not be logged: %s", future.exception())
