"""The time over which a view is drawn: by one of its names, or from one date to another."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from mailock.core.lifecycle.volume import DAY
from mailock.operations.track import moment
from mailock.telemetry import volumes
from mailock.telemetry.volumes import STEPS

COLUMNS: Final = 50
"""About so many columns has a series."""
LONGEST: Final = 400 * 86_400.0
FRAMES: Final = {"1h": "Last hour", "today": "Today", "24h": "24 hours", "7d": "7 days", "30d": "30 days"}
_LENGTHS: Final = {"1h": 3600.0, "24h": 86_400.0, "7d": 604_800.0, "30d": 2_592_000.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A time: from, until (Unix seconds), and how it was chosen."""

    name: str
    since: float
    until: float

    @property
    def step(self) -> int:
        """Seconds of a column: one of those for which there are sums."""
        return next((step for step in STEPS if (self.until - self.since) / step <= COLUMNS), STEPS[-1])

    @property
    def sums(self) -> volumes.Frame:
        """The frame, as sums are asked for."""
        return volumes.Frame(since=self.since, until=self.until)

    @property
    def before(self) -> "Frame":
        """The time of the same length before it."""
        return Frame(name="custom", since=2 * self.since - self.until, until=self.since)

    def newest(self, days: int) -> "Frame":
        """Its last days alone, where it has more of them."""
        return replace(self, since=max(self.since, self.until - days * DAY))

    @property
    def terms(self) -> str:
        """The frame, as one would search for it."""
        return f"since:{moment(self.since)} until:{moment(self.until)}"


def frame_of(name: str, since: str, until: str, now: float) -> Frame:
    """A frame by its name, or by dates. Raises ValueError with a sentence."""
    if since or until:
        try:
            start, end = (_moment(since) if since else now - 86_400.0), (_moment(until) if until else now)
        except ValueError:
            raise ValueError("write dates as 2026-11-24 or 2026-11-24T08:00") from None
        if not 0.0 < end - start <= LONGEST:
            raise ValueError("the frame has to end after it begins, and not be longer than 400 days")
        return Frame(name="custom", since=start, until=end)
    if name == "today":
        midnight = datetime.fromtimestamp(now).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        return Frame(name=name, since=midnight.timestamp(), until=now)
    if name not in _LENGTHS:
        raise ValueError(f"there is no frame {name!r}: there are {', '.join(FRAMES)}")
    return Frame(name=name, since=now - _LENGTHS[name], until=now)


def _moment(text: str) -> float:
    """A moment by the clock on the wall, where the text names no other."""
    return datetime.fromisoformat(text).astimezone().timestamp()
