"""Mail that comes and goes while a trace is written, and what has to be left of it after the power went."""

import asyncio
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import assert_never

import apsw

from mailock.core.lifecycle.copies import Failed
from mailock.core.lifecycle.events import Accepted
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage
from mailock.core.mail.message import Message
from mailock.ports.queue import Item, Selection
from mailock.storage.files import FileBodies
from mailock.storage.sqlite.queue import SqliteQueue, open_sqlite
from tests.contract.spool import OK, entering, message, planning, sent, settling
from tests.crash.powercut.trace import VFS, Said, Step, Trace, TracedDisk, TracedVFS

INLINE_LIMIT = 2000
SIZES = (300, 2000, 2001, 9000, 40_000)


class Point(Enum):
    """How far a message has come."""

    ENTERING = "handed to the queue"
    ENTERED = "answered 250"
    LEAVING = "its end handed to the queue"
    LEFT = "its end durable"


@dataclass(frozen=True, slots=True)
class Told:
    """Something that a sender was told: what happened to his message is durable."""

    what: Point
    message: Message
    notice: Message | None = None


@dataclass(slots=True)
class Expected:
    """What the steps before a moment promise."""

    entered: dict[int, Message] = field(default_factory=dict)
    tried: dict[int, Message] = field(default_factory=dict)
    leaving: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    notices: dict[int, Message] = field(default_factory=dict)
    """By the id of the message that they are about."""

    @classmethod
    def after(cls, steps: Sequence[Step]) -> "Expected":
        """What was said by then."""
        expected = cls()
        for step in steps:
            if isinstance(step, Said) and isinstance(step.what, Told):
                expected.hear(step.what)
        return expected

    def hear(self, told: Told) -> None:
        """One more thing that was said."""
        number = told.message.queue_id
        match told.what:
            case Point.ENTERING:
                self.tried[number] = told.message
            case Point.ENTERED:
                self.entered[number] = told.message
            case Point.LEAVING:
                self.leaving.add(number)
                if told.notice is not None:
                    self.notices[number] = told.notice
            case Point.LEFT:
                self.left.add(number)
            case _:
                assert_never(told.what)


async def come_and_go(root: Path, trace: Trace, chance: random.Random, messages: int) -> None:
    """Takes custody of messages; some are sent, some fail with a notice, some stay."""
    vfs = TracedVFS(trace)
    queue = await open_sqlite(root, ballast=0, on_unreferenced=lambda refs: bodies.drop(refs), vfs=VFS)
    bodies = FileBodies(root, INLINE_LIMIT, disk=TracedDisk(trace))
    numbers = iter(range(1, 10_000))

    async def one(place: int) -> None:
        content = hashlib.shake_128(b"%d" % place).digest(chance.choice(SIZES))
        given = await received(queue, bodies, trace, next(numbers), content)
        fate = place % 4
        if fate == 0:
            return
        await queue.commit(planning(given), keep_lease=True)
        if fate == 1:
            return
        notice = message(next(numbers)) if fate == 2 else None
        trace.said(Told(Point.LEAVING, given, notice))
        if notice is None:
            await queue.commit(settling(given, sent()))
        else:
            failing = settling(given, Failed(number=0, response=OK))
            await queue.commit(replace(entering(notice), changes=failing.changes))
        trace.said(Told(Point.LEFT, given, notice))

    places = iter(range(messages))

    async def sender() -> None:
        for place in places:
            await one(place)

    await asyncio.gather(*(sender() for _ in range(5)))
    await queue.close()
    await bodies.close()
    vfs.unregister()


async def received(queue: SqliteQueue, bodies: FileBodies, trace: Trace, number: int, content: bytes) -> Message:
    """A message as accept takes it: the body, then the row, and only then the answer."""
    given = message(number, content=content)
    draft = bodies.draft(given.queue_id)
    for place in range(0, len(content), 1000):
        draft.write(content[place : place + 1000])
    kept = draft.finish_small() or await draft.finish()
    given = replace(given, body=kept.ref)
    trace.said(Told(Point.ENTERING, given))
    await queue.enter(entering(given, content=content), leased=True)
    trace.said(Told(Point.ENTERED, given))
    return given


async def count(folder: Path, expected: Expected) -> None:
    """Opens what is left with the real SQLite and counts: nothing promised is missing, nothing is half."""
    queue = await open_sqlite(folder, ballast=0, on_unreferenced=lambda refs: None)
    bodies = FileBodies(folder, INLINE_LIMIT, small_body=queue.small_body)
    items = {item.message.queue_id: item for item in await queue.find(Selection(), limit=10_000)}
    for number, given in expected.entered.items():
        if number not in expected.leaving:
            assert items[given.queue_id].message == given
    assert not expected.left & set(items), "what was sent and recorded is there again"
    for item in items.values():
        await check(item, bodies, expected)
    for number, notice in expected.notices.items():
        both = (number in items) + (notice.queue_id in items)
        assert both == 1, "a failure and its notice are one commit"
    counts = await queue.counts()
    assert sum(counts.messages.values()) == len(items)
    pending = [d for i in items.values() for d in i.deliveries if d.stage is DeliveryStage.PENDING]
    assert counts.pending == len(pending)
    logged = {e.message.queue_id for _, batch in await queue.pending(10_000) for e in batch if isinstance(e, Accepted)}
    assert set(expected.entered) <= logged, "an event of what was accepted is missing"
    assert set(items) <= logged
    await bodies.sweep(await queue.body_names())
    await queue.close()
    await bodies.close()
    integrity(folder)


async def check(item: Item, bodies: FileBodies, expected: Expected) -> None:
    """One message is whole."""
    known = expected.tried | {n.queue_id: n for n in expected.notices.values()}
    assert item.message == known[item.message.queue_id], "a message that nobody sent"
    content = b"".join([chunk async for chunk in bodies.read(item.message.body)])
    assert hashlib.sha256(content).hexdigest() == item.message.body.sha256
    assert len(item.copies) == len(item.deliveries) <= 1
    assert all(copy.stage is CopyStage.READY for copy in item.copies)


def integrity(folder: Path) -> None:
    """SQLite finds nothing wrong with its file, and no body is without a file."""
    connection = apsw.Connection(str(folder / "queue.db"))
    assert connection.pragma("integrity_check") == "ok"
    connection.close()
