"""When a delivery is tried again, when its sender is warned, and when it is given up.

The pause grows by a factor from try to try, up to a maximum, and is stretched by chance, so that mail which failed
together does not come back together. The last try is made when the message's lifetime ends, not before: only after it
is the mail given up. Times are Unix seconds, spans are seconds.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How often and how long."""

    first: float = 60.0
    """The pause after the first failure."""
    factor: float = 2.0
    maximum: float = 3600.0
    """The longest pause."""
    jitter: float = 0.2
    """By how much of itself a pause is stretched at most."""
    lifetime: float = 432_000.0
    """From acceptance until the mail is given up."""
    warn_after: float | None = 14_400.0
    """From acceptance until the sender is told that the mail is late; None for never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """To be tried again at `at`; `warn` says that the sender is to be told now."""

    at: float
    warn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """Its lifetime is over."""

    after: float
    """How long it lived, in seconds."""


def pause(schedule: Schedule, tries: int, chance: float) -> float:
    """Seconds until the next try after this many failed ones; `chance` from 0 up to, not including, 1."""
    # The exponent is bounded because a float overflows, and the maximum is reached long before.
    grown = schedule.first * schedule.factor ** min(max(tries - 1, 0), 64)
    return min(grown, schedule.maximum) * (1.0 + schedule.jitter * chance)


def after_failure(
    schedule: Schedule, *, accepted_at: float, tries: int, now: float, chance: float, warned: bool
) -> Again | Expired:
    """What follows a try that failed for the moment. `tries` counts it too; `warned`: the sender was told before."""
    if now >= expires_at(schedule, accepted_at):
        return Expired(after=now - accepted_at)
    warn = not warned and schedule.warn_after is not None and now >= accepted_at + schedule.warn_after
    return Again(at=min(now + pause(schedule, tries, chance), expires_at(schedule, accepted_at)), warn=warn)


def expires_at(schedule: Schedule, accepted_at: float) -> float:
    """When the last try is made."""
    return accepted_at + schedule.lifetime
