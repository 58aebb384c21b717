"""A desk over the queue in memory, and mail to act on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from mailock.core.lifecycle.events import Event
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import Message, show_id
from mailock.core.policy.installed import Installed
from mailock.core.routing.nexthop import parse_next_hop
from mailock.core.routing.pattern import read_pattern
from mailock.core.routing.rules import ForwardingRule, Routes
from mailock.operations import quarantine, queue, shunt
from mailock.operations.desk import Desk
from mailock.ports.alerts import Alert
from mailock.ports.commands import Command, Speaker
from mailock.ports.queue import Item, Selection
from mailock.ports.stations import NoStations
from mailock.stations.turn.postmaster import Postmaster
from mailock.storage.ids import ClockIds
from mailock.storage.memory.bodies import MemoryBodies
from mailock.storage.memory.queue import MemoryQueue
from tests.contract.spool import EPOCH, copy_of, delivery_of, entering, judging, message

ALICE = Speaker(1000, "alice")
ROOT = Speaker(0, "bob (as root)")
OUT = ForwardingRule(
    name="out", patterns=(read_pattern("*"),), next_hop=parse_next_hop("mx:"), direction=Direction.OUTGOING
)
IN = ForwardingRule(name="in", patterns=(read_pattern("dest.test"),), next_hop=parse_next_hop("mail.internal:25"))
INSTALLED = Installed(revision=7, hostname="mx1.example.test", enabled=True, routes=Routes(rules=(IN, OUT)))


@dataclass
class HandClock:
    """A clock that stands still until it is moved."""

    at: float = EPOCH + 1000

    def now(self) -> float:
        """Unix time."""
        return self.at

    def steady(self) -> float:
        """Seconds."""
        return self.at


@dataclass
class Told:
    """Alerts, kept."""

    alerts: list[Alert] = field(default_factory=list)

    def tell(self, alert: Alert) -> None:
        """Takes an alert."""
        self.alerts.append(alert)


@dataclass
class Woken(NoStations):
    """Stations that have nothing in memory, and remember what they were asked to look at."""

    expected: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    judged: int = 0
    remade: int = 0

    def expect(self, lanes: Any) -> None:
        """Send looks at lanes."""
        self.expected += lanes

    def try_now(self, lanes: Any) -> None:
        """Send tries lanes."""
        self.tried += lanes

    def judge(self) -> None:
        """Judge looks."""
        self.judged += 1

    def remake(self) -> None:
        """Remake looks."""
        self.remade += 1


class Office:
    """Everything that the commands need, in memory."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.installed = INSTALLED
        self.queue = MemoryQueue()
        self.bodies = MemoryBodies()
        self.stations = Woken()
        self.told = Told()
        ids = ClockIds(self.clock, node=0, floor=None)
        postmaster = Postmaster(
            bodies=self.bodies, clock=self.clock, ids=ids, node="mx1", standing=lambda: self.installed
        )
        self.desk = Desk(
            queue=self.queue,
            bodies=self.bodies,
            stations=self.stations,
            notices=postmaster,
            alerts=self.told,
            clock=self.clock,
            ids=ids,
            node="mx1",
            standing=lambda: self.installed,
        )

    def commands(self, desk: Desk | None = None) -> dict[str, Command]:
        """All of them."""
        used = desk or self.desk
        makers: tuple[Callable[[Desk], Mapping[str, Command]], ...] = (
            queue.commands,
            quarantine.commands,
            shunt.commands,
        )
        return {name: made for maker in makers for name, made in maker(used).items()}

    async def ask(self, command: str, speaker: Speaker = ALICE, **arguments: object) -> dict[str, Any]:
        """The answer to one command."""
        return cast("dict[str, Any]", await self.commands()[command](arguments, speaker))

    async def act(self, command: str, *given: Message, speaker: Speaker = ALICE, **more: object) -> list[str]:
        """The outcomes of an order for these messages."""
        ids = [show_id(one.queue_id) for one in given]
        answer = await self.ask(command, speaker, filter={"ids": ids}, **more)
        return [result["outcome"] for result in answer["results"]]

    async def arrive(self, number: int, *, recipients: int = 1) -> Message:
        """A message that was accepted and not judged."""
        given = message(number, recipients=recipients)
        await self.queue.enter(entering(given), leased=False)
        return given

    async def ready(
        self,
        number: int = 1,
        *,
        recipients: int = 1,
        stage: CopyStage = CopyStage.READY,
        due: float = EPOCH + 5000,
        quarantine_class: str | None = None,
        orders: bytes = b"",
        since: float = EPOCH,
        added: tuple[str, ...] = (),
    ) -> Message:
        """A message with one copy for all of its recipients."""
        given = await self.arrive(number, recipients=recipients)
        copy = replace(copy_of(given, stage=stage), orders=orders, added=added)
        if quarantine_class is not None:
            copy = replace(copy, quarantine_class=quarantine_class, quarantined_at=since)
        deliveries = [delivery_of(copy, place, due=due) for place in range(recipients)]
        await self.queue.commit(judging(given, [copy], deliveries))
        return given

    async def item(self, given: Message) -> Item:
        """A message as the queue has it."""
        (found,) = await self.queue.find(Selection(ids=(given.queue_id,)), limit=1)
        return found

    async def stages(self, given: Message) -> dict[int, tuple[CopyStage, list[int]]]:
        """The open copies of a message, and who waits for each."""
        item = await self.item(given)
        return {
            copy.number: (copy.stage, [one.number for one in item.deliveries if one.copy == copy.number])
            for copy in item.copies
            if copy.stage is not CopyStage.CLOSED
        }

    async def gone(self, given: Message) -> bool:
        """Whether a message has ended."""
        return not await self.queue.find(Selection(ids=(given.queue_id,)), limit=1)

    async def events(self, given: Message, kind: type[Event]) -> list[Any]:
        """What the log was told of a message, of one kind."""
        batches = await self.queue.pending(10_000)
        return [
            event
            for _, batch in batches
            for event in batch
            if isinstance(event, kind) and getattr(event, "queue_id", None) == given.queue_id
        ]

    async def stage(self, given: Message) -> MessageStage:
        """Where a message stands."""
        return (await self.item(given)).stage
