"""The oldest batches of events, kept in memory so that the drain need not read and decode what was just written.

They are a beginning of what the outbox holds, without a gap. Where they are too few, the drain reads the table.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from mailock.core.lifecycle.events import Event
from mailock.storage.event_codec import decode_events
from mailock.storage.sqlite.rows import Execute

Batch = tuple[int, Sequence[Event]]
MOST_EVENTS: Final = 20_000


class RecentEvents:
    """The oldest batches of the outbox that are known in memory."""

    def __init__(self, *, last: int, empty: bool) -> None:
        self._batches: deque[Batch] = deque()
        self._events = 0
        self._last = last
        self._complete = empty
        """Whether every batch of the outbox is here."""

    def add(self, sequence: int, events: Sequence[Event]) -> None:
        """A batch became durable."""
        self._last = sequence
        self._complete = self._complete and self._events + len(events) <= MOST_EVENTS
        if self._complete:
            self._batches.append((sequence, events))
            self._events += len(events)

    def oldest(self, limit: int) -> Sequence[Batch] | None:
        """The oldest batches; None where the table has to be asked."""
        if len(self._batches) >= limit or self._complete:
            return [self._batches[place] for place in range(min(limit, len(self._batches)))]
        return None

    def drop(self, through: int) -> None:
        """Batches were deleted from the table."""
        while self._batches and self._batches[0][0] <= through:
            self._events -= len(self._batches.popleft()[1])
        if through >= self._last:
            self._complete = True


def stored_batches(limit: int) -> Callable[[Execute], list[Batch]]:
    """The oldest batches, from the table."""

    def read(do: Execute) -> list[Batch]:
        rows = do("SELECT sequence, events FROM outbox ORDER BY sequence LIMIT ?", (limit,)).fetchall()
        return [(sequence, decode_events(document)) for sequence, document in rows]

    return read
