"""How an engine that depends on another program does: the forwarders keep it here; the doctor and alerts tell it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from mailock.core.evidence.health import Health, after, left_alone, may_try
from mailock.core.evidence.report import Unfinished, Why
from mailock.ports.clock import Clock

T = TypeVar("T")


class Wellbeing:
    """The health of one engine, after each time that it was asked."""

    def __init__(self, engine: str, clock: Clock, *, slow_after: float = 10.0) -> None:
        """`slow_after`: seconds from which on an answer is slow."""
        self._clock = clock
        self._slow_after = slow_after
        self.health = Health(engine=engine)

    def hear(self, version: str, notes: tuple[str, ...] = ()) -> None:
        """What it says it is, where it says so, and what is to be said of that."""
        if version and (version, notes) != (self.health.version, self.health.notes):
            self.health = replace(self.health, version=version, notes=notes)

    async def asked(self, asking: Callable[[], Awaitable[T]]) -> T:
        """Asks, unless it is left alone at the moment, and keeps how that went. Raises Unfinished."""
        if not may_try(self.health, self._clock.now()):
            raise left_alone(self.health, self._clock.now())
        return await self.probed(asking)

    async def probed(self, asking: Callable[[], Awaitable[T]]) -> T:
        """Asks in any case, and keeps how that went. Raises Unfinished."""
        began = self._clock.steady()
        fault: Unfinished | None = Unfinished(Why.DIED, "the forwarder broke: see our own log")
        try:
            outcome = await asking()
            fault = None
            return outcome
        except Unfinished as unfinished:
            fault = unfinished
            raise
        except asyncio.CancelledError:
            fault = Unfinished(Why.TIMED_OUT)
            raise
        finally:
            spent = (self._clock.steady() - began) * 1000
            self.health = after(
                self.health, fault, now=self._clock.now(), milliseconds=spent, slow_after=self._slow_after
            )
