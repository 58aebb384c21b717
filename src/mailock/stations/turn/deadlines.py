"""Time-outs of many connections, looked at once a second.

A timer for each read of each connection would cost more than the reads. So a connection only notes until when it may
be silent, and one sweep asks each whether that has passed. Time-outs of RFC 5321 are minutes long; a second's slack
does not matter.
"""

import asyncio
from typing import Protocol

from mailock.ports.clock import Clock

SWEEP_SECONDS = 1.0
SLICE = 1000


class Timed(Protocol):
    """Something with a deadline. `deadline` is on the steady clock; `overdue` is called once that has passed."""

    deadline: float

    def overdue(self, now: float) -> None:
        """The deadline has passed: end, or set a later one."""
        ...


class Deadlines:
    """All deadlines of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timed: dict[int, Timed] = {}

    def watch(self, timed: Timed) -> None:
        """Looks at it from now on, until `forget`."""
        self._timed[id(timed)] = timed

    def forget(self, timed: Timed) -> None:
        """Looks at it no more."""
        self._timed.pop(id(timed), None)

    async def run(self) -> None:
        """Sweeps until cancelled, in slices, so that ten thousand connections do not hold up the one that speaks."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            everything = list(self._timed.values())
            for start in range(0, len(everything), SLICE):
                now = self._clock.steady()
                for timed in everything[start : start + SLICE]:
                    if timed.deadline <= now:
                        timed.overdue(now)
                await asyncio.sleep(0)
