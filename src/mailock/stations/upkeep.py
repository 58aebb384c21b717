"""What has to be looked after while mail flows: room on the disk, mail that is late, quarantine whose time is over.

It takes nothing from the stations and is never in mail's way. Each look costs little, whatever the size of the queue:
the cursor over late mail only moves forward, since queue ids grow with time.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

from mailock.core.lifecycle.changes import Change, Commit, CopyMoved
from mailock.core.lifecycle.events import Discarded, Event, Noted
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.lifecycle.transitions import MovedMeanwhile
from mailock.core.mail.message import QueueId, show_id
from mailock.core.policy.installed import Installed, WhenExceeded
from mailock.core.policy.track import Track
from mailock.core.routing.limits import StorageState, storage
from mailock.ports.alerts import Alert, Alerts
from mailock.ports.bodies import Bodies
from mailock.ports.clock import Clock
from mailock.ports.queue import Item, Queue, Selection
from mailock.stations.turn.capacity import Capacity

TICK_SECONDS = 1.0
LATE_EVERY = 3
EXPIRE_EVERY = 60
BATCH = 200
log = logging.getLogger(__name__)


class Upkeep:
    """The task. `directory` is the spool's."""

    def __init__(
        self,
        *,
        directory: Path,
        queue: Queue,
        bodies: Bodies,
        capacity: Capacity,
        clock: Clock,
        alerts: Alerts,
        standing: Callable[[], Installed],
        told_until: float | None,
        first_id: Callable[[float], QueueId],
    ) -> None:
        """`told_until`: up to when an earlier process looked after late mail; `first_id` gives the id of a moment."""
        self._directory = directory
        self._queue = queue
        self._bodies = bodies
        self._capacity = capacity
        self._clock = clock
        self._alerts = alerts
        self._standing = standing
        self._told_until = told_until
        self._first_id = first_id
        self._late_after: QueueId | None = None

    async def run(self) -> None:
        """Looks after everything until cancelled. A look that fails is told of and made again."""
        tick = 0
        while True:
            try:
                self.measure()
                if tick % LATE_EVERY == 0:
                    await self.warn_of_late()
                if tick % EXPIRE_EVERY == 0:
                    await self.expire()
            except Exception:
                # Mail must not stop because its upkeep does; the fault is in the developer's log.
                log.exception("upkeep failed and will try again")
            tick += 1
            await asyncio.sleep(TICK_SECONDS)

    def measure(self) -> None:
        """Sees whether there is room for more mail (DECISIONS 9)."""
        installed = self._standing()
        settings = installed.mail_settings
        disk = os.statvfs(self._directory)
        room = storage(
            used=self._queue.used() + self._bodies.used(),
            free=disk.f_bavail * disk.f_frsize,
            reusable=self._queue.reusable(),
            total=disk.f_blocks * disk.f_frsize,
            message_size=installed.limits.message_size,
            percent=settings.storage_percent,
            limit=settings.storage,
        )
        crowded = room.state is StorageState.EXCEEDED and settings.when_exceeded is WhenExceeded.ALLOW
        full = "" if crowded else room.why
        if full and not self._capacity.full:
            self._track(settings.track, "storage", "storage", f"no mail is accepted (452): {full}")
        elif self._capacity.full and not full:
            log.warning("there is room again; mail is accepted")
        if crowded and not self._capacity.crowded:
            self._track(settings.track, "storage", "storage", f"mail goes on without processing: {room.why}")
        elif self._capacity.crowded and not crowded:
            log.warning("mail does not go on without processing any more")
        self._capacity.full, self._capacity.crowded = full, crowded

    async def warn_of_late(self) -> None:
        """Tells of each message, once, that is under way for longer than the troubleshooting threshold."""
        settings = self._standing().troubleshooting
        if settings.delayed_more_than is None or settings.track is Track.NONE:
            return
        now = self._clock.now()
        if self._late_after is None and self._told_until is not None:
            # What was late by then was told of by an earlier process.
            self._late_after = self._first_id(self._told_until - settings.delayed_more_than)
        selection = Selection(accepted_before=now - settings.delayed_more_than)
        while items := await self._queue.find(selection, limit=BATCH, after=self._late_after):
            self._late_after = items[-1].message.queue_id
            for item in filter(_is_under_way, items):
                shown = show_id(item.message.queue_id)
                text = f"message {shown} is late: accepted {now - item.message.accepted_at:.0f} s ago, {_why(item)}"
                noted = Noted(queue_id=item.message.queue_id, at=now, text=text)
                await self._queue.commit(Commit(events=(noted,)), keep_lease=True)
                self._track(settings.track, "late", shown, text)

    async def expire(self) -> None:
        """Ends copies whose time in quarantine is over, by their class."""
        now = self._clock.now()
        soonest = self._standing().quarantine.soonest
        selection = Selection(copy_stages=(CopyStage.QUARANTINED,), quarantined_before=now - soonest)
        after: QueueId | None = None
        while items := await self._queue.find(selection, limit=BATCH, after=after):
            after = items[-1].message.queue_id
            for item in items:
                await self._expire_copies(item, now)

    async def _expire_copies(self, item: Item, now: float) -> None:
        settings = self._standing().quarantine
        changes: list[Change] = []
        events: list[Event] = []
        for copy in item.copies:
            kept = settings.kept(item.message.virtual_system, copy.quarantine_class)
            if copy.stage is not CopyStage.QUARANTINED or (copy.quarantined_at or now) > now - kept:
                continue
            queue_id, before = copy.queue_id, CopyStage.QUARANTINED
            changes.append(CopyMoved(queue_id=queue_id, number=copy.number, before=before, after=CopyStage.CLOSED))
            numbers = tuple(one.number for one in item.deliveries if one.copy == copy.number)
            why = f"kept for {kept / 86_400:.1f} days, as class {copy.quarantine_class} is"
            events.append(Discarded(queue_id=queue_id, at=now, recipients=numbers, by="expiry", why=why))
        if not changes:
            return
        try:
            await self._queue.commit(Commit(changes=tuple(changes), events=tuple(events)))
        except MovedMeanwhile as moved:
            log.info("message %s was not expired, a person was faster: %s", show_id(item.message.queue_id), moved)

    def _track(self, track: Track, kind: str, about: str, text: str) -> None:
        match track:
            case Track.NONE:
                pass
            case Track.LOG:
                log.warning(text)
            case Track.ALERT:
                self._alerts.tell(Alert(kind=kind, about=about, at=self._clock.now(), text=text))


def _is_under_way(item: Item) -> bool:
    """Whether it is meant to move: quarantine, a person's hold and the shunt wait for people (DECISIONS 8)."""
    if item.stage is MessageStage.JUDGED:
        return any(copy.stage in (CopyStage.PLANNED, CopyStage.READY) for copy in item.copies)
    return item.stage in (MessageStage.ACCEPTED, MessageStage.EXAMINED)


def _why(item: Item) -> str:
    if item.stage is not MessageStage.JUDGED:
        return "nothing came of it yet"
    reasons = [str(one.last) for one in item.deliveries if one.last is not None]
    return f"the last answer was: {reasons[0]}" if reasons else "it was not tried yet"
