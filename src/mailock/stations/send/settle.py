"""What becomes of an attempt: outcomes into the queue, dates for the next try, notices to senders, all in one commit.

A failure and the notice that tells of it are committed together, so no sender is left to believe that mail arrived. A
failed message whose sender may not be told goes into quarantine with the same commit, as a copy of its own.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from mailock.core.lifecycle.changes import Change, Commit, Entry, Opened, Planned, Settled, Staged
from mailock.core.lifecycle.copies import (
    Copy,
    Deferred,
    Delivery,
    Disposition,
    Failed,
    Hop,
    Moved,
    Outcome,
    Parcel,
    Response,
    Sent,
)
from mailock.core.lifecycle.events import Accepted, Attempted, Event, Noted, Quarantined
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.mail.message import show_id
from mailock.core.mail.value import value
from mailock.core.notices.report import Kind, Report
from mailock.core.policy.installed import Installed
from mailock.core.policy.plan import Plan
from mailock.core.rewriting.edits import ToSevenBit
from mailock.core.rewriting.orders import Orders, write_orders
from mailock.core.routing.schedule import Expired, after_failure, expires_at
from mailock.core.smtp.reply import Outcome as Meaning
from mailock.ports.alerts import Alert, Alerts
from mailock.ports.clock import Clock
from mailock.ports.notices import Letters
from mailock.ports.queue import Waiting, Worklist
from mailock.stations.send.scribe import Scribe
from mailock.stations.send.unwritten import Unwritten
from mailock.stations.turn.postmaster import Postmaster

UNDELIVERABLE = "undeliverable"
LATE = Response(
    code=554, enhanced="5.4.7", text="The message waited longer than the maximum delay and was not processed"
)
FIRST_KEPT_COPY = 1000
"""Copies that hold what could not be told are numbered from here, by recipient; judging makes far fewer."""
STRIDE = 1_000_000
"""From what is kept of one copy to what is kept of the next; no envelope has as many recipients."""
AGAIN = 1_000_000 * STRIDE
"""How far the number rises of what was kept, released, and could not be told again."""
FIRST_CONVERTED_COPY = 1000 * AGAIN
"""Copies that are converted for a next hop are numbered from here, by their first recipient: each is converted once."""
log = logging.getLogger(__name__)


@value(frozen=True, slots=True, kw_only=True)
class Tried:
    """The last word on one recipient of an attempt, before anything follows from it."""

    delivery: Delivery
    response: Response
    meaning: Meaning
    attempted: bool = True
    report: Kind | None = None
    """The notice of success that the sender asked for and that nobody else will send."""


class Settler:
    """Settles attempts for all carriers of the process."""

    def __init__(
        self,
        *,
        worklist: Worklist,
        clock: Clock,
        standing: Callable[[], Installed],
        postmaster: Postmaster,
        alerts: Alerts,
        unwritten: Unwritten,
        scribe: Scribe,
        expect: Callable[[str, float], None],
        hand_on: Callable[[Sequence[Entry]], None],
        planned: Callable[[], None],
    ) -> None:
        """`expect` is told of dates in lanes, `hand_on` of notices that were entered, `planned` of copies that wait to
        be changed.
        """
        self._worklist = worklist
        self._clock = clock
        self._standing = standing
        self._postmaster = postmaster
        self._alerts = alerts
        self._unwritten = unwritten
        self._scribe = scribe
        self._expect = expect
        self._hand_on = hand_on
        self._planned = planned
        self._telling: set[asyncio.Task[None]] = set()

    def settle(
        self, parcel: Parcel, started: float, hop: Hop, tried: Sequence[Tried], first: Plan | None = None
    ) -> None:
        """Takes the results of one attempt. Returns at once; the commit follows, with `first` at its head."""
        now = self._clock.now()
        first = first or self._unwritten.take(parcel.message.queue_id)
        outcomes = tuple(self._outcome(parcel, one, now) for one in tried)
        reports = [
            report
            for one, outcome in zip(tried, outcomes, strict=True)
            if (report := self._report(parcel, one, outcome, hop, now)) is not None
        ]
        event = Attempted(queue_id=parcel.message.queue_id, started=started, at=now, hop=hop, outcomes=outcomes)
        if reports:
            telling = asyncio.get_running_loop().create_task(self._tell(parcel, event, reports, first))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)
        else:
            self._commit(parcel, event, Letters(), first)

    def send_back(self, waiting: Waiting, planned: Plan) -> None:
        """Gives a message up that was never tried: it is planned and failed in one commit, with the notice in it."""
        parcel = replace(planned.parcels[0], content=waiting.content)
        deliveries = parcel.deliveries
        tried = [Tried(delivery=one, response=LATE, meaning=Meaning.FAILED, attempted=False) for one in deliveries]
        self.settle(parcel, self._clock.now(), Hop(name=""), tried, first=planned)

    def convert(self, parcel: Parcel, hop: Hop) -> None:
        """Gives a parcel back to be made 7bit, as a copy of its own: nobody else's mail is converted for it.

        The copy is signed and sealed anew after that (DECISIONS 18).
        """
        message, now = parcel.message, self._clock.now()
        first = self._unwritten.take(message.queue_id)
        number = FIRST_CONVERTED_COPY + parcel.deliveries[0].number * STRIDE
        orders = write_orders(Orders(edits=(ToSevenBit(),)))
        copy = replace(parcel.copy, number=number, stage=CopyStage.PLANNED, orders=orders)
        planned = Planned(
            queue_id=message.queue_id,
            copies=(copy,),
            deliveries=tuple(replace(one, copy=number) for one in parcel.deliveries),
        )
        moved = tuple(Moved(number=one.number) for one in parcel.deliveries)
        settled = Settled(queue_id=message.queue_id, copy=parcel.copy.number, outcomes=moved)
        noted = Noted(queue_id=message.queue_id, at=now, text=f"{hop.name} takes no 8-bit mail: it is converted for it")
        changes, events = ((), ()) if first is None else (first.changes, first.events)
        commit = Commit(changes=(*changes, planned, settled), events=(*events, noted))
        self._scribe.write(commit, message.queue_id, self._planned)

    def open(self, parcel: Parcel) -> None:
        """Records that the final dot may be on its way; that needs no sync of its own (DECISIONS 2)."""
        message, copy = parcel.message, parcel.copy
        if self._unwritten.has(message.queue_id):
            return
        numbers = tuple(delivery.number for delivery in parcel.deliveries)
        opened = Opened(queue_id=message.queue_id, copy=copy.number, numbers=numbers, at=self._clock.now())
        opening = asyncio.ensure_future(self._worklist.commit(Commit(changes=(opened,)), keep_lease=True))
        opening.add_done_callback(_opened)

    async def drained(self) -> None:
        """Returns once everything that was settled is on its way to the disk."""
        while self._telling:
            await asyncio.wait(self._telling)

    def _outcome(self, parcel: Parcel, one: Tried, now: float) -> Outcome:
        delivery = one.delivery
        if one.meaning is Meaning.SENT:
            return Sent(number=delivery.number, response=one.response)
        if one.meaning is Meaning.FAILED:
            return Failed(number=delivery.number, response=one.response)
        again = after_failure(
            self._standing().schedule(parcel.message.virtual_system),
            accepted_at=_counted_from(parcel),
            tries=max(1, delivery.attempts + one.attempted),
            now=now,
            chance=random.random(),
            warned=delivery.delay_told,
        )
        if isinstance(again, Expired):
            text = f"Given up after {again.after / 3600:.1f} hours; the last answer was: {one.response}"
            return Failed(number=delivery.number, response=Response(code=554, enhanced="5.4.7", text=text))
        return Deferred(
            number=delivery.number,
            response=one.response,
            next_due=again.at,
            lane=delivery.lane,
            delay_told=delivery.delay_told or again.warn,
            attempted=one.attempted,
        )

    def _report(self, parcel: Parcel, one: Tried, outcome: Outcome, hop: Hop, now: float) -> Report | None:
        match outcome:
            case Failed(response=response):
                kind = Kind.FAILED
            case Deferred(response=response, delay_told=True) if not one.delivery.delay_told:
                kind = Kind.DELAYED
            case Sent(response=response) if one.report is not None:
                kind = one.report
            case _:
                return None
        schedule = self._standing().schedule(parcel.message.virtual_system)
        return Report(
            recipient=one.delivery.recipient,
            kind=kind,
            response=response,
            hop=hop if hop.ip else None,
            tried_at=now if one.attempted else None,
            retry_until=expires_at(schedule, _counted_from(parcel)) if kind is Kind.DELAYED else None,
        )

    async def _tell(self, parcel: Parcel, event: Attempted, reports: Sequence[Report], first: Plan | None) -> None:
        try:
            letters = await self._postmaster.tell(parcel.message, reports, parcel.content)
        except (OSError, KeyError) as fault:
            # To try the message again for this would have its next hop refuse it again, for ever.
            shown = show_id(parcel.message.queue_id)
            log.error("the notice on %s returns nothing of it, as its body cannot be read: %s", shown, fault)
            letters = await self._postmaster.tell(parcel.message, reports, b"")
        self._commit(parcel, event, letters, first)

    def _commit(self, parcel: Parcel, event: Attempted, letters: Letters, first: Plan | None) -> None:
        message, copy = parcel.message, parcel.copy
        if first is not None and not letters.entries and all(isinstance(one, Sent) for one in event.outcomes):
            # Judged and served before anything of it was written: nothing is left to keep.
            served = Staged(queue_id=message.queue_id, before=MessageStage.ACCEPTED, after=MessageStage.CLOSED)
            self._submit(Commit(changes=(served,), events=(*first.events, event)), parcel, event, letters)
            return
        changes: list[Change] = [] if first is None else [*first.changes]
        events: list[Event] = [] if first is None else [*first.events]
        events += [event, *(Accepted(message=entry.message) for entry in letters.entries)]
        if letters.undeliverable:
            kept = self._kept(parcel, letters)
            changes.append(kept)
            numbers = tuple(delivery.number for delivery in kept.deliveries)
            events.append(
                Quarantined(
                    queue_id=message.queue_id,
                    at=event.at,
                    recipients=numbers,
                    quarantine_class=UNDELIVERABLE,
                    why=letters.why,
                )
            )
        changes.append(Settled(queue_id=message.queue_id, copy=copy.number, outcomes=event.outcomes))
        commit = Commit(entries=letters.entries, changes=tuple(changes), events=tuple(events))
        self._submit(commit, parcel, event, letters)

    def _submit(self, commit: Commit, parcel: Parcel, event: Attempted, letters: Letters) -> None:
        queue_id = parcel.message.queue_id
        self._scribe.write(commit, queue_id, lambda: self._follow(event, letters, show_id(queue_id)))

    def _kept(self, parcel: Parcel, letters: Letters) -> Planned:
        """Copies in quarantine for recipients whose sender may not be told:

        one each, so that each is decided by itself.
        """
        # An envelope may name somebody twice, who then has two deliveries and two reports.
        waiting = list(parcel.deliveries)
        copies: list[Copy] = []
        deliveries: list[Delivery] = []
        for report in letters.undeliverable:
            delivery = next(one for one in waiting if one.recipient == report.recipient)
            waiting.remove(delivery)
            number = _kept_number(parcel.copy, delivery)
            copies.append(
                replace(
                    parcel.copy,
                    number=number,
                    stage=CopyStage.QUARANTINED,
                    disposition=Disposition.QUARANTINE,
                    because=(f"it could not be delivered: {report.response}", letters.why),
                    quarantine_class=UNDELIVERABLE,
                    quarantined_at=self._clock.now(),
                )
            )
            deliveries.append(replace(delivery, copy=number, stage=DeliveryStage.PENDING, last=report.response))
        return Planned(queue_id=parcel.message.queue_id, copies=tuple(copies), deliveries=tuple(deliveries))

    def _follow(self, event: Attempted, letters: Letters, shown: str) -> None:
        for outcome in event.outcomes:
            if isinstance(outcome, Deferred):
                self._expect(outcome.lane, outcome.next_due)
        if letters.entries:
            self._hand_on(letters.entries)
        if letters.undeliverable:
            text = f"message {shown} can neither be delivered nor returned, and is in quarantine: {letters.why}"
            self._alerts.tell(Alert(kind=UNDELIVERABLE, about=shown, at=event.at, text=text))


def _kept_number(copy: Copy, delivery: Delivery) -> int:
    """A number of its own for each delivery of each copy: mail that is released may fail again, in whatever copy."""
    if copy.number % STRIDE >= FIRST_KEPT_COPY:
        # It holds one delivery, and has a number of its own already.
        return copy.number + AGAIN
    first = copy.number if copy.number >= FIRST_CONVERTED_COPY else copy.number * STRIDE
    return first + FIRST_KEPT_COPY + delivery.number


def _counted_from(parcel: Parcel) -> float:
    """From when its lifetime counts: the time that a person kept it does not."""
    return parcel.copy.counted_from or parcel.message.accepted_at


def _opened(future: "asyncio.Future[None]") -> None:
    # Not written, it only fails to tell, after a crash, that the message may have been on its way: it is sent anyway.
    if not future.cancelled() and future.exception() is not None:
        log.info("that an attempt began could not be recorded: %s", future.exception())
