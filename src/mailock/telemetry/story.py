"""The events of one message as bytes: what `track.db` keeps of it, and all that it keeps.

A story is a row of chunks, each four octets of length and a MessagePack array of events, so that adding to a story is
appending to it. An event is an array of its number here and its fields in a fixed order. A field that is added later
goes to the end of its array and is given a default when it is missing; no number is ever used for something else.

What the log does not show (the trace header, what delivery notices were asked for) is left out.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Final, assert_never

import msgspec

from mailock.core.lifecycle.copies import (
    Deferred,
    Disposition,
    Failed,
    Hop,
    NotForwarded,
    Outcome,
    Response,
    Sent,
)
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
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Recipient
from mailock.core.mail.message import BodyRef, Glimpse, Message, QueueId
from mailock.core.mail.origin import Origin, Tls

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode

ACCEPTED, JUDGED, ATTEMPTED, SCAN_STARTED = 1, 2, 3, 4
QUARANTINED, HELD, RELEASED, DISCARDED, RETURNED = 5, 6, 7, 8, 9
NOTED, REFUSED, REMADE = 10, 11, 12
"""The numbers of events. They stand in files."""
SENT, FAILED, DEFERRED, NOT_FORWARDED = range(1, 5)
"""The numbers of outcomes."""

_MESSAGE: Final = attrgetter(
    "queue_id",
    "session_id",
    "ordinal",
    "virtual_system",
    "node",
    "accepted_at",
    "revision",
    "own",
    "parent",
    "body.name",
    "body.sha256",
    "body.size",
    "body.inline",
    "glimpse.message_id",
    "glimpse.subject",
    "glimpse.from_",
    "glimpse.to",
    "glimpse.cc",
    "origin.ip",
    "origin.port",
    "origin.untrusted_helo",
    "origin.protocol",
    "origin.listener",
    "origin.internal",
    "origin.authenticated_as",
    "origin.proxy_ip",
)
_REFUSED: Final = attrgetter(
    "refusal_id",
    "at",
    "until",
    "count",
    "source_ip",
    "untrusted_helo",
    "listener",
    "sender",
    "recipient",
    "reply",
    "why",
    "reference",
)


def chunk(events: Iterable[Event]) -> bytes:
    """Events as one chunk of a story."""
    packed = [pack(event) for event in events]
    try:
        body = _encode(packed)
    except UnicodeEncodeError:
        # A lone surrogate: octets that were no text. They are kept as escapes, for people to read.
        body = _encode(_without_surrogates(packed))
    return len(body).to_bytes(4, "big") + body


def events_of(story: bytes) -> list[Event]:
    """The events of a story. Raises ValueError where it is damaged."""
    try:
        return [_UNPACK[fields[0]](fields) for fields in packed_of(story)]
    except (IndexError, TypeError, KeyError) as error:
        raise ValueError(f"a story holds what is no event: {error}") from error


def packed_of(story: bytes) -> list[Any]:
    """The events of a story as they are packed, for those who need little of them. Raises ValueError."""
    packed: list[Any] = []
    at = 0
    while at < len(story):
        end = at + 4 + int.from_bytes(story[at : at + 4], "big")
        if end > len(story):
            raise ValueError("a story ends in the middle of a chunk")
        try:
            packed.extend(_decode(story[at + 4 : end]))
        except (msgspec.DecodeError, TypeError) as error:
            raise ValueError(f"a story holds what is no event: {error}") from error
        at = end
    return packed


def pack(event: Event) -> tuple[object, ...]:
    """An event as an array of plain values."""
    match event:
        case Accepted():
            return _pack_accepted(event.message)
        case Judged():
            decisions = [
                (d.recipients, d.disposition.value, d.rule, d.because, d.quarantine_class) for d in event.decisions
            ]
            return (
                JUDGED,
                event.queue_id,
                event.started,
                event.at,
                event.revision,
                event.verdict,
                decisions,
                event.skipped,
                _pack_scan(event.scan),
            )
        case Attempted():
            hop = event.hop
            outcomes = [_pack_outcome(outcome) for outcome in event.outcomes]
            return (ATTEMPTED, event.queue_id, event.started, event.at, hop.name, hop.ip, hop.port, hop.tls, outcomes)
        case ScanStarted():
            return (SCAN_STARTED, event.queue_id, event.at)
        case Quarantined():
            return (QUARANTINED, event.queue_id, event.at, event.recipients, event.quarantine_class, event.why)
        case Held():
            return (HELD, event.queue_id, event.at, event.recipients, event.by, event.why)
        case Released():
            return (RELEASED, event.queue_id, event.at, event.recipients, event.by, event.why)
        case Discarded():
            return (DISCARDED, event.queue_id, event.at, event.recipients, event.by, event.why)
        case Returned():
            return (RETURNED, event.queue_id, event.at, event.recipients, event.by, event.why)
        case Remade():
            changed = (event.recipients, event.changes, event.sha256, event.size)
            return (REMADE, event.queue_id, event.at, *changed)
        case Noted():
            return (NOTED, event.queue_id, event.at, event.text)
        case Refused():
            return (REFUSED, *_REFUSED(event))
        case _:
            assert_never(event)


def _pack_accepted(message: Message) -> tuple[object, ...]:
    tls = message.origin.tls
    sender = message.envelope.sender
    return (
        ACCEPTED,
        *_MESSAGE(message),
        None if tls is None else (tls.version, tls.cipher, tls.client_name),
        None if sender is None else (sender.local, sender.domain),
        [(r.address.local, r.address.domain, r.direction.value) for r in message.envelope.recipients],
    )


def _pack_outcome(outcome: Outcome) -> tuple[object, ...]:
    match outcome:
        case Sent():
            r = outcome.response
            return (SENT, outcome.number, r.code, r.enhanced, r.text)
        case Failed():
            r = outcome.response
            return (FAILED, outcome.number, r.code, r.enhanced, r.text)
        case Deferred():
            r = outcome.response
            later = (outcome.next_due, outcome.lane, outcome.delay_told, outcome.attempted)
            return (DEFERRED, outcome.number, r.code, r.enhanced, r.text, *later)
        case NotForwarded():
            return (NOT_FORWARDED, outcome.number)
        case _:
            assert_never(outcome)


def _accepted(fields: Sequence[Any]) -> Event:
    tls, sender, recipients = fields[27:30]
    return Accepted(
        message=Message(
            queue_id=QueueId(fields[1]),
            session_id=fields[2],
            ordinal=fields[3],
            virtual_system=fields[4],
            node=fields[5],
            accepted_at=fields[6],
            revision=fields[7],
            own=fields[8],
            parent=fields[9],
            body=BodyRef(*fields[10:14]),
            trace=b"",
            glimpse=Glimpse(message_id=fields[14], subject=fields[15], from_=fields[16], to=fields[17], cc=fields[18]),
            origin=Origin(
                ip=fields[19],
                port=fields[20],
                untrusted_helo=fields[21],
                protocol=fields[22],
                listener=fields[23],
                internal=fields[24],
                authenticated_as=fields[25],
                proxy_ip=fields[26],
                tls=None if tls is None else Tls(version=tls[0], cipher=tls[1], client_name=tls[2]),
            ),
            envelope=Envelope(
                sender=None if sender is None else Address(*sender),
                recipients=tuple(
                    Recipient(Address(local, domain), Direction(direction)) for local, domain, direction in recipients
                ),
            ),
        )
    )


def _judged(fields: Sequence[Any]) -> Event:
    return Judged(
        queue_id=QueueId(fields[1]),
        started=fields[2],
        at=fields[3],
        revision=fields[4],
        verdict=fields[5],
        decisions=tuple(
            Decided(
                recipients=tuple(recipients),
                disposition=Disposition(disposition),
                rule=rule,
                because=tuple(because),
                quarantine_class=quarantine_class,
            )
            for recipients, disposition, rule, because, quarantine_class in fields[6]
        ),
        skipped=fields[7],
        scan=_scan(fields[8]),
    )


def _pack_scan(scan: Scan | None) -> tuple[Any, ...] | None:
    if scan is None:
        return None
    seen = (scan.confidence, scan.mail_class, scan.score, scan.document)
    o = scan.outline
    if o is None:
        return seen
    return (*seen, (o.kind, o.attachments, o.links, o.detections, o.unfinished, o.files, o.hashes, o.urls))


def _scan(fields: Sequence[Any] | None) -> Scan | None:
    if fields is None:
        return None
    outline = _outline(fields[4]) if len(fields) > 4 else None
    return Scan(confidence=fields[0], mail_class=fields[1], score=fields[2], document=fields[3], outline=outline)


def _outline(fields: Sequence[Any]) -> Outline:
    kind, attachments, links, detections, unfinished = fields[:5]
    files, hashes, urls = fields[5:8] or ((), (), ())
    told = {"detections": detections, "unfinished": unfinished, "files": files, "hashes": hashes, "urls": urls}
    each = {name: tuple(texts) for name, texts in told.items()}
    return Outline(kind=kind, attachments=attachments, links=links, **each)


def _attempted(fields: Sequence[Any]) -> Event:
    return Attempted(
        queue_id=QueueId(fields[1]),
        started=fields[2],
        at=fields[3],
        hop=Hop(name=fields[4], ip=fields[5], port=fields[6], tls=fields[7]),
        outcomes=tuple(_outcome(outcome) for outcome in fields[8]),
    )


def _outcome(fields: Sequence[Any]) -> Outcome:
    kind, number = fields[0], fields[1]
    if kind == NOT_FORWARDED:
        return NotForwarded(number=number)
    response = Response(code=fields[2], enhanced=fields[3], text=fields[4])
    if kind == SENT:
        return Sent(number=number, response=response)
    if kind == FAILED:
        return Failed(number=number, response=response)
    return Deferred(
        number=number,
        response=response,
        next_due=fields[5],
        lane=fields[6],
        delay_told=fields[7],
        attempted=fields[8],
    )


def _quarantined(fields: Sequence[Any]) -> Event:
    return Quarantined(
        queue_id=QueueId(fields[1]),
        at=fields[2],
        recipients=tuple(fields[3]),
        quarantine_class=fields[4],
        why=fields[5],
    )


def _remade(fields: Sequence[Any]) -> Event:
    return Remade(
        queue_id=QueueId(fields[1]),
        at=fields[2],
        recipients=tuple(fields[3]),
        changes=tuple(fields[4]),
        sha256=fields[5],
        size=fields[6],
    )


def _by(kind: type[Held] | type[Released] | type[Discarded] | type[Returned]) -> Callable[[Sequence[Any]], Event]:
    def unpack(fields: Sequence[Any]) -> Event:
        return kind(queue_id=QueueId(fields[1]), at=fields[2], recipients=tuple(fields[3]), by=fields[4], why=fields[5])

    return unpack


def _refused(fields: Sequence[Any]) -> Event:
    return Refused(
        refusal_id=QueueId(fields[1]),
        at=fields[2],
        until=fields[3],
        count=fields[4],
        source_ip=fields[5],
        untrusted_helo=fields[6],
        listener=fields[7],
        sender=fields[8],
        recipient=fields[9],
        reply=fields[10],
        why=fields[11],
        reference=fields[12],
    )


_UNPACK: Final[dict[int, Callable[[Sequence[Any]], Event]]] = {
    ACCEPTED: _accepted,
    JUDGED: _judged,
    ATTEMPTED: _attempted,
    SCAN_STARTED: lambda fields: ScanStarted(queue_id=QueueId(fields[1]), at=fields[2]),
    QUARANTINED: _quarantined,
    HELD: _by(Held),
    RELEASED: _by(Released),
    DISCARDED: _by(Discarded),
    RETURNED: _by(Returned),
    NOTED: lambda fields: Noted(queue_id=QueueId(fields[1]), at=fields[2], text=fields[3]),
    REFUSED: _refused,
    REMADE: _remade,
}


def _without_surrogates(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case list() | tuple():
            return [_without_surrogates(part) for part in value]
        case _:
            return value
