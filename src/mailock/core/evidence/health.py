"""How an engine that depends on others is doing: kept by the engine, shown by the doctor, told in alerts.

An engine that cannot be reached is left alone for a while that doubles with each further failure: until then whoever
asks gets its answer, that it fails, at once, and does not wait for a connection that will not come. What merely fails
over one content is not left alone: else a content made for that would keep the engine from everybody's mail.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from mailock.core.evidence.report import Unfinished, Why

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
OF_CONTENT: Final = frozenset({Why.TOO_LARGE, Why.TOO_COSTLY, Why.TIMED_OUT, Why.EXCLUDED})
"""What says something of the content and nothing of the engine."""
AWAY: Final = frozenset({Why.UNREACHABLE, Why.RELOADING})


class State(Enum):
    """The states."""

    UNTRIED = "untried"
    UP = "up"
    SLOW = "slow"
    """It answers, and takes longer than it should."""
    FAILING = "failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is known of one engine. Times are Unix seconds."""

    engine: str
    state: State = State.UNTRIED
    since: float = 0.0
    """When it came into this state."""
    version: str = ""
    """Of its program and its content, as it said last; empty where it never said."""
    error: str = ""
    """The last failure, a sentence; it stays when the engine is well again."""
    failed_at: float = 0.0
    failures: int = 0
    """In a row."""
    away: bool = False
    """Whether it is left alone for a while."""
    milliseconds: float = 0.0
    """Of the last answer."""
    notes: tuple[str, ...] = ()
    """What deserves a look though it works: sentences, each with its mend."""

    @property
    def failing(self) -> bool:
        """Whether it failed when it was last asked."""
        return self.state is State.FAILING


def after(health: Health, fault: Unfinished | None, *, now: float, milliseconds: float, slow_after: float) -> Health:
    """After it was asked: `fault` is what it raised, if it did. `slow_after` in seconds."""
    if fault is not None and fault.why not in OF_CONTENT:
        return replace(
            health,
            state=State.FAILING,
            since=health.since if health.failing else now,
            failed_at=now,
            failures=health.failures + 1,
            away=fault.why in AWAY,
            error=str(fault)[:300],
        )
    state = State.SLOW if milliseconds > slow_after * 1000 else State.UP
    since = health.since if state is health.state else now
    return replace(health, state=state, since=since, failures=0, away=False, milliseconds=milliseconds)


def pause(health: Health) -> float:
    """How many seconds after its last failure it is tried again."""
    if not health.away:
        return 0.0
    return min(FIRST_PAUSE * 2.0 ** min(health.failures - 1, 10), LONGEST_PAUSE)


def may_try(health: Health, now: float) -> bool:
    """Whether it is to be asked now. A clock that was set back makes nobody wait longer."""
    return not health.away or not health.failed_at <= now < health.failed_at + pause(health)


def left_alone(health: Health, now: float) -> Unfinished:
    """What whoever asks is told meanwhile."""
    again = max(0.0, health.failed_at + pause(health) - now)
    return Unfinished(Why.UNREACHABLE, f"{health.error}; it is tried again in {again:.0f} s")
