"""How events make the log's record of a message.

A record is `apply` over the events of a message, in order, and nothing else: two readers that saw the same events show
the same. Statuses come from `standing`; here the rest is filled in: who, where, when, what was said.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from mailock.core.lifecycle.copies import Deferred, Disposition, Failed, NotForwarded, Outcome, Sent
from mailock.core.lifecycle.events import (
    Accepted,
    Attempted,
    Decided,
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
from mailock.core.lifecycle.record import RecipientRecord, Record
from mailock.core.lifecycle.standing import Standing, follow
from mailock.core.mail.message import Message
from mailock.core.mail.status import Status

_Later = ScanStarted | Judged | Attempted | Quarantined | Held | Released | Discarded | Returned | Noted | Remade


def apply(before: Record | None, event: Event) -> Record:
    """The record after an event. `before` is None for the first event of a message that is known."""
    match event:
        case Accepted():
            return _opened(event.message)
        case Refused():
            return _refused(event)
        case _:
            known = before or Record(queue_id=event.queue_id, arrival=event.at, updated=event.at, recipients=())
            return _changed(known, event)


def fold(events: Iterable[Event]) -> Record:
    """The record that a message's events make. Raises ValueError for no events at all."""
    record = None
    for event in events:
        record = apply(record, event)
    if record is None:
        raise ValueError("a record needs at least one event")
    return record


def _opened(message: Message) -> Record:
    at = message.accepted_at
    return Record(
        queue_id=message.queue_id,
        arrival=at,
        updated=at,
        recipients=tuple(
            RecipientRecord(
                number=number,
                address=str(recipient.address),
                direction=recipient.direction,
                status=Status.NEW,
                status_at=at,
            )
            for number, recipient in enumerate(message.envelope.recipients)
        ),
        message=message,
    )


def _refused(event: Refused) -> Record:
    recipient = RecipientRecord(
        number=0,
        address=event.recipient,
        direction=None,
        status=Status.REJECTED,
        status_at=event.until,
        why=event.why,
    )
    return Record(
        queue_id=event.refusal_id, arrival=event.at, updated=event.until, recipients=(recipient,), refused=event
    )


def _changed(before: Record, event: _Later) -> Record:
    standing = follow(Standing(tuple(r.status for r in before.recipients), before.skipped), event)
    recipients = _recipients(before.recipients, standing, event)
    match event:
        case Judged():
            return replace(
                before,
                updated=event.at,
                recipients=recipients,
                scan_started=event.started,
                scan_ended=event.at,
                judge_revision=event.revision,
                verdict=event.verdict,
                scan=event.scan,
                skipped=event.skipped,
            )
        case ScanStarted():
            return replace(before, updated=event.at, recipients=recipients, scan_started=event.at)
        case Attempted() | Quarantined() | Held() | Released() | Discarded() | Returned() | Noted() | Remade():
            return replace(before, updated=event.at, recipients=recipients)
        case _:
            assert_never(event)


def _recipients(known: tuple[RecipientRecord, ...], standing: Standing, event: _Later) -> tuple[RecipientRecord, ...]:
    """Every recipient after an event; those that were not known before are added."""
    added = (
        RecipientRecord(number=number, address="", direction=None, status=status, status_at=event.at)
        for number, status in enumerate(standing.statuses[len(known) :], start=len(known))
    )
    everybody = (*known, *added)
    match event:
        case Judged():
            numbers = range(len(everybody))
            decisions = {n: decided for decided in event.decisions for n in decided.recipients or numbers}
            return tuple(
                _decided(r, status, event.at, decisions.get(r.number))
                for r, status in zip(everybody, standing.statuses, strict=True)
            )
        case Attempted():
            outcomes = {outcome.number: outcome for outcome in event.outcomes}
            return tuple(
                _attempted(r, status, event, outcomes[r.number]) if r.number in outcomes else r
                for r, status in zip(everybody, standing.statuses, strict=True)
            )
        case Noted():
            return everybody
        case Remade():
            return tuple(_remade(r, event) for r in everybody)
        case ScanStarted():
            return tuple(replace(r, status=Status.SCAN_STARTED, status_at=event.at) for r in everybody)
        case Quarantined() | Held() | Released() | Discarded() | Returned():
            chosen = frozenset(event.recipients) or frozenset(range(len(everybody)))
            return tuple(
                _put(r, status, event) if r.number in chosen else r
                for r, status in zip(everybody, standing.statuses, strict=True)
            )
        case _:
            assert_never(event)


def _decided(r: RecipientRecord, status: Status, at: float, decided: Decided | None) -> RecipientRecord:
    if decided is None:
        return r
    return replace(
        r,
        status=status,
        status_at=at,
        disposition=decided.disposition,
        rule=decided.rule,
        because=decided.because,
        quarantine_class=decided.quarantine_class,
        by=f"rule {decided.rule}" if decided.disposition is Disposition.DISCARD else "",
        why="",
    )


def _attempted(r: RecipientRecord, status: Status, event: Attempted, outcome: Outcome) -> RecipientRecord:
    since = r.status_at if r.status is status else event.at
    match outcome:
        case NotForwarded():
            return replace(r, status=status, status_at=since, next_try=None, hop=None, reply=None)
        case Deferred(attempted=False):
            why = str(outcome.response)
            return replace(r, status=status, status_at=since, next_try=outcome.next_due, why=why)
        case Sent() | Failed() | Deferred():
            sent = isinstance(outcome, Sent)
            return replace(
                r,
                status=status,
                status_at=since,
                attempts=r.attempts + 1,
                last_attempt=event.at,
                next_try=outcome.next_due if isinstance(outcome, Deferred) else None,
                hop=event.hop,
                reply=outcome.response,
                delivered_at=event.at if sent else None,
                by="",
                why="" if sent else str(outcome.response),
            )
        case _:
            assert_never(outcome)


def _remade(r: RecipientRecord, event: Remade) -> RecipientRecord:
    return replace(r, changes=event.changes) if not event.recipients or r.number in event.recipients else r


def _put(
    r: RecipientRecord, status: Status, event: Quarantined | Held | Released | Discarded | Returned
) -> RecipientRecord:
    return replace(
        r,
        status=status,
        status_at=event.at,
        next_try=None,
        quarantine_class=event.quarantine_class if isinstance(event, Quarantined) else _kept_class(r, event),
        by="" if isinstance(event, Quarantined) else event.by,
        why=event.why,
    )


def _kept_class(r: RecipientRecord, event: Held | Released | Discarded | Returned) -> str | None:
    """A release ends a quarantine; what was deleted or expired in it goes on showing why it was there."""
    return None if isinstance(event, Released) else r.quarantine_class
