"""What people read: counts, selections, names of bodies, for every store."""

import asyncio
from dataclasses import replace

import pytest

from mailock.core.lifecycle.changes import Commit
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.address import Address
from mailock.core.mail.message import Message
from mailock.ports.queue import Queue, Selection
from mailock.storage.memory.queue import MemoryQueue
from tests.contract.spool import (
    EPOCH,
    LANE,
    copy_of,
    deferred,
    delivery_of,
    entering,
    examined,
    in_file,
    judging,
    message,
    moving,
    noted,
    planning,
    queue_id,
    recipient,
    settling,
    staging,
)


async def several(queue: Queue) -> list[Message]:
    """One message in each of the usual places."""
    places = [message(number, recipients=2, system="north" if number == 2 else "default") for number in range(1, 8)]
    places[4] = replace(places[4], envelope=replace(places[4].envelope, sender=None))
    await queue.enter(entering(*places), leased=False)
    await queue.commit(staging(places[1], MessageStage.ACCEPTED, MessageStage.EXAMINED))
    await queue.commit(planning(places[2], lane="lane three"))
    await queue.commit(planning(places[3], stage=CopyStage.QUARANTINED))
    await queue.commit(planning(places[4], stage=CopyStage.HELD))
    await queue.commit(staging(places[5], MessageStage.ACCEPTED, MessageStage.SHUNTED, why="because"))
    await queue.commit(planning(places[6]))
    await queue.commit(settling(places[6], deferred(1)))
    return places


async def found(queue: Queue, selection: Selection) -> list[int]:
    """The small numbers of the messages that a selection means."""
    return [item.message.queue_id - queue_id(0) for item in await queue.find(selection, limit=100)]


async def test_counts_say_how_much_waits_where(queue: Queue) -> None:
    await several(queue)
    counts = await queue.counts()
    assert counts.messages == {
        MessageStage.OFFERED: 0,
        MessageStage.ACCEPTED: 1,
        MessageStage.EXAMINED: 1,
        MessageStage.JUDGED: 4,
        MessageStage.SHUNTED: 1,
    }
    assert counts.copies == {
        CopyStage.PLANNED: 0,
        CopyStage.READY: 2,
        CopyStage.HELD: 1,
        CopyStage.QUARANTINED: 1,
    }
    assert (counts.pending, counts.deferred, counts.oldest) == (4, 1, EPOCH + 1)


async def test_an_empty_queue_counts_nothing(queue: Queue) -> None:
    counts = await queue.counts()
    assert (sum(counts.messages.values()), counts.pending, counts.deferred, counts.oldest) == (0, 0, 0, None)
    assert queue.leased() == 0


async def test_the_oldest_is_the_oldest_that_is_on_its_way(queue: Queue) -> None:
    first, second = message(1), message(2)
    await queue.enter(entering(first, second), leased=False)
    assert (await queue.counts()).oldest == EPOCH + 1
    await queue.commit(planning(first, stage=CopyStage.QUARANTINED))
    assert (await queue.counts()).oldest == EPOCH + 2
    await queue.commit(staging(second, MessageStage.ACCEPTED, MessageStage.SHUNTED))
    assert (await queue.counts()).oldest is None
    await queue.commit(moving(first, CopyStage.QUARANTINED, CopyStage.PLANNED))
    assert (await queue.counts()).oldest == EPOCH + 1
    await queue.commit(moving(first, CopyStage.PLANNED, CopyStage.CLOSED))
    await queue.commit(staging(second, MessageStage.SHUNTED, MessageStage.ACCEPTED))
    assert (await queue.counts()).oldest == EPOCH + 2


async def test_deferred_is_what_was_tried_wherever_it_goes(queue: Queue) -> None:
    given = message(1, recipients=3)
    await queue.enter(entering(given), leased=False)
    await queue.commit(planning(given))
    await queue.commit(settling(given, deferred(0), deferred(1, attempted=False)))
    await queue.commit(settling(given, deferred(0)))
    counts = await queue.counts()
    assert (counts.pending, counts.deferred) == (3, 1)
    await queue.commit(moving(given, CopyStage.READY, CopyStage.HELD))
    counts = await queue.counts()
    assert (counts.pending, counts.deferred) == (0, 0)
    await queue.commit(moving(given, CopyStage.HELD, CopyStage.READY))
    counts = await queue.counts()
    assert (counts.pending, counts.deferred) == (3, 1)
    await queue.commit(staging(given, MessageStage.JUDGED, MessageStage.SHUNTED))
    counts = await queue.counts()
    assert (counts.pending, counts.deferred) == (0, 0)


@pytest.mark.parametrize(
    ("selection", "numbers"),
    [
        (Selection(), [1, 2, 3, 4, 5, 6, 7]),
        (Selection(ids=(queue_id(4), queue_id(2), queue_id(99))), [2, 4]),
        (Selection(sender="SENDER@origin.test"), [1, 2, 3, 4, 6, 7]),
        (Selection(sender="@origin.test"), [1, 2, 3, 4, 6, 7]),
        (Selection(sender="@rigin.test"), []),
        (Selection(sender="<>"), [5]),
        (Selection(recipient="user1@dest.test"), [1, 2, 3, 4, 5, 6, 7]),
        (Selection(recipient="@DEST.test"), [1, 2, 3, 4, 5, 6, 7]),
        (Selection(recipient="user9@dest.test"), []),
        (Selection(lane="lane three"), [3]),
        (Selection(lane=LANE, recipient="user0@dest.test"), [4, 5, 7]),
        (Selection(message_stages=(MessageStage.ACCEPTED, MessageStage.SHUNTED)), [1, 6]),
        (Selection(message_stages=(MessageStage.JUDGED,)), [3, 4, 5, 7]),
        (Selection(copy_stages=(CopyStage.QUARANTINED,)), [4]),
        (Selection(copy_stages=(CopyStage.READY, CopyStage.HELD)), [3, 5, 7]),
        (Selection(virtual_system="north"), [2]),
        (Selection(accepted_before=EPOCH + 3), [1, 2]),
        (Selection(quarantined_before=EPOCH + 1), [4]),
        (Selection(quarantined_before=EPOCH), []),
        (Selection(quarantined_before=EPOCH + 1, copy_stages=(CopyStage.HELD,)), []),
        (Selection(sender="@origin.test", message_stages=(MessageStage.JUDGED,), lane=LANE), [4, 7]),
    ],
)
async def test_a_selection_means_these(queue: Queue, selection: Selection, numbers: list[int]) -> None:
    await several(queue)
    assert await found(queue, selection) == numbers


async def test_an_item_shows_a_message_as_it_stands(queue: Queue) -> None:
    given = message(1, recipients=2)
    await queue.enter(entering(given), leased=False)
    copies = [copy_of(given, 0), copy_of(given, 3, CopyStage.QUARANTINED)]
    deliveries = [delivery_of(copies[0], 0), delivery_of(copies[1], 1)]
    await queue.commit(judging(given, copies, deliveries))
    (item,) = await queue.find(Selection(), limit=1)
    assert (item.message, item.stage, item.why) == (given, MessageStage.JUDGED, "")
    assert (item.copies, item.deliveries) == (tuple(copies), tuple(deliveries))


async def test_pages_follow_each_other(queue: Queue) -> None:
    await several(queue)
    first = await queue.find(Selection(), limit=3)
    second = await queue.find(Selection(), limit=10, after=first[-1].message.queue_id)
    assert [item.message.queue_id for item in (*first, *second)] == [queue_id(number) for number in range(1, 8)]


async def test_addresses_are_compared_as_text_and_not_as_patterns(queue: Queue) -> None:
    odd = replace(recipient(0), address=Address("100%_off", "dest.test"))
    given = message(1)
    given = replace(given, envelope=replace(given.envelope, recipients=(odd,)))
    await queue.enter(entering(given), leased=False)
    assert await found(queue, Selection(recipient="100%_off@dest.test")) == [1]
    assert await found(queue, Selection(recipient="%@dest.test")) == []


async def test_body_names_are_those_of_files(queue: Queue) -> None:
    large = in_file(message(2))
    await queue.enter(entering(message(1)), leased=False)
    await queue.enter(entering(large), leased=False)
    assert await queue.body_names() == {large.body.name}


async def test_what_mail_has_left_is_there_for_the_next(queue: Queue) -> None:
    before = queue.reusable()
    given = message(1, content=b"x" * 60_000)
    await queue.enter(entering(given, content=b"x" * 60_000), leased=False)
    await queue.commit(staging(given, MessageStage.ACCEPTED, MessageStage.CLOSED))
    # Looked at once a second while commits come.
    await asyncio.sleep(1.1)
    await queue.commit(Commit(events=(noted(given, "gone"),)))
    assert queue.reusable() > before or isinstance(queue, MemoryQueue)


async def test_used_grows_with_what_is_kept(queue: Queue) -> None:
    before = queue.used()
    content = b"x" * 50_000
    for number in range(20):
        await queue.enter(entering(message(number, content=content), content=content), leased=False)
    await queue.counts()
    assert queue.used() > before


async def test_the_oldest_waits_for_no_examined_message(queue: Queue) -> None:
    given = message(1)
    await queue.enter(entering(given), leased=True)
    await queue.commit(replace(entering(), changes=(examined(given),)))
    assert (await queue.counts()).oldest == EPOCH + 1
