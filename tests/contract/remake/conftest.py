"""The station over every store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from mailock.ports.queue import Queue
from tests.contract.remake.works import Works


@pytest_asyncio.fixture
async def works(queue: Queue, tmp_path: Path) -> AsyncIterator[Works]:
    """One."""
    made = Works(queue, tmp_path)
    yield made
    await made.bodies.close()
