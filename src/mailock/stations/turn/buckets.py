"""Rates by key: so many events of one source, sender or domain in so much time.

What is remembered is bounded. A bucket that is full again says nothing and is forgotten first.
"""

from mailock.core.routing.limits import Bucket, Rate, allow, full_bucket, idle
from mailock.ports.clock import Clock

REMEMBERED = 100_000


class Buckets:
    """Token buckets by key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def take(self, key: str, rate: Rate) -> bool:
        """Whether the rate lets one more through."""
        now = self._clock.steady()
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= REMEMBERED:
                self._forget(rate, now)
            bucket = full_bucket(rate, now)
        self._buckets[key], allowed = allow(rate, bucket, now)
        return allowed

    def _forget(self, rate: Rate, now: float) -> None:
        forgettable = [key for key, bucket in self._buckets.items() if idle(rate, bucket, now)]
        for key in forgettable or list(self._buckets)[: REMEMBERED // 10]:
            del self._buckets[key]
