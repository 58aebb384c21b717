"""A process that makes a copy and dies at a given moment: `python -m tests.crash.remaking FOLDER MOMENT`."""

import asyncio
import hashlib
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from mailock.core.lifecycle.changes import Commit, CopyRemade
from mailock.core.lifecycle.copies import Parcel
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.message import BodyRef
from mailock.core.rewriting.edits import PrefixSubject
from mailock.core.rewriting.orders import Orders, write_orders
from mailock.ports.signer import NoSigner
from mailock.stations.remake.station import Remake
from mailock.stations.remake.work import Maker
from mailock.storage.files import FileBodies
from mailock.storage.ids import ClockIds
from mailock.storage.sqlite.queue import SqliteQueue, open_sqlite
from tests.contract.remake.cell import Cell
from tests.contract.remake.works import Clock, Heard
from tests.contract.spool import copy_of, delivery_of, entering, in_file, judging, message

CONTENT: Final = b"Subject: x\r\n\r\n" + b"a line of text\r\n" * 5_000
MADE: Final = CONTENT.replace(b"Subject: x", b"Subject: [SPAM] x")
MOMENTS: Final = ("before the jail", "after the jail", "after the body is stored", "in the commit", "after the commit")
DEAD: Final = 9


class Place:
    """Queue, bodies and station in one folder."""

    def __init__(self, queue: SqliteQueue, folder: Path) -> None:
        self.queue = queue
        self.bodies = FileBodies(folder, 1024, small_body=queue.small_body)
        self.cell = Cell()
        self.sent: list[Parcel] = []
        ids = ClockIds(Clock(), node=0, floor=queue.floor)
        self.maker = Maker(
            bodies=self.bodies,
            jail=self.cell,
            signer=NoSigner(),
            clock=Clock(),
            ids=ids,
            guard=lambda link, system: None,
        )
        self.station = Remake(
            worklist=queue,
            bodies=self.bodies,
            maker=self.maker,
            clock=Clock(),
            alerts=Heard(),
            send=self.sent.append,
        )

    async def work(self) -> None:
        """Has the station work for a moment."""
        running = asyncio.ensure_future(self.station.run())
        for _ in range(500):
            await asyncio.sleep(0.002)
            if self.sent:
                break
        running.cancel()
        await asyncio.wait([running])

    async def close(self) -> None:
        """Ends in order."""
        await self.bodies.close()
        await self.queue.close()


async def opened(folder: Path) -> Place:
    """The place as after a start."""
    return Place(await open_sqlite(folder, ballast=0, on_unreferenced=lambda refs: None), folder)


async def planned(folder: Path) -> None:
    """A message whose copy waits for its changes, durable."""
    place = await opened(folder)
    given = in_file(message(1, content=CONTENT))
    draft = place.bodies.draft(given.body.name)
    draft.write(CONTENT)
    assert (await draft.finish()).ref == given.body
    await place.queue.enter(entering(given, content=CONTENT), leased=False)
    orders = write_orders(Orders(edits=(PrefixSubject(text="[SPAM]"),)))
    copy = replace(copy_of(given, stage=CopyStage.PLANNED), orders=orders)
    await place.queue.commit(judging(given, [copy], [delivery_of(copy)]))
    await place.close()


async def die(folder: Path, moment: str) -> None:
    """Works, and dies."""
    place = await opened(folder)
    if moment == "before the jail":
        place.cell.run = _dying  # type: ignore[method-assign]  # a jail that is never reached
    elif moment == "after the jail":
        place.cell.lie = lambda ended: _end()
    elif moment == "after the body is stored":
        place.queue.commit = _dying  # type: ignore[method-assign]  # a store that is never reached
    else:
        place.queue.commit = _committing(place.queue, moment)  # type: ignore[method-assign]  # as the moment says
    await place.work()


def _committing(queue: SqliteQueue, moment: str) -> Callable[..., Awaitable[None]]:
    plain = queue.commit

    async def commit(made: Commit, *, keep_lease: bool = False) -> None:
        assert any(isinstance(change, CopyRemade) for change in made.changes)
        writing = asyncio.ensure_future(plain(made, keep_lease=keep_lease))
        if moment == "after the commit":
            await writing
        _end()

    return commit


async def _dying(*_: Any, **__: Any) -> Any:
    _end()


def _end() -> Any:
    os._exit(DEAD)


def digest(ref: BodyRef) -> bool:
    """Whether a body is the changed one."""
    return ref.sha256 == hashlib.sha256(MADE).hexdigest()


if __name__ == "__main__":
    asyncio.run(die(Path(sys.argv[1]), sys.argv[2]))
