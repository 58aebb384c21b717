"""Mail to put into a queue: messages, copies and deliveries, and the commits of a usual life."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from mailock.core.lifecycle.changes import Commit, CopyMoved, CopyRemade, Entry, Planned, Settled, Staged
from mailock.core.lifecycle.copies import Copy, Deferred, Delivery, Disposition, Outcome, Response, Sent
from mailock.core.lifecycle.events import Accepted, Noted
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType, Direction, Envelope, Notify, Recipient, Ret
from mailock.core.mail.message import DEFAULT_SYSTEM, BodyRef, Glimpse, Message, QueueId
from mailock.core.mail.origin import Origin, Tls

CONTENT: Final = b"Subject: hello\r\n\r\nHello.\r\n"
OK: Final = Response(code=250, enhanced="2.0.0", text="taken")
BUSY: Final = Response(code=451, enhanced="4.3.0", text="come again")
LANE: Final = "mail.internal:25"
EPOCH: Final = 1_700_000_000.0


def queue_id(number: int) -> QueueId:
    """The id of the message that a test calls by a small number."""
    return QueueId((1 << 60) + number)


def recipient(number: int = 0) -> Recipient:
    """One of a message's recipients."""
    return Recipient(Address(f"user{number}", "dest.test"), Direction.INCOMING, frozenset({Notify.FAILURE}), "rfc822;u")


def message(number: int, *, recipients: int = 1, content: bytes = CONTENT, system: str = DEFAULT_SYSTEM) -> Message:
    """A message with a small body, accepted `number` seconds after EPOCH."""
    return Message(
        queue_id=queue_id(number),
        session_id="S7",
        ordinal=1,
        virtual_system=system,
        node="mx1.example.test",
        origin=Origin(
            ip="192.0.2.7",
            port=4025,
            untrusted_helo="client.example.test",
            protocol="ESMTPS",
            listener="external",
            internal=False,
            tls=Tls(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", client_name=None),
        ),
        envelope=Envelope(
            sender=Address("sender", "origin.test"),
            recipients=tuple(recipient(place) for place in range(recipients)),
            body_type=BodyType.EIGHT_BIT,
            ret=Ret.HDRS,
            envid="e-1",
        ),
        body=body(number, content),
        trace=b"Received: from client.example.test\r\n",
        glimpse=Glimpse(message_id="<1@origin.test>", subject="hello", from_="sender@origin.test", to="user@dest.test"),
        accepted_at=EPOCH + number,
        revision=3,
    )


def body(number: int, content: bytes = CONTENT, *, inline: bool = True) -> BodyRef:
    """The reference to a body."""
    return BodyRef(queue_id(number), hashlib.sha256(content).hexdigest(), len(content), inline)


def in_file(given: Message) -> Message:
    """The same message with its body in a file."""
    return replace(given, body=replace(given.body, inline=False))


def entry(given: Message, content: bytes = CONTENT, stage: MessageStage = MessageStage.ACCEPTED) -> Entry:
    """A message to take custody of."""
    return Entry(message=given, content=content if given.body.inline else None, stage=stage)


def entering(*given: Message, content: bytes = CONTENT, stage: MessageStage = MessageStage.ACCEPTED) -> Commit:
    """What accept commits."""
    entries = tuple(entry(one, content, stage) for one in given)
    return Commit(entries=entries, events=tuple(Accepted(message=one) for one in given))


def copy_of(given: Message, number: int = 0, stage: CopyStage = CopyStage.READY) -> Copy:
    """A treatment of a message."""
    kept = stage is CopyStage.QUARANTINED
    return Copy(
        queue_id=given.queue_id,
        number=number,
        stage=stage,
        body=given.body,
        prefix=b"X-Treated: yes\r\n",
        disposition=Disposition.QUARANTINE if kept else Disposition.DELIVER,
        because=("a sentence",),
        rule="mta",
        quarantine_class="spam" if kept else None,
        quarantined_at=EPOCH if kept else None,
    )


def delivery_of(copy: Copy, number: int = 0, *, lane: str = LANE, due: float = EPOCH) -> Delivery:
    """The delivery of a copy to one recipient."""
    return Delivery(
        queue_id=copy.queue_id,
        copy=copy.number,
        number=number,
        recipient=recipient(number),
        stage=DeliveryStage.PENDING,
        lane=lane,
        due=due,
    )


def examined(given: Message) -> Staged:
    """The move of a message that was examined."""
    return Staged(queue_id=given.queue_id, before=MessageStage.ACCEPTED, after=MessageStage.EXAMINED)


def judging(given: Message, copies: Sequence[Copy], deliveries: Sequence[Delivery]) -> Commit:
    """What examine and judge commit, in one."""
    return Commit(
        changes=(
            examined(given),
            Staged(queue_id=given.queue_id, before=MessageStage.EXAMINED, after=MessageStage.JUDGED),
            Planned(queue_id=given.queue_id, copies=tuple(copies), deliveries=tuple(deliveries)),
        ),
        events=(noted(given, "judged"),),
    )


def planning(given: Message, *, lane: str = LANE, due: float = EPOCH, stage: CopyStage = CopyStage.READY) -> Commit:
    """The commonest outcome of judging: one copy for all recipients."""
    copy = copy_of(given, stage=stage)
    places = range(len(given.envelope.recipients))
    return judging(given, [copy], [delivery_of(copy, place, lane=lane, due=due) for place in places])


def settling(given: Message, *outcomes: Outcome, copy: int = 0) -> Commit:
    """What send commits."""
    return Commit(changes=(Settled(queue_id=given.queue_id, copy=copy, outcomes=outcomes),))


def sent(number: int = 0) -> Sent:
    """A delivery that the next hop took."""
    return Sent(number=number, response=OK)


def deferred(number: int = 0, *, due: float = EPOCH + 600, lane: str = LANE, attempted: bool = True) -> Deferred:
    """A delivery that the next hop wants later."""
    return Deferred(number=number, response=BUSY, next_due=due, lane=lane, delay_told=False, attempted=attempted)


def moving(given: Message, before: CopyStage, after: CopyStage, *, number: int = 0) -> Commit:
    """A copy that goes on."""
    kept = after is CopyStage.QUARANTINED
    change = CopyMoved(
        queue_id=given.queue_id,
        number=number,
        before=before,
        after=after,
        quarantine_class="policy" if kept else None,
        quarantined_at=EPOCH + 5 if kept else None,
    )
    return Commit(changes=(change,))


def remaking(given: Message, body: BodyRef, content: bytes | None, *, number: int = 0) -> Commit:
    """A copy whose changes are made."""
    change = CopyRemade(
        queue_id=given.queue_id,
        number=number,
        body=body,
        content=content,
        prefix=b"X-Remade: yes\r\n",
        receipt=b"receipt",
    )
    return Commit(changes=(change,))


def staging(given: Message, before: MessageStage, after: MessageStage, why: str = "") -> Commit:
    """A message that goes on."""
    return Commit(changes=(Staged(queue_id=given.queue_id, before=before, after=after, why=why),))


def noted(given: Message, text: str) -> Noted:
    """A line in a message's history."""
    return Noted(queue_id=given.queue_id, at=EPOCH, text=text)
