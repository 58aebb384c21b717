"""A queue of plain dictionaries. A transaction works on branches of what it touches and puts them in place."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import assert_never

from mailock.core.lifecycle.changes import (
    Change,
    Commit,
    CopyMoved,
    CopyRemade,
    Entry,
    Opened,
    Planned,
    Rescheduled,
    Settled,
    Staged,
)
from mailock.core.lifecycle.copies import Copy, Parcel
from mailock.core.lifecycle.events import Event
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.lifecycle.transitions import IllegalMove, MovedMeanwhile
from mailock.core.mail.message import BodyRef, QueueId, show_id
from mailock.ports.queue import Counts, Item, Selection, Waiting
from mailock.storage.leases import Leases
from mailock.storage.memory.life import Life
from mailock.storage.memory.selection import selects


def _nobody(refs: Iterable[BodyRef]) -> None:
    """Takes the bodies that are named no more, where nobody else wants to."""


class MemoryQueue:
    """A queue that lasts as long as its process."""

    def __init__(self, on_unreferenced: Callable[[list[BodyRef]], None] = _nobody) -> None:
        self._on_unreferenced = on_unreferenced
        self._lives: dict[QueueId, Life] = {}
        self._contents: dict[int, bytes] = {}
        self._outbox: list[tuple[int, tuple[Event, ...]]] = []
        self._sequence = 0
        self._leases = Leases()

    async def enter(self, commit: Commit, *, leased: bool) -> None:
        """Takes custody."""
        self._apply(commit)
        if leased:
            for entry in commit.entries:
                self._leases.take_message(entry.message.queue_id)

    async def commit(self, commit: Commit, *, keep_lease: bool = False) -> None:
        """Makes a change."""
        self._apply(commit)
        for change in commit.changes:
            if change.queue_id not in self._lives:
                self._leases.end_all(change.queue_id)
            elif keep_lease:
                self._keep(change)
            else:
                self._end(change)

    async def lease(self, stage: MessageStage, limit: int) -> Sequence[Waiting]:
        """Messages of a stage, oldest first."""
        free = [
            life
            for queue_id, life in sorted(self._lives.items())
            if life.stage is stage and self._leases.free_message(queue_id)
        ][:limit]
        for life in free:
            self._leases.take_message(life.message.queue_id)
        return [
            Waiting(
                message=life.message,
                stage=stage,
                content=self._contents.get(life.message.body.name),
                counted_from=life.counted_from,
            )
            for life in free
        ]

    async def lanes(self) -> Sequence[tuple[str, float]]:
        """Lanes with their earliest due time."""
        earliest: dict[str, float] = {}
        for life in self._lives.values():
            for delivery in life.sendable():
                if self._leases.free_delivery(delivery.queue_id, delivery.copy, delivery.number):
                    earliest[delivery.lane] = min(delivery.due, earliest.get(delivery.lane, delivery.due))
        return sorted(earliest.items())

    async def next_due(self, lane: str) -> float | None:
        """The earliest due time in a lane."""
        return dict(await self.lanes()).get(lane)

    async def parcels(self, lane: str, now: float, limit: int) -> Sequence[Parcel]:
        """Deliveries that are due, as parcels."""
        due = [
            delivery
            for life in self._lives.values()
            for delivery in life.sendable()
            if delivery.lane == lane
            and delivery.due <= now
            and self._leases.free_delivery(delivery.queue_id, delivery.copy, delivery.number)
        ]
        due.sort(key=lambda delivery: (delivery.due, delivery.queue_id, delivery.copy, delivery.number))
        chosen = due[:limit]
        parcels = []
        for queue_id, number in dict.fromkeys((delivery.queue_id, delivery.copy) for delivery in chosen):
            life = self._lives[queue_id]
            copy = life.copies[number]
            deliveries = tuple(d for d in chosen if (d.queue_id, d.copy) == (queue_id, number))
            self._leases.take_deliveries(queue_id, number, [delivery.number for delivery in deliveries])
            content = self._contents.get(copy.body.name)
            parcels.append(Parcel(message=life.message, copy=copy, deliveries=deliveries, content=content))
        return parcels

    async def planned(self, limit: int) -> Sequence[Parcel]:
        """PLANNED copies that nobody has."""
        free = [
            (life, life.copies[number])
            for queue_id, life in sorted(self._lives.items())
            for number in life.waiting_for_changes()
            if not self._leases.of_copy(queue_id, number)
        ]
        parcels = []
        for life, copy in free[:limit]:
            pending = sorted(life.pending(copy.number), key=lambda delivery: delivery.number)
            self._leases.take_deliveries(copy.queue_id, copy.number, [delivery.number for delivery in pending])
            content = self._contents.get(life.message.body.name)
            parcels.append(Parcel(message=life.message, copy=copy, deliveries=tuple(pending), content=content))
        return parcels

    def put_back(self, queue_id: QueueId, copy: int | None = None, numbers: Sequence[int] = ()) -> None:
        """Ends a lease without an outcome."""
        self._leases.put_back(queue_id, copy, numbers)

    def leased(self) -> int:
        """How many leases are out."""
        return len(self._leases)

    def claim_message(self, queue_id: QueueId) -> bool:
        """Leases a message where it is free."""
        return self._leases.claim_message(queue_id)

    def claim(self, queue_id: QueueId, copy: int, numbers: Iterable[int]) -> frozenset[int]:
        """Leases what is free."""
        return self._leases.claim(queue_id, copy, numbers)

    async def counts(self) -> Counts:
        """How much waits where."""
        lives = self._lives.values()
        messages: dict[MessageStage, int] = {s: 0 for s in MessageStage if s is not MessageStage.CLOSED}
        copies: dict[CopyStage, int] = {s: 0 for s in CopyStage if s is not CopyStage.CLOSED}
        waiting, moving = [], []
        for life in lives:
            messages[life.stage] += 1
            open_copies = [copy for copy in life.copies.values() if copy.stage is not CopyStage.CLOSED]
            for copy in open_copies:
                copies[copy.stage] += 1
            active = [copy for copy in open_copies if copy.stage in (CopyStage.PLANNED, CopyStage.READY)]
            if life.stage is MessageStage.SHUNTED:
                continue
            waiting += [delivery for copy in active for delivery in life.pending(copy.number)]
            if active or life.stage is not MessageStage.JUDGED:
                moving.append(life.message.accepted_at)
        return Counts(
            messages=messages,
            copies=copies,
            pending=len(waiting),
            deferred=sum(delivery.attempts > 0 for delivery in waiting),
            oldest=min(moving, default=None),
        )

    async def find(self, selection: Selection, *, limit: int, after: QueueId | None = None) -> Sequence[Item]:
        """The messages that a selection means."""
        found = [
            Item(
                message=life.message,
                stage=life.stage,
                copies=tuple(life.copies[number] for number in sorted(life.copies)),
                deliveries=tuple(life.deliveries[place] for place in sorted(life.deliveries)),
                why=life.why,
            )
            for queue_id, life in sorted(self._lives.items())
            if (after is None or queue_id > after) and selects(selection, life)
        ]
        return found[:limit]

    def used(self) -> int:
        """Bytes of small bodies."""
        return sum(map(len, self._contents.values()))

    def reusable(self) -> int:
        """Nothing is kept that holds nothing."""
        return 0

    async def body_names(self) -> set[int]:
        """The names of all bodies in files."""
        return {ref.name for life in self._lives.values() for ref in life.bodies() if not ref.inline}

    async def small_body(self, ref: BodyRef) -> bytes:
        """The content of an inline body."""
        return self._contents[ref.name]

    async def pending(self, limit: int) -> Sequence[tuple[int, Sequence[Event]]]:
        """The oldest batches of events."""
        return self._outbox[:limit]

    async def drop(self, through: int) -> None:
        """Deletes batches that the log has."""
        self._outbox = [batch for batch in self._outbox if batch[0] > through]

    async def trim(self, keep: int) -> int:
        """Deletes the oldest batches beyond `keep`."""
        surplus = self._outbox[: max(len(self._outbox) - keep, 0)]
        self._outbox = self._outbox[len(surplus) :]
        return sum(len(events) for _, events in surplus)

    def close(self) -> Awaitable[None]:
        """Nothing is pending."""
        return self.drop(0)

    def _apply(self, commit: Commit) -> None:
        """One transaction. Raises IllegalMove, and then nothing is changed."""
        touched: dict[QueueId, Life] = {}
        for entry in commit.entries:
            _enter(entry, touched, self._lives)
        for change in commit.changes:
            life = touched.get(change.queue_id)
            if life is None:
                if isinstance(change, Opened):
                    continue
                if change.queue_id not in self._lives:
                    raise MovedMeanwhile(f"there is no message {show_id(change.queue_id)}")
                life = touched[change.queue_id] = self._lives[change.queue_id].branch()
            _change(life, change)
        contents = self._contents.keys() | {name for name, _ in _contents_of(commit)}
        for queue_id, life in touched.items():
            if any(ref.inline and ref.name not in contents for ref in life.bodies()):
                raise IllegalMove(f"the content of a body of message {show_id(queue_id)} is missing")
            if life.stage is MessageStage.JUDGED and not life.copies:
                raise IllegalMove(f"message {show_id(queue_id)} was judged and got no copies")
        self._place(commit, touched)

    def _place(self, commit: Commit, touched: dict[QueueId, Life]) -> None:
        before = {ref for queue_id in touched if queue_id in self._lives for ref in self._lives[queue_id].bodies()}
        before |= {entry.message.body for entry in commit.entries}
        self._contents.update(_contents_of(commit))
        self._lives.update(touched)
        for queue_id, life in touched.items():
            if life.closed:
                del self._lives[queue_id]
        if commit.events:
            self._sequence += 1
            self._outbox.append((self._sequence, commit.events))
        gone = before - {ref for life in self._lives.values() for ref in life.bodies()}
        for ref in gone:
            self._contents.pop(ref.name, None)
        files = [ref for ref in gone if not ref.inline]
        if files:
            self._on_unreferenced(files)

    def _keep(self, change: Change) -> None:
        """What a Planned made is leased by the one who made it."""
        if not isinstance(change, Planned):
            return
        self._leases.end_message(change.queue_id)
        for copy in change.copies:
            if copy.stage in (CopyStage.READY, CopyStage.PLANNED):
                numbers = [d.number for d in change.deliveries if _is_pending_of(copy, d.copy, d.stage)]
                self._leases.take_deliveries(change.queue_id, copy.number, numbers)

    def _end(self, change: Change) -> None:
        match change:
            case Staged(after=MessageStage.ACCEPTED):
                self._leases.end_all(change.queue_id)
            case Staged() | Planned():
                self._leases.end_message(change.queue_id)
            case CopyMoved() | CopyRemade():
                self._leases.end_deliveries(change.queue_id, change.number, None)
            case Settled():
                numbers = [outcome.number for outcome in change.outcomes]
                self._leases.end_deliveries(change.queue_id, change.copy, numbers)
            case Rescheduled():
                self._leases.end_deliveries(change.queue_id, change.copy, change.numbers)
            case Opened():
                pass
            case _:
                assert_never(change)


def _is_pending_of(copy: Copy, number: int, stage: DeliveryStage) -> bool:
    return number == copy.number and stage is DeliveryStage.PENDING


def _contents_of(commit: Commit) -> list[tuple[int, bytes]]:
    """The contents that a commit brings, by the names of their bodies."""
    entered = [(entry.message.body.name, entry.content) for entry in commit.entries]
    remade = [(change.body.name, change.content) for change in commit.changes if isinstance(change, CopyRemade)]
    return [(name, content) for name, content in (*entered, *remade) if content is not None]


def _enter(entry: Entry, touched: dict[QueueId, Life], lives: dict[QueueId, Life]) -> None:
    message = entry.message
    if message.body.inline and entry.content is None:
        raise IllegalMove(f"message {show_id(message.queue_id)} has an inline body, and its content is missing")
    if message.queue_id in touched or message.queue_id in lives:
        raise IllegalMove(f"there is a message {show_id(message.queue_id)} already")
    touched[message.queue_id] = Life(message=message, stage=entry.stage)


def _change(life: Life, change: Change) -> None:
    match change:
        case Staged():
            life.staged(change)
        case Planned():
            life.planned(change)
        case CopyMoved():
            life.moved(change)
        case CopyRemade():
            life.remade(change)
        case Settled():
            life.settled(change)
        case Rescheduled():
            life.rescheduled(change)
        case Opened():
            pass
        case _:
            assert_never(change)
