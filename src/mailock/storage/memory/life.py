"""One message with all that it has, and what each change does to it: the rules of the queue in their plainest form."""

from dataclasses import dataclass, field, replace
from typing import assert_never

from mailock.core.lifecycle.changes import CopyMoved, CopyRemade, Planned, Rescheduled, Settled, Staged
from mailock.core.lifecycle.copies import Copy, Deferred, Delivery, Ending, Failed, Moved, NotForwarded, Sent
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.lifecycle.transitions import IllegalMove, MovedMeanwhile, check_copy, check_message
from mailock.core.mail.message import BodyRef, Message, show_id

Place = tuple[int, int]
"""A delivery's copy and number."""


@dataclass(slots=True, kw_only=True)
class Life:
    """A message in the queue. Changed in place; `branch` makes the one that a transaction works on."""

    message: Message
    stage: MessageStage
    why: str = ""
    counted_from: float | None = None
    copies: dict[int, Copy] = field(default_factory=dict)
    deliveries: dict[Place, Delivery] = field(default_factory=dict)

    def branch(self) -> "Life":
        """The same message, to be changed without changing this one."""
        return replace(self, copies=dict(self.copies), deliveries=dict(self.deliveries))

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self.stage is MessageStage.CLOSED

    def bodies(self) -> set[BodyRef]:
        """Every body that it names."""
        return {self.message.body} | {c.body for c in self.copies.values() if c.stage is not CopyStage.CLOSED}

    def pending(self, number: int) -> list[Delivery]:
        """The pending deliveries of a copy."""
        return [d for d in self.deliveries.values() if d.copy == number and d.stage is DeliveryStage.PENDING]

    def sendable(self) -> list[Delivery]:
        """The pending deliveries of its READY copies."""
        if self.stage is not MessageStage.JUDGED:
            return []
        ready = [number for number, copy in self.copies.items() if copy.stage is CopyStage.READY]
        return [delivery for number in ready for delivery in self.pending(number)]

    def staged(self, change: Staged) -> None:
        """The message goes on."""
        check_message(change.before, change.after)
        if self.stage is not change.before:
            raise MovedMeanwhile(f"message {show_id(change.queue_id)} is {self.stage.name}, not {change.before.name}")
        if change.before is MessageStage.JUDGED and change.after is MessageStage.ACCEPTED:
            self._check_nobody_served()
        if change.after is MessageStage.ACCEPTED:
            self.copies.clear()
            self.deliveries.clear()
        self.stage = change.after
        self.why = change.why
        if change.counted_from is not None:
            self.counted_from = change.counted_from

    def planned(self, change: Planned) -> None:
        """It gets copies."""
        if self.stage is not MessageStage.JUDGED:
            raise MovedMeanwhile(
                f"message {show_id(change.queue_id)} is {self.stage.name}: only a judged one gets copies"
            )
        for copy in change.copies:
            if copy.number in self.copies:
                raise IllegalMove(f"message {show_id(change.queue_id)} has a copy {copy.number} already")
            self.copies[copy.number] = copy
        for delivery in change.deliveries:
            place = (delivery.copy, delivery.number)
            if place in self.deliveries or all(delivery.copy != copy.number for copy in change.copies):
                raise IllegalMove(f"message {show_id(change.queue_id)} has no room for delivery {place}")
            self.deliveries[place] = delivery
        for copy in change.copies:
            pending = self.pending(copy.number)
            if copy.stage is CopyStage.CLOSED and pending:
                raise IllegalMove(
                    f"copy {copy.number} of {show_id(change.queue_id)} starts closed with pending deliveries"
                )
            if copy.stage is CopyStage.READY and not pending:
                self._close(copy.number)
        self._close_with_last_copy()

    def moved(self, change: CopyMoved) -> None:
        """A copy goes on."""
        check_copy(change.before, change.after)
        copy = self._open_copy(change.number)
        if copy.stage is not change.before or self.stage is not MessageStage.JUDGED:
            stages = f"{copy.stage.name} of a message that is {self.stage.name}"
            raise MovedMeanwhile(
                f"copy {change.number} of {show_id(change.queue_id)} is {stages}, not {change.before.name}"
            )
        if change.after is CopyStage.CLOSED:
            for delivery in self.pending(change.number):
                self._put(replace(delivery, stage=DeliveryStage.DROPPED))
            self._close(change.number)
            self._close_with_last_copy()
            return
        kept = change.after is CopyStage.QUARANTINED
        self.copies[change.number] = replace(
            copy,
            stage=change.after,
            quarantine_class=change.quarantine_class if kept else None,
            quarantined_at=change.quarantined_at if kept else None,
            counted_from=copy.counted_from if change.counted_from is None else change.counted_from,
            orders=copy.orders if change.orders is None else change.orders,
            conversion=copy.conversion if change.conversion is None else change.conversion,
            added=copy.added if change.added is None else change.added,
        )

    def remade(self, change: CopyRemade) -> None:
        """A copy's changes are made."""
        copy = self._open_copy(change.number)
        if copy.stage is not CopyStage.PLANNED or self.stage is not MessageStage.JUDGED:
            stages = f"{copy.stage.name} of a message that is {self.stage.name}"
            raise MovedMeanwhile(f"copy {change.number} of {show_id(change.queue_id)} is {stages}, not PLANNED")
        self.copies[change.number] = replace(
            copy,
            stage=CopyStage.READY,
            body=change.body,
            prefix=change.prefix,
            orders=b"",
            receipt=change.receipt,
            conversion=copy.conversion if change.conversion is None else change.conversion,
        )

    def waiting_for_changes(self) -> list[int]:
        """The numbers of its PLANNED copies that somebody waits for."""
        if self.stage is not MessageStage.JUDGED:
            return []
        planned = [number for number, copy in sorted(self.copies.items()) if copy.stage is CopyStage.PLANNED]
        return [number for number in planned if self.pending(number)]

    def settled(self, change: Settled) -> None:
        """An attempt was closed."""
        self._open_copy(change.copy)
        if len({outcome.number for outcome in change.outcomes}) != len(change.outcomes):
            name = show_id(change.queue_id)
            raise IllegalMove(f"copy {change.copy} of {name} was given two outcomes for one delivery")
        for outcome in change.outcomes:
            self._put(_after(self._pending_at(change.copy, outcome.number), outcome))
        if not self.pending(change.copy):
            self._close(change.copy)
            self._close_with_last_copy()

    def rescheduled(self, change: Rescheduled) -> None:
        """Pending deliveries get another date or lane."""
        self._open_copy(change.copy)
        for number in change.numbers:
            delivery = self._pending_at(change.copy, number)
            self._put(replace(delivery, due=change.due, lane=delivery.lane if change.lane is None else change.lane))

    def _check_nobody_served(self) -> None:
        pending = {d.number for d in self.deliveries.values() if d.stage is DeliveryStage.PENDING}
        if any(number not in pending for _, number in self.deliveries):
            raise MovedMeanwhile(
                f"message {show_id(self.message.queue_id)} has ended for some of its recipients already"
            )

    def _open_copy(self, number: int) -> Copy:
        copy = self.copies.get(number)
        if copy is None or copy.stage is CopyStage.CLOSED:
            raise MovedMeanwhile(f"message {show_id(self.message.queue_id)} has no open copy {number}")
        return copy

    def _pending_at(self, copy: int, number: int) -> Delivery:
        delivery = self.deliveries.get((copy, number))
        if delivery is None or delivery.stage is not DeliveryStage.PENDING:
            raise MovedMeanwhile(f"delivery {copy}/{number} of {show_id(self.message.queue_id)} is not pending")
        return delivery

    def _put(self, delivery: Delivery) -> None:
        self.deliveries[delivery.copy, delivery.number] = delivery

    def _close(self, number: int) -> None:
        copy = self.copies[number]
        check_copy(copy.stage, CopyStage.CLOSED)
        self.copies[number] = replace(copy, stage=CopyStage.CLOSED, quarantine_class=None, quarantined_at=None)

    def _close_with_last_copy(self) -> None:
        if all(copy.stage is CopyStage.CLOSED for copy in self.copies.values()):
            check_message(self.stage, MessageStage.CLOSED)
            self.stage = MessageStage.CLOSED


def _after(delivery: Delivery, outcome: Ending) -> Delivery:
    match outcome:
        case Sent(response=response):
            return replace(delivery, stage=DeliveryStage.SENT, attempts=delivery.attempts + 1, last=response)
        case Failed(response=response):
            return replace(delivery, stage=DeliveryStage.FAILED, attempts=delivery.attempts + 1, last=response)
        case Deferred():
            return replace(
                delivery,
                due=outcome.next_due,
                lane=outcome.lane,
                attempts=delivery.attempts + outcome.attempted,
                last=outcome.response,
                delay_told=outcome.delay_told,
            )
        case NotForwarded():
            return replace(delivery, stage=DeliveryStage.NOT_FORWARDED)
        case Moved():
            return replace(delivery, stage=DeliveryStage.DROPPED)
        case _:
            assert_never(outcome)
