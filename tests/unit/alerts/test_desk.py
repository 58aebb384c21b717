"""The desk: each thing is told once, repeats are counted, a storm is kept small, and no channel harms another."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mailock.alerts.desk import AlertDesk
from mailock.alerts.mail import MailChannel, subject, text
from mailock.alerts.notice import Notice, NotSent
from mailock.ports.alerts import Alert

NOON = 1_790_000_000.0


class Hands:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return NOON + self.at

    def steady(self) -> float:
        return self.at


class Ear:
    """A channel that remembers, and fails on demand."""

    def __init__(self, name: str = "ear") -> None:
        self.name = name
        self.heard: list[Notice] = []
        self.fault: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, notice: Notice) -> None:
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        self.heard.append(notice)


def alert(kind: str = "storage", about: str = "/var", text: str = "the disk is 95 % full") -> Alert:
    """An alert."""
    return Alert(kind=kind, about=about, text=text, at=NOON)


@asynccontextmanager
async def at_work(desk: AlertDesk) -> AsyncIterator[None]:
    """A desk that sends, and has sent all when this ends."""
    task = asyncio.create_task(desk.run())
    try:
        yield
        await desk.flush(seconds=5)
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
def hands() -> Hands:
    """The clock of one test."""
    return Hands()


async def test_an_alert_is_sent_over_every_channel_and_logged(hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    one, two = Ear(), Ear()
    desk = AlertDesk([one, two], hands, node="mx1", repeat=3600)
    async with at_work(desk):
        desk.tell(alert())
    (notice,) = one.heard
    assert one.heard == two.heard
    assert (notice.kind, notice.about, notice.node, notice.repeated) == ("storage", "/var", "mx1", 0)
    assert [record.getMessage() for record in caplog.records] == ["storage: the disk is 95 % full"]


async def test_repeats_are_counted_and_told_once_their_time_is_over(hands: Hands) -> None:
    ear = Ear()
    desk = AlertDesk([ear], hands, node="mx1", repeat=3600)
    async with at_work(desk):
        for _ in range(40):
            desk.tell(alert())
            hands.at += 10
        desk.tell(alert(about="/srv"))
        hands.at = 3601
        desk.sweep()
        hands.at = 9000
        desk.sweep()
    assert [(notice.about, notice.repeated) for notice in ear.heard] == [("/var", 0), ("/srv", 0), ("/var", 39)]
    assert ear.heard[-1].sentence == "storage: the disk is 95 % full (39 more like this since the last time)"
    assert desk.suppressed == 39


async def test_what_comes_again_after_its_time_says_how_often_it_did(hands: Hands) -> None:
    ear = Ear()
    desk = AlertDesk([ear], hands, node="mx1", repeat=60)
    async with at_work(desk):
        desk.tell(alert())
        desk.tell(alert())
        hands.at = 61
        desk.tell(alert(text="the disk is 99 % full"))
    assert [(notice.text, notice.repeated) for notice in ear.heard] == [
        ("the disk is 95 % full", 0),
        ("the disk is 99 % full", 1),
    ]


async def test_kinds_that_are_switched_off_are_logged_and_not_sent(
    hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    ear = Ear()
    desk = AlertDesk([ear], hands, node="mx1", repeat=60, kinds=frozenset({"shunt"}))
    async with at_work(desk):
        desk.tell(alert())
        desk.tell(alert("shunt", "0001", "a message was shunted"))
    assert [notice.kind for notice in ear.heard] == ["shunt"]
    assert len(caplog.records) == 2


async def test_a_storm_is_cut_and_the_next_notice_says_so(hands: Hands) -> None:
    ear = Ear()
    desk = AlertDesk([ear], hands, node="mx1", repeat=3600, a_minute=5)
    async with at_work(desk):
        for number in range(50):
            desk.tell(alert("shunt", str(number), "a message was shunted"))
        hands.at = 61
        desk.tell(alert("shunt", "last", "a message was shunted"))
    assert len(ear.heard) == 6
    assert ear.heard[-1].text == (
        "a message was shunted (45 other alerts were not sent, there were too many: see the log)"
    )


async def test_a_channel_that_hangs_or_breaks_holds_no_other_up(hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    hung, broken, buggy, well = Ear("hung"), Ear("broken"), Ear("buggy"), Ear("well")
    hung.gate.clear()
    broken.fault = NotSent("nobody listens")
    buggy.fault = ZeroDivisionError()
    desk = AlertDesk([hung, broken, buggy, well], hands, node="mx1", repeat=3600)
    async with at_work(desk):
        desk.tell(alert())
        await desk.flush(seconds=0.1)
        buggy.fault = None
        desk.tell(alert(about="/srv"))
        await desk.flush(seconds=0.1)
        assert [notice.about for notice in well.heard] == ["/var", "/srv"]
        assert [notice.about for notice in buggy.heard] == ["/srv"]
        hung.gate.set()
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert "an alert was not sent by broken: nobody listens. It was: storage: the disk is 95 % full" in said
    assert "an alert was not sent by buggy. It was: storage: the disk is 95 % full" in said


async def test_memory_is_bounded_where_everything_is_different(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailock.alerts.desk._THINGS", 10)
    desk = AlertDesk([], hands, node="mx1", repeat=3600, to_log=False)
    for number in range(100):
        desk.tell(alert(about=str(number)))
    desk.tell(alert(about="99"))
    assert desk.suppressed == 1


async def test_a_test_tells_of_each_channel_how_it_went(hands: Hands) -> None:
    well, broken = Ear("mail"), Ear("webhook")
    broken.fault = NotSent("the webhook at x.test answered 404")
    desk = AlertDesk([well, broken], hands, node="mx1", repeat=3600)
    assert await desk.test() == {"log": "", "mail": "", "webhook": "the webhook at x.test answered 404"}
    assert well.heard[0].sentence == "test: this is a test; alerts reach you"


def test_a_notice_has_no_control_characters() -> None:
    notice = Notice(kind="shunt", about="x", text="from <a\r\nBcc: b@x.test\x1b[31m>", at=NOON, node="mx1")
    assert notice.sentence == "shunt: from <a\ufffd\ufffdBcc: b@x.test\ufffd[31m>"
    assert "\n" not in subject(notice)
    assert subject(notice).startswith("[Mailock mx1] shunt: from")


def test_a_long_alert_has_a_short_subject_and_a_whole_body() -> None:
    notice = Notice(kind="late", about="x", text="word " * 100, at=NOON, node="mx1", repeated=3)
    assert len(subject(notice)) == 120
    assert "word " * 100 in text(notice)
    assert "happened 3 times more" in text(notice)
    assert "2026-09-21T14:13:20Z" in text(notice)


async def test_mail_goes_to_the_intake_and_its_refusal_is_told() -> None:
    taken: list[tuple[str, str, tuple[str, ...]]] = []

    async def submit(subject: str, text: str, to: tuple[str, ...]) -> None:
        taken.append((subject, text, to))
        if len(taken) > 1:
            raise OSError("no space left")

    channel = MailChannel(submit, ("ann@x.test", "bob@x.test"))
    notice = Notice(kind="late", about="x", text="it is late", at=NOON, node="mx1")
    await channel.send(notice)
    assert taken[0][0] == "[Mailock mx1] late: it is late"
    assert taken[0][2] == ("ann@x.test", "bob@x.test")
    with pytest.raises(NotSent, match="did not take the alert's mail: no space left"):
        await channel.send(notice)
