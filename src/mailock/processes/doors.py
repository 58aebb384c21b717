"""The doors of this process: what accept answers, and whether anybody listens at all."""

import asyncio
import logging

from mailock.processes.listeners import Listeners
from mailock.stations.turn.capacity import Capacity

log = logging.getLogger(__name__)


class GatewayDoors:
    """Implements `ports.doors.Doors`."""

    def __init__(self, capacity: Capacity, listeners: Listeners) -> None:
        self._capacity = capacity
        self._listeners = listeners
        self._refreshing: asyncio.Task[None] | None = None

    def close(self, why: str) -> None:
        """Everybody is answered 421."""
        self._capacity.closed = why
        self._listen(removed=False)

    def remove(self, why: str) -> None:
        """Nobody listens."""
        self._capacity.closed = why
        self._listen(removed=True)

    def open(self) -> None:
        """Mail is taken."""
        self._capacity.closed = ""
        self._listen(removed=False)

    def _listen(self, *, removed: bool) -> None:
        if self._listeners.removed == removed:
            return
        self._listeners.removed = removed
        self._refreshing = asyncio.get_running_loop().create_task(self._refresh())

    async def _refresh(self) -> None:
        try:
            await self._listeners.refresh()
        except (OSError, ValueError) as fault:
            log.error("the doors cannot be opened, nobody listens: %s", fault)
