"""Writes down what send has done, and forgets nothing of it when the store refuses.

A message that a next hop has taken cannot be taken back. If the store then has no room for the outcome, to put the
message back would mean to send it again, and again after that. So what was refused is kept here and written again,
until the store takes it or the process ends; and as long as anything is kept, nothing else sets out (DECISIONS 9: send
starts nothing that it cannot record).

Nobody is faster than send: what is on a connection is leased, and an order of a person that would meet it there is
refused. So an outcome that does not fit the queue is a bug of ours, never a coincidence: it is told, and the message is
set aside, whole, with what became of it.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from mailock.core.lifecycle.changes import Commit, Settled, Staged
from mailock.core.lifecycle.events import Held
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.lifecycle.transitions import IllegalMove
from mailock.core.mail.message import QueueId, show_id
from mailock.ports.alerts import Alert, Alerts
from mailock.ports.clock import Clock
from mailock.ports.queue import StoreFailed, Worklist

AGAIN_SECONDS = 1.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Writing:
    """One thing that was done, what it is about, and what follows once it is durable."""

    commit: Commit
    about: QueueId
    then: Callable[[], None]
    sets_aside: bool = False
    """Whether it is what is left to do with a message whose outcome did not fit the queue."""


class Scribe:
    """Writes for all of send. `freed` is called when the store has taken everything that it had refused."""

    def __init__(self, worklist: Worklist, *, clock: Clock, alerts: Alerts, freed: Callable[[], None]) -> None:
        self._worklist = worklist
        self._clock = clock
        self._alerts = alerts
        self._freed = freed
        self._under_way: set[asyncio.Future[None]] = set()
        self._refused: set[Writing] = set()
        self._again: asyncio.TimerHandle | None = None

    @property
    def is_blocked(self) -> bool:
        """Whether something waits that the store has refused."""
        return bool(self._refused)

    def write(self, commit: Commit, about: QueueId, then: Callable[[], None]) -> "asyncio.Future[None]":
        """Writes what was done. `then` is called once it is durable, and never where it does not fit the queue.

        The future is that of the first try: it ends when the store has taken or refused it.
        """
        return self._submit(Writing(commit=commit, about=about, then=then))

    async def drained(self) -> None:
        """Returns once all is written that the store takes. What it refuses now is lost to us: mail may go twice."""
        while self._under_way:
            await asyncio.wait(self._under_way)
        if self._refused:
            self._write_again()
            await asyncio.wait(self._under_way)
        if self._refused:
            log.error("what became of %d parcels could not be recorded; they may be sent again", len(self._refused))

    def _submit(self, writing: Writing) -> "asyncio.Future[None]":
        future = asyncio.ensure_future(self._worklist.commit(writing.commit))
        self._under_way.add(future)
        future.add_done_callback(lambda done: self._written(writing, done))
        return future

    def _written(self, writing: Writing, future: "asyncio.Future[None]") -> None:
        self._under_way.discard(future)
        match None if future.cancelled() else future.exception():
            case None:
                self._let_go(writing)
                writing.then()
            case IllegalMove() as moved:
                self._let_go(writing)
                self._misfit(writing, moved)
            case StoreFailed() as failed:
                self._keep(writing, failed)
            case fault:
                self._let_go(writing)
                raise fault

    def _misfit(self, writing: Writing, moved: IllegalMove) -> None:
        shown = show_id(writing.about)
        log.error("what became of message %s does not fit the queue, which is a bug of ours: %s", shown, moved)
        if writing.sets_aside:
            self._tell(shown, f"message {shown} was sent, and the queue does not know it so ({moved}): report this bug")
            return
        settled = [change for change in writing.commit.changes if isinstance(change, Settled)]
        outcomes = [outcome for change in settled for outcome in change.outcomes]
        ended = ", ".join(f"{type(one).__name__.lower()} for recipient {one.number + 1}" for one in outcomes)
        why = f"what became of it ({ended or 'served'}) does not fit the queue: {moved}"
        staged = next((change.before for change in writing.commit.changes if isinstance(change, Staged)), None)
        before = staged or MessageStage.JUDGED
        change = Staged(queue_id=writing.about, before=before, after=MessageStage.SHUNTED, why=why)
        numbers = tuple(one.number for one in outcomes)
        event = Held(queue_id=writing.about, at=self._clock.now(), recipients=numbers, by="mailock", why=why)
        text = f"message {shown} was set aside, for {why}; look at it before it is retried, as it may have arrived"
        self._submit(
            Writing(
                commit=Commit(changes=(change,), events=(event,)),
                about=writing.about,
                then=lambda: self._tell(shown, text),
                sets_aside=True,
            )
        )

    def _tell(self, shown: str, text: str) -> None:
        self._alerts.tell(Alert(kind="shunt", about=shown, at=self._clock.now(), text=text))

    def _keep(self, writing: Writing, failed: StoreFailed) -> None:
        if not self._refused:
            shown = show_id(writing.about)
            log.error("what became of %s could not be recorded, nothing more is sent until it is: %s", shown, failed)
        self._refused.add(writing)
        if self._again is None:
            self._again = asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._write_again)

    def _let_go(self, writing: Writing) -> None:
        if writing not in self._refused:
            return
        self._refused.discard(writing)
        if not self._refused:
            log.warning("what was sent is recorded again")
            self._freed()

    def _write_again(self) -> None:
        if self._again is not None:
            self._again.cancel()
            self._again = None
        for writing in list(self._refused):
            self._submit(writing)
