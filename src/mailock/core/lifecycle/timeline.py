"""The story of a message, a sentence an event, for the administrator who is asked at night where a mail is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from mailock.core.lifecycle.apply import apply
from mailock.core.lifecycle.copies import Deferred, Disposition, Failed, Hop, NotForwarded, Outcome, Response, Sent
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
from mailock.core.lifecycle.record import Record
from mailock.core.mail.message import Message
from mailock.core.mail.status import Status

_NAMED = 3
"""How many recipients a sentence names before it counts the others."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a message's history. `status` is what the message showed from then on; None where it stayed."""

    at: float
    status: Status | None
    untrusted_text: str
    """A sentence of ours, which may quote what a peer said."""


def timeline(events: Iterable[Event]) -> tuple[Line, ...]:
    """The lines of a message's events, in order. An event that went differently for its recipients has several."""
    lines: list[Line] = []
    record: Record | None = None
    for event in events:
        before, record = record, apply(record, event)
        status = record.status if before is None or before.status is not record.status else None
        sentences = _sentences(record, event)
        at = moment_of(event)
        lines.extend(Line(at, status if n == 0 else None, sentence) for n, sentence in enumerate(sentences))
    return tuple(lines)


def moment_of(event: Event) -> float:
    """When an event happened, in Unix seconds."""
    match event:
        case Accepted():
            return event.message.accepted_at
        case Refused():
            return event.until
        case _:
            return event.at


def _sentences(record: Record, event: Event) -> Sequence[str]:
    match event:
        case Accepted():
            return [_accepted(record, event.message)]
        case ScanStarted():
            return ["Examination began."]
        case Judged():
            return _judged(record, event)
        case Attempted():
            return _attempted(record, event)
        case Quarantined():
            return [f"Quarantined as {event.quarantine_class}{_for(record, event.recipients)}: {event.why}"]
        case Held():
            return [f"Held by {event.by}{_for(record, event.recipients)}: {event.why}"]
        case Released():
            because = f": {event.why}" if event.why else ""
            return [f"Released by {event.by}{_for(record, event.recipients)}{because}"]
        case Discarded():
            return [f"Discarded by {event.by}{_for(record, event.recipients)}, without delivery: {event.why}"]
        case Returned():
            return [f"Returned to its sender by {event.by}{_for(record, event.recipients)}: {event.why}"]
        case Remade():
            return _remade(record, event)
        case Noted():
            return [event.text]
        case Refused():
            return [_refused(event)]
        case _:
            assert_never(event)


def _accepted(record: Record, message: Message) -> str:
    origin = message.origin
    source = (
        f"{origin.untrusted_helo} [{origin.ip}]" if message.own is None else f"we wrote it ourselves ({message.own})"
    )
    secured = f" over {origin.tls.version} {origin.tls.cipher}" if origin.tls else " in clear text"
    who = f", authenticated as {origin.authenticated_as}" if origin.authenticated_as else ""
    count = len(record.recipients)
    recipients = f"{count} recipients" if count != 1 else record.recipients[0].address
    how = f"{secured}{who}" if message.own is None else ""
    return f"Accepted from {record.sender} for {recipients}, {record.size} bytes; source: {source}{how}."


def _judged(record: Record, event: Judged) -> list[str]:
    scan = (
        "Let through without examination, because it was late and policy allows that"
        if event.skipped
        else f"Examined in {event.at - event.started:.2f} s: {event.verdict}"
    )
    head = f"{scan} (policy revision {event.revision})"
    decisions = [_decided(record, decided) for decided in event.decisions]
    return (
        [f"{head}; {decisions[0]}", *(f"Also {decision}" for decision in decisions[1:])] if decisions else [f"{head}."]
    )


def _decided(record: Record, decided: Decided) -> str:
    done = {
        Disposition.DELIVER: "to be delivered",
        Disposition.HOLD: "held in the queue",
        Disposition.QUARANTINE: f"quarantined as {decided.quarantine_class}",
        Disposition.REJECT: "rejected",
        Disposition.DISCARD: "discarded without delivery",
    }[decided.disposition]
    # Each reason is a sentence of its own, whose full stop may be left out where it stands alone.
    because = f": {'; '.join(one.rstrip('.') for one in decided.because)}." if decided.because else "."
    return f"{done}{_for(record, decided.recipients)} by rule {decided.rule}{because}"


def _remade(record: Record, event: Remade) -> list[str]:
    head = f"Changed{_for(record, event.recipients)}"
    changes = event.changes or ("nothing had to be changed.",)
    return [f"{head}: {changes[0]}", *(f"Also changed{_for(record, event.recipients)}: {c}" for c in changes[1:])]


def _attempted(record: Record, event: Attempted) -> list[str]:
    alike: dict[tuple[str, str], list[int]] = {}
    for outcome in event.outcomes:
        alike.setdefault(_outcome(event, outcome), []).append(outcome.number)
    return [f"{did}{_for(record, tuple(numbers))}{said}" for (did, said), numbers in alike.items()]


def _outcome(event: Attempted, outcome: Outcome) -> tuple[str, str]:
    took = f"in {event.at - event.started:.2f} s"
    match outcome:
        case Sent():
            return f"Delivered to {_hop(event.hop)} {took}", f"; it said {_said(outcome.response)}"
        case Failed():
            return "Given up", f": {_hop(event.hop)} said {_said(outcome.response)}"
        case Deferred(attempted=False):
            return "Waits without a try", f" for {outcome.next_due - event.at:.0f} s more: {_said(outcome.response)}"
        case Deferred():
            said = f": {_hop(event.hop)} said {_said(outcome.response)}"
            return "Deferred", f"{said}; next try in {outcome.next_due - event.at:.0f} s"
        case NotForwarded():
            return "Ended after the scan", ": its forwarding rule says scan only, so nothing was sent."
        case _:
            assert_never(outcome)


def _hop(hop: Hop) -> str:
    if not hop.name and not hop.ip:
        return "Mailock"
    address = f" [{hop.ip}]:{hop.port}" if hop.ip else " (not reached)"
    return f"{hop.name or 'the next hop'}{address}" + (
        f" over {hop.tls}" if hop.tls else " in clear text" if hop.ip else ""
    )


def _said(response: Response) -> str:
    return f'"{response}"' if response.code else f"nothing ({response.text})" if response.text else "nothing"


def _refused(event: Refused) -> str:
    if event.count > 1:
        return (
            f"Refused {event.source_ip} {event.count - 1} times more in the minute after, {event.count} times in all."
        )
    recipient = f" to {event.recipient}" if event.recipient else ""
    # The reply carries it where its wording was ours to choose.
    told = not event.reference or event.reference in event.reply
    reference = "" if told else f" (reference {event.reference})"
    what = f"Refused {event.source_ip}: mail from {event.sender}{recipient}: {event.why}."
    return f"{what} It was told: {event.reply}{reference}"


def _for(record: Record, numbers: tuple[int, ...]) -> str:
    """` for a, b`; nothing where it was for everybody."""
    chosen = [r.address or f"recipient {r.number + 1}" for r in record.recipients if r.number in frozenset(numbers)]
    if len(chosen) == len(record.recipients) or not chosen:
        return ""
    others = len(chosen) - _NAMED
    return f" for {', '.join(chosen[:_NAMED])}" + (f" and {others} more" if others > 0 else "")
