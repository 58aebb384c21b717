"""Messages whose clients wait for the verdict: whatever happens, one reply is given, after what it says is durable."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from mailock.core.evidence.examination import Examination
from mailock.core.evidence.finding import Severity
from mailock.core.lifecycle.changes import Commit, Entry
from mailock.core.lifecycle.copies import Disposition, Parcel
from mailock.core.lifecycle.events import Accepted, Judged, Noted
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.mail.message import Message, show_id
from mailock.core.policy.installed import Installed
from mailock.core.policy.profile import MaliciousMail, Profile
from mailock.core.policy.rulebase import Rulebase
from mailock.core.smtp.reply import Reply
from mailock.ports.queue import Queue, Selection, StoreFailed, Waiting
from mailock.stations.judge import Judge
from mailock.stations.turn.capacity import Capacity
from mailock.stations.turn.hints import Hints
from mailock.stations.turn.loop import Turn
from mailock.stations.turn.offers import Offers, drop_offered
from tests.contract.spool import CONTENT, entry, message
from tests.parts.evidence import DUTIES, examined, finding, looked
from tests.unit.operations.hands import INSTALLED, HandClock, Told

REJECTING = Rulebase(default=Profile(malicious=MaliciousMail(disposition=Disposition.REJECT)))
CLEAN = examined(looked())
BAD = examined(looked("av", "1.1", finding(Severity.MALICIOUS, kind="eicar", part="1.1")))
SOON = 0.05


@dataclass
class Line:
    """Examine and judge over a queue, with an examination that a test gives, or withholds."""

    queue: Queue
    seconds: float = 30.0
    room: bool = True
    installed: Installed = field(default_factory=lambda: replace(INSTALLED, rulebase=REJECTING))
    alerts: Told = field(default_factory=Told)
    replies: list[Reply] = field(default_factory=list)
    handed: list[Parcel] = field(default_factory=list)
    examining: Callable[[], Awaitable[Examination]] | None = None

    def __post_init__(self) -> None:
        clock = HandClock()
        self.hints: Hints[Waiting] = Hints(weigh=lambda waiting: 0)
        self.hints.missed = False
        self.offers = Offers(
            worklist=self.queue,
            seconds=lambda: self.seconds,
            hand_on=lambda waiting: self.room and self.hints.offer(waiting),
            missed=self.hints.miss,
        )
        self.judge = Judge(
            standing=lambda: self.installed,
            clock=clock,
            alerts=self.alerts,
            outages=(),
            capacity=Capacity(),
            hand_over=self.handed.append,
            late=lambda waiting, timeliness: None,
            send_back=lambda waiting, planned: None,
            copies=_no_copies,
            again=lambda: None,
            duties=lambda: DUTIES,
            country=lambda ip: None,
            write=lambda case, judgement: b"",
            signs=lambda of: False,
            offers=self.offers,
        )
        self.turn = Turn(
            stage=MessageStage.ACCEPTED,
            hints=self.hints,
            worklist=self.queue,
            work=self._work,
            clock=clock,
            alerts=self.alerts,
            width=4,
        )

    async def _work(self, waiting: Waiting) -> Any:
        assert self.examining is not None
        examination = await self.examining()
        worked = self.judge.work(waiting, examination)
        return await worked if isinstance(worked, Awaitable) else worked

    async def offered(self, number: int = 1) -> Message:
        """A message comes, and its client waits."""
        given = entry(message(number), stage=MessageStage.OFFERED)
        await self.queue.enter(Commit(entries=(given,)), leased=True)
        self.offers.open(given, self.replies.append)
        return given.message

    async def answered(self) -> Reply:
        """The one reply."""
        for _ in range(500):
            if self.replies:
                break
            await asyncio.sleep(0.005)
        (reply,) = self.replies
        return reply

    async def stage(self) -> MessageStage | None:
        """Where the message stands; None where it is gone."""
        found = await self.queue.find(Selection(), limit=10)
        return found[0].stage if found else None

    async def events(self) -> list[Any]:
        """What the log was told."""
        return [event for _, batch in await self.queue.pending(100) for event in batch]


async def _no_copies(*_: object) -> tuple[Entry, ...]:
    return ()


@asynccontextmanager
async def working(line: Line, examination: Examination | None = None) -> AsyncIterator[Line]:
    """The line at work; without an examination it never comes to one, unless the test says how."""
    if line.examining is None:

        async def seen() -> Examination:
            if examination is None:
                await asyncio.Event().wait()
            assert examination is not None
            return examination

        line.examining = seen
    running = asyncio.ensure_future(line.turn.run())
    try:
        yield line
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def test_what_is_refused_for_all_is_gone_before_the_client_hears_of_it(queue: Queue) -> None:
    async with working(Line(queue), BAD) as line:
        given = await line.offered()
        reply = await line.answered()
        assert (reply.code, reply.enhanced) == (550, "5.7.1")
        assert f"(ref {show_id(given.queue_id)})" in str(reply)
        assert (await line.stage(), line.handed, line.queue.leased()) == (None, [], 0)
        accepted, judged, noted = await line.events()
        assert isinstance(accepted, Accepted)
        assert isinstance(judged, Judged)
        assert [one.disposition for one in judged.decisions] == [Disposition.REJECT]
        assert isinstance(noted, Noted)
        assert str(reply) in noted.text


async def test_what_is_clean_is_ours_and_goes_on_before_the_client_hears_of_it(queue: Queue) -> None:
    async with working(Line(queue), CLEAN) as line:
        given = await line.offered()
        assert (await line.answered()).code == 250
        assert await line.stage() is MessageStage.JUDGED
        assert [parcel.message.queue_id for parcel in line.handed] == [given.queue_id]
        assert [type(event) for event in await line.events()] == [Accepted, Judged]


async def test_until_it_is_answered_nobody_else_can_have_it(queue: Queue) -> None:
    async with working(Line(queue)) as line:
        await line.offered()
        await asyncio.sleep(SOON)
        assert (await line.stage(), line.replies, await line.events()) == (MessageStage.OFFERED, [], [])
        assert list(await queue.lease(MessageStage.ACCEPTED, 10)) == []
        assert not await queue.planned(10) and not await queue.lanes()


async def test_at_the_deadline_it_is_ours_and_judged_when_it_was_examined(queue: Queue) -> None:
    seen = asyncio.Event()

    async def slow() -> Examination:
        await seen.wait()
        return BAD

    async with working(Line(queue, seconds=SOON, examining=slow)) as line:
        await line.offered()
        assert (await line.answered()).code == 250
        assert await line.stage() is MessageStage.ACCEPTED
        # Whoever examines it has it still, so it is not examined twice.
        assert list(await queue.lease(MessageStage.ACCEPTED, 10)) == []
        seen.set()
        await _until(lambda: line.stage(), MessageStage.JUDGED)
        (judged,) = [event for event in await line.events() if isinstance(event, Judged)]
        assert [one.disposition for one in judged.decisions] == [Disposition.QUARANTINE]
        assert len(line.replies) == 1


async def test_where_there_is_no_room_it_is_ours_at_once_and_examined_from_the_queue(queue: Queue) -> None:
    async with working(Line(queue, room=False), CLEAN) as line:
        await line.offered()
        assert (await line.answered()).code == 250
        await _until(lambda: line.stage(), MessageStage.JUDGED)


async def test_what_breaks_is_ours_at_the_deadline_and_then_shunted(queue: Queue) -> None:
    async def broken() -> Examination:
        raise RuntimeError("a bug of ours")

    async with working(Line(queue, seconds=SOON, examining=broken)) as line:
        await line.offered()
        assert (await line.answered()).code == 250
        await _until(lambda: line.stage(), MessageStage.SHUNTED)
        assert [alert.kind for alert in line.alerts.alerts] == ["shunt"]


@pytest.mark.parametrize("examination", [CLEAN, BAD], ids=["accepted", "refused"])
async def test_where_the_store_refuses_the_client_is_to_come_again(queue: Queue, examination: Examination) -> None:
    refusing = Refusing(queue)
    async with working(Line(refusing), examination) as line:
        await line.offered()
        assert (await line.answered()).code == 451
        assert (await line.stage(), line.handed) == (MessageStage.OFFERED, [])
    assert await drop_offered(queue, queue) == 1
    assert await line.stage() is None


async def test_at_the_deadline_too(queue: Queue) -> None:
    async with working(Line(Refusing(queue), seconds=SOON)) as line:
        await line.offered()
        assert (await line.answered()).code == 451


async def test_who_decides_first_decides_alone(queue: Queue) -> None:
    line = Line(queue)
    given = await line.offered()
    line.offers.expire_all()
    assert line.offers.take(given.queue_id) is None
    line.offers.expire(given.queue_id)
    assert (await line.answered()).code == 250
    assert await line.stage() is MessageStage.ACCEPTED
    # We are about to end, so whoever comes now does not wait at all.
    line.replies.clear()
    await line.offered(2)
    assert (await line.answered()).code == 250


async def test_at_start_what_was_offered_is_dropped_and_nothing_else(queue: Queue) -> None:
    for number, stage in ((1, MessageStage.OFFERED), (2, MessageStage.ACCEPTED), (3, MessageStage.OFFERED)):
        await queue.enter(Commit(entries=(entry(message(number), CONTENT, stage),)), leased=False)
    assert await drop_offered(queue, queue) == 2
    assert [item.message.queue_id for item in await queue.find(Selection(), limit=10)] == [message(2).queue_id]
    assert await drop_offered(queue, queue) == 0


@dataclass
class Refusing:
    """A queue whose disk is full for everything but new mail."""

    behind: Queue

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind, name)

    async def commit(self, commit: Commit, *, keep_lease: bool = False) -> None:
        """Never."""
        raise StoreFailed("the disk is full")


async def _until(look: Callable[[], Awaitable[MessageStage | None]], wanted: MessageStage) -> None:
    for _ in range(600):
        if await look() is wanted:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"it is {await look()}, not {wanted}")
