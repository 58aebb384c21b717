"""Whatever is done to two queues, memory and SQLite, in whatever order: they refuse the same and show the same."""

import asyncio
import tempfile
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mailock.core.lifecycle.changes import (
    Change,
    Commit,
    CopyMoved,
    CopyRemade,
    Entry,
    Planned,
    Rescheduled,
    Settled,
    Staged,
)
from mailock.core.lifecycle.copies import Failed, NotForwarded, Outcome
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.lifecycle.transitions import COPY_MOVES, MESSAGE_MOVES, IllegalMove
from mailock.core.mail.message import BodyRef, Message, QueueId
from mailock.ports.queue import Item, Queue, Selection
from mailock.storage.memory.queue import MemoryQueue
from mailock.storage.sqlite.queue import open_sqlite
from tests.contract.spool import CONTENT, EPOCH, OK, body, copy_of, deferred, delivery_of, in_file, message, noted, sent

T = TypeVar("T")
# Syncs cost nothing in memory, and nothing is lost here that they would save.
QUICK = "/dev/shm" if Path("/dev/shm").is_dir() else None
LANES = ("a", "b")
DATES = st.sampled_from([EPOCH, EPOCH + 10, EPOCH + 20])


class TwoQueues(RuleBasedStateMachine):
    """Drives both, and compares after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory(dir=QUICK)
        self.gone: tuple[list[BodyRef], list[BodyRef]] = ([], [])
        memory: Queue = MemoryQueue(self.gone[0].extend)
        self.queues: tuple[Queue, Queue] = (memory, self.opened())
        self.made = 0
        self.items: dict[QueueId, Item] = {}

    def opened(self) -> Queue:
        """The SQLite queue of this run."""
        return self.run(open_sqlite(Path(self.folder.name), ballast=0, on_unreferenced=self.gone[1].extend))

    def teardown(self) -> None:
        """Closes both."""
        self.run(self.queues[1].close())
        self.loop.close()
        self.folder.cleanup()

    def run(self, work: Awaitable[T]) -> T:
        """What an awaitable gives."""
        return self.loop.run_until_complete(_awaited(work))

    def both(self, commit: Commit, *, leased: bool | None = None, keep_lease: bool = False) -> None:
        """Gives a commit to both queues, which have to take it or refuse it alike."""

        async def give(queue: Queue) -> type | None:
            try:
                if leased is None:
                    await queue.commit(commit, keep_lease=keep_lease)
                else:
                    await queue.enter(commit, leased=leased)
            except IllegalMove as moved:
                # A person who was faster is another thing than a bug, and both queues have to tell them apart.
                return type(moved)
            return None

        assert self.run(give(self.queues[0])) is self.run(give(self.queues[1])), commit

    def one(self, data: st.DataObject) -> Item:
        """One of the messages that there are."""
        return self.items[data.draw(st.sampled_from(sorted(self.items)), label="message")]

    @rule(count=st.integers(1, 3), leased=st.booleans(), files=st.booleans(), shared=st.booleans())
    def enter(self, *, count: int, leased: bool, files: bool, shared: bool) -> None:
        """New messages, some with one body between them."""
        messages: list[Message] = []
        for _ in range(count):
            self.made += 1
            made = message(self.made, recipients=3)
            made = in_file(made) if files else made
            messages.append(replace(made, body=messages[0].body) if shared and messages else made)
        stage = MessageStage.OFFERED if shared and leased else MessageStage.ACCEPTED
        entries = tuple(Entry(message=m, content=None if files else CONTENT, stage=stage) for m in messages)
        self.both(Commit(entries=entries, events=tuple(noted(m, "in") for m in messages)), leased=leased)

    @precondition(lambda self: self.items)
    @rule(data=st.data(), move=st.sampled_from(sorted(MESSAGE_MOVES)), keep=st.booleans())
    def stage(self, data: st.DataObject, move: tuple[MessageStage, MessageStage], *, keep: bool) -> None:
        """A message goes on, or is refused to."""
        item = self.one(data)
        before = data.draw(st.sampled_from([item.stage, item.stage, move[0]]))
        self.both(self.staged(item, before, move[1]), keep_lease=keep)

    def staged(self, item: Item, before: MessageStage, after: MessageStage) -> Commit:
        """A message's move as a commit."""
        queue_id = item.message.queue_id
        return Commit(changes=(Staged(queue_id=queue_id, before=before, after=after, why="why"),))

    @precondition(lambda self: self.items)
    @rule(data=st.data(), keep=st.booleans())
    def judge(self, data: st.DataObject, *, keep: bool) -> None:
        """A message gets copies, which suit it or not."""
        item = self.one(data)
        given = item.message
        stages = data.draw(st.lists(st.sampled_from(CopyStage), min_size=0, max_size=3), label="copies")
        copies = [replace(copy_of(given, number, stage), orders=b"orders") for number, stage in enumerate(stages)]
        deliveries = [
            delivery_of(
                copies[place % len(copies)], place, lane=data.draw(st.sampled_from(LANES)), due=data.draw(DATES)
            )
            for place in range(data.draw(st.integers(0, 3)) if copies else 0)
        ]
        if data.draw(st.booleans(), label="closed copies have nothing pending"):
            ended = {copy.number for copy in copies if copy.stage is CopyStage.CLOSED}
            deliveries = [replace(d, stage=DeliveryStage.DROPPED) if d.copy in ended else d for d in deliveries]
        planned = Planned(queue_id=given.queue_id, copies=tuple(copies), deliveries=tuple(deliveries))
        staged = Staged(queue_id=given.queue_id, before=item.stage, after=MessageStage.JUDGED)
        changes: tuple[Change, ...] = (staged, planned) if data.draw(st.booleans(), label="staged") else (planned,)
        self.both(Commit(changes=changes, events=(noted(given, "judged"),)), keep_lease=keep)

    @precondition(lambda self: self.items)
    @rule(data=st.data(), move=st.sampled_from(sorted(COPY_MOVES)), keep=st.booleans())
    def move(self, data: st.DataObject, move: tuple[CopyStage, CopyStage], *, keep: bool) -> None:
        """A copy goes on, or is refused to."""
        item = self.one(data)
        number = data.draw(st.integers(0, 2))
        stages = [copy.stage for copy in item.copies if copy.number == number]
        change = CopyMoved(
            queue_id=item.message.queue_id,
            number=number,
            before=data.draw(st.sampled_from([*stages, move[0]])),
            after=move[1],
            quarantine_class="spam",
            quarantined_at=EPOCH,
            orders=data.draw(st.sampled_from([None, b"", b"others"])),
        )
        self.both(Commit(changes=(change,)), keep_lease=keep)

    @precondition(lambda self: self.items)
    @rule(data=st.data(), own=st.sampled_from(["message", "inline", "file", "missing"]), keep=st.booleans())
    def remake(self, data: st.DataObject, own: str, *, keep: bool) -> None:
        """A copy's changes are made, with a body of its own or with the message's."""
        item = self.one(data)
        self.made += 1
        ref = item.message.body if own == "message" else body(self.made, inline=own != "file")
        change = CopyRemade(
            queue_id=item.message.queue_id,
            number=data.draw(st.integers(0, 2)),
            body=ref,
            content=CONTENT if own == "inline" else None,
            prefix=b"X: y\r\n",
            receipt=b"receipt",
        )
        self.both(Commit(changes=(change,)), keep_lease=keep)

    @precondition(lambda self: self.items)
    @rule(data=st.data(), keep=st.booleans())
    def part(self, data: st.DataObject, *, keep: bool) -> None:
        """Another copy takes the place of one, with the same body."""
        item = self.one(data)
        copy = data.draw(st.sampled_from(item.copies)) if item.copies else None
        if copy is None or copy.stage is CopyStage.CLOSED:
            return
        self.made += 1
        new = replace(copy, number=self.made)
        deliveries = tuple(
            replace(d, copy=new.number)
            for d in item.deliveries
            if d.copy == copy.number and d.stage is DeliveryStage.PENDING
        )
        planned = Planned(queue_id=copy.queue_id, copies=(new,), deliveries=deliveries)
        closed = CopyMoved(queue_id=copy.queue_id, number=copy.number, before=copy.stage, after=CopyStage.CLOSED)
        self.both(Commit(changes=(planned, closed)), keep_lease=keep)

    @precondition(lambda self: self.items)
    @rule(data=st.data(), keep=st.booleans())
    def settle(self, data: st.DataObject, *, keep: bool) -> None:
        """Outcomes, most of them for what is pending."""
        item = self.one(data)
        copy = data.draw(st.integers(0, 2))
        pending = [d.number for d in item.deliveries if d.copy == copy and d.stage is DeliveryStage.PENDING]
        numbers = data.draw(st.lists(st.sampled_from(pending or [0]), min_size=1, max_size=3), label="numbers")
        outcomes = tuple(data.draw(outcome_of(number)) for number in numbers)
        self.both(
            Commit(changes=(Settled(queue_id=item.message.queue_id, copy=copy, outcomes=outcomes),)), keep_lease=keep
        )

    @precondition(lambda self: self.items)
    @rule(data=st.data(), due=DATES, lane=st.sampled_from([*LANES, None]), keep=st.booleans())
    def reschedule(self, data: st.DataObject, due: float, lane: str | None, *, keep: bool) -> None:
        """Another date."""
        item = self.one(data)
        numbers = tuple(data.draw(st.sets(st.integers(0, 2), max_size=2)))
        change = Rescheduled(queue_id=item.message.queue_id, copy=0, numbers=numbers, due=due, lane=lane)
        self.both(Commit(changes=(change,)), keep_lease=keep)

    @rule(stage=st.sampled_from(MessageStage), limit=st.integers(1, 3))
    def lease(self, stage: MessageStage, limit: int) -> None:
        """Both lease the same."""
        if stage is not MessageStage.JUDGED:
            first, second = (self.run(queue.lease(stage, limit)) for queue in self.queues)
            assert list(first) == list(second)

    @rule(lane=st.sampled_from(LANES), now=DATES, limit=st.integers(1, 3))
    def parcels(self, lane: str, now: float, limit: int) -> None:
        """Both give the same parcels."""
        first, second = (self.run(queue.parcels(lane, now, limit)) for queue in self.queues)
        assert list(first) == list(second)

    @rule(limit=st.integers(1, 3))
    def planned(self, limit: int) -> None:
        """Both give the same copies to remake."""
        first, second = (self.run(queue.planned(limit)) for queue in self.queues)
        assert list(first) == list(second)

    @precondition(lambda self: self.items)
    @rule(data=st.data(), copy=st.sampled_from([None, 0, 1]), numbers=st.sets(st.integers(0, 2)))
    def put_back(self, data: st.DataObject, copy: int | None, numbers: set[int]) -> None:
        """A lease ends."""
        item = self.one(data)
        for queue in self.queues:
            queue.put_back(item.message.queue_id, copy, sorted(numbers))

    @rule()
    def restart(self) -> None:
        """SQLite starts again; leases are gone in both."""
        self.run(self.queues[1].close())
        self.queues = (self.queues[0], self.opened())
        for item in self.items.values():
            self.queues[0].put_back(item.message.queue_id)
            for copy in item.copies:
                self.queues[0].put_back(item.message.queue_id, copy.number)

    def seen(self, queue: Queue) -> object:
        """What else can be seen of a queue."""
        events = [event for _, batch in self.run(queue.pending(1000)) for event in batch]
        return self.run(queue.counts()), list(self.run(queue.lanes())), self.run(queue.body_names()), events

    @invariant()
    def they_agree(self) -> None:
        """Everything that can be seen is the same."""
        first, second = (self.run(queue.find(Selection(), limit=1000)) for queue in self.queues)
        assert list(first) == list(second)
        self.items = {item.message.queue_id: item for item in first}
        assert self.seen(self.queues[0]) == self.seen(self.queues[1])
        assert self.queues[0].leased() == self.queues[1].leased()
        assert sorted(map(str, self.gone[0])) == sorted(map(str, self.gone[1]))


async def _awaited(work: Awaitable[T]) -> T:
    return await work


def outcome_of(number: int) -> st.SearchStrategy[Outcome]:
    """Any outcome for a delivery."""
    return st.one_of(
        st.just(sent(number)),
        st.just(Failed(number=number, response=OK)),
        st.just(NotForwarded(number=number)),
        st.builds(deferred, st.just(number), due=DATES, lane=st.sampled_from(LANES), attempted=st.booleans()),
    )


TwoQueues.TestCase.settings = settings(
    max_examples=settings.default.max_examples // 4 if settings.default else 25, stateful_step_count=20
)
test_two_queues = TwoQueues.TestCase
