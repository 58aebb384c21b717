"""The numbers of a view: what a widget counts, over which time, and which messages stand behind each number.

A widget counts messages by one fact of theirs. They are read from the log, newest first, for two seconds at most; where
that was not enough for the whole frame, the answer says from when on it counted. What one view needs is counted once,
and kept until the log has gone on.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from mailock.console.facts import FACTS, Fact
from mailock.console.means import Means
from mailock.core.lifecycle.query import Query, parse_query
from mailock.core.lifecycle.record import Record
from mailock.operations.track import moment, record_json
from mailock.telemetry.matching import Matcher
from mailock.telemetry.search import TooSlow

SECONDS: Final = 2.0
BUCKETS: Final = 48
"""About so many columns has a series."""
STEPS: Final = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800)
TOP: Final = 8
NEWEST: Final = 12
KEPT: Final = 32
LONGEST: Final = 400 * 86_400.0
FRAMES: Final = {"1h": "Last hour", "today": "Today", "24h": "24 hours", "7d": "7 days", "30d": "30 days"}
_LENGTHS: Final = {"1h": 3600.0, "24h": 86_400.0, "7d": 604_800.0, "30d": 2_592_000.0}


class Kind(Enum):
    """How a widget shows what it counts."""

    NUMBER = "number"
    SERIES = "series"
    BAR = "bar"
    PIE = "pie"
    NEWEST = "newest"
    """The newest messages themselves, in a table."""
    STATE = "state"
    """What mailflow says of this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Widget:
    """One thing that a view shows. `only`: of which messages, as one would search for them."""

    name: str
    title: str
    kind: Kind
    by: str = "all"
    """The fact that is counted by, a key of `FACTS`; of a state, which one."""
    only: str = ""
    wide: int = 1
    """Columns of four that it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page of widgets."""

    title: str
    says: str
    widgets: tuple[Widget, ...]
    frame: str = "24h"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A time: from, until (Unix seconds), and how it was chosen."""

    name: str
    since: float
    until: float

    @property
    def step(self) -> float:
        """Seconds of a column."""
        return next((float(s) for s in STEPS if (self.until - self.since) / s <= BUCKETS), float(STEPS[-1]))

    @property
    def start(self) -> float:
        """Where the first column begins: at a whole step of the clock on the wall."""
        offset = datetime.fromtimestamp(self.since).astimezone().utcoffset() or timedelta()
        shift = offset.total_seconds()
        return (self.since + shift) // self.step * self.step - shift

    @property
    def columns(self) -> list[float]:
        """Where each column begins."""
        count = max(1, int(-(-(self.until - self.start) // self.step)))
        return [self.start + n * self.step for n in range(count)]

    @property
    def terms(self) -> str:
        """The frame, as one would search for it."""
        return f"since:{moment(self.since)} until:{moment(self.until)}"


@dataclass(frozen=True, slots=True)
class Slice:
    """One bar, sector or number. `query` finds the messages behind it; empty where no search can say it."""

    label: str
    count: int
    query: str
    tone: str = ""
    """The name of its colour, where the label has one of its own."""


@dataclass(slots=True, kw_only=True)
class Figure:
    """What a widget shows."""

    widget: Widget
    slices: Sequence[Slice] = ()
    columns: Sequence[float] = ()
    step: float = 0.0
    lines: Mapping[str, Sequence[int]] = field(default_factory=dict)
    rows: Sequence[Mapping[str, Any]] = ()

    @property
    def total(self) -> int:
        """All of it."""
        return sum(one.count for one in self.slices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A view, counted. `since`: from when on, where there was no time for the whole frame; else None."""

    view: View
    frame: Frame
    figures: Sequence[Figure]
    messages: int
    since: float | None


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


def drawn(means: Means, view: View, frame: Frame) -> Drawn:
    """A view's numbers. Raises OSError where there is no log."""
    counting = [_Counting(widget, frame, means.clock.now()) for widget in view.widgets]
    messages, reached = 0, None
    deadline = time.monotonic() + SECONDS
    with means.log(SECONDS) as reader:
        try:
            for record in reader.newest(Query(since=frame.since, until=frame.until)):
                messages += 1
                for one in counting:
                    one.take(record)
                reached = record.arrival
                if time.monotonic() > deadline:
                    break
            else:
                reached = None
        except TooSlow:
            pass
    status = means.status() if any(one.widget.kind is Kind.STATE for one in counting) else None
    figures = [one.figure(status) for one in counting]
    return Drawn(view=view, frame=frame, figures=figures, messages=messages, since=reached)


def view_table(means: Means, view: View, frame: Frame) -> dict[str, Any]:
    """A view's numbers, as others read them."""
    found = drawn(means, view, frame)
    return {
        "title": view.title,
        "since": moment(frame.since),
        "until": moment(frame.until),
        "messages": found.messages,
        "counted_since": moment(found.since),
        "widgets": [_table(figure) for figure in found.figures],
    }


class Kept:
    """Views that were counted, until the log has gone on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._views: dict[tuple[str, str, float, float, int], Drawn] = {}

    def drawn(self, means: Means, view: View, frame: Frame, state: int) -> Drawn:
        """The view as it was counted for this state of the log, or counts it. One counts at a time."""
        grain = max(2.0, frame.step / 30)
        key = (view.title, frame.name, frame.since // grain, frame.until // grain, state)
        with self._lock:
            found = self._views.get(key)
            if found is None:
                found = drawn(means, view, frame)
                if len(self._views) >= KEPT:
                    self._views.clear()
                self._views[key] = found
        return found


class _Counting:
    """Counts for one widget."""

    def __init__(self, widget: Widget, frame: Frame, now: float) -> None:
        self.widget = widget
        self._frame = frame
        self._fact: Fact = FACTS["all" if widget.kind is Kind.STATE else widget.by]
        self._only = Matcher(parse_query(widget.only, now=now)) if widget.only else None
        self._counts: Counter[str] = Counter()
        self._columns = frame.columns if widget.kind is Kind.SERIES else []
        self._lines: dict[str, list[int]] = {}
        self._rows: list[Mapping[str, Any]] = []

    def take(self, record: Record) -> None:
        """Counts a message, where it is meant."""
        if self.widget.kind is Kind.STATE or (self._only is not None and not self._only.matches(record)):
            return
        if self.widget.kind is Kind.NEWEST:
            if len(self._rows) < NEWEST:
                self._rows.append(record_json(record))
            return
        weight = record.refused.count if record.refused is not None else 1
        for label in self._fact.of(record):
            self._counts[label] += weight
            if self._columns:
                line = self._lines.setdefault(label, [0] * len(self._columns))
                place = int((record.arrival - self._frame.start) // self._frame.step)
                line[min(max(place, 0), len(line) - 1)] += weight

    def figure(self, status: Mapping[str, Any] | None) -> Figure:
        """What was counted."""
        if self.widget.kind is Kind.STATE:
            return Figure(widget=self.widget, slices=_state(self.widget, status))
        if self.widget.kind is Kind.NUMBER:
            query = f"{self.widget.only} {self._frame.terms}".strip()
            return Figure(widget=self.widget, slices=[Slice(self.widget.title, self._counts.total(), query)])
        return Figure(
            widget=self.widget,
            slices=self._slices(),
            columns=self._columns,
            step=self._frame.step,
            lines=self._lines,
            rows=self._rows,
        )

    def _slices(self) -> list[Slice]:
        order = self._fact.order
        labels = (
            [one for one in order if one in self._counts]
            if order
            else [label for label, _ in self._counts.most_common(TOP)]
        )
        slices = [self._slice(label) for label in labels]
        others = self._counts.total() - sum(one.count for one in slices)
        return slices if others <= 0 else [*slices, Slice("others", others, "")]

    def _slice(self, label: str) -> Slice:
        term = self._fact.term(label)
        query = f"{term} {self.widget.only} {self._frame.terms}" if term else ""
        return Slice(label, self._counts[label], " ".join(query.split()), label if self._fact.order else "")


def _state(widget: Widget, status: Mapping[str, Any] | None) -> list[Slice]:
    """Numbers of this moment, from what mailflow says of itself."""
    if status is None:
        return []
    readings: Mapping[str, Callable[[Mapping[str, Any]], int]] = {
        "waiting": lambda s: sum(s["messages"].get(stage, 0) for stage in ("accepted", "offered", "examined")),
        "ready": lambda s: s["copies"].get("ready", 0) + s["copies"].get("planned", 0),
        "deferred": lambda s: s["deferred"],
        "held": lambda s: s["copies"].get("held", 0),
        "quarantined": lambda s: s["copies"].get("quarantined", 0),
        "shunted": lambda s: s["messages"].get("shunted", 0),
        "sessions": lambda s: s["sessions"],
        "connections": lambda s: s["connections_out"],
    }
    return [Slice(widget.title, int(readings[widget.by](status)), "")]


def _table(figure: Figure) -> dict[str, Any]:
    widget = figure.widget
    told: dict[str, Any] = {"name": widget.name, "title": widget.title, "kind": widget.kind.value}
    if widget.kind is Kind.NEWEST:
        return told | {"rows": list(figure.rows)}
    told["values"] = [{"label": one.label, "count": one.count, "query": one.query} for one in figure.slices]
    if figure.columns:
        told |= {"times": [moment(at) for at in figure.columns], "step": figure.step}
        told["series"] = {label: list(line) for label, line in figure.lines.items()}
    return told


def _moment(text: str) -> float:
    """A moment by the clock on the wall, where the text names no other."""
    return datetime.fromisoformat(text).astimezone().timestamp()
