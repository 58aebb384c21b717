"""How hard a destination is pushed: connections at once, and a pause where it cannot be reached.

One value a lane, changed by what happens in it:

    served          the window grows by one for every window's worth of deliveries, up to the limit
    pushed back     (421, too many connections) the window is halved
    unreachable     the same; and so many of these in a row suspend the lane for a while that doubles each time, up to
    an hour

A suspended lane lets one connection through when its time is over, the probe; only what the probe does opens or shuts
it again. So one dead destination costs one connection now and then, and its mail waits without being touched.
The shape is that of Postfix's scheduler: additive growth, a cohort of failures before a site counts as dead.
"""

from dataclasses import dataclass, replace
from typing import Final

LONGEST_SUSPENSION: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure:
    """The settings of a lane."""

    limit: int = 20
    """Connections at once, at most."""
    start: int = 5
    """Connections at once in a lane that is new."""
    suspend_after: int = 3
    """Failures to connect in a row."""
    suspend_for: float = 60.0
    """Seconds of the first suspension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """What we know of a lane."""

    window: float
    """How many connections it may have; counts in whole ones."""
    failures: int = 0
    """Failures to connect since the last success."""
    suspended_until: float = 0.0
    """Unix time; 0: not suspended."""
    suspensions: int = 0
    """In a row."""

    @property
    def suspended(self) -> bool:
        """Whether only a probe may open it."""
        return self.suspended_until > 0.0


def new_lane(pressure: Pressure) -> LaneState:
    """A lane of which nothing is known."""
    return LaneState(window=float(min(pressure.start, pressure.limit)))


def may_open(lane: LaneState, pressure: Pressure, *, now: float, connections: int) -> bool:
    """Whether one more connection may be opened beside those that are there."""
    if lane.suspended:
        return connections == 0 and now >= lane.suspended_until
    return connections < min(int(lane.window), pressure.limit)


def served(lane: LaneState, pressure: Pressure) -> LaneState:
    """A transaction went through, whatever was said of its recipients."""
    grown = min(float(pressure.limit), lane.window + 1.0 / max(lane.window, 1.0))
    if grown == lane.window and not lane.failures and not lane.suspended:
        return lane
    return LaneState(window=grown)


def pushed_back(lane: LaneState) -> LaneState:
    """The other side is there and wants less: 421, or a greeting of 4yz."""
    return replace(lane, window=max(1.0, lane.window / 2))


def unreachable(lane: LaneState, pressure: Pressure, *, now: float) -> LaneState:
    """No connection stood: refused, timed out, TLS or the greeting failed."""
    failures = lane.failures + 1
    lane = replace(pushed_back(lane), failures=failures)
    if failures < pressure.suspend_after and not lane.suspended:
        return lane
    seconds = min(LONGEST_SUSPENSION, pressure.suspend_for * 2.0 ** min(lane.suspensions, 16))
    return replace(lane, suspended_until=now + seconds, suspensions=lane.suspensions + 1)


def resumed(lane: LaneState) -> LaneState:
    """A person wants it tried at once: as if it had never failed."""
    return LaneState(window=max(1.0, lane.window))
