"""What becomes of an attempt: outcomes into the queue, dates for the next try, notices to senders, all in one commit.

A failure and the notice that tells of it are committed together, so no sender is left to believe that mail arrived.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailock.core.lifecycle.changes import Commit, Entry, Settled
from mailock.core.lifecycle.copies import Deferred, Delivery, Failed, Hop, Outcome, Parcel, Response, Sent
from mailock.core.lifecycle.events import Attempted
from mailock.core.lifecycle.transitions import IllegalMove
from mailock.core.mail.message import show_id
from mailock.core.notices.report import Kind, Report
from mailock.core.policy.installed import Installed
from mailock.core.routing.schedule import Expired, after_failure
from mailock.core.smtp.reply import Outcome as Meaning
from mailock.ports.clock import Clock
from mailock.ports.queue import StoreFailed, Worklist
from mailock.stations.turn.postmaster import Postmaster

EXPIRED = Response(code=554, enhanced="5.4.7", text="Delivery time expired")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The last word on one recipient of an attempt, before anything follows from it."""

    delivery: Delivery
    response: Response
    meaning: Meaning
    attempted: bool = True
    relayed_without_dsn: bool = False
    """Whether the next hop took it and cannot send the success notice that was asked for."""


class Settler:
    """Settles attempts for all carriers of the process."""

    def __init__(
        self,
        *,
        worklist: Worklist,
        clock: Clock,
        standing: Callable[[], Installed],
        postmaster: Postmaster,
        expect: Callable[[str, float], None],
    ) -> None:
        self._worklist = worklist
        self._clock = clock
        self._standing = standing
        self._postmaster = postmaster
        self._expect = expect
        self._tasks: set[asyncio.Task[None]] = set()

    def settle(self, parcel: Parcel, started: float, hop: Hop, tried: Sequence[Tried]) -> None:
        """Takes the results of one attempt. Returns at once; the commit follows."""
        now = self._clock.now()
        outcomes: list[Outcome] = []
        reports: list[Report] = []
        for one in tried:
            outcome = self._outcome(parcel, one, now)
            outcomes.append(outcome)
            report = _report(one, outcome)
            if report is not None:
                reports.append(report)
        if not reports:
            self._commit(parcel, started, now, hop, tuple(outcomes), ())
            return
        task = asyncio.get_running_loop().create_task(self._report(parcel, started, now, hop, tuple(outcomes), reports))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drained(self) -> None:
        """Returns once everything that was settled is committed."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _outcome(self, parcel: Parcel, one: Tried, now: float) -> Outcome:
        delivery = one.delivery
        match one.meaning:
            case Meaning.SENT:
                return Sent(number=delivery.number, response=one.response)
            case Meaning.FAILED:
                return Failed(number=delivery.number, response=one.response)
            case Meaning.DEFERRED:
                pass
        tries = delivery.attempts + 1 if one.attempted else max(1, delivery.attempts)
        again = after_failure(
            self._standing().delivery.schedule,
            accepted_at=parcel.message.accepted_at,
            tries=tries,
            now=now,
            chance=random.random(),
            warned=delivery.delay_told,
        )
        if isinstance(again, Expired):
            text = f"{EXPIRED.text} after {again.after / 3600:.0f} h; the last answer was: {one.response}"
            return Failed(number=delivery.number, response=Response(code=554, enhanced="5.4.7", text=text))
        return Deferred(
            number=delivery.number,
            response=one.response,
            next_due=again.at,
            lane=delivery.lane,
            delay_told=delivery.delay_told or again.warn,
            attempted=one.attempted,
        )

    async def _report(
        self,
        parcel: Parcel,
        started: float,
        now: float,
        hop: Hop,
        outcomes: tuple[Outcome, ...],
        reports: Sequence[Report],
    ) -> None:
        written = await self._postmaster.write(parcel.message, reports, content=parcel.content)
        self._commit(parcel, started, now, hop, outcomes, written.entries, written)

    def _commit(
        self,
        parcel: Parcel,
        started: float,
        now: float,
        hop: Hop,
        outcomes: tuple[Outcome, ...],
        entries: tuple[Entry, ...],
    ) -> None:
        queue_id = parcel.message.queue_id
        event = Attempted(queue_id=queue_id, started=started, at=now, hop=hop, outcomes=outcomes)
        change = Settled(queue_id=queue_id, copy=parcel.copy.number, outcomes=outcomes)
        committing = asyncio.ensure_future(self._worklist.commit(Commit(changes=(change,), events=(event,))))
        committing.add_done_callback(lambda future: self._committed(parcel, outcomes, future))
