"""Examines a message once more for whoever wants to let it go. The stations go on beside it."""

import asyncio
import logging
import os
import time
from typing import Final

from mailock.core.mail.message import Message
from mailock.core.policy.case import Case, parties_of
from mailock.core.policy.decide import Judgement, judge
from mailock.ports.bodies import Bodies, in_memory
from mailock.ports.clock import Clock
from mailock.ports.jail import NoJail
from mailock.ports.queue import Archive
from mailock.ports.reexaminer import CannotExamine
from mailock.ports.verdicts import Verdicts
from mailock.processes.scanning import Scanning
from mailock.processes.standing import Standing
from mailock.stations.examine.outside import Examiner, Poison

AT_ONCE: Final = 2
"""Messages of people that are examined at once, so that mail always gets its turn."""
log = logging.getLogger(__name__)


class Reexamining:
    """Implements `ports.reexaminer.Reexaminer`."""

    def __init__(
        self,
        scanning: Scanning,
        verdicts: Verdicts,
        standing: Standing,
        clock: Clock,
        bodies: Bodies,
        archive: Archive,
    ) -> None:
        self._scanning = scanning
        self._standing = standing
        self._clock = clock
        self._bodies = bodies
        self._archive = archive
        self._examiner = Examiner(crew=scanning.engaged, clock=clock, verdicts=verdicts)
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, message: Message, passwords: tuple[str, ...] = ()) -> Judgement | None:
        """See the port."""
        if not self._scanning.is_for(message):
            return None
        try:
            async with self._slots:
                return await self._judged(message, passwords)
        except (OSError, KeyError, NoJail, Poison) as fault:
            log.warning("a message in quarantine could not be examined again: %s", fault)
            raise CannotExamine(str(fault)) from None

    async def _judged(self, message: Message, passwords: tuple[str, ...]) -> Judgement:
        inline = message.body.inline
        body = (
            in_memory(await self._archive.small_body(message.body))
            if inline
            else await self._bodies.descriptor(message.body)
        )
        try:
            examination = await self._examiner.examine(message, body, passwords)
        finally:
            os.close(body)
        now, installed = self._clock.now(), self._standing()
        case = Case(
            message=message,
            examination=examination,
            duties=self._scanning.duties(),
            parties=parties_of(message, installed.routes),
            now=now,
            offset=float(time.localtime(now).tm_gmtoff),
            proven=examination.proven,
            country=self._standing.country(message.origin.ip),
        )
        return judge(case, installed.rulebase)
