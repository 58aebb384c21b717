"""The back-ends that one suite runs over."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from mailock.core.mail.message import BodyRef
from mailock.ports.queue import Queue
from mailock.storage.memory.queue import MemoryQueue
from mailock.storage.sqlite.queue import open_sqlite

Opener = Callable[[], Awaitable[Queue]]


@pytest.fixture
def unreferenced() -> list[BodyRef]:
    """The bodies that the queue said nobody names any more."""
    return []


@pytest.fixture(params=["memory", "sqlite"])
def opener(request: pytest.FixtureRequest, tmp_path: Path, unreferenced: list[BodyRef]) -> Opener:
    """Opens the queue of one back-end."""

    async def memory() -> Queue:
        return MemoryQueue(unreferenced.extend)

    async def sqlite() -> Queue:
        return await open_sqlite(tmp_path, ballast=0, on_unreferenced=unreferenced.extend)

    return {"memory": memory, "sqlite": sqlite}[request.param]


@pytest_asyncio.fixture
async def queue(opener: Opener) -> AsyncIterator[Queue]:
    """An empty queue."""
    opened = await opener()
    yield opened
    await opened.close()
