"""What changes, told to whoever watches: one pulse for all of them, over server-sent events.

One task asks twice a second how far the log has come, which is one row; only where it has gone on, watchers are told,
and their pages fetch what they show. So twenty people who watch cost the mail what one does.
"""

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import AsyncGenerator
from typing import Final

import apsw

from mailock.console.means import LOG_NAME, Means

SECONDS: Final = 0.5
KEEP_ALIVE: Final = 15.0
MOST: Final = 200
"""How many may watch at once."""
log = logging.getLogger(__name__)


class Pulse:
    """The state of the log, and those who wait for it to change."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._watchers: set[asyncio.Event] = set()
        self._task: asyncio.Task[None] | None = None
        self._connection: apsw.Connection | None = None
        self._lock = threading.Lock()
        self.state = 0
        """Grows with the log."""

    async def start(self) -> None:
        """Begins to look."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ends, and lets the watchers go."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for watcher in self._watchers:
            watcher.set()

    async def watch(self) -> AsyncGenerator[str, None]:
        """What is sent to one watcher: an event whenever something changed, and a line now and then."""
        if len(self._watchers) >= MOST:
            return
        waking = asyncio.Event()
        self._watchers.add(waking)
        try:
            yield _event(self.state)
            while self._task is not None and not self._task.done():
                try:
                    await asyncio.wait_for(waking.wait(), KEEP_ALIVE)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                waking.clear()
                yield _event(self.state)
        finally:
            self._watchers.discard(waking)

    def seen(self) -> int:
        """How far the log has come. Blocks for a row."""
        with self._lock:
            return self._look()

    async def _run(self) -> None:
        while True:
            if self._watchers:
                state = await asyncio.to_thread(self.seen)
                if state != self.state:
                    self.state = state
                    for watcher in self._watchers:
                        watcher.set()
            await asyncio.sleep(SECONDS)

    def _look(self) -> int:
        try:
            if self._connection is None:
                path = str(self._means.data / LOG_NAME)
                self._connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
            return int(self._connection.execute("SELECT value FROM meta WHERE name = 'sequence'").get)
        except apsw.Error as fault:
            if self._connection is not None:
                log.warning("the log cannot be watched: %s", fault)
            self._connection = None
            return self.state


def _event(state: int) -> str:
    return f"event: changed\ndata: {json.dumps(state)}\n\n"
