"""How events make the log's record of a message.

A record is `apply` over the events of a message, in order, and nothing else: two readers that saw the same events show
the same. Statuses come from `standing`; here the rest is filled in: who, where, when, what was said.
"""

from collections.abc import Callable, Iterable
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
    Returned,
    ScanStarted,
)
from mailock.core.lifecycle.record import RecipientRecord, Record, Rejection
from mailock.core.lifecycle.standing import Standing, follow
from mailock.core.mail.address import Address
from mailock.core.mail.message import Message, QueueId
from mailock.core.mail.status import Status


def apply(before: Record | None, event: Event) -> Record:
    """The record after an event. `before` is None for the first event of a message that is known."""
    match event:
        case Accepted():
            return _opened(event.message)
        case Refused():
            return _refused(event)
        case _:
            return _changed(before or _lost(event.queue_id, event.at), event)


def fold(events: Iterable[Event]) -> Record:
    """The record that a message's events make. Raises ValueError for no events at all."""
    record = None
    for event in events:
        record = apply(record, event)
    if record is None:
        raise ValueError("a record needs at least one event")
    return record


def _opened(message: Message) -> Record:
    origin, envelope, glimpse = message.origin, message.envelope, message.glimpse
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
            for number, recipient in enumerate(envelope.recipients)
        ),
        parent=message.parent,
        own=message.own,
        session_id=message.session_id,
        ordinal=message.ordinal,
        virtual_system=message.virtual_system,
        node=message.node,
        untrusted_message_id=glimpse.message_id,
        untrusted_subject=glimpse.subject,
        untrusted_from=glimpse.from_,
        untrusted_to=glimpse.to,
        untrusted_cc=glimpse.cc,
        sender=shown_sender(envelope.sender),
        source_ip=origin.ip,
        source_port=origin.port,
        untrusted_helo=origin.untrusted_helo,
        protocol=origin.protocol,
        listener=origin.listener,
        internal=origin.internal,
        authenticated_as=origin.authenticated_as,
        proxy_ip=origin.proxy_ip,
        tls_in=f"{origin.tls.version} {origin.tls.cipher}" if origin.tls else "",
        size=message.body.size,
        sha256=message.body.sha256,
        accept_revision=message.revision,
    )


def shown_sender(sender: Address | None) -> str:
    """An envelope's sender as the log writes it."""
    return str(sender) if sender is not None else "<>"


def _refused(event: Refused) -> Record:
    refused = RecipientRecord(
        number=0,
        address=event.recipient,
        direction=None,
        status=Status.REJECTED,
        status_at=event.until,
        why=event.why,
    )
    return Record(
        queue_id=event.refusal_id,
        arrival=event.at,
        updated=event.until,
        recipients=(refused,),
        sender=event.sender,
        source_ip=event.source_ip,
        untrusted_helo=event.untrusted_helo,
        listener=event.listener,
        rejection=Rejection(
            until=event.until,
            count=event.count,
            recipient=event.recipient,
            reply=event.reply,
            why=event.why,
            reference=event.reference,
        ),
    )


def _lost(queue_id: QueueId, at: float) -> Record:
    return Record(queue_id=queue_id, arrival=at, updated=at, recipients=(), gap=True)


_Later = ScanStarted | Judged | Attempted | Quarantined | Held | Released | Discarded | Returned | Noted


def _changed(before: Record, event: _Later) -> Record:
    standing = follow(Standing(tuple(r.status for r in before.recipients), before.skipped), event)
    record = replace(before, updated=event.at, recipients=_with_statuses(before, standing, event.at))
    match event:
        case Judged():
            return _judged(record, event)
        case Attempted():
            outcomes = {outcome.number: outcome for outcome in event.outcomes}
            return (
                _each(record, tuple(outcomes), lambda r: _attempted(r, event, outcomes[r.number]))
                if outcomes
                else record
            )
        case Quarantined():
            quarantine = event.quarantine_class
            return _each(
                record,
                event.recipients,
                lambda r: replace(r, quarantine_class=quarantine, next_try=None, by="", why=event.why),
            )
        case Released():
            return _each(
                record, event.recipients, lambda r: replace(r, quarantine_class=None, by=event.by, why=event.why)
            )
        case Held() | Discarded() | Returned():
            return _each(record, event.recipients, lambda r: replace(r, next_try=None, by=event.by, why=event.why))
        case ScanStarted():
            return replace(record, scan_started=event.at)
        case Noted():
            return record
        case _:
            assert_never(event)


def _with_statuses(record: Record, standing: Standing, at: float) -> tuple[RecipientRecord, ...]:
    known = record.recipients
    kept = [
        r if r.status is status else replace(r, status=status, status_at=at)
        for r, status in zip(known, standing.statuses, strict=False)
    ]
    kept.extend(
        RecipientRecord(number=number, address="", direction=None, status=status, status_at=at)
        for number, status in enumerate(standing.statuses[len(known) :], start=len(known))
    )
    return tuple(kept)


def _each(record: Record, numbers: tuple[int, ...], change: Callable[[RecipientRecord], RecipientRecord]) -> Record:
    chosen = frozenset(numbers) or frozenset(range(len(record.recipients)))
    return replace(record, recipients=tuple(change(r) if r.number in chosen else r for r in record.recipients))


def _judged(record: Record, event: Judged) -> Record:
    record = replace(
        record,
        scan_started=event.started,
        scan_ended=event.at,
        judge_revision=event.revision,
        verdict=event.verdict,
        skipped=event.skipped,
    )
    everybody = tuple(r.number for r in record.recipients)
    decisions = {number: decided for decided in event.decisions for number in decided.recipients or everybody}
    return _each(record, tuple(decisions), lambda r: _decided(r, decisions[r.number])) if decisions else record


def _decided(recipient: RecipientRecord, decided: Decided) -> RecipientRecord:
    return replace(
        recipient,
        disposition=decided.disposition,
        rule=decided.rule,
        because=decided.because,
        quarantine_class=decided.quarantine_class,
        by=f"rule {decided.rule}" if decided.disposition is Disposition.DISCARD else "",
        why="",
    )


def _attempted(recipient: RecipientRecord, event: Attempted, outcome: Outcome) -> RecipientRecord:
    match outcome:
        case NotForwarded():
            return replace(recipient, next_try=None, hop=None, reply=None)
        case Deferred(attempted=False):
            return replace(recipient, next_try=outcome.next_due, why=str(outcome.response))
        case Sent() | Failed() | Deferred():
            return replace(
                recipient,
                attempts=recipient.attempts + 1,
                last_attempt=event.at,
                next_try=outcome.next_due if isinstance(outcome, Deferred) else None,
                hop=event.hop,
                reply=outcome.response,
                delivered_at=event.at if isinstance(outcome, Sent) else None,
                by="",
                why="" if isinstance(outcome, Sent) else str(outcome.response),
            )
        case _:
            assert_never(outcome)
