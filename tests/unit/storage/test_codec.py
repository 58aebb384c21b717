"""What is written down is read back as it was, and nothing else is read at all."""

from dataclasses import replace

import msgspec
import pytest

from mailock.core.lifecycle.copies import Deferred, Disposition, Failed, Hop, NotForwarded, Response, Sent
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
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.address import Address
from mailock.core.mail.message import Message, QueueId
from mailock.storage.codec import (
    Unreadable,
    decode_copy,
    decode_message,
    decode_recipient,
    decode_response,
    encode_copy,
    encode_message,
    encode_recipient,
    encode_response,
)
from mailock.storage.event_codec import decode_events, encode_events, event_pair
from tests.contract.spool import BUSY, OK, copy_of, message, recipient

GIVEN = message(1, recipients=3)
BARE = replace(
    GIVEN,
    envelope=replace(GIVEN.envelope, sender=None, recipients=(), ret=None, envid=None),
    origin=replace(GIVEN.origin, tls=None, authenticated_as="user é", proxy_ip="::1"),
    own="dsn",
    parent=QueueId(5),
    trace=b"",
)
BY = {"queue_id": GIVEN.queue_id, "at": 1.5, "recipients": (0, 2), "by": "alice", "why": "asked"}
EVENTS: list[Event] = [
    Accepted(message=GIVEN),
    Accepted(message=BARE),
    ScanStarted(queue_id=GIVEN.queue_id, at=1.0),
    Judged(
        queue_id=GIVEN.queue_id,
        started=1.0,
        at=2.0,
        revision=4,
        verdict="malicious",
        decisions=(
            Decided(
                recipients=(0, 1),
                disposition=Disposition.QUARANTINE,
                rule="r",
                because=("a", "b"),
                quarantine_class="malware",
            ),
            Decided(recipients=(2,), disposition=Disposition.DELIVER, rule="mta", because=()),
        ),
        skipped=True,
    ),
    *(
        Judged(
            queue_id=GIVEN.queue_id,
            started=1.0,
            at=2.0,
            revision=4,
            verdict="malicious",
            decisions=(),
            scan=Scan(confidence="high", mail_class="ham", score=1.5, document=b"{}", outline=outline),
        )
        for outline in (
            None,
            Outline(
                kind="html",
                attachments=1,
                links=2,
                detections=("a",),
                unfinished=("b", "c"),
                files=("a.doc",),
                hashes=("ab" * 32,),
                urls=("https://x.test/",),
            ),
        )
    ),
    Attempted(
        queue_id=GIVEN.queue_id,
        started=1.0,
        at=2.0,
        hop=Hop(name="mx", ip="192.0.2.1", port=25, tls="TLSv1.3"),
        outcomes=(
            Sent(number=0, response=OK),
            Failed(number=1, response=Response(code=550, enhanced="5.1.1", text="no such user ☹")),
            Deferred(number=2, response=BUSY, next_due=9.5, lane="x", delay_told=True, attempted=False),
            NotForwarded(number=3),
        ),
    ),
    Quarantined(queue_id=GIVEN.queue_id, at=1.0, recipients=(1,), quarantine_class="late", why="too late"),
    Held(**BY),  # type: ignore[arg-type]  # the four have the same fields
    Released(**BY),  # type: ignore[arg-type]  # the four have the same fields
    Discarded(**BY),  # type: ignore[arg-type]  # the four have the same fields
    Returned(**BY),  # type: ignore[arg-type]  # the four have the same fields
    Remade(queue_id=GIVEN.queue_id, at=1.0, recipients=(0,), changes=("it was",), sha256="ab" * 32, size=7),
    Noted(queue_id=GIVEN.queue_id, at=1.0, text="a line"),
    Refused(
        refusal_id=QueueId(9),
        at=1.0,
        until=2.0,
        count=3,
        source_ip="192.0.2.9",
        untrusted_helo="spam",
        listener="external",
        sender="a@b",
        recipient="c@d",
        reply="550 5.7.1 no",
        why="denied",
        reference="R7",
    ),
]


@pytest.mark.parametrize("given", [GIVEN, BARE], ids=["full", "bare"])
def test_a_message_comes_back(given: Message) -> None:
    assert decode_message(encode_message(given)) == given


@pytest.mark.parametrize(("orders", "receipt"), [(b"", b""), (b"orders", b""), (b"", b"receipt")])
def test_a_copy_comes_back_with_what_stands_beside_it(orders: bytes, receipt: bytes) -> None:
    copy = replace(copy_of(GIVEN, 2, CopyStage.QUARANTINED), orders=orders, receipt=receipt)
    read = decode_copy(
        encode_copy(copy),
        queue_id=copy.queue_id,
        number=2,
        stage=CopyStage.QUARANTINED,
        quarantine_class="spam",
        quarantined_at=copy.quarantined_at,
        counted_from=None,
    )
    assert read == copy


@pytest.mark.parametrize("added", [(), ("archive@dest.test",)])
@pytest.mark.parametrize("sender", [Address("a", "b.test"), None])
def test_a_copy_that_leaves_another_way_comes_back(sender: Address | None, added: tuple[str, ...]) -> None:
    copy = replace(copy_of(GIVEN, 2, CopyStage.READY), sender=sender, via="by another hop", orders=b"o", conversion="")
    copy = replace(copy, added=added)
    read = decode_copy(
        encode_copy(copy),
        queue_id=copy.queue_id,
        number=2,
        stage=CopyStage.READY,
        quarantine_class=None,
        quarantined_at=None,
        counted_from=None,
    )
    assert read == copy


def test_recipients_and_responses_come_back() -> None:
    odd = replace(recipient(), address=Address('q"uoted', "xn--bcher-kva.test"), notify=frozenset(), orcpt=None)
    for given in (recipient(), odd):
        assert decode_recipient(encode_recipient(given)) == given
    assert decode_response(encode_response(OK)) == OK


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_comes_back(event: Event) -> None:
    assert decode_events(encode_events([event_pair(event)])) == (event,)


def test_every_kind_of_event_is_tested() -> None:
    assert {type(event) for event in EVENTS} == set(Event.__args__)


def test_a_batch_comes_back_in_order_also_with_a_message_that_was_encoded_before() -> None:
    documents = {int(GIVEN.queue_id): encode_message(GIVEN)}
    pairs = [event_pair(event, documents) for event in (EVENTS[0], *EVENTS[2:])]
    assert decode_events(encode_events(pairs)) == (EVENTS[0], *EVENTS[2:])


def test_a_document_from_the_future_is_not_guessed_at() -> None:
    fields = msgspec.msgpack.decode(encode_message(GIVEN))
    with pytest.raises(Unreadable, match="newer Mailock"):
        decode_message(msgspec.msgpack.encode([2, *fields[1:]]))
    with pytest.raises(Unreadable):
        decode_message(msgspec.msgpack.encode([*fields, "one more"]))
    with pytest.raises(Unreadable):
        decode_message(msgspec.msgpack.encode([*fields[:-1]]))
    with pytest.raises(Unreadable):
        decode_message(encode_message(GIVEN)[:-3])
    with pytest.raises(Unreadable):
        decode_message(msgspec.msgpack.encode([fields[0], "not a number", *fields[2:]]))


@pytest.mark.parametrize(
    "pairs",
    [[(99, (1,))], [(2, (1, "x"))], [(4, (1, 1.0, 1.0, ("a", "b", 1, ""), [(9, 0, None, 0.0, "", False, True)]))]],
)
def test_an_event_that_is_not_known_is_not_guessed_at(pairs: list[tuple[int, object]]) -> None:
    with pytest.raises(Unreadable):
        decode_events(msgspec.msgpack.encode(pairs))
    with pytest.raises(Unreadable):
        decode_events(b"\xc1")


def test_a_scan_of_before_outlines_were_taken_can_be_read() -> None:
    (tag, wire), scan = event_pair(EVENTS[4]), ("high", "ham", 1.5, b"{}")
    assert isinstance(wire, tuple)
    assert decode_events(encode_events([(tag, (*wire[:-1], scan))])) == (EVENTS[4],)
