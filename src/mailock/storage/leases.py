"""Who has what in hand. Leases live in memory: after a crash nobody has anything, and the queue alone says what waits.

A read of the store may run beside the loop, on a snapshot that is a moment old. What was leased when the snapshot was
taken and was committed and let go since looks free in it, and is not what it seems: it must not be handed out. So
while a read is `watched`, every lease that a commit ends is remembered with the moment, and the read's `View` answers
for what is leased now or was let go since that read began. What ended before it began is in its snapshot as it is now:
another read that is still under way must not hide it, or nobody would ever ask for it again.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol


class Free(Protocol):
    """Who says whether something that was found may be leased."""

    def free_message(self, queue_id: int) -> bool:
        """Whether a message may be leased."""
        ...

    def free_delivery(self, queue_id: int, copy: int, number: int) -> bool:
        """Whether a delivery may be leased."""
        ...

    def of_copy(self, queue_id: int, copy: int) -> frozenset[int]:
        """The numbers of a copy's deliveries that are leased."""
        ...


class Leases:
    """The leases of one store. Messages by queue id; deliveries by queue id, copy and number."""

    __slots__ = ("_count", "_deliveries", "_ended", "_messages", "_reads", "_watchers")

    def __init__(self) -> None:
        self._messages: set[int] = set()
        self._deliveries: dict[int, set[tuple[int, int]]] = {}
        self._count = 0
        self._watchers = 0
        self._reads = 0
        self._ended: dict[int, int] = {}
        """What a commit let go while a read was watched, with the number of the latest read that had begun by then."""

    def __len__(self) -> int:
        """How many leases are out."""
        return len(self._messages) + self._count

    @contextmanager
    def watched(self) -> "Iterator[View]":
        """Surrounds a read and the taking of leases on what it found."""
        self._watchers += 1
        self._reads += 1
        try:
            yield View(self, self._reads)
        finally:
            self._watchers -= 1
            if not self._watchers:
                self._ended.clear()

    def free_message(self, queue_id: int) -> bool:
        """Whether nobody has a message in hand."""
        return queue_id not in self._messages

    def free_delivery(self, queue_id: int, copy: int, number: int) -> bool:
        """Whether nobody has a delivery in hand."""
        mine = self._deliveries.get(queue_id)
        return mine is None or (copy, number) not in mine

    def ended_since(self, queue_id: int, read: int) -> bool:
        """Whether a commit let something of a message go after a read had begun."""
        return self._ended.get(queue_id, 0) >= read

    def of_copy(self, queue_id: int, copy: int) -> frozenset[int]:
        """The numbers of a copy's deliveries that are leased."""
        return frozenset(number for holder, number in self._deliveries.get(queue_id, ()) if holder == copy)

    def claim(self, queue_id: int, copy: int, numbers: Iterable[int]) -> frozenset[int]:
        """Leases those of a copy's deliveries that nobody has; returns which."""
        free = frozenset(numbers) - self.of_copy(queue_id, copy)
        if free:
            self.take_deliveries(queue_id, copy, free)
        return free

    def claim_message(self, queue_id: int) -> bool:
        """Leases a message that nobody has; whether it could be had."""
        if queue_id in self._messages:
            return False
        self._messages.add(queue_id)
        return True

    def take_message(self, queue_id: int) -> None:
        """Leases a message."""
        self._messages.add(queue_id)

    def take_deliveries(self, queue_id: int, copy: int, numbers: Iterable[int]) -> None:
        """Leases deliveries of one copy."""
        taken = {(copy, number) for number in numbers}
        mine = self._deliveries.get(queue_id)
        if mine is None:
            self._deliveries[queue_id] = taken
            self._count += len(taken)
        else:
            before = len(mine)
            mine |= taken
            self._count += len(mine) - before

    def put_back(self, queue_id: int, copy: int | None, numbers: Iterable[int]) -> None:
        """Ends leases: of a message, or of deliveries of a copy (all of them where no number is given)."""
        if copy is None:
            self._messages.discard(queue_id)
        else:
            self._release(queue_id, copy, tuple(numbers) or None)

    def end_message(self, queue_id: int) -> None:
        """Ends the lease of a message that a commit changed."""
        self._messages.discard(queue_id)
        if self._watchers:
            self._ended[queue_id] = self._reads

    def end_deliveries(self, queue_id: int, copy: int, numbers: Iterable[int] | None) -> None:
        """Ends leases of deliveries that a commit changed; None: of all those of the copy."""
        self._release(queue_id, copy, numbers)
        if self._watchers:
            self._ended[queue_id] = self._reads

    def end_all(self, queue_id: int) -> None:
        """Ends every lease on a message that is closed."""
        self._messages.discard(queue_id)
        mine = self._deliveries.pop(queue_id, None)
        if mine is not None:
            self._count -= len(mine)
        if self._watchers:
            self._ended[queue_id] = self._reads

    def _release(self, queue_id: int, copy: int, numbers: Iterable[int] | None) -> None:
        mine = self._deliveries.get(queue_id)
        if mine is None:
            return
        before = len(mine)
        if numbers is None:
            mine -= {place for place in mine if place[0] == copy}
        else:
            mine.difference_update([(copy, number) for number in numbers])
        self._count -= before - len(mine)
        if not mine:
            del self._deliveries[queue_id]


class View:
    """The leases as one watched read may take them: what was let go since it began looks free in it, and is not."""

    __slots__ = ("_leases", "_read")

    def __init__(self, leases: Leases, read: int) -> None:
        self._leases = leases
        self._read = read

    def free_message(self, queue_id: int) -> bool:
        """Whether a message that the read found may be leased."""
        return self._leases.free_message(queue_id) and not self._leases.ended_since(queue_id, self._read)

    def free_delivery(self, queue_id: int, copy: int, number: int) -> bool:
        """Whether a delivery that the read found may be leased."""
        leases = self._leases
        return leases.free_delivery(queue_id, copy, number) and not leases.ended_since(queue_id, self._read)

    def of_copy(self, queue_id: int, copy: int) -> frozenset[int]:
        """The numbers of a copy's deliveries that are leased."""
        return self._leases.of_copy(queue_id, copy)
