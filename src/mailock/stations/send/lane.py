"""One destination: what waits for it, who is on the way to it, and how it has behaved.

A lane is the unit of fairness. Each has its own connections, rate and suspension, so a destination that is slow or
down holds up nobody but itself. What waits lies in the queue; a lane holds at most a few batches of it in memory.
"""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from mailock.core.lifecycle.copies import Parcel
from mailock.core.routing.lanes import LaneState, Pressure, new_lane
from mailock.core.routing.limits import Bucket, Rate, allow, full_bucket


class Carrier(Protocol):
    """A connection on the way to a destination, or standing to it."""

    def carry(self, parcel: Parcel) -> None:
        """Takes the next parcel over an open connection that is idle."""
        ...

    def retire(self) -> None:
        """Says goodbye; called while idle."""
        ...


class Lane:
    """The state of one destination."""

    __slots__ = (
        "bucket",
        "carriers",
        "idle",
        "key",
        "leasing",
        "missed",
        "next_due",
        "on_the_way",
        "ready",
        "reason",
        "state",
    )

    def __init__(self, key: str, pressure: Pressure) -> None:
        self.key = key
        self.state: LaneState = new_lane(pressure)
        self.reason = ""
        """Why it is suspended, or why the last connection failed."""
        self.ready: deque[Parcel] = deque()
        self.carriers: set[Carrier] = set()
        self.idle: list[Carrier] = []
        self.on_the_way = 0
        """Carriers that have set out and not yet arrived; each will take one of the ready."""
        self.next_due: float | None = None
        """The earliest date at which the queue holds something for it that is not in `ready`."""
        self.missed = False
        """Whether the queue may hold deliveries that are due and were not handed over."""
        self.leasing = False
        self.bucket: Bucket | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing waits, moves, or is remembered: then the lane can be forgotten."""
        busy = self.ready or self.carriers or self.missed or self.leasing or self.state.failures or self.state.suspended
        return not busy and self.next_due is None

    def expect(self, due: float) -> None:
        """Notes that the queue holds something which is due then."""
        if self.next_due is None or due < self.next_due:
            self.next_due = due

    def allows(self, rate: Rate | None, now: float) -> bool:
        """Whether the destination's rate lets one more message go now."""
        if rate is None:
            return True
        self.bucket, allowed = allow(rate, self.bucket or full_bucket(rate, now), now)
        return allowed

    def drain_ready(self) -> Sequence[Parcel]:
        """Takes everything that waits in memory."""
        taken = list(self.ready)
        self.ready.clear()
        return taken
