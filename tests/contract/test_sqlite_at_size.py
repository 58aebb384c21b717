"""A queue in which very many wait is opened, looked through and added to as quickly as an empty one."""

import time
from pathlib import Path

import pytest
from bench.deferred import FIRST, LATER, deferring, fill

from mailock.core.lifecycle.stages import CopyStage
from mailock.ports.queue import Selection
from mailock.storage.sqlite.queue import open_sqlite
from tests.parts.size import sized

LANES = 500


async def with_deferred(folder: Path, messages: int) -> None:
    """Fills a queue, then asks of it what start and stations ask, against the clock."""
    queue = await open_sqlite(folder, on_unreferenced=lambda refs: None)
    await fill(queue, messages, LANES)
    await queue.close()
    began = time.perf_counter()
    queue = await open_sqlite(folder, on_unreferenced=lambda refs: None)
    entering, _, _ = deferring(messages, LANES, b"one more")
    await queue.enter(entering, leased=True)
    assert time.perf_counter() - began < 5, "start to the first 250"
    began = time.perf_counter()
    lanes = await queue.lanes()
    assert time.perf_counter() - began < 2, "lanes"
    assert len(lanes) == LANES
    counts = await queue.counts()
    assert (counts.pending, counts.deferred) == (messages, messages)
    assert await queue.next_due(lanes[0][0]) == lanes[0][1] >= LATER
    began = time.perf_counter()
    parcels = await queue.parcels(lanes[-1][0], LATER + 10_000, 50)
    assert 0 < len(parcels) <= 50
    assert not await queue.find(Selection(copy_stages=(CopyStage.QUARANTINED,)), limit=10)
    assert await queue.body_names() == set()
    assert time.perf_counter() - began < 2, "a station's look at a lane, and a person's at the quarantine"
    await queue.close()
    assert queue.floor == FIRST + messages


@pytest.mark.serial
async def test_many_that_wait_slow_nothing(tmp_path: Path) -> None:
    await with_deferred(tmp_path, sized(1_000_000))


@pytest.mark.accept
async def test_a_million_that_wait_slow_nothing(tmp_path: Path) -> None:
    await with_deferred(tmp_path, 1_000_000)
