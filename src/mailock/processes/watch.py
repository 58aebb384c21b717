"""Minds what mail is examined with. Engines that depend on others are asked now and then, so that their version is
known and their failure told before mail meets it. What the jail lacks is told for as long as it is lacking (DECISIONS
24).
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from mailock.core.evidence.health import Health, State
from mailock.jail.protection import Lack
from mailock.operations.engines import alerts_of, changes
from mailock.ports.alerts import Alert, Alerts
from mailock.ports.clock import Clock
from mailock.ports.engine import Watched

EVERY_SECONDS: Final = 30.0
log = logging.getLogger(__name__)


class Minded(Protocol):
    """Who has engines that depend on others."""

    @property
    def watched(self) -> Sequence[Watched]:
        """Those of the moment."""
        ...


class Watch:
    """`run` asks all of them, again and again."""

    def __init__(
        self,
        minded: Sequence[Minded],
        lacks: Callable[[], Sequence[Lack]],
        clock: Clock,
        alerts: Alerts,
    ) -> None:
        self._minded = minded
        self._lacks = lacks
        self._clock = clock
        self._alerts = alerts
        self._states: dict[str, State] = {}

    def healths(self) -> tuple[Health, ...]:
        """How each does, as far as is known; nobody is asked."""
        return tuple(one.health for one in self._watched)

    @property
    def _watched(self) -> Sequence[Watched]:
        return [one for each in self._minded for one in each.watched]

    async def look(self) -> None:
        """Asks each, and tells what has to be told."""
        asked = [one.probe() for one in self._watched]
        healths = await asyncio.gather(*asked)
        for change in changes(self._states, healths):
            level = logging.WARNING if change.health.failing else logging.INFO
            log.log(level, "%s", change.text)
        now = self._clock.now()
        for alert in (*alerts_of(healths, now), *lacking(self._lacks(), now)):
            self._alerts.tell(alert)

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_SECONDS)


def lacking(lacks: Sequence[Lack], now: float) -> Sequence[Alert]:
    """The alerts about what does not protect the machine while mail is opened."""
    return [
        Alert(
            kind="jail",
            about=lack.protection.value,
            text=f"mail is opened without a protection of this machine, {lack.protection.value!r}: {lack.because}",
            at=now,
        )
        for lack in lacks
    ]
