"""Copies whose changes are to be made, and what becomes of their bodies, for every store."""

from dataclasses import replace
from pathlib import Path

import pytest

from mailock.core.lifecycle.changes import Commit, CopyMoved, CopyRemade, Planned, Settled
from mailock.core.lifecycle.copies import Copy, Moved
from mailock.core.lifecycle.parting import part
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.lifecycle.transitions import IllegalMove
from mailock.core.mail.message import BodyRef, Message
from mailock.ports.queue import Item, Queue, Selection
from mailock.storage.sqlite.queue import open_sqlite
from tests.contract.spool import (
    CONTENT,
    EPOCH,
    LANE,
    body,
    copy_of,
    delivery_of,
    entering,
    in_file,
    judging,
    message,
    moving,
    remaking,
    sent,
    settling,
)

CHANGED = b"Subject: [SPAM] hello\r\n\r\nHello.\r\n"


async def waiting(queue: Queue, *, recipients: int = 1, file: bool = False) -> Message:
    """A message with one copy that waits for its changes."""
    given = message(1, recipients=recipients)
    given = in_file(given) if file else given
    await queue.enter(entering(given), leased=False)
    copy = replace(copy_of(given, stage=CopyStage.PLANNED), orders=b"orders")
    await queue.commit(judging(given, [copy], [delivery_of(copy, n) for n in range(recipients)]))
    return given


async def only(queue: Queue) -> Item:
    """The one message in the queue."""
    (item,) = await queue.find(Selection(), limit=10)
    return item


async def first_copy(queue: Queue) -> Copy:
    """Its first copy."""
    return (await only(queue)).copies[0]


async def test_a_planned_copy_is_leased_once_with_all_its_deliveries_and_is_not_sent(queue: Queue) -> None:
    given = await waiting(queue, recipients=2)
    assert not await queue.lanes()
    (parcel,) = await queue.planned(10)
    assert (parcel.message, parcel.copy.orders, parcel.content) == (given, b"orders", CONTENT)
    assert [delivery.number for delivery in parcel.deliveries] == [0, 1]
    assert not await queue.planned(10)
    queue.put_back(given.queue_id, 0)
    assert len(await queue.planned(10)) == 1


async def test_a_person_who_has_one_of_its_deliveries_has_the_copy(queue: Queue) -> None:
    given = await waiting(queue, recipients=2)
    assert queue.claim(given.queue_id, 0, (1,))
    assert not await queue.planned(10)
    queue.put_back(given.queue_id, 0, (1,))
    assert await queue.planned(10)


async def test_some_of_a_copy_go_on_in_another_that_is_made_again(queue: Queue) -> None:
    given = message(1, recipients=3)
    await queue.enter(entering(given), leased=False)
    copy = copy_of(given)
    await queue.commit(judging(given, [copy], [delivery_of(copy, number) for number in range(3)]))
    again = replace(copy, number=1_000_000, stage=CopyStage.PLANNED, orders=b"orders")
    planned = Planned(queue_id=given.queue_id, copies=(again,), deliveries=(delivery_of(again, 1),))
    moved = Settled(queue_id=given.queue_id, copy=0, outcomes=(Moved(number=1),))
    await queue.commit(Commit(changes=(planned, moved)))
    (parcel,) = await queue.parcels(LANE, EPOCH, 10)
    assert [delivery.number for delivery in parcel.deliveries] == [0, 2]
    (waits,) = await queue.planned(10)
    assert ([one.number for one in waits.deliveries], waits.copy.orders) == ([1], b"orders")
    assert (await queue.counts()).pending == 3
    ready = CopyMoved(
        queue_id=given.queue_id,
        number=again.number,
        before=CopyStage.PLANNED,
        after=CopyStage.READY,
        orders=b"",
        conversion="it is signed",
        added=("archive@dest.test",),
    )
    await queue.commit(Commit(changes=(ready,)))
    (sendable,) = await queue.parcels(LANE, EPOCH, 10)
    changed = sendable.copy
    assert (changed.conversion, changed.orders, changed.added) == ("it is signed", b"", ("archive@dest.test",))
    await queue.commit(settling(given, sent(0), sent(2)))
    await queue.commit(settling(given, sent(1), copy=again.number))
    assert not await queue.find(Selection(), limit=10)


async def test_a_judge_who_hands_it_on_has_it_leased(queue: Queue) -> None:
    given = message(1)
    await queue.enter(entering(given), leased=True)
    copy = copy_of(given, stage=CopyStage.PLANNED)
    await queue.commit(judging(given, [copy], [delivery_of(copy)]), keep_lease=True)
    assert not await queue.planned(10)
    assert queue.leased() == 1


async def test_copies_come_oldest_first_and_no_more_than_are_wanted(queue: Queue) -> None:
    for number in (3, 1, 2):
        given = message(number)
        await queue.enter(entering(given), leased=False)
        copy = copy_of(given, stage=CopyStage.PLANNED)
        await queue.commit(judging(given, [copy], [delivery_of(copy)]))
    found = [*await queue.planned(2), *await queue.planned(2)]
    assert [parcel.message.queue_id & 0xFF for parcel in found] == [1, 2, 3]


async def test_a_remade_copy_is_sent_with_its_own_body(queue: Queue) -> None:
    given = await waiting(queue)
    await queue.planned(1)
    await queue.commit(remaking(given, body(7, CHANGED), CHANGED))
    assert queue.leased() == 0
    (parcel,) = await queue.parcels(LANE, EPOCH, 1)
    assert (parcel.content, parcel.copy.prefix, parcel.copy.body) == (CHANGED, b"X-Remade: yes\r\n", body(7, CHANGED))
    assert (parcel.copy.stage, parcel.copy.orders, parcel.copy.receipt) == (CopyStage.READY, b"", b"receipt")
    assert parcel.message.body == given.body
    assert await queue.small_body(given.body) == CONTENT


async def test_what_the_maker_hands_on_stays_leased(queue: Queue) -> None:
    given = await waiting(queue)
    await queue.planned(1)
    await queue.commit(remaking(given, given.body, None), keep_lease=True)
    assert not await queue.lanes()
    queue.put_back(given.queue_id, 0)
    assert list(await queue.lanes()) == [(LANE, EPOCH)]


async def test_what_was_remade_is_there_after_a_restart(tmp_path: Path) -> None:
    queue = await open_sqlite(tmp_path, ballast=0, on_unreferenced=lambda refs: None)
    given = await waiting(queue)
    await queue.commit(remaking(given, body(7, CHANGED), CHANGED))
    await queue.close()
    again = await open_sqlite(tmp_path, ballast=0, on_unreferenced=lambda refs: None)
    (parcel,) = await again.parcels(LANE, EPOCH, 1)
    assert (parcel.content, parcel.copy.receipt) == (CHANGED, b"receipt")
    await again.close()


async def test_both_bodies_go_with_the_message(queue: Queue, unreferenced: list[BodyRef]) -> None:
    given = await waiting(queue, file=True)
    new = body(7, CHANGED, inline=False)
    await queue.commit(remaking(given, new, None))
    assert await queue.body_names() == {given.body.name, new.name}
    await queue.commit(settling(given, sent()))
    assert sorted(unreferenced, key=str) == sorted([given.body, new], key=str)
    assert await queue.body_names() == set()


async def test_a_remade_body_goes_with_its_copy_while_another_copy_keeps_the_message(
    queue: Queue, unreferenced: list[BodyRef]
) -> None:
    given = in_file(message(1, recipients=2))
    await queue.enter(entering(given), leased=False)
    copies = [copy_of(given, 0, CopyStage.PLANNED), copy_of(given, 1, CopyStage.QUARANTINED)]
    await queue.commit(judging(given, copies, [delivery_of(copies[0], 0), delivery_of(copies[1], 1)]))
    new = body(7, CHANGED, inline=False)
    await queue.commit(remaking(given, new, None))
    await queue.commit(settling(given, sent(0)))
    assert unreferenced == [new]
    assert await queue.body_names() == {given.body.name}
    await queue.commit(moving(given, CopyStage.QUARANTINED, CopyStage.CLOSED, number=1))
    assert unreferenced == [new, given.body]


async def test_a_small_remade_body_goes_with_its_copy_too(queue: Queue) -> None:
    given = message(1, recipients=2)
    await queue.enter(entering(given), leased=False)
    copies = [copy_of(given, 0, CopyStage.PLANNED), copy_of(given, 1, CopyStage.QUARANTINED)]
    await queue.commit(judging(given, copies, [delivery_of(copies[0], 0), delivery_of(copies[1], 1)]))
    await queue.commit(remaking(given, body(7, CHANGED), CHANGED))
    await queue.commit(settling(given, sent(0)))
    with pytest.raises(KeyError):
        await queue.small_body(body(7, CHANGED))
    assert await queue.small_body(given.body) == CONTENT


async def test_a_copy_that_is_parted_shares_its_remade_body(queue: Queue, unreferenced: list[BodyRef]) -> None:
    given = await waiting(queue, recipients=2)
    await queue.commit(remaking(given, body(7, CHANGED), CHANGED))
    item = await only(queue)
    parted = part(item.copies[0], item.deliveries, [{0}], {0})
    await queue.commit(Commit(changes=parted.changes))
    await queue.commit(settling(given, sent(0), copy=parted.numbers[0]))
    (parcel,) = await queue.parcels(LANE, EPOCH, 10)
    assert (parcel.content, parcel.copy.receipt) == (CHANGED, b"receipt")
    await queue.commit(settling(given, sent(1), copy=parcel.copy.number))
    assert not await queue.find(Selection(), limit=1)


@pytest.mark.parametrize("stage", [CopyStage.READY, CopyStage.HELD, CopyStage.QUARANTINED])
async def test_only_a_planned_copy_is_remade(queue: Queue, stage: CopyStage) -> None:
    given = message(1)
    await queue.enter(entering(given), leased=False)
    copy = copy_of(given, stage=stage)
    await queue.commit(judging(given, [copy], [delivery_of(copy)]))
    with pytest.raises(IllegalMove):
        await queue.commit(remaking(given, body(7, CHANGED), CHANGED))
    with pytest.raises(IllegalMove):
        await queue.commit(remaking(given, given.body, None, number=3))
    assert (await first_copy(queue)).body == given.body


async def test_a_small_body_without_its_content_is_refused(queue: Queue) -> None:
    given = await waiting(queue)
    with pytest.raises(IllegalMove):
        await queue.commit(remaking(given, body(7, CHANGED), None))
    assert (await first_copy(queue)).stage is CopyStage.PLANNED


async def test_a_release_keeps_the_orders_or_takes_others(queue: Queue) -> None:
    given = message(1)
    await queue.enter(entering(given), leased=False)
    copy = replace(copy_of(given, stage=CopyStage.QUARANTINED), orders=b"clean it")
    await queue.commit(judging(given, [copy], [delivery_of(copy)]))
    await queue.commit(moving(given, CopyStage.QUARANTINED, CopyStage.PLANNED))
    assert (await first_copy(queue)).orders == b"clean it"
    await queue.commit(moving(given, CopyStage.PLANNED, CopyStage.QUARANTINED))
    whole = CopyMoved(
        queue_id=given.queue_id, number=0, before=CopyStage.QUARANTINED, after=CopyStage.PLANNED, orders=b""
    )
    await queue.commit(Commit(changes=(whole,)))
    assert (await first_copy(queue)).orders == b""


async def test_a_copy_may_be_remade_from_a_remade_one(queue: Queue, unreferenced: list[BodyRef]) -> None:
    given = await waiting(queue, file=True)
    first, second = body(7, CHANGED, inline=False), body(8, CHANGED, inline=False)
    await queue.commit(remaking(given, first, None))
    await queue.commit(moving(given, CopyStage.READY, CopyStage.QUARANTINED))
    await queue.commit(moving(given, CopyStage.QUARANTINED, CopyStage.PLANNED))
    await queue.commit(remaking(given, second, None))
    assert unreferenced == [first]
    await queue.commit(
        Commit(changes=(CopyMoved(queue_id=given.queue_id, number=0, before=CopyStage.READY, after=CopyStage.CLOSED),))
    )
    assert sorted(unreferenced, key=str) == sorted([first, second, given.body], key=str)


async def test_counts_follow(queue: Queue) -> None:
    given = await waiting(queue, recipients=2)
    assert ((await queue.counts()).copies[CopyStage.PLANNED], (await queue.counts()).pending) == (1, 2)
    await queue.commit(remaking(given, body(7, CHANGED), CHANGED))
    counts = await queue.counts()
    assert (counts.copies[CopyStage.PLANNED], counts.copies[CopyStage.READY], counts.pending) == (0, 1, 2)
    assert CopyRemade in {type(change) for change in remaking(given, given.body, None).changes}
