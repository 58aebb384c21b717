"""How a list in the DNS does: asked now and then for its test point, which every list answers with "not listed".

The resolver remembers that answer, so a list that dies is noticed when it has forgotten it: after the time that the
list's own zone sets for answers of that kind, mostly a few minutes.
"""

import asyncio
from typing import Final

from mailock.core.evidence.health import Health
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.reputation.dns_lists import DnsList, NoAnswer, listing, test_point
from mailock.engines.wellbeing import Wellbeing
from mailock.ports.clock import Clock
from mailock.ports.resolver import LookupFailed, Resolver

PREFIX: Final = "dns "
"""Its name among engines is this and its zone."""
WELL: Final = "it does not list its test point"


class WatchedList:
    """Implements `ports.engine.Watched` for one list. `seconds` bounds a question."""

    def __init__(self, one: DnsList, resolver: Resolver, clock: Clock, *, seconds: float = 5.0) -> None:
        self._one = one
        self._resolver = resolver
        self._seconds = seconds
        self._wellbeing = Wellbeing(PREFIX + one.zone, clock)

    @property
    def manifest(self) -> Manifest:
        """What it is: a part of `reputation`, and no engine by itself."""
        return Manifest(
            name=self.health.engine,
            version="1",
            where=Where.ONLINE,
            scope=Scope.MESSAGE,
            duty=Duty.SPAM,
            seconds=self._seconds,
            kinds={},
        )

    @property
    def health(self) -> Health:
        """How it did when it was asked last."""
        return self._wellbeing.health

    async def probe(self) -> Health:
        """Asks it for its test point."""
        try:
            self._wellbeing.hear(WELL, await self._wellbeing.probed(self._ask))
        except Unfinished:
            # The health has it.
            pass
        return self.health

    async def close(self) -> None:
        """Nothing is open: the resolver is everybody's."""

    async def _ask(self) -> tuple[str, ...]:
        """What is to be said of its answer. Raises Unfinished where there is none."""
        zone = self._one.zone
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._resolver.ipv4(test_point(self._one.asks, zone))
            listed = listing(self._one, "its test point", answer.records) is not None
        except TimeoutError:
            raise Unfinished(Why.UNREACHABLE, f"{zone} did not answer within {self._seconds:g} s") from None
        except LookupFailed as failed:
            raise Unfinished(Why.UNREACHABLE, f"{zone} did not answer: {failed}") from None
        except NoAnswer as wrong:
            return (f"{wrong}: take it out of [[reputation.dns]], or heed its terms",)
        return (f"{zone} lists everybody, so it says nothing: take it out of [[reputation.dns]]",) if listed else ()
