"""Who is told of what (DECISIONS 14, 15, 17; RFC 3461), and how much comes back."""

from dataclasses import replace

import pytest

from mailock.core.lifecycle.copies import Response
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Notify, Recipient, Ret
from mailock.core.mail.message import BodyRef, Glimpse, Message, OwnMail, QueueId
from mailock.core.mail.origin import Origin
from mailock.core.notices.report import (
    Kind,
    Nobody,
    Report,
    Told,
    ToldBriefly,
    Trust,
    Undeliverable,
    how_much,
    on_success,
    trust,
    who_is_told,
)

ORIGIN = Origin(ip="192.0.2.1", port=1, untrusted_helo="h", protocol="ESMTP", listener="smtp", internal=False)
SILENT = Recipient(Address("bob", "dest.example"), Direction.OUTGOING)
MESSAGE = Message(
    queue_id=QueueId(1),
    session_id="s",
    ordinal=1,
    virtual_system="default",
    node="n",
    origin=ORIGIN,
    envelope=Envelope(sender=Address("alice", "src.example"), recipients=(SILENT,)),
    body=BodyRef(1, "", 1000, True),
    trace=b"",
    glimpse=Glimpse(),
    accepted_at=0.0,
    revision=1,
)


TOO_MANY = "src.example had as many notices as it may have, and nothing proves who sent this"


def asking(*notify: Notify) -> Recipient:
    return replace(SILENT, notify=frozenset(notify))


def with_sender(sender: Address | None) -> Message:
    return replace(MESSAGE, envelope=replace(MESSAGE.envelope, sender=sender))


def test_trust_follows_the_session() -> None:
    assert trust(MESSAGE) is Trust.UNKNOWN
    assert trust(replace(MESSAGE, origin=replace(ORIGIN, internal=True))) is Trust.OURS
    assert trust(replace(MESSAGE, origin=replace(ORIGIN, authenticated_as="alice"))) is Trust.OURS


@pytest.mark.parametrize(
    ("trusted", "kind", "expected"),
    [
        (Trust.OURS, Kind.FAILED, Told()),
        (Trust.OURS, Kind.DELAYED, Told()),
        (Trust.PROVEN, Kind.FAILED, Told()),
        (Trust.UNKNOWN, Kind.FAILED, ToldBriefly("src.example", Undeliverable(TOO_MANY))),
        (Trust.UNKNOWN, Kind.DELAYED, ToldBriefly("src.example", Nobody(TOO_MANY))),
        (Trust.FORGED, Kind.FAILED, Undeliverable("the return path is not the sender's own")),
        (Trust.FORGED, Kind.DELAYED, Nobody("the return path is not the sender's own")),
    ],
)
def test_the_surer_the_return_path_the_more_is_told(trusted: Trust, kind: Kind, expected: object) -> None:
    assert who_is_told(MESSAGE, SILENT, kind, trust=trusted) == expected


def test_what_the_verdict_is_against_is_not_answered() -> None:
    for trusted in (Trust.PROVEN, Trust.UNKNOWN):
        found = who_is_told(MESSAGE, SILENT, Kind.FAILED, trust=trusted, incriminated=True)
        assert found == Undeliverable("the verdict is against it")
    found = who_is_told(MESSAGE, SILENT, Kind.DELAYED, trust=Trust.PROVEN, incriminated=True)
    assert found == Nobody("the verdict is against it")


@pytest.mark.parametrize("trusted", Trust)
@pytest.mark.parametrize("kind", Kind)
def test_nobody_is_told_of_mail_that_must_not_be_answered(trusted: Trust, kind: Kind) -> None:
    greedy = asking(Notify.SUCCESS, Notify.FAILURE, Notify.DELAY)
    bounce, ours = with_sender(None), replace(MESSAGE, own=OwnMail.DSN)
    assert isinstance(who_is_told(bounce, greedy, kind, trust=trusted), Nobody)
    assert isinstance(who_is_told(ours, greedy, kind, trust=trusted), Nobody)
    assert isinstance(who_is_told(MESSAGE, greedy, kind, trust=trusted, monitoring=True), Nobody)
    assert isinstance(who_is_told(MESSAGE, asking(Notify.NEVER), kind, trust=trusted), Nobody)


@pytest.mark.parametrize(
    ("notify", "told"),
    [
        ((), {Kind.FAILED, Kind.DELAYED}),
        ((Notify.NEVER,), set()),
        ((Notify.FAILURE,), {Kind.FAILED}),
        ((Notify.DELAY,), {Kind.DELAYED}),
        ((Notify.SUCCESS,), {Kind.DELIVERED, Kind.RELAYED}),
        ((Notify.SUCCESS, Notify.FAILURE), {Kind.FAILED, Kind.DELIVERED, Kind.RELAYED}),
    ],
)
def test_notify_is_obeyed(notify: tuple[Notify, ...], told: set[Kind]) -> None:
    answers = {kind: who_is_told(MESSAGE, asking(*notify), kind, trust=Trust.OURS) for kind in Kind}
    assert {kind for kind, answer in answers.items() if answer == Told()} == told


@pytest.mark.parametrize(
    ("kind", "ret", "size", "expected"),
    [
        (Kind.FAILED, None, 1000, Ret.FULL),
        (Kind.FAILED, Ret.FULL, 1000, Ret.FULL),
        (Kind.FAILED, Ret.HDRS, 1000, Ret.HDRS),
        (Kind.FAILED, None, 50_001, Ret.HDRS),
        (Kind.FAILED, Ret.FULL, 50_001, Ret.HDRS),
        (Kind.FAILED, Ret.FULL, 50_000, Ret.FULL),
        (Kind.DELAYED, Ret.FULL, 10, Ret.HDRS),
        (Kind.DELIVERED, Ret.FULL, 10, Ret.HDRS),
        (Kind.RELAYED, Ret.FULL, 10, Ret.HDRS),
    ],
)
def test_only_a_failure_returns_a_message_whole(kind: Kind, ret: Ret | None, size: int, expected: Ret) -> None:
    message = replace(MESSAGE, envelope=replace(MESSAGE.envelope, ret=ret), body=BodyRef(1, "", size, True))
    assert how_much(message, kind, limit=50_000) is expected


def test_success_is_told_where_it_was_asked_for_and_the_hop_will_not_tell() -> None:
    wanting = asking(Notify.SUCCESS)
    assert on_success(wanting, hop_sends_dsn=False, final=False) is Kind.RELAYED
    assert on_success(wanting, hop_sends_dsn=False, final=True) is Kind.DELIVERED
    assert on_success(wanting, hop_sends_dsn=True, final=False) is None
    for recipient in (SILENT, asking(Notify.FAILURE), asking(Notify.NEVER)):
        assert on_success(recipient, hop_sends_dsn=False, final=True) is None


def test_every_kind_answers_one_wish() -> None:
    response = Response(code=250, enhanced="2.0.0", text="Ok")
    assert [Report(recipient=SILENT, kind=kind, response=response).kind.notify for kind in Kind] == [
        Notify.FAILURE,
        Notify.DELAY,
        Notify.SUCCESS,
        Notify.SUCCESS,
    ]
