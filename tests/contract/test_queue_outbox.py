"""Events on their way to the log, for every store."""

import asyncio

from mailock.core.lifecycle.changes import Commit
from mailock.core.lifecycle.events import Event
from mailock.ports.queue import Queue
from tests.contract.spool import entering, message, noted, planning


async def drained(queue: Queue, limit: int = 2) -> list[Event]:
    """Everything, as the drain takes it."""
    events: list[Event] = []
    while batches := await queue.pending(limit):
        sequences = [sequence for sequence, _ in batches]
        assert sequences == sorted(sequences)
        events += [event for _, batch in batches for event in batch]
        await queue.drop(sequences[-1])
    return events


async def test_events_come_out_in_order_and_once(queue: Queue) -> None:
    given = message(1)
    await queue.enter(entering(given), leased=False)
    await queue.commit(planning(given))
    for number in range(7):
        await queue.commit(Commit(events=(noted(given, f"line {number}"),)))
    expected = [*entering(given).events, *planning(given).events, *(noted(given, f"line {n}") for n in range(7))]
    assert await drained(queue) == expected
    assert not await queue.pending(10)


async def test_events_of_commits_at_once_are_all_there(queue: Queue) -> None:
    given = message(1)
    await asyncio.gather(*(queue.commit(Commit(events=(noted(given, str(n)),))) for n in range(50)))
    events = await drained(queue, 1000)
    assert sorted(str(event) for event in events) == sorted(str(noted(given, str(n))) for n in range(50))


async def test_sequences_grow_also_after_everything_was_dropped(queue: Queue) -> None:
    given = message(1)
    await queue.commit(Commit(events=(noted(given, "first"),)))
    ((first, _),) = await queue.pending(10)
    await queue.drop(first)
    await queue.commit(Commit(events=(noted(given, "second"),)))
    ((second, _),) = await queue.pending(10)
    assert second > first


async def test_trim_keeps_the_newest_and_counts_what_is_lost(queue: Queue) -> None:
    given = message(1)
    for number in range(6):
        await queue.commit(Commit(events=(noted(given, str(number)), noted(given, "again"))))
    assert await queue.trim(2) == 8
    assert next(event for _, batch in await queue.pending(10) for event in batch) == noted(given, "4")
    assert await queue.trim(2) == 0
    assert await queue.trim(0) == 4
    assert not await queue.pending(10)
