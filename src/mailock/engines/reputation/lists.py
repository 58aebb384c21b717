"""Asks lists in the DNS, all of them at once, and believes of what they answer only what a list can say.

A list that says that somebody is on it is asked whether it lists everybody too, before that counts: a list that was
given up often answers every question with yes. The resolver behind it remembers, so the door and the engine that asks
again later cost one question. A list that failed several times in a row rests for a minute, so that its silence keeps
no client waiting.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from mailock.core.reputation.dns_lists import DnsList, Listing, NoAnswer, Repute, listing, question, test_point
from mailock.ports.clock import Clock
from mailock.ports.resolver import LookupFailed, Resolver

FAILURES: Final = 5
"""So many in a row, and a list rests."""
REST: Final = 60.0
"""Seconds."""
AT_ONCE: Final = 40
"""Questions of one message that may be open at once."""
log = logging.getLogger(__name__)


class DnsLists:
    """Implements `ports.reputation.Listings`. `seconds` bounds each question."""

    def __init__(self, resolver: Resolver, clock: Clock, *, seconds: float = 5.0) -> None:
        self._resolver = resolver
        self._clock = clock
        self._seconds = seconds
        self._failing: dict[str, tuple[int, float]] = {}
        """By zone: failures in a row, and the steady time of the last."""

    async def source(self, lists: Sequence[DnsList], ip: str) -> Repute:
        """What lists of sources say of an address."""
        asked = [(one, ip, name) for one in lists if (name := question(ip, one.zone)) is not None]
        return await self._ask(asked)

    async def domains(self, lists: Sequence[DnsList], names: Sequence[str]) -> Repute:
        """What lists of domains say of some names."""
        return await self._ask([(one, name, f"{name}.{one.zone}") for one in lists for name in names])

    async def _ask(self, asked: Sequence[tuple[DnsList, str, str]]) -> Repute:
        slots = asyncio.Semaphore(AT_ONCE)
        answers = await asyncio.gather(*(self._one(slots, *one) for one in asked))
        listings = tuple(one for one in answers if isinstance(one, Listing))
        failed = tuple(dict.fromkeys(one for one in answers if isinstance(one, str)))
        return Repute(listings, failed)

    async def _one(self, slots: asyncio.Semaphore, one: DnsList, whom: str, name: str) -> Listing | str | None:
        """A listing, None where there is none, or why neither can be said."""
        failures, last = self._failing.get(one.zone, (0, 0.0))
        if failures >= FAILURES and self._clock.steady() < last + REST:
            return f"{one.zone} rests, for it did not answer {failures} times"
        try:
            async with slots, asyncio.timeout(self._seconds):
                found = await self._asked(one, whom, name)
        except TimeoutError:
            return self._failed(one.zone, f"{one.zone} did not answer within {self._seconds:g} s")
        except LookupFailed as failed:
            return self._failed(one.zone, f"{one.zone} did not answer: {failed}")
        except NoAnswer as wrong:
            found = str(wrong)
        self._failing.pop(one.zone, None)
        return found

    def _failed(self, zone: str, why: str) -> str:
        failures = self._failing.get(zone, (0, 0.0))[0] + 1
        self._failing[zone] = failures, self._clock.steady()
        if failures == FAILURES:
            log.warning("the DNS list %s rests for %g s at a time until it answers: %s", zone, REST, why)
        return why

    async def _asked(self, one: DnsList, whom: str, name: str) -> Listing | str | None:
        found = listing(one, whom, (await self._resolver.ipv4(name)).records)
        if found is not None and (await self._resolver.ipv4(test_point(one.asks, one.zone))).records:
            return f"{one.zone} lists everybody, so it says nothing"
        return found
