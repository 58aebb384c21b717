"""What an event makes of the statuses of a message's recipients: the one place where the log's statuses come from.

A `Standing` is all that is needed to know what to show of a message, and no more, so that the log can keep it cheaply
for every message that is under way. `apply` follows it too.

An event may name recipients that the standing does not have (its beginning was lost when the log was broken): they are
added, so a gap never hides what came after it. An event that names nobody means everybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, assert_never

from mailock.core.lifecycle.copies import Deferred, Disposition, Failed, NotForwarded, Outcome, Sent
from mailock.core.lifecycle.events import (
    Accepted,
    Attempted,
    Discarded,
    Event,
    Held,
    Judged,
    Noted,
    Quarantined,
    Refused,
    Released,
    Remade,
    Returned,
    ScanStarted,
)
from mailock.core.mail.status import Status, least_finished

DECIDED: Final = {
    Disposition.DELIVER: Status.SCAN_ENDED,
    Disposition.HOLD: Status.HOLD,
    Disposition.QUARANTINE: Status.QUARANTINED,
    Disposition.REJECT: Status.REJECTED,
    Disposition.DISCARD: Status.DISCARDED,
}
"""What each disposition shows as once it was decided."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The status of each recipient, by its place in the envelope."""

    statuses: tuple[Status, ...]
    skipped: bool = False
    """Whether the message goes unexamined, so that "delivered" shows as "skipped"."""

    @property
    def status(self) -> Status:
        """The message's own status: that of its least finished recipient (DECISIONS 19)."""
        return least_finished(self.statuses) if self.statuses else Status.NEW


NOTHING: Final = Standing(())
"""Where a message stands of which nothing is known yet."""


def follow(before: Standing, event: Event) -> Standing:
    """Where a message stands after an event."""
    match event:
        case Accepted():
            return Standing((Status.NEW,) * len(event.message.envelope.recipients))
        case Judged():
            return _judged(before, event)
        case Attempted():
            return _attempted(before, event)
        case ScanStarted():
            return Standing((Status.SCAN_STARTED,) * len(before.statuses), before.skipped)
        case Quarantined():
            return _put(before, event.recipients, Status.QUARANTINED)
        case Held():
            return _put(before, event.recipients, Status.HOLD)
        case Released():
            return _put(before, event.recipients, Status.RELEASED)
        case Discarded():
            return _put(before, event.recipients, Status.DISCARDED)
        case Returned():
            return _put(before, event.recipients, Status.BOUNCED)
        case Noted() | Remade():
            return before
        case Refused():
            return Standing((Status.REJECTED,))
        case _:
            assert_never(event)


def status_of(outcome: Outcome, *, skipped: bool) -> Status:
    """What one recipient shows after a try, or after a date was moved without one."""
    match outcome:
        case Sent():
            return Status.SKIPPED if skipped else Status.DELIVERED
        case Failed():
            return Status.BOUNCED
        case Deferred():
            return Status.DEFERRED
        case NotForwarded():
            return Status.SCAN_ENDED
        case _:
            assert_never(outcome)


def _judged(before: Standing, event: Judged) -> Standing:
    decisions = event.decisions
    if len(decisions) == 1 and len(decisions[0].recipients) == len(before.statuses):
        return Standing((DECIDED[decisions[0].disposition],) * len(before.statuses), event.skipped)
    after = Standing(before.statuses, event.skipped)
    for decided in decisions:
        after = _put(after, decided.recipients, DECIDED[decided.disposition])
    return after


def _attempted(before: Standing, event: Attempted) -> Standing:
    statuses = _wide_enough(before, (outcome.number for outcome in event.outcomes))
    for outcome in event.outcomes:
        statuses[outcome.number] = status_of(outcome, skipped=before.skipped)
    return Standing(tuple(statuses), before.skipped)


def _put(before: Standing, recipients: tuple[int, ...], status: Status) -> Standing:
    statuses = _wide_enough(before, recipients)
    for number in recipients or range(len(statuses)):
        statuses[number] = status
    return Standing(tuple(statuses), before.skipped)


def _wide_enough(before: Standing, numbers: Iterable[int]) -> list[Status]:
    statuses = list(before.statuses)
    missing = max(numbers, default=-1) + 1 - len(statuses)
    if missing > 0:
        statuses.extend([Status.NEW] * missing)
    return statuses
