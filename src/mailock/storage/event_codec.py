"""How events are written to the outbox: [[tag, fields], …], each kind of event with a tag that it keeps for ever.

What holds for documents (`codec`) holds here; a tag that is not known is `Unreadable`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias, assert_never

import msgspec

from mailock.core.lifecycle.copies import Deferred, Disposition, Failed, Hop, NotForwarded, Outcome, Sent
from mailock.core.lifecycle.events import (
    Accepted,
    Attempted,
    Decided,
    Discarded,
    Event,
    Held,
    Judged,
    Noted,
    Outline,
    Quarantined,
    Refused,
    Released,
    Remade,
    Returned,
    Scan,
    ScanStarted,
)
from mailock.core.mail.message import QueueId
from mailock.storage.codec import (
    MessageWire,
    ResponseWire,
    Unreadable,
    message_from,
    message_wire,
    response_from,
    response_wire,
)

OutcomeWire: TypeAlias = tuple[int, int, ResponseWire | None, float, str, bool, bool]
HopWire: TypeAlias = tuple[str, str, int, str]
DecidedWire: TypeAlias = tuple[list[int], Disposition, str, list[str], str | None]


class OutlineWire(msgspec.Struct, array_like=True, frozen=True):
    """An outline as it is stored; its last three fields were added later."""

    kind: str
    attachments: int
    links: int
    detections: tuple[str, ...]
    unfinished: tuple[str, ...]
    files: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


class ScanWire(msgspec.Struct, array_like=True, frozen=True):
    """A scan as it is stored; its last field was added later."""

    confidence: str
    mail_class: str
    score: float
    document: bytes
    outline: OutlineWire | None = None


JudgedWire: TypeAlias = tuple[int, float, float, int, str, list[DecidedWire], bool, ScanWire | None]
AttemptedWire: TypeAlias = tuple[int, float, float, HopWire, list[OutcomeWire]]
RemadeWire: TypeAlias = tuple[int, float, list[int], list[str], str, int]
ByWire: TypeAlias = tuple[int, float, list[int], str, str]
RefusedWire: TypeAlias = tuple[int, float, float, int, str, str, str, str, str, str, str, str]
Pair: TypeAlias = tuple[int, object]

_encode: Final = msgspec.msgpack.Encoder().encode
_split: Final = msgspec.msgpack.Decoder[list[tuple[int, msgspec.Raw]]](list[tuple[int, msgspec.Raw]]).decode
SENT, FAILED, DEFERRED, NOT_FORWARDED = range(4)


class WrittenEvents(tuple[Event, ...]):
    """Events with the document that they were written as, so that whoever passes them on need not write them again."""

    document: bytes

    @classmethod
    def of(cls, events: Iterable[Event], document: bytes) -> "WrittenEvents":
        """These events, of which `encode_events` made this document."""
        written = cls(events)
        written.document = document
        return written


def document_of(events: Sequence[Event]) -> bytes:
    """A batch as it is stored: as it was written, where that is known."""
    if isinstance(events, WrittenEvents):
        return events.document
    return encode_events([event_pair(one) for one in events])


def encode_events(pairs: list[Pair]) -> bytes:
    """A batch as it is stored, from what `event_pair` gave."""
    return _encode(pairs)


def event_pair(event: Event, documents: dict[int, bytes] | None = None) -> Pair:
    """An event as its tag and fields. `documents` holds messages that are encoded already, by queue id."""
    match event:
        case Accepted():
            document = documents.get(event.message.queue_id) if documents else None
            return 1, message_wire(event.message) if document is None else msgspec.Raw(document)
        case ScanStarted():
            return 2, (event.queue_id, event.at)
        case Judged():
            decisions = [(d.recipients, d.disposition, d.rule, d.because, d.quarantine_class) for d in event.decisions]
            at, seen = event.at, _scan_wire(event.scan)
            return 3, (event.queue_id, event.started, at, event.revision, event.verdict, decisions, event.skipped, seen)
        case Attempted():
            hop = event.hop
            outcomes = [_outcome_wire(outcome) for outcome in event.outcomes]
            return 4, (event.queue_id, event.started, event.at, (hop.name, hop.ip, hop.port, hop.tls), outcomes)
        case Quarantined():
            return 5, (event.queue_id, event.at, event.recipients, event.quarantine_class, event.why)
        case Held() | Released() | Discarded() | Returned():
            return _BY_TAGS[type(event)], (event.queue_id, event.at, event.recipients, event.by, event.why)
        case Remade():
            changed = (event.queue_id, event.at, event.recipients, event.changes, event.sha256, event.size)
            return 12, changed
        case Noted():
            return 10, (event.queue_id, event.at, event.text)
        case Refused():
            return 11, _refused_wire(event)
        case _:
            assert_never(event)


def decode_events(document: bytes) -> tuple[Event, ...]:
    """The events that `encode_events` wrote. Raises Unreadable."""
    try:
        return tuple(_READERS[tag](payload) for tag, payload in _split(document))
    except KeyError as fault:
        raise Unreadable(f"an event of kind {fault} is not known to this version: a newer Mailock wrote it") from fault
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise Unreadable(
            f"stored events cannot be read ({fault}): they are damaged, or a newer Mailock wrote them"
        ) from fault


_BY_TAGS: Final[dict[type, int]] = {Held: 6, Released: 7, Discarded: 8, Returned: 9}


def _outcome_wire(outcome: Outcome) -> tuple[object, ...]:
    match outcome:
        case Sent():
            return SENT, outcome.number, response_wire(outcome.response), 0.0, "", False, True
        case Failed():
            return FAILED, outcome.number, response_wire(outcome.response), 0.0, "", False, True
        case Deferred():
            told, tried = outcome.delay_told, outcome.attempted
            return (
                DEFERRED,
                outcome.number,
                response_wire(outcome.response),
                outcome.next_due,
                outcome.lane,
                told,
                tried,
            )
        case NotForwarded():
            return NOT_FORWARDED, outcome.number, None, 0.0, "", False, True
        case _:
            assert_never(outcome)


def _refused_wire(event: Refused) -> tuple[object, ...]:
    return (
        event.refusal_id,
        event.at,
        event.until,
        event.count,
        event.source_ip,
        event.untrusted_helo,
        event.listener,
        event.sender,
        event.recipient,
        event.reply,
        event.why,
        event.reference,
    )


def _outcome_from(wire: OutcomeWire) -> Outcome:
    kind, number, response_fields, next_due, lane, delay_told, attempted = wire
    if kind == NOT_FORWARDED:
        return NotForwarded(number=number)
    if response_fields is None:
        raise Unreadable(f"a stored outcome of kind {kind} has no response: it is damaged")
    response = response_from(response_fields)
    if kind == SENT:
        return Sent(number=number, response=response)
    if kind == FAILED:
        return Failed(number=number, response=response)
    if kind == DEFERRED:
        return Deferred(
            number=number,
            response=response,
            next_due=next_due,
            lane=lane,
            delay_told=delay_told,
            attempted=attempted,
        )
    raise Unreadable(f"an outcome of kind {kind} is not known to this version: a newer Mailock wrote it")


def _judged_from(wire: JudgedWire) -> Event:
    queue_id, started, at, revision, verdict, decisions, skipped, seen = wire
    return Judged(
        queue_id=QueueId(queue_id),
        started=started,
        at=at,
        revision=revision,
        verdict=verdict,
        decisions=tuple(
            Decided(
                recipients=tuple(recipients),
                disposition=disposition,
                rule=rule,
                because=tuple(because),
                quarantine_class=quarantine_class,
            )
            for recipients, disposition, rule, because, quarantine_class in decisions
        ),
        skipped=skipped,
        scan=None if seen is None else _scan_from(seen),
    )


def _scan_wire(scan: Scan | None) -> ScanWire | None:
    if scan is None:
        return None
    o = scan.outline
    outline = (
        None
        if o is None
        else OutlineWire(o.kind, o.attachments, o.links, o.detections, o.unfinished, o.files, o.hashes, o.urls)
    )
    return ScanWire(scan.confidence, scan.mail_class, scan.score, scan.document, outline)


def _scan_from(wire: ScanWire) -> Scan:
    o = wire.outline
    outline = None
    if o is not None:
        outline = Outline(
            kind=o.kind,
            attachments=o.attachments,
            links=o.links,
            detections=o.detections,
            unfinished=o.unfinished,
            files=o.files,
            hashes=o.hashes,
            urls=o.urls,
        )
    return Scan(
        confidence=wire.confidence,
        mail_class=wire.mail_class,
        score=wire.score,
        document=wire.document,
        outline=outline,
    )


def _attempted_from(wire: AttemptedWire) -> Event:
    queue_id, started, at, (name, ip, port, tls), outcomes = wire
    return Attempted(
        queue_id=QueueId(queue_id),
        started=started,
        at=at,
        hop=Hop(name=name, ip=ip, port=port, tls=tls),
        outcomes=tuple(_outcome_from(outcome) for outcome in outcomes),
    )


def _quarantined_from(wire: ByWire) -> Event:
    queue_id, at, recipients, quarantine_class, why = wire
    return Quarantined(
        queue_id=QueueId(queue_id),
        at=at,
        recipients=tuple(recipients),
        quarantine_class=quarantine_class,
        why=why,
    )


def _by(kind: type[Held | Released | Discarded | Returned]) -> Callable[[ByWire], Event]:
    def read(wire: ByWire) -> Event:
        queue_id, at, recipients, by, why = wire
        return kind(queue_id=QueueId(queue_id), at=at, recipients=tuple(recipients), by=by, why=why)

    return read


def _refused_from(wire: RefusedWire) -> Event:
    refusal_id, at, until, count, source_ip, helo, listener, sender, recipient, reply, why, reference = wire
    return Refused(
        refusal_id=QueueId(refusal_id),
        at=at,
        until=until,
        count=count,
        source_ip=source_ip,
        untrusted_helo=helo,
        listener=listener,
        sender=sender,
        recipient=recipient,
        reply=reply,
        why=why,
        reference=reference,
    )


def _remade_from(wire: RemadeWire) -> Event:
    queue_id, at, recipients, changes, sha256, size = wire
    return Remade(
        queue_id=QueueId(queue_id),
        at=at,
        recipients=tuple(recipients),
        changes=tuple(changes),
        sha256=sha256,
        size=size,
    )


def _scan_started_from(wire: tuple[int, float]) -> Event:
    return ScanStarted(queue_id=QueueId(wire[0]), at=wire[1])


def _noted_from(wire: tuple[int, float, str]) -> Event:
    return Noted(queue_id=QueueId(wire[0]), at=wire[1], text=wire[2])


def _accepted_from(wire: MessageWire) -> Event:
    return Accepted(message=message_from(wire))


def _reader(shape: Any, build: Callable[[Any], Event]) -> Callable[[msgspec.Raw], Event]:
    decode = msgspec.msgpack.Decoder(shape).decode
    return lambda payload: build(decode(payload))


_READERS: Final[dict[int, Callable[[msgspec.Raw], Event]]] = {
    1: _reader(MessageWire, _accepted_from),
    2: _reader(tuple[int, float], _scan_started_from),
    3: _reader(JudgedWire, _judged_from),
    4: _reader(AttemptedWire, _attempted_from),
    5: _reader(ByWire, _quarantined_from),
    6: _reader(ByWire, _by(Held)),
    7: _reader(ByWire, _by(Released)),
    8: _reader(ByWire, _by(Discarded)),
    9: _reader(ByWire, _by(Returned)),
    10: _reader(tuple[int, float, str], _noted_from),
    11: _reader(RefusedWire, _refused_from),
    12: _reader(RemadeWire, _remade_from),
}
