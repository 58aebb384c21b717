"""Reading beside the writer: a connection and a thread of its own, one read at a time, each on one snapshot."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import apsw

from mailock.storage.sqlite.rows import Execute

T = TypeVar("T")


class Reader:
    """Runs reads off the event loop."""

    def __init__(self, connection: apsw.Connection, name: str) -> None:
        self._connection = connection
        self._do: Execute = connection.cursor().execute
        self._pool = ThreadPoolExecutor(1, name)

    async def read(self, query: Callable[[Execute], T]) -> T:
        """What a read gives, from one snapshot. `query` runs in the reader's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._on_snapshot, query)

    def close(self) -> None:
        """Waits for a read that runs, and closes."""
        self._pool.shutdown(wait=True)
        self._connection.close()

    def _on_snapshot(self, query: Callable[[Execute], T]) -> T:
        self._do("BEGIN")
        try:
            return query(self._do)
        finally:
            self._do("COMMIT")
