"""Mail that can neither be delivered nor told of stays, whoever it was for and however often."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from mailock.core.lifecycle.changes import Commit, Entry, Planned
from mailock.core.lifecycle.copies import Delivery, Hop, Response
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.mail.message import Message
from mailock.core.routing.limits import Rate
from mailock.core.smtp.reply import Outcome
from mailock.ports.queue import Item, Selection
from mailock.stations.send.scribe import Scribe
from mailock.stations.send.settle import Settler, Tried
from mailock.stations.send.unwritten import Unwritten
from mailock.stations.turn.postmaster import Postmaster
from mailock.storage.ids import ClockIds
from mailock.storage.memory.bodies import MemoryBodies
from mailock.storage.memory.queue import MemoryQueue
from tests.contract.spool import EPOCH, LANE, entering, message, moving, planning
from tests.unit.operations.hands import INSTALLED, HandClock, Told

NONE = Rate(amount=0, seconds=3600)
TAKEN = Response(code=250, enhanced="2.0.0", text="taken")
NOBODY = Response(code=550, enhanced="5.1.1", text="nobody here")


class Sending:
    """Send over a queue in memory, on a day when no sender may be told any more."""

    def __init__(self) -> None:
        clock, self.queue = HandClock(), MemoryQueue()
        installed = replace(INSTALLED, delivery=replace(INSTALLED.delivery, notice_rate=NONE))
        ids = ClockIds(clock, node=0, floor=None)
        self.told = Told()
        self.scribe = Scribe(self.queue, clock=clock, alerts=self.told, freed=lambda: None)
        self.settler = Settler(
            worklist=self.queue,
            clock=clock,
            standing=lambda: installed,
            postmaster=Postmaster(bodies=MemoryBodies(), clock=clock, ids=ids, node="mx1", standing=lambda: installed),
            alerts=self.told,
            unwritten=Unwritten(),
            scribe=self.scribe,
            expect=lambda lane, due: None,
            hand_on=self.hand_on,
            planned=lambda: None,
        )

    def hand_on(self, entries: Sequence[Entry]) -> None:
        """There is no notice."""
        raise AssertionError(entries)

    async def refused(self) -> Item:
        """Every parcel that waits is refused; the message afterwards."""
        parcels = await self.queue.parcels(LANE, EPOCH + 2000, 10)
        assert parcels
        for parcel in parcels:
            self.settler.settle(parcel, EPOCH, Hop(name=LANE), [_refused(one) for one in parcel.deliveries])
        await asyncio.sleep(0)
        await self.scribe.drained()
        assert not self.queue.leased()
        (item,) = await self.queue.find(Selection(), limit=10)
        return item


def _refused(delivery: Delivery) -> Tried:
    return Tried(delivery=delivery, response=NOBODY, meaning=Outcome.FAILED)


def _kept(item: Item) -> list[int]:
    """The recipients that something is kept for."""
    copies = {copy.number for copy in item.copies if copy.stage is CopyStage.QUARANTINED}
    return [one.number for one in item.deliveries if one.copy in copies and one.stage is DeliveryStage.PENDING]


async def _released(sending: Sending, given: Message, item: Item) -> None:
    (copy,) = [copy for copy in item.copies if copy.stage is CopyStage.QUARANTINED]
    for before, after in ((copy.stage, CopyStage.PLANNED), (CopyStage.PLANNED, CopyStage.READY)):
        await sending.queue.commit(moving(given, before, after, number=copy.number))


async def test_what_was_released_and_fails_again_is_kept_again() -> None:
    sending, given = Sending(), message(1)
    await sending.queue.enter(entering(given), leased=False)
    await sending.queue.commit(planning(given))
    item = await sending.refused()
    for _ in range(3):
        assert _kept(item) == [0]
        await _released(sending, given, item)
        item = await sending.refused()
    assert _kept(item) == [0]


async def test_what_was_released_to_others_too_and_fails_again_is_kept_again() -> None:
    sending, given = Sending(), message(1)
    await sending.queue.enter(entering(given), leased=False)
    await sending.queue.commit(planning(given))
    item = await sending.refused()
    (kept,) = [copy for copy in item.copies if copy.stage is CopyStage.QUARANTINED]
    waiting = tuple(replace(one, copy=1) for one in item.deliveries if one.copy == kept.number)
    # As a release to others leaves it: the copy that knows of them has another number.
    marked = Planned(queue_id=given.queue_id, copies=(replace(kept, number=1),), deliveries=waiting)
    closing = moving(given, CopyStage.QUARANTINED, CopyStage.CLOSED, number=kept.number)
    await sending.queue.commit(Commit(changes=(marked, *closing.changes)))
    (item,) = await sending.queue.find(Selection(), limit=10)
    await _released(sending, given, item)
    assert _kept(await sending.refused()) == [0]


async def test_a_recipient_who_is_named_twice_is_kept_twice() -> None:
    sending, given = Sending(), message(1, recipients=2)
    first = given.envelope.recipients[0]
    given = replace(given, envelope=replace(given.envelope, recipients=(first, first)))
    await sending.queue.enter(entering(given), leased=False)
    planned = planning(given)
    changes = tuple(
        replace(one, deliveries=tuple(replace(each, recipient=first) for each in one.deliveries))
        if isinstance(one, Planned)
        else one
        for one in planned.changes
    )
    await sending.queue.commit(replace(planned, changes=changes))
    assert _kept(await sending.refused()) == [0, 1]


async def test_an_outcome_that_does_not_fit_the_queue_is_told_and_the_message_is_set_aside() -> None:
    sending, given = Sending(), message(1, recipients=2)
    await sending.queue.enter(entering(given), leased=False)
    await sending.queue.commit(planning(given))
    (parcel,) = await sending.queue.parcels(LANE, EPOCH + 2000, 10)
    first = replace(parcel, deliveries=parcel.deliveries[:1])
    for _ in range(2):
        taken = [Tried(delivery=one, response=TAKEN, meaning=Outcome.SENT) for one in first.deliveries]
        sending.settler.settle(first, EPOCH, Hop(name=LANE), taken)
        await sending.scribe.drained()
    (item,) = await sending.queue.find(Selection(), limit=10)
    assert item.stage is MessageStage.SHUNTED
    (alert,) = sending.told.alerts
    assert alert.kind == "shunt"
    assert "sent for recipient 1" in alert.text
    assert "is not pending" in alert.text


async def test_an_outcome_of_what_is_gone_is_told_once() -> None:
    sending, given = Sending(), message(1)
    await sending.queue.enter(entering(given), leased=False)
    await sending.queue.commit(planning(given))
    (parcel,) = await sending.queue.parcels(LANE, EPOCH + 2000, 10)
    for _ in range(2):
        taken = [Tried(delivery=one, response=TAKEN, meaning=Outcome.SENT) for one in parcel.deliveries]
        sending.settler.settle(parcel, EPOCH, Hop(name=LANE), taken)
        await sending.scribe.drained()
    assert not await sending.queue.find(Selection(), limit=10)
    (alert,) = sending.told.alerts
    assert "report this bug" in alert.text
