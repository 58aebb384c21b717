"""The station of remake with everything around it, and mail for it to work on."""

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mailock.core.lifecycle.copies import Parcel
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.message import BodyRef, Message
from mailock.core.rewriting.edits import Edit, PrefixSubject, SetHeader
from mailock.core.rewriting.orders import Orders, write_orders
from mailock.ports.alerts import Alert
from mailock.ports.queue import Item, Queue, Selection
from mailock.ports.signer import NoSigner, Signer
from mailock.stations.remake.station import Remake
from mailock.stations.remake.work import Guard, Maker
from mailock.storage.files import FileBodies
from mailock.storage.ids import ClockIds
from tests.contract.remake.cell import Cell
from tests.contract.spool import CONTENT, EPOCH, LANE, copy_of, delivery_of, entering, in_file, judging, message

PREFIX = PrefixSubject(text="[SPAM]")
HEADER = SetHeader(name="X-Mailock-Verdict", value="malicious; confidence=high")
CHANGED = b"Subject: [SPAM] hello\r\n\r\nHello.\r\n"
SMALL = 1024


@dataclass
class Clock:
    """Stands still."""

    def now(self) -> float:
        """Wall time."""
        return EPOCH + 100

    def steady(self) -> float:
        """The same."""
        return EPOCH + 100


@dataclass
class Heard:
    """Remembers alerts."""

    alerts: list[Alert] = field(default_factory=list)

    def tell(self, alert: Alert) -> None:
        """Takes one."""
        self.alerts.append(alert)


class Works:
    """The station with everything around it."""

    def __init__(self, queue: Queue, folder: Path) -> None:
        self.queue = queue
        self.cell = Cell()
        self.heard = Heard()
        self.sent: list[Parcel] = []
        self.bodies = FileBodies(folder, SMALL, small_body=queue.small_body)
        self.signer: Signer = NoSigner()
        self.guard: Guard = lambda link, system: None
        self.ids = ClockIds(Clock(), node=0, floor=None)
        self.station = self.opened()

    def opened(self) -> Remake:
        """A station as after a start."""
        maker = Maker(
            bodies=self.bodies,
            jail=self.cell,
            signer=self.signer,
            clock=Clock(),
            ids=self.ids,
            guard=lambda link, system: self.guard(link, system),
        )
        return Remake(
            worklist=self.queue,
            bodies=self.bodies,
            maker=maker,
            clock=Clock(),
            alerts=self.heard,
            send=self.sent.append,
        )

    async def planned(self, *edits: Edit, recipients: int = 1, content: bytes = CONTENT, **more: Any) -> Message:
        """A message with one copy for which edits are ordered."""
        given = message(1, recipients=recipients, content=content)
        if len(content) > SMALL:
            given = in_file(given)
            await self.store(given.body, content)
        await self.queue.enter(entering(given, content=content), leased=False)
        orders = write_orders(Orders(edits=edits, **more))
        copy = replace(copy_of(given, stage=CopyStage.PLANNED), orders=orders)
        deliveries = [delivery_of(copy, n, lane=f"lane{n}" if n else LANE) for n in range(recipients)]
        await self.queue.commit(judging(given, [copy], deliveries))
        return given

    async def store(self, ref: BodyRef, content: bytes) -> None:
        """A large body on disk."""
        draft = self.bodies.draft(ref.name)
        draft.write(content)
        await draft.finish()

    async def work(self, turns: int = 200) -> None:
        """Has the station work until nothing moves and what is ready was handed on, which the queue shows before."""
        before = len(self.sent)
        running = asyncio.ensure_future(self.station.run())
        for _ in range(turns):
            await asyncio.sleep(0.002)
            item = await self.item()
            stages = {copy.stage for copy in item.copies} if item else set()
            if CopyStage.PLANNED not in stages and (CopyStage.READY not in stages or len(self.sent) > before):
                break
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running

    async def item(self) -> Item | None:
        """The message."""
        found = await self.queue.find(Selection(), limit=10)
        return found[0] if found else None

    async def stage(self) -> CopyStage:
        """Where its copy stands."""
        item = await self.item()
        assert item is not None
        return item.copies[0].stage

    async def events(self, kind: type) -> list[Any]:
        """What the log was told."""
        return [e for _, batch in await self.queue.pending(100) for e in batch if isinstance(e, kind)]

    async def body(self, parcel: Parcel) -> bytes:
        """What would be sent."""
        content = b"".join([chunk async for chunk in self.bodies.read(parcel.copy.body)])
        assert parcel.content in (None, content)
        return content
