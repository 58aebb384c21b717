"""What waits in memory for a connection is let go of when a person wants to change it."""

from mailock.core.lifecycle.copies import Hop, Parcel, Response
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.message import Message
from mailock.core.policy.installed import Timeliness
from mailock.core.policy.plan import plan
from mailock.core.routing.rules import ForwardingRule
from mailock.ports.queue import Selection
from mailock.stations.send.dispatch import Dispatcher
from mailock.stations.send.lane import Lane
from mailock.stations.send.scribe import Scribe
from mailock.stations.send.unwritten import Unwritten
from mailock.storage.memory.queue import MemoryQueue
from tests.contract.spool import EPOCH, entering, message, planning
from tests.unit.operations.hands import INSTALLED, HandClock, Told

HOP = "mail.internal:25"


class Waiting:
    """A carrier that never arrives."""

    def carry(self, parcel: Parcel) -> None:
        """Not before it has arrived."""
        raise AssertionError(parcel)

    def retire(self) -> None:
        """Goes."""


class Orders:
    """What the dispatcher orders; nobody sets out for real."""

    def set_out(self, dispatcher: Dispatcher, lane: Lane, rule: ForwardingRule, domain: str) -> Waiting:
        """A carrier on its way."""
        return Waiting()

    def postpone(self, parcel: Parcel, response: Response, hop: Hop | None) -> None:
        """Not here."""
        raise AssertionError(response)

    def reroute(self, parcel: Parcel) -> None:
        """Not here."""
        raise AssertionError(parcel)


def dispatcher(queue: MemoryQueue) -> Dispatcher:
    """One over a queue."""
    return Dispatcher(
        worklist=queue,
        clock=HandClock(),
        standing=lambda: INSTALLED,
        order=Orders(),
        unwritten=Unwritten(),
        scribe=Scribe(queue, clock=HandClock(), alerts=Told(), freed=lambda: None),
    )


async def handed_over(queue: MemoryQueue, number: int, sender: Dispatcher) -> Message:
    """A message that waits in memory, and whose judgement is written."""
    given = message(number)
    await queue.enter(entering(given), leased=False)
    await queue.commit(planning(given, lane=HOP))
    for parcel in await queue.parcels(HOP, EPOCH, 10):
        sender.hand_over(parcel)
    return given


async def test_only_what_is_meant_is_recalled_and_its_leases_stay() -> None:
    queue = MemoryQueue()
    sender = dispatcher(queue)
    first, second = [await handed_over(queue, number, sender) for number in (1, 2)]
    (recalled,) = sender.recall({(first.queue_id, 0)})
    assert (recalled.queue_id, recalled.copy, recalled.numbers, recalled.lane) == (first.queue_id, 0, (0,), HOP)
    assert queue.leased() == 2
    assert not sender.recall({(first.queue_id, 0)})
    assert [parcel.message for parcel in sender.lanes[HOP].ready] == [second]


async def test_what_is_not_written_yet_is_written_and_free_afterwards() -> None:
    queue = MemoryQueue()
    sender = dispatcher(queue)
    given = message(1)
    await queue.enter(entering(given), leased=True)
    judged = plan(given, MessageStage.ACCEPTED, INSTALLED, EPOCH, EPOCH, Timeliness.IN_TIME)
    sender.hand_over_unwritten(judged.parcels[0], judged)
    assert not queue.claim_message(given.queue_id)

    assert not await sender.write_down({message(2).queue_id})
    assert await sender.write_down({given.queue_id})
    (item,) = await queue.find(Selection(), limit=10)
    assert (item.stage, item.copies[0].stage) == (MessageStage.JUDGED, CopyStage.READY)
    assert queue.leased() == 0
    assert queue.claim(given.queue_id, 0, [0]) == {0}
    assert not sender.lanes[HOP].ready
    assert sender.lanes[HOP].missed
