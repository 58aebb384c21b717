"""The one loop of the stations that work on whole messages: lease, work, commit, hand on; put back, or shunt.

Work comes from the hints of the station before, or, at start and when hints were missed, from the queue. What the
work makes of a message is committed as soon as it is ready; the queue merges commits into one sync. If the store
refuses, the lease is put back and the message waits. If the work itself breaks, that is our bug and not the message's
fault: it is shunted, whole, and a person is told; the rest of the mail goes on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mailock.core.lifecycle.changes import Commit, Staged
from mailock.core.lifecycle.events import Held
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.lifecycle.transitions import IllegalMove, MovedMeanwhile
from mailock.core.mail.message import show_id
from mailock.ports.alerts import Alert, Alerts
from mailock.ports.clock import Clock
from mailock.ports.queue import StoreFailed, Waiting, Worklist
from mailock.stations.turn.hints import Hints

BATCH = 256
IN_FLIGHT = 2048
IDLE_SECONDS = 5.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What came of the work on one message: what to commit, and what to do once that is durable."""

    commit: Commit
    then: Callable[[], None] | None = None
    tell: Callable[[], None] | None = None
    """Who is told once that is durable, and has nothing handed on."""
    failed: Callable[[], None] | None = None
    """Who is told where the store refuses it."""


class Wait(Exception):
    """Raised by work that cannot be done now, through no fault of the message's. The text says why, and the mend."""


class Turn:
    """Runs one station. `work` is called with each message in turn; it may not block, and whatever it raises is our
    bug.

    Work that takes time is awaited, for up to `width` messages at once. Where it comes to None it has taken the message
    over, lease and all, and commits in its own time. A `Wait` that it raises puts the message back for a while.
    """

    def __init__(
        self,
        *,
        stage: MessageStage,
        hints: Hints[Waiting],
        worklist: Worklist,
        work: Callable[[Waiting], Worked | Awaitable[Worked | None] | None],
        clock: Clock,
        alerts: Alerts,
        width: int,
    ) -> None:
        self._stage = stage
        self._hints = hints
        self._worklist = worklist
        self._work = work
        self._clock = clock
        self._alerts = alerts
        self._width = width
        self._working: set[asyncio.Future[Worked | None]] = set()
        self._in_flight = 0
        self._room = asyncio.Event()
        self._room.set()

    async def run(self) -> None:
        """Works until cancelled."""
        while True:
            room = min(BATCH, self._width - len(self._working))
            if room <= 0 or self._in_flight >= IN_FLIGHT:
                self._room.clear()
                await self._room.wait()
                continue
            batch = self._hints.take(room)
            if not batch and self._hints.missed:
                batch = await self._lease(room)
            if not batch:
                await self._hints.wait(IDLE_SECONDS)
                continue
            for waiting in batch:
                self._turn(waiting)

    async def _lease(self, limit: int) -> list[Waiting]:
        self._hints.missed = False
        batch = list(await self._worklist.lease(self._stage, limit))
        if batch:
            self._hints.missed = True
        return batch

    def _turn(self, waiting: Waiting) -> None:
        try:
            worked = self._work(waiting)
        except Exception as bug:
            worked = self._broke(waiting, bug)
        if isinstance(worked, Awaitable):
            working = asyncio.ensure_future(worked)
            self._working.add(working)
            working.add_done_callback(lambda done: self._worked(waiting, done))
        elif worked is not None:
            self._commit(waiting, worked)

    def _worked(self, waiting: Waiting, working: "asyncio.Future[Worked | None]") -> None:
        """Work that took time is done."""
        self._working.discard(working)
        self._room.set()
        if working.cancelled():
            return
        match working.exception():
            case None:
                worked = working.result()
            case Wait() as wait:
                log.error("message %s waits: %s", show_id(waiting.message.queue_id), wait)
                self._wait(waiting)
                worked = None
            case Exception() as bug:
                worked = self._broke(waiting, bug)
            case fault:
                raise fault
        if worked is not None:
            self._commit(waiting, worked)

    def _broke(self, waiting: Waiting, bug: Exception) -> Worked | None:
        if waiting.stage is MessageStage.OFFERED:
            # Not ours yet: when its time is over it is, and then it breaks once more, and is shunted.
            log.error("message %s broke before it was accepted", show_id(waiting.message.queue_id), exc_info=bug)
            self._wait(waiting)
            return None
        log.error("message %s was shunted", show_id(waiting.message.queue_id), exc_info=bug)
        return Worked(commit=self._shunt(waiting, f"{type(bug).__name__}: {bug}"))

    def _commit(self, waiting: Waiting, worked: Worked) -> None:
        self._in_flight += 1
        # What is handed on in memory stays leased, or the next station would find it in the queue as well.
        done = asyncio.ensure_future(self._worklist.commit(worked.commit, keep_lease=worked.then is not None))
        done.add_done_callback(lambda future: self._committed(waiting, worked, future))

    def _wait(self, waiting: Waiting) -> None:
        """The message goes back, and the queue is asked again a little later."""
        self._worklist.put_back(waiting.message.queue_id)
        asyncio.get_running_loop().call_later(1.0, self._hints.miss)

    def _committed(self, waiting: Waiting, worked: Worked, future: "asyncio.Future[None]") -> None:
        self._in_flight -= 1
        if self._in_flight < IN_FLIGHT // 2:
            self._room.set()
        if future.cancelled():
            return
        match future.exception():
            case None:
                if worked.tell is not None:
                    worked.tell()
                if worked.then is not None:
                    worked.then()
            case MovedMeanwhile() as moved:
                if worked.failed is not None:
                    worked.failed()
                # Its answer fell due, or a person moved it, while we worked on it: theirs counts, ours is dropped.
                log.info("message %s had moved meanwhile: %s", show_id(waiting.message.queue_id), moved)
            case IllegalMove() as bug:
                if worked.failed is not None:
                    worked.failed()
                if (shunted := self._broke(waiting, bug)) is not None:
                    self._commit(waiting, shunted)
            case StoreFailed() as failed:
                log.error("message %s waits, the store refused: %s", show_id(waiting.message.queue_id), failed)
                self._wait(waiting)
                if worked.failed is not None:
                    worked.failed()
            case fault:
                raise fault

    def _shunt(self, waiting: Waiting, why: str) -> Commit:
        message, now = waiting.message, self._clock.now()
        shown = show_id(message.queue_id)
        self._alerts.tell(
            Alert(kind="shunt", about=shown, at=now, text=f"message {shown} could not be processed and is kept: {why}")
        )
        everyone = tuple(range(len(message.envelope.recipients)))
        return Commit(
            changes=(Staged(queue_id=message.queue_id, before=waiting.stage, after=MessageStage.SHUNTED, why=why),),
            events=(Held(queue_id=message.queue_id, at=now, recipients=everyone, by="mailock", why=why),),
        )
