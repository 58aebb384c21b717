"""Messages and their events, for tests of what the log makes of them."""

from collections.abc import Sequence

from mailock.core.lifecycle.copies import Deferred, Disposition, Failed, Hop, Outcome, Response, Sent
from mailock.core.lifecycle.events import Accepted, Attempted, Decided, Event, Judged, Refused
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Recipient
from mailock.core.mail.message import BodyRef, Glimpse, Message, QueueId
from mailock.core.mail.origin import Origin, Tls

NOON = 1_790_000_000.0
HOP = Hop(name="mail.dest.test", ip="192.0.2.25", port=25, tls="TLSv1.3 TLS_AES_256_GCM_SHA384")
OK = Response(code=250, enhanced="2.0.0", text="Ok: queued as 4XyZ")
LATER = Response(code=451, enhanced="4.7.1", text="Greylisted, try again")
NEVER = Response(code=550, enhanced="5.1.1", text="No such user here")


def address(text: str) -> Address:
    """An address from plain text."""
    local, _, domain = text.rpartition("@")
    return Address(local, domain)


def message(
    number: int = 1,
    *,
    to: Sequence[str] = ("bob@dest.test",),
    sender: str | None = "alice@source.test",
    subject: str = "Your invoice",
    at: float = NOON,
    size: int = 4321,
    ip: str = "198.51.100.7",
    system: str = "default",
    from_: str = "Alice <alice@source.test>",
    message_id: str = "<a1.b2@source.test>",
    session: str = "S1",
) -> Message:
    """A message that was taken from outside."""
    return Message(
        queue_id=QueueId(number),
        session_id=session,
        ordinal=1,
        virtual_system=system,
        node="node1",
        origin=Origin(
            ip=ip,
            port=50123,
            untrusted_helo="mx.source.test",
            protocol="ESMTPS",
            listener="main",
            internal=False,
            tls=Tls(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384"),
        ),
        envelope=Envelope(
            sender=None if sender is None else address(sender),
            recipients=tuple(Recipient(address(one), Direction.INCOMING) for one in to),
        ),
        body=BodyRef(number, "ab" * 32, size, True),
        trace=b"",
        glimpse=Glimpse(
            message_id=message_id, subject=subject, from_=from_, to=", ".join(to), cc="Carol <carol@dest.test>"
        ),
        accepted_at=at,
        revision=3,
    )


def judged(
    of: Message,
    disposition: Disposition = Disposition.DELIVER,
    *,
    verdict: str = "benign",
    recipients: tuple[int, ...] | None = None,
    skipped: bool = False,
) -> Judged:
    """The decision on some recipients of a message, or on all."""
    numbers = recipients if recipients is not None else tuple(range(len(of.envelope.recipients)))
    kept = disposition is Disposition.QUARANTINE
    return Judged(
        queue_id=of.queue_id,
        started=of.accepted_at + 0.1,
        at=of.accepted_at + 0.3,
        revision=4,
        verdict=verdict,
        decisions=(
            Decided(
                recipients=numbers,
                disposition=disposition,
                rule="mta",
                because=("Nothing was found.",),
                quarantine_class="malware" if kept else None,
            ),
        ),
        skipped=skipped,
    )


def attempted(of: Message, *outcomes: Outcome, after: float = 0.5, hop: Hop = HOP) -> Attempted:
    """A try, by default one that delivers to everybody."""
    everybody = range(len(of.envelope.recipients))
    return Attempted(
        queue_id=of.queue_id,
        started=of.accepted_at + after - 0.1,
        at=of.accepted_at + after,
        hop=hop,
        outcomes=outcomes or tuple(Sent(number=number, response=OK) for number in everybody),
    )


def deferred(number: int, *, due: float = NOON + 900, attempted: bool = True) -> Deferred:
    """One recipient who is to be tried again."""
    return Deferred(
        number=number, response=LATER, next_due=due, lane="dest.test", delay_told=False, attempted=attempted
    )


def failed(number: int) -> Failed:
    """One recipient who was given up."""
    return Failed(number=number, response=NEVER)


def delivered(number: int = 1, **facts: object) -> list[Event]:
    """The whole life of a message that went as mail mostly goes."""
    of = message(number, **facts)  # type: ignore[arg-type]  # passed on as they are named there
    return [Accepted(message=of), judged(of), attempted(of)]


def refused(number: int = 900, *, count: int = 1, at: float = NOON, ip: str = "203.0.113.9") -> Refused:
    """A recipient that was refused in session."""
    return Refused(
        refusal_id=QueueId(number),
        at=at,
        until=at + (60 if count > 1 else 0),
        count=count,
        source_ip=ip,
        untrusted_helo="spam.test",
        listener="main",
        sender="x@spam.test",
        recipient="nobody@dest.test",
        reply="550 5.1.1 No such mailbox",
        why="the directory does not know nobody@dest.test",
        reference="0000000000123",
    )
