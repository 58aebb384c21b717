"""What one station hands to the next in memory, so that the next need not read it back from the queue.

A hint is never the truth. There is room for only so many bytes; what finds none is put back into the queue, and the
next station leases it from there when it has caught up. After a crash there are no hints at all, and nothing is
missed.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Hints(Generic[T]):
    """A bounded hand-over between two stations. `weigh` says how many bytes of content a hint keeps alive."""

    def __init__(self, *, weigh: Callable[[T], int], room: int = 32 << 20, count: int = 20_000) -> None:
        self._items: deque[T] = deque()
        self._weigh = weigh
        self._room = room
        self._count = count
        self._held = 0
        self._waker: asyncio.Future[None] | None = None
        self.missed = True
        """Whether the queue may hold work that was not handed over: true at start, and after an offer was refused."""

    def offer(self, item: T) -> bool:
        """Takes a hint; False where there is no room: the giver puts the work back into the queue."""
        weight = self._weigh(item)
        if self._held + weight > self._room or len(self._items) >= self._count:
            self.miss()
            return False
        self._held += weight
        self._items.append(item)
        self._wake()
        return True

    def miss(self) -> None:
        """Says that the queue holds work that was not handed over."""
        self.missed = True
        self._wake()

    def take(self, limit: int) -> list[T]:
        """Up to `limit` hints, oldest first."""
        items = self._items
        taken = [items.popleft() for _ in range(min(limit, len(items)))]
        self._held -= sum(map(self._weigh, taken))
        return taken

    async def wait(self, seconds: float) -> None:
        """Returns when something was offered or missed, and after `seconds` at the latest."""
        if self._items:
            return
        loop = asyncio.get_running_loop()
        self._waker = loop.create_future()
        timer = loop.call_later(seconds, self._wake)
        try:
            await self._waker
        finally:
            timer.cancel()
            self._waker = None

    def _wake(self) -> None:
        if self._waker is not None and not self._waker.done():
            self._waker.set_result(None)
