"""Station 4: takes PLANNED copies, has each made, commits what came of it, and hands it to send.

Copies come as hints from judge; at start, and whenever a hint was missed, from the queue: a copy that was being made
when the process died is still PLANNED there, and is made again. Nothing that was made counts before its commit, and the
body that a refused commit leaves behind is dropped.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from mailock.core.lifecycle.copies import Delivery, Parcel
from mailock.core.lifecycle.transitions import IllegalMove, MovedMeanwhile
from mailock.core.mail.message import show_id
from mailock.core.rewriting.orders import Unreadable
from mailock.ports.alerts import Alert, Alerts
from mailock.ports.bodies import Bodies
from mailock.ports.clock import Clock
from mailock.ports.jail import NoJail
from mailock.ports.queue import StoreFailed, Worklist
from mailock.stations.remake.work import Finished, Maker
from mailock.stations.turn.hints import Hints

WIDTH: Final = 64
"""Copies in work at once; the jail lets as many run as it has workers."""
IDLE_SECONDS: Final = 5.0
AGAIN_SECONDS: Final = 5.0
log = logging.getLogger(__name__)


class Remake:
    """The station of one process."""

    def __init__(
        self,
        *,
        worklist: Worklist,
        bodies: Bodies,
        maker: Maker,
        clock: Clock,
        alerts: Alerts,
        send: Callable[[Parcel], None],
    ) -> None:
        self._worklist = worklist
        self._bodies = bodies
        self._maker = maker
        self._clock = clock
        self._alerts = alerts
        self._send = send
        self._hints: Hints[Parcel] = Hints(weigh=_weight)
        self._working: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()

    def hand_over(self, parcel: Parcel) -> None:
        """Takes a leased copy from judge, whole: with all of its deliveries."""
        if not self._hints.offer(parcel):
            self._worklist.put_back(parcel.copy.queue_id, parcel.copy.number)

    def miss(self) -> None:
        """Says that the queue holds copies that were not handed over: somebody released one."""
        self._hints.miss()

    async def run(self) -> None:
        """Works until cancelled."""
        try:
            while True:
                batch = self._hints.take(WIDTH - len(self._working))
                if not batch and self._hints.missed:
                    batch = await self._lease()
                for parcel in batch:
                    working = asyncio.get_running_loop().create_task(self._turn(parcel))
                    self._working.add(working)
                    working.add_done_callback(self._left)
                if len(self._working) >= WIDTH:
                    self._room.clear()
                    await self._room.wait()
                elif not batch:
                    await self._hints.wait(IDLE_SECONDS)
        finally:
            for working in self._working:
                working.cancel()

    async def _lease(self) -> list[Parcel]:
        self._hints.missed = False
        batch = list(await self._worklist.planned(WIDTH - len(self._working)))
        if batch:
            self._hints.missed = True
        return batch

    def _left(self, working: "asyncio.Task[None]") -> None:
        self._working.discard(working)
        self._room.set()
        if not working.cancelled() and (fault := working.exception()) is not None:
            raise fault

    async def _turn(self, parcel: Parcel) -> None:
        shown = show_id(parcel.copy.queue_id)
        try:
            finished = await self._maker.make(parcel)
        except (NoJail, OSError) as fault:
            log.error("a copy of message %s waits to be changed: %s", shown, fault)
            self._wait(parcel)
            return
        except Exception as bug:
            # Also orders that cannot be read: the copy is kept, whole, and a person is told.
            log.error("a copy of message %s could not be changed", shown, exc_info=bug)
            finished = self._maker.gave_up(parcel, _sentence(bug))
            self._tell(shown, _sentence(bug))
        await self._commit(parcel, finished)

    async def _commit(self, parcel: Parcel, finished: Finished) -> None:
        copy = parcel.copy
        try:
            await self._worklist.commit(finished.commit, keep_lease=finished.parcel is not None)
        except MovedMeanwhile as moved:
            # A person moved the copy while it was made: theirs counts, ours is dropped.
            log.info("a copy of message %s had moved meanwhile: %s", show_id(copy.queue_id), moved)
            self._drop(finished)
            self._worklist.put_back(copy.queue_id, copy.number)
        except IllegalMove as bug:
            self._drop(finished)
            await self._keep(parcel, bug)
        except StoreFailed as failed:
            log.error("a copy of message %s waits, the store refused: %s", show_id(copy.queue_id), failed)
            if not failed.in_doubt:
                self._drop(finished)
            self._wait(parcel)
        else:
            if finished.parcel is not None:
                for each in _by_lane(finished.parcel):
                    self._send(each)

    async def _keep(self, parcel: Parcel, bug: IllegalMove) -> None:
        """What we made of a copy contradicts itself: the copy is kept as it was, and a person is told."""
        shown = show_id(parcel.copy.queue_id)
        log.error("a copy of message %s was changed in a way that the queue refuses", shown, exc_info=bug)
        try:
            await self._worklist.commit(self._maker.gave_up(parcel, _sentence(bug)).commit)
        except (IllegalMove, StoreFailed) as fault:
            log.error("a copy of message %s waits: %s", shown, fault)
            self._wait(parcel)
        else:
            self._tell(shown, _sentence(bug))

    def _drop(self, finished: Finished) -> None:
        if finished.stored is not None:
            self._bodies.drop([finished.stored])

    def _wait(self, parcel: Parcel) -> None:
        self._worklist.put_back(parcel.copy.queue_id, parcel.copy.number)
        asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._hints.miss)

    def _tell(self, shown: str, why: str) -> None:
        text = f"a copy of message {shown} could not be changed as policy orders, and is in quarantine: {why}"
        self._alerts.tell(Alert(kind="shunt", about=shown, at=self._clock.now(), text=text))


def _sentence(bug: Exception) -> str:
    return str(bug) if isinstance(bug, Unreadable) else f"{type(bug).__name__}: {bug}"


def _by_lane(parcel: Parcel) -> Iterable[Parcel]:
    lanes: dict[str, list[Delivery]] = {}
    for delivery in parcel.deliveries:
        lanes.setdefault(delivery.lane, []).append(delivery)
    return [replace(parcel, deliveries=tuple(those)) for those in lanes.values()]


def _weight(parcel: Parcel) -> int:
    return len(parcel.content or b"") + len(parcel.copy.orders)
