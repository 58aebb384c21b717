"""How messages end, and what is left of them, for every store."""

from dataclasses import replace

import pytest

from mailock.core.lifecycle.changes import Commit, CopyMoved, Planned, Staged
from mailock.core.lifecycle.copies import Failed, NotForwarded, Outcome
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.lifecycle.transitions import IllegalMove
from mailock.core.mail.message import BodyRef, Message
from mailock.ports.queue import Item, Queue, Selection
from tests.contract.spool import (
    EPOCH,
    LANE,
    OK,
    copy_of,
    deferred,
    delivery_of,
    entering,
    in_file,
    judging,
    message,
    moving,
    planning,
    sent,
    settling,
    staging,
)


async def planned(queue: Queue, *, recipients: int = 1, stage: CopyStage = CopyStage.READY) -> Message:
    """A message with one copy, its body in a file."""
    given = in_file(message(1, recipients=recipients))
    await queue.enter(entering(given), leased=False)
    await queue.commit(planning(given, stage=stage))
    return given


async def only(queue: Queue) -> Item:
    """The one message in the queue."""
    (item,) = await queue.find(Selection(), limit=10)
    return item


async def test_the_last_outcome_closes_the_message_and_lets_go_of_its_body(
    queue: Queue, unreferenced: list[BodyRef]
) -> None:
    given = await planned(queue)
    await queue.commit(settling(given, sent()))
    assert not await queue.find(Selection(), limit=10)
    assert unreferenced == [given.body]
    counts = await queue.counts()
    assert (counts.messages[MessageStage.JUDGED], counts.copies[CopyStage.READY], counts.pending) == (0, 0, 0)


async def test_outcomes_one_by_one_are_seen_until_the_last(queue: Queue, unreferenced: list[BodyRef]) -> None:
    given = await planned(queue, recipients=3)
    await queue.commit(settling(given, sent(0)))
    await queue.commit(settling(given, Failed(number=1, response=OK), deferred(2)))
    item = await only(queue)
    assert [(d.stage, d.attempts, d.last) for d in item.deliveries] == [
        (DeliveryStage.SENT, 1, OK),
        (DeliveryStage.FAILED, 1, OK),
        (DeliveryStage.PENDING, 1, item.deliveries[2].last),
    ]
    assert not unreferenced
    await queue.commit(settling(given, NotForwarded(number=2)))
    assert not await queue.find(Selection(), limit=10)
    assert unreferenced == [given.body]


async def test_an_outcome_for_what_is_settled_is_refused(queue: Queue) -> None:
    given = await planned(queue, recipients=2)
    await queue.commit(settling(given, sent(0)))
    for outcomes in ([sent(0)], [sent(1), sent(1)], [deferred(1), sent(1)], [sent(5)], [sent(1), sent(0)]):
        with pytest.raises(IllegalMove):
            await queue.commit(settling(given, *outcomes))
    assert [d.stage for d in (await only(queue)).deliveries] == [DeliveryStage.SENT, DeliveryStage.PENDING]
    with pytest.raises(IllegalMove):
        await queue.commit(settling(given, sent(1), copy=4))


async def test_the_message_lives_as_long_as_one_copy_is_open(queue: Queue) -> None:
    given = message(1, recipients=2)
    await queue.enter(entering(given), leased=False)
    copies = [copy_of(given, 0), copy_of(given, 1, CopyStage.QUARANTINED)]
    await queue.commit(judging(given, copies, [delivery_of(copies[0], 0), delivery_of(copies[1], 1)]))
    await queue.commit(settling(given, sent(0)))
    item = await only(queue)
    assert [copy.stage for copy in item.copies] == [CopyStage.CLOSED, CopyStage.QUARANTINED]
    await queue.commit(moving(given, CopyStage.QUARANTINED, CopyStage.CLOSED, number=1))
    assert not await queue.find(Selection(), limit=10)


async def test_closing_a_copy_drops_what_was_pending(queue: Queue) -> None:
    given = message(1, recipients=2)
    await queue.enter(entering(given), leased=False)
    copies = [copy_of(given, 0), copy_of(given, 1, CopyStage.QUARANTINED)]
    await queue.commit(judging(given, copies, [delivery_of(copies[0], 0), delivery_of(copies[1], 1)]))
    await queue.parcels(LANE, EPOCH, 1)
    await queue.commit(moving(given, CopyStage.READY, CopyStage.CLOSED))
    assert [d.stage for d in (await only(queue)).deliveries] == [DeliveryStage.DROPPED, DeliveryStage.PENDING]
    assert queue.leased() == 0
    with pytest.raises(IllegalMove):
        await queue.commit(settling(given, sent(0)))
    with pytest.raises(IllegalMove):
        await queue.commit(moving(given, CopyStage.READY, CopyStage.HELD))


async def test_discarding_at_once_closes_the_message(queue: Queue, unreferenced: list[BodyRef]) -> None:
    given = in_file(message(1))
    await queue.enter(entering(given), leased=True)
    copy = copy_of(given, 0, CopyStage.CLOSED)
    dropped = replace(delivery_of(copy), stage=DeliveryStage.DROPPED)
    await queue.commit(judging(given, [copy], [dropped]), keep_lease=True)
    assert not await queue.find(Selection(), limit=10)
    assert unreferenced == [given.body]
    assert queue.leased() == 0


async def test_quarantine_keeps_its_class_and_date_until_release(queue: Queue) -> None:
    given = await planned(queue)
    await queue.commit(moving(given, CopyStage.READY, CopyStage.QUARANTINED))
    (copy,) = (await only(queue)).copies
    assert (copy.stage, copy.quarantine_class, copy.quarantined_at) == (CopyStage.QUARANTINED, "policy", EPOCH + 5)
    assert not await queue.lanes()
    await queue.commit(moving(given, CopyStage.QUARANTINED, CopyStage.PLANNED))
    (copy,) = (await only(queue)).copies
    assert (copy.stage, copy.quarantine_class, copy.quarantined_at) == (CopyStage.PLANNED, None, None)
    await queue.commit(moving(given, CopyStage.PLANNED, CopyStage.READY))
    assert list(await queue.lanes()) == [(LANE, EPOCH)]


async def test_a_move_of_a_copy_that_stands_elsewhere_is_refused(queue: Queue) -> None:
    given = await planned(queue)
    with pytest.raises(IllegalMove):
        await queue.commit(moving(given, CopyStage.QUARANTINED, CopyStage.PLANNED))
    with pytest.raises(IllegalMove):
        await queue.commit(moving(given, CopyStage.HELD, CopyStage.QUARANTINED))


async def test_what_was_sent_is_recorded_also_when_it_was_held_meanwhile(queue: Queue) -> None:
    given = await planned(queue)
    await queue.parcels(LANE, EPOCH, 1)
    await queue.commit(moving(given, CopyStage.READY, CopyStage.HELD), keep_lease=True)
    await queue.commit(settling(given, sent()))
    assert not await queue.find(Selection(), limit=10)


async def test_a_shunted_message_keeps_everything_and_sends_nothing(queue: Queue) -> None:
    given = await planned(queue)
    await queue.commit(staging(given, MessageStage.JUDGED, MessageStage.SHUNTED, why="a bug"))
    item = await only(queue)
    assert (item.stage, item.why, len(item.copies)) == (MessageStage.SHUNTED, "a bug", 1)
    assert not await queue.lanes()
    with pytest.raises(IllegalMove):
        await queue.commit(moving(given, CopyStage.READY, CopyStage.HELD))


async def test_a_shunted_message_that_is_retried_starts_anew(queue: Queue) -> None:
    given = await planned(queue)
    await queue.commit(staging(given, MessageStage.JUDGED, MessageStage.SHUNTED, why="a bug"))
    await queue.commit(staging(given, MessageStage.SHUNTED, MessageStage.ACCEPTED))
    item = await only(queue)
    assert (item.stage, item.why, item.copies, item.deliveries) == (MessageStage.ACCEPTED, "", (), ())
    await queue.commit(planning(given))
    assert list(await queue.lanes()) == [(LANE, EPOCH)]


@pytest.mark.parametrize("stage", [MessageStage.OFFERED, MessageStage.ACCEPTED, MessageStage.EXAMINED])
async def test_a_message_that_waits_can_be_deleted(
    queue: Queue, unreferenced: list[BodyRef], stage: MessageStage
) -> None:
    given = in_file(message(1))
    await queue.enter(entering(given, stage=stage), leased=True)
    await queue.commit(staging(given, stage, MessageStage.CLOSED))
    assert not await queue.find(Selection(), limit=10)
    assert unreferenced == [given.body]
    assert queue.leased() == 0


async def test_a_judged_message_is_deleted_with_all_that_it_has(queue: Queue, unreferenced: list[BodyRef]) -> None:
    given = await planned(queue, recipients=3)
    await queue.parcels(LANE, EPOCH, 1)
    await queue.commit(staging(given, MessageStage.JUDGED, MessageStage.CLOSED))
    assert unreferenced == [given.body]
    assert (queue.leased(), (await queue.counts()).pending, await queue.lanes()) == (0, 0, [])


async def test_a_failure_and_its_notice_are_one_commit(queue: Queue) -> None:
    given = await planned(queue)
    notice = replace(message(2), own="dsn", parent=given.queue_id)
    failing = settling(given, Failed(number=0, response=OK))
    await queue.commit(replace(entering(notice), changes=failing.changes))
    assert [item.message for item in await queue.find(Selection(), limit=10)] == [notice]
    assert len(await queue.lease(MessageStage.ACCEPTED, 10)) == 1


async def test_a_commit_of_nothing_is_fine(queue: Queue) -> None:
    await queue.commit(Commit())
    assert not await queue.pending(10)


async def test_a_requeued_message_is_as_it_came_and_nobody_has_it_in_hand(queue: Queue) -> None:
    given = await planned(queue, recipients=2)
    await queue.parcels(LANE, EPOCH, 10)
    await queue.commit(settling(given, deferred(0), deferred(1)))
    await queue.parcels(LANE, EPOCH + 600, 10)
    await queue.commit(staging(given, MessageStage.JUDGED, MessageStage.ACCEPTED))
    item = await only(queue)
    assert (item.stage, item.copies, item.deliveries) == (MessageStage.ACCEPTED, (), ())
    counts = await queue.counts()
    assert (counts.messages[MessageStage.ACCEPTED], counts.pending, counts.deferred) == (1, 0, 0)
    assert queue.leased() == 0
    await queue.lease(MessageStage.ACCEPTED, 1)
    await queue.commit(planning(given))
    assert len(await queue.parcels(LANE, EPOCH, 10)) == 1


@pytest.mark.parametrize("outcome", [sent(0), Failed(number=0, response=OK), NotForwarded(number=0)])
async def test_what_reached_a_recipient_is_not_requeued(queue: Queue, outcome: Outcome) -> None:
    given = await planned(queue, recipients=2)
    await queue.commit(settling(given, outcome))
    with pytest.raises(IllegalMove, match="has ended for some of its recipients"):
        await queue.commit(staging(given, MessageStage.JUDGED, MessageStage.ACCEPTED))
    assert (await only(queue)).stage is MessageStage.JUDGED


async def test_recipients_who_were_parted_into_another_copy_are_pending_still(queue: Queue) -> None:
    given = await planned(queue, recipients=2)
    parted = [copy_of(given, number=1), copy_of(given, number=2)]
    deliveries = (delivery_of(parted[0], 0), delivery_of(parted[1], 1))
    closing = moving(given, CopyStage.READY, CopyStage.CLOSED).changes
    parting = Planned(queue_id=given.queue_id, copies=tuple(parted), deliveries=deliveries)
    await queue.commit(Commit(changes=(parting, *closing)))
    counts = await queue.counts()
    assert (counts.copies[CopyStage.READY], counts.pending) == (2, 2)
    await queue.commit(staging(given, MessageStage.JUDGED, MessageStage.ACCEPTED))
    assert (await only(queue)).stage is MessageStage.ACCEPTED


async def test_only_what_nobody_has_can_be_claimed(queue: Queue) -> None:
    given = await planned(queue, recipients=3)
    await queue.parcels(LANE, EPOCH, 1)
    assert queue.claim(given.queue_id, 0, [0, 1]) == {1}
    (parcel,) = await queue.parcels(LANE, EPOCH, 10)
    assert [delivery.number for delivery in parcel.deliveries] == [2]
    queue.put_back(given.queue_id, 0, [1])
    assert queue.claim(given.queue_id, 0, [0, 1, 2]) == {1}


async def test_from_when_delay_counts_is_kept(queue: Queue) -> None:
    given = await planned(queue)
    back = Staged(
        queue_id=given.queue_id, before=MessageStage.JUDGED, after=MessageStage.ACCEPTED, counted_from=EPOCH + 77
    )
    await queue.commit(Commit(changes=(back,)))
    (waiting,) = await queue.lease(MessageStage.ACCEPTED, 1)
    assert waiting.counted_from == EPOCH + 77
    await queue.commit(
        judging(given, [replace(copy_of(given), counted_from=EPOCH + 77)], [delivery_of(copy_of(given))])
    )
    (parcel,) = await queue.parcels(LANE, EPOCH, 1)
    assert parcel.copy.counted_from == EPOCH + 77


async def test_what_was_let_go_counts_from_then(queue: Queue) -> None:
    given = await planned(queue, stage=CopyStage.QUARANTINED)
    assert (await only(queue)).copies[0].counted_from is None
    for before, after in ((CopyStage.QUARANTINED, CopyStage.PLANNED), (CopyStage.PLANNED, CopyStage.READY)):
        (move,) = moving(given, before, after).changes
        assert isinstance(move, CopyMoved)
        moment = EPOCH + 99 if after is CopyStage.READY else None
        await queue.commit(Commit(changes=(replace(move, counted_from=moment),)))
    (move,) = moving(given, CopyStage.READY, CopyStage.HELD).changes
    await queue.commit(Commit(changes=(move,)))
    assert (await only(queue)).copies[0].counted_from == EPOCH + 99
