"""What stations take and give back: leases, lanes and parcels, for every store."""

import asyncio
from dataclasses import replace

import pytest

from mailock.core.lifecycle.changes import Commit, Opened, Rescheduled
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.lifecycle.transitions import IllegalMove
from mailock.core.mail.message import Message
from mailock.ports.queue import Queue
from tests.contract.spool import (
    BUSY,
    CONTENT,
    EPOCH,
    LANE,
    copy_of,
    deferred,
    delivery_of,
    entering,
    examined,
    judging,
    message,
    moving,
    planning,
    sent,
    settling,
    staging,
)


async def enter(queue: Queue, *numbers: int, recipients: int = 1) -> list[Message]:
    """Messages that were accepted."""
    messages = [message(number, recipients=recipients) for number in numbers]
    await queue.enter(entering(*messages), leased=False)
    return messages


async def test_lease_gives_the_oldest_first_and_each_only_once(queue: Queue) -> None:
    await enter(queue, 3, 1, 2)
    first = await queue.lease(MessageStage.ACCEPTED, 2)
    second = await queue.lease(MessageStage.ACCEPTED, 2)
    assert [w.message for w in first] == [message(1), message(2)]
    assert [w.message for w in second] == [message(3)]
    assert queue.leased() == 3


async def test_leases_that_are_asked_for_at_once_do_not_overlap(queue: Queue) -> None:
    await enter(queue, *range(20))
    batches = await asyncio.gather(*(queue.lease(MessageStage.ACCEPTED, 3) for _ in range(10)))
    given = [waiting.message.queue_id for batch in batches for waiting in batch]
    assert len(given) == len(set(given)) == 20


async def test_a_commit_ends_the_lease_and_the_next_station_finds_the_message(queue: Queue) -> None:
    (given,) = await enter(queue, 1)
    await queue.lease(MessageStage.ACCEPTED, 1)
    await queue.commit(Commit(changes=(examined(given),)))
    assert queue.leased() == 0
    assert not await queue.lease(MessageStage.ACCEPTED, 1)
    assert [w.message for w in await queue.lease(MessageStage.EXAMINED, 1)] == [given]


async def test_a_commit_that_keeps_the_lease_hands_the_message_on_in_memory(queue: Queue) -> None:
    (given,) = await enter(queue, 1)
    await queue.lease(MessageStage.ACCEPTED, 1)
    await queue.commit(Commit(changes=(examined(given),)), keep_lease=True)
    assert queue.leased() == 1
    assert not await queue.lease(MessageStage.EXAMINED, 1)


async def test_a_move_that_the_tables_do_not_know_is_refused(queue: Queue) -> None:
    (given,) = await enter(queue, 1)
    with pytest.raises(IllegalMove):
        await queue.commit(staging(given, MessageStage.ACCEPTED, MessageStage.OFFERED))


async def test_a_move_from_where_the_message_is_not_is_refused_and_ends_no_lease(queue: Queue) -> None:
    (given,) = await enter(queue, 1)
    await queue.lease(MessageStage.ACCEPTED, 1)
    with pytest.raises(IllegalMove):
        await queue.commit(staging(given, MessageStage.EXAMINED, MessageStage.JUDGED))
    assert queue.leased() == 1


async def test_a_commit_changes_all_or_nothing(queue: Queue) -> None:
    first, second = await enter(queue, 1, 2)
    wrong = Commit(changes=(examined(first), examined(second), examined(second)))
    with pytest.raises(IllegalMove):
        await queue.commit(wrong)
    assert len(await queue.lease(MessageStage.ACCEPTED, 10)) == 2


async def test_one_wrong_commit_among_many_fails_alone(queue: Queue) -> None:
    messages = await enter(queue, *range(8))
    commits = [Commit(changes=(examined(given),)) for given in messages]
    commits[4] = staging(messages[4], MessageStage.EXAMINED, MessageStage.JUDGED)
    results = await asyncio.gather(*map(queue.commit, commits), return_exceptions=True)
    assert [place for place, result in enumerate(results) if result is not None] == [4]
    assert len(await queue.lease(MessageStage.EXAMINED, 10)) == 7


async def test_what_does_not_exist_cannot_be_changed(queue: Queue) -> None:
    with pytest.raises(IllegalMove):
        await queue.commit(Commit(changes=(examined(message(1)),)))
    with pytest.raises(IllegalMove):
        await queue.commit(settling(message(1), sent()))


async def test_judging_without_copies_is_refused(queue: Queue) -> None:
    (given,) = await enter(queue, 1)
    commit = planning(given)
    with pytest.raises(IllegalMove):
        await queue.commit(replace(commit, changes=commit.changes[:2]))
    with pytest.raises(IllegalMove):
        await queue.commit(replace(commit, changes=commit.changes[2:]))
    assert len(await queue.lease(MessageStage.ACCEPTED, 10)) == 1


async def test_lanes_show_their_earliest_date(queue: Queue) -> None:
    for given, lane, due in zip(await enter(queue, 1, 2, 3), ("b", "a", "b"), (30.0, 20.0, 10.0), strict=True):
        await queue.commit(planning(given, lane=lane, due=due))
    assert sorted(await queue.lanes()) == [("a", 20.0), ("b", 10.0)]
    assert await queue.next_due("b") == 10.0
    assert await queue.next_due("c") is None


async def test_lanes_leave_out_what_is_leased(queue: Queue) -> None:
    for given, due in zip(await enter(queue, 1, 2), (10.0, 20.0), strict=True):
        await queue.commit(planning(given, due=due))
    await queue.parcels(LANE, 15.0, 10)
    assert list(await queue.lanes()) == [(LANE, 20.0)]
    assert await queue.next_due(LANE) == 20.0
    await queue.parcels(LANE, 25.0, 10)
    assert not await queue.lanes()


@pytest.mark.parametrize("stage", [CopyStage.PLANNED, CopyStage.HELD, CopyStage.QUARANTINED])
async def test_only_ready_copies_are_sent(queue: Queue, stage: CopyStage) -> None:
    (given,) = await enter(queue, 1)
    await queue.commit(planning(given, stage=stage))
    assert not await queue.lanes()
    assert not await queue.parcels(LANE, EPOCH + 1, 10)


async def test_parcels_are_due_deliveries_of_one_copy_and_lane(queue: Queue) -> None:
    (given,) = await enter(queue, 1, recipients=4)
    first, second = copy_of(given, 0), copy_of(given, 1)
    deliveries = [delivery_of(first, 0), delivery_of(first, 1), delivery_of(second, 2), delivery_of(first, 3, lane="x")]
    await queue.commit(judging(given, [first, second], deliveries))
    parcels = await queue.parcels(LANE, EPOCH, 10)
    assert [(p.message, p.copy, p.deliveries) for p in parcels] == [
        (given, first, (deliveries[0], deliveries[1])),
        (given, second, (deliveries[2],)),
    ]
    assert [p.content for p in parcels] == [CONTENT, CONTENT]
    assert queue.leased() == 3
    assert not await queue.parcels(LANE, EPOCH, 10)


async def test_parcels_come_earliest_first_and_not_before_they_are_due(queue: Queue) -> None:
    for given, due in zip(await enter(queue, 1, 2, 3), (30.0, 10.0, 20.0), strict=True):
        await queue.commit(planning(given, due=due))
    assert [p.message for p in await queue.parcels(LANE, 20.0, 1)] == [message(2)]
    assert [p.message for p in await queue.parcels(LANE, 20.0, 10)] == [message(3)]


async def test_parcels_that_are_asked_for_at_once_do_not_overlap(queue: Queue) -> None:
    for given in await enter(queue, *range(20)):
        await queue.commit(planning(given))
    batches = await asyncio.gather(*(queue.parcels(LANE, EPOCH, 3) for _ in range(10)))
    given_out = [parcel.message.queue_id for batch in batches for parcel in batch]
    assert len(given_out) == len(set(given_out)) == 20


async def test_a_deferred_delivery_is_free_again_at_its_date(queue: Queue) -> None:
    (given,) = await enter(queue, 1)
    await queue.commit(planning(given))
    await queue.parcels(LANE, EPOCH, 1)
    await queue.commit(settling(given, deferred(due=EPOCH + 60, lane="other")))
    assert queue.leased() == 0
    assert not await queue.parcels("other", EPOCH + 59, 1)
    (parcel,) = await queue.parcels("other", EPOCH + 60, 1)
    (delivery,) = parcel.deliveries
    assert (delivery.attempts, delivery.last, delivery.due, delivery.lane) == (1, BUSY, EPOCH + 60, "other")


async def test_a_deferral_without_a_try_counts_none(queue: Queue) -> None:
    (given,) = await enter(queue, 1)
    await queue.commit(planning(given))
    await queue.commit(settling(given, deferred(due=EPOCH, attempted=False)))
    (parcel,) = await queue.parcels(LANE, EPOCH, 1)
    assert parcel.deliveries[0].attempts == 0


async def test_planned_deliveries_stay_with_whom_keeps_the_lease(queue: Queue) -> None:
    (given,) = await enter(queue, 1, recipients=2)
    await queue.lease(MessageStage.ACCEPTED, 1)
    await queue.commit(planning(given), keep_lease=True)
    assert queue.leased() == 2
    assert not await queue.parcels(LANE, EPOCH, 10)
    queue.put_back(given.queue_id, 0, [1])
    (parcel,) = await queue.parcels(LANE, EPOCH, 10)
    assert [delivery.number for delivery in parcel.deliveries] == [1]
    await queue.commit(settling(given, sent(0), sent(1)))
    assert queue.leased() == 0


async def test_putting_back_without_numbers_puts_back_the_whole_copy(queue: Queue) -> None:
    (given,) = await enter(queue, 1, recipients=3)
    await queue.commit(planning(given))
    await queue.parcels(LANE, EPOCH, 10)
    queue.put_back(given.queue_id, 0)
    assert queue.leased() == 0
    assert len((await queue.parcels(LANE, EPOCH, 10))[0].deliveries) == 3


async def test_opening_an_attempt_returns_at_once_and_ends_no_lease(queue: Queue) -> None:
    (given,) = await enter(queue, 1)
    await queue.commit(planning(given))
    await queue.parcels(LANE, EPOCH, 1)
    await queue.commit(Commit(changes=(Opened(queue_id=given.queue_id, copy=0, numbers=(0,), at=EPOCH),)))
    assert queue.leased() == 1
    await enter(queue, 2)
    await queue.commit(settling(given, sent()))
    await queue.commit(Commit(changes=(Opened(queue_id=given.queue_id, copy=0, numbers=(0,), at=EPOCH),)))
    await enter(queue, 3)


async def test_rescheduling_moves_the_date_and_the_lane(queue: Queue) -> None:
    (given,) = await enter(queue, 1, recipients=2)
    await queue.commit(planning(given, due=EPOCH + 900))
    change = Rescheduled(queue_id=given.queue_id, copy=0, numbers=(1,), due=EPOCH, lane="new")
    await queue.commit(Commit(changes=(change,)))
    assert sorted(await queue.lanes()) == [(LANE, EPOCH + 900), ("new", EPOCH)]
    await queue.commit(Commit(changes=(replace(change, numbers=(0,), lane=None),)))
    assert sorted(await queue.lanes()) == [(LANE, EPOCH), ("new", EPOCH)]
    with pytest.raises(IllegalMove):
        await queue.commit(Commit(changes=(replace(change, numbers=(7,)),)))


async def test_holding_what_send_has_in_hand_leaves_it_there(queue: Queue) -> None:
    (given,) = await enter(queue, 1)
    await queue.commit(planning(given))
    await queue.parcels(LANE, EPOCH, 1)
    await queue.commit(moving(given, CopyStage.READY, CopyStage.HELD), keep_lease=True)
    await queue.commit(moving(given, CopyStage.HELD, CopyStage.READY), keep_lease=True)
    assert not await queue.parcels(LANE, EPOCH, 1)
    await queue.commit(settling(given, deferred(due=EPOCH)))
    assert len(await queue.parcels(LANE, EPOCH, 1)) == 1


async def test_moving_a_copy_ends_the_leases_of_its_deliveries(queue: Queue) -> None:
    (given,) = await enter(queue, 1, recipients=2)
    await queue.commit(planning(given))
    await queue.parcels(LANE, EPOCH, 10)
    await queue.commit(moving(given, CopyStage.READY, CopyStage.HELD))
    assert queue.leased() == 0
    assert not await queue.lanes()
    await queue.commit(moving(given, CopyStage.HELD, CopyStage.READY))
    assert len(await queue.parcels(LANE, EPOCH, 10)) == 1


async def test_a_message_is_claimed_once_and_by_nobody_else(queue: Queue) -> None:
    first, second = await enter(queue, 1, 2)
    assert queue.claim_message(first.queue_id)
    assert not queue.claim_message(first.queue_id)
    (waiting,) = await queue.lease(MessageStage.ACCEPTED, 10)
    assert waiting.message == second
    assert not queue.claim_message(second.queue_id)
    queue.put_back(first.queue_id)
    assert queue.claim_message(first.queue_id)
