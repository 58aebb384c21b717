"""The doorkeeper: carries out `drain`, `disable` and `enable`, step by step, across restarts (DECISIONS 11).

`core.policy.disabling` says what each step needs; this file has somebody look, writes the course down before it acts on
it, and opens and shuts the doors.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

import msgspec

from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.policy.disabling import (
    OPEN,
    Course,
    Seen,
    Step,
    advance,
    awaited,
    closed_because,
    disable,
    drain,
    risk,
    takes_mail,
)
from mailock.operations.disable import Lookout
from mailock.operations.filtering import read_arguments
from mailock.operations.track import Json, moment
from mailock.ports.alerts import Alert, Alerts
from mailock.ports.clock import Clock
from mailock.ports.commands import Arguments, Command, Refused, Speaker
from mailock.ports.doors import Doors
from mailock.ports.orders import Orders
from mailock.ports.queue import Archive

LOOK_SECONDS = {Step.OPEN: 3600.0, Step.LEAVING: 600.0, Step.DRAINING: 1.0, Step.OFF: 3600.0}
POLICY = "policy"
log = logging.getLogger(__name__)


class Disabling(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `disable`. `quiet` is in minutes."""

    force: bool = False
    upstream: list[str] = []
    quiet: float = 30.0


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No arguments."""


class Doorkeeper:
    """The task. There is one in a process."""

    def __init__(
        self, *, orders: Orders, doors: Doors, archive: Archive, lookout: Lookout, clock: Clock, alerts: Alerts
    ) -> None:
        self._orders = orders
        self._doors = doors
        self._archive = archive
        self._lookout = lookout
        self._clock = clock
        self._alerts = alerts
        self._course = OPEN
        self._seen = Seen()
        self._turn = asyncio.Lock()
        self._ordered = asyncio.Event()

    @property
    def course(self) -> Course:
        """The order that stands, and how far it has come."""
        return self._course

    async def start(self, *, enabled: bool, revision: int) -> None:
        """Takes up what was ordered before the restart; to be called before the first client is let in.

        `enabled`: what the installed policy says. Where it says no, and said yes before, the steps begin; where the
        gateway never was in service, nobody sends mail here yet, and it is off. Raises OSError.
        """
        now, by = self._clock.now(), f"{POLICY} revision {revision}"
        try:
            course = await asyncio.to_thread(self._orders.read)
        except OSError as fault:
            # Whoever shut the doors had a reason. A person decides; mail that is here goes on meanwhile.
            self._course = Course(step=Step.DRAINING, by="mailock", since=now)
            self._tell(f"no mail is taken: {fault}")
            self._apply()
            return
        if course is None:
            course = OPEN if enabled else Course(step=Step.OFF, by=by, since=now, to_off=True)
            await asyncio.to_thread(self._orders.write, course)
        self._course = course
        self._apply()
        await self.enabled_by_policy(enabled=enabled, revision=revision)

    async def run(self) -> None:
        """Goes on step by step until cancelled."""
        while True:
            try:
                async with self._turn:
                    await self._step()
            except Refused as why:
                log.error("the next step after %s is tried again: %s", self._course.step.value, why)
            except Exception:
                # Mail must not stop because somebody looks whether it has; the fault is in the developer's log.
                log.exception("the next step after %s is tried again", self._course.step.value)
            self._ordered.clear()
            try:
                await asyncio.wait_for(self._ordered.wait(), LOOK_SECONDS[self._course.step])
            except TimeoutError:
                continue

    async def enabled_by_policy(self, *, enabled: bool, revision: int) -> None:
        """An installed policy says whether the gateway is to be in service: `enabled = false` follows the same steps.

        A policy only takes back what a policy has ordered: what a person shut stays shut.
        """
        by = f"{POLICY} revision {revision}"
        async with self._turn:
            course = self._course
            if not enabled and not course.to_off:
                course = disable(course, by=by, now=self._clock.now(), forced=False)
            elif enabled and course.by.startswith(POLICY):
                course = OPEN
            try:
                await self._take(course)
            except Refused as why:
                self._tell(f"policy revision {revision} says whether mail is taken, and is not followed yet: {why}")

    def commands(self) -> dict[str, Command]:
        """`drain`, `disable`, `enable`, `doors` (how things stand)."""

        async def ordered(make: Callable[[Course], Course]) -> object:
            async with self._turn:
                await self._take(make(self._course))
                await self._step()
            return self.status()

        async def give_drain(arguments: Arguments, speaker: Speaker) -> object:
            read_arguments(arguments, Nothing)
            return await ordered(lambda course: drain(course, by=speaker.name, now=self._clock.now()))

        async def give_disable(arguments: Arguments, speaker: Speaker) -> object:
            given = read_arguments(arguments, Disabling)
            upstream = self._lookout.relays(given.upstream)
            return await ordered(
                lambda course: disable(
                    course,
                    by=speaker.name,
                    now=self._clock.now(),
                    forced=given.force,
                    upstream=upstream,
                    quiet=given.quiet * 60,
                )
            )

        async def give_enable(arguments: Arguments, speaker: Speaker) -> object:
            read_arguments(arguments, Nothing)
            if self._course.step is not Step.OPEN:
                log.warning("mail is taken again, by order of %s", speaker.name)
            return await ordered(lambda course: OPEN)

        async def give_status(arguments: Arguments, speaker: Speaker) -> object:
            read_arguments(arguments, Nothing)
            async with self._turn:
                await self._step()
            return self.status()

        return {"drain": give_drain, "disable": give_disable, "enable": give_enable, "doors": give_status}

    def status(self) -> dict[str, Json]:
        """How things stand, for people and programs."""
        course, seen, now = self._course, self._seen, self._clock.now()
        return {
            "step": course.step.value,
            "takes_mail": takes_mail(course),
            "by": course.by,
            "since": moment(course.since) if course.step is not Step.OPEN else None,
            "to_off": course.to_off,
            "forced": course.forced,
            "awaited": list(awaited(course, seen, now)),
            "risk": risk(seen) if course.forced else "",
            "pointing": list(seen.pointing),
            "unknown": list(seen.unknown),
            "moving": seen.moving,
            "kept": seen.kept,
            "empty": not seen.moving,
        }

    async def _step(self) -> None:
        """Looks, and goes on as far as what is seen allows."""
        course = self._course
        self._seen = await self._look(course)
        await self._take(advance(course, self._seen, self._clock.now()))

    async def _look(self, course: Course) -> Seen:
        counts = await self._archive.counts()
        moving = sum(
            counts.messages.get(stage, 0)
            for stage in (MessageStage.OFFERED, MessageStage.ACCEPTED, MessageStage.EXAMINED)
        )
        moving += sum(counts.copies.get(stage, 0) for stage in (CopyStage.PLANNED, CopyStage.READY))
        kept = counts.messages.get(MessageStage.SHUNTED, 0)
        kept += sum(counts.copies.get(stage, 0) for stage in (CopyStage.HELD, CopyStage.QUARANTINED))
        if course.to_off and course.step is not Step.OFF and (course.step is Step.LEAVING or course.forced):
            seen = await self._lookout.look(course)
        else:
            seen = Seen()
        return replace(seen, moving=moving, kept=kept)

    async def _take(self, course: Course) -> None:
        """Makes a course the one that stands: first on disk, then at the doors. Raises Refused if the disk does."""
        before = self._course
        if course == before:
            return
        try:
            await asyncio.to_thread(self._orders.write, course)
        except OSError as fault:
            raise Refused(f"it could not be written down, and nothing was changed: {fault}") from fault
        self._course = course
        self._apply()
        self._ordered.set()
        if course.step is not before.step:
            log.warning("the gateway is %s, by order of %s", course.step.value, course.by or "nobody any more")
            if course.step is Step.OFF:
                self._tell(f"the gateway is empty and disabled, by order of {course.by}")

    def _apply(self) -> None:
        match self._course.step:
            case Step.OPEN | Step.LEAVING:
                self._doors.open()
            case Step.DRAINING:
                self._doors.close(closed_because(self._course))
            case Step.OFF:
                self._doors.remove(closed_because(self._course))

    def _tell(self, text: str) -> None:
        self._alerts.tell(Alert(kind="doors", about="doors", at=self._clock.now(), text=text))
