"""The numbers of a view: what a widget shows, over which time, and which messages stand behind each number.

Numbers come from the sums that the log keeps of every minute, hour and day, so a view reads no messages; only a table
of the newest ones does. What a view shows is kept until the log has gone on, for everybody who looks at it.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

from mailock.console.counts import Counts, order_of
from mailock.console.means import LOG_NAME, READ_SECONDS, Means
from mailock.console.measures import LOOKS, TONED
from mailock.core.lifecycle.measures import UNBOUNDED, Measure
from mailock.core.lifecycle.query import parse_query
from mailock.operations.track import moment, record_json
from mailock.telemetry import volumes
from mailock.telemetry.fields import term
from mailock.telemetry.search import TrackReader
from mailock.telemetry.volumes import STEPS, Cell, VolumeReader

COLUMNS: Final = 50
"""About so many columns has a series."""
TOP: Final = 8
NEWEST: Final = 12
KEPT: Final = 32
OTHERS: Final = "others"
LONGEST: Final = 400 * 86_400.0
FRAMES: Final = {"1h": "Last hour", "today": "Today", "24h": "24 hours", "7d": "7 days", "30d": "30 days"}
_LENGTHS: Final = {"1h": 3600.0, "24h": 86_400.0, "7d": 604_800.0, "30d": 2_592_000.0}


class Unit(Enum):
    """What a number is a number of."""

    COUNT = "count"
    OCTETS = "octets"
    SECONDS = "seconds"
    """The mean of what a measure of times counts."""


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
    """One thing that a view shows."""

    name: str
    title: str
    kind: Kind
    by: Measure = Measure.STATUS
    """What is summed."""
    keys: tuple[str, ...] = ()
    """Which of its keys; without any, all."""
    unit: Unit = Unit.COUNT
    state: str = ""
    """Which number of this moment, for a state."""
    field: str = ""
    """Which field of the log is counted, message by message, instead of a sum."""
    only: str = ""
    """Of which messages, as one would search for them, for the newest and for fields."""
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
    def step(self) -> int:
        """Seconds of a column: one of those for which there are sums."""
        return next((step for step in STEPS if (self.until - self.since) / step <= COLUMNS), STEPS[-1])

    @property
    def sums(self) -> volumes.Frame:
        """The frame, as sums are asked for."""
        return volumes.Frame(since=self.since, until=self.until)

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
    amount: float = 0.0
    """Of a number in another unit than messages."""
    counting: str = ""
    """Of a field that is being counted: how far that has come, in a sentence."""
    made: float | None = None
    """Of a field that was counted: up to when, in Unix seconds."""

    @property
    def total(self) -> int:
        """All of it."""
        return sum(one.count for one in self.slices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A view, with its numbers."""

    view: View
    frame: Frame
    figures: Sequence[Figure]


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


def drawn(
    log_file: Path,
    view: View,
    frame: Frame,
    systems: tuple[str, ...] = (),
    *,
    now: float,
    ask: Callable[[], Mapping[str, Any] | None],
    counts: Counts | None = None,
    wait: bool = False,
) -> Drawn:
    """A view's numbers, of some virtual systems or of all. Raises OSError where there is no log, and TooSlow.

    `ask`: what mailflow says of itself, which no single system is told. `counts`: who counts fields; `wait`: until all
    is counted, and TimeoutError where that takes too long.
    """
    status = ask() if not systems and any(one.kind is Kind.STATE for one in view.widgets) else None
    with VolumeReader(log_file) as reader, TrackReader(log_file, seconds=READ_SECONDS) as log:
        source = _Source(reader, log, frame, systems, now)
        figures = [
            _counted(widget, source, log_file, counts, wait=wait)
            if widget.field and counts is not None
            else _figure(widget, source, status)
            for widget in view.widgets
        ]
    return Drawn(view=view, frame=frame, figures=figures)


class Kept:
    """Views with their numbers, until the log has gone on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._views: dict[tuple[object, ...], Drawn] = {}

    def drawn(self, means: Means, view: View, frame: Frame, systems: tuple[str, ...], state: int) -> Drawn:
        """The view as it was read for this state of the log, or reads it. One reads at a time."""
        grain = 2.0
        key = (means.data, view.title, frame.name, frame.since // grain, frame.until // grain, systems, state)
        with self._lock:
            found = self._views.get(key)
            if found is None:
                now = means.clock.now()
                found = drawn(means.data / LOG_NAME, view, frame, systems, now=now, ask=means.status)
                if len(self._views) >= KEPT:
                    self._views.clear()
                self._views[key] = found
        return found


@dataclass(frozen=True, slots=True)
class _Source:
    """Where numbers come from."""

    reader: VolumeReader
    log: TrackReader
    frame: Frame
    systems: tuple[str, ...]
    now: float

    def totals(self, measure: Measure) -> dict[str, Cell]:
        """The sum of each key, over the systems that are meant."""
        if len(self.systems) < 2:
            return self.reader.totals(measure, self.frame.sums, system=next(iter(self.systems), None))
        counts: Counter[str] = Counter()
        amounts: Counter[str] = Counter()
        for system in self.systems:
            for key, cell in self.reader.totals(measure, self.frame.sums, system=system).items():
                counts[key] += cell.count
                amounts[key] += cell.amount
        return {key: Cell(count=counts[key], amount=amounts[key]) for key in counts}

    def shown(self, widget: Widget) -> dict[str, Cell]:
        """The sums that a widget shows: of names without number the largest alone, and the others together."""
        if widget.keys or widget.by not in UNBOUNDED or len(self.systems) > 1:
            return self.totals(widget.by)
        system = next(iter(self.systems), None)
        return self.reader.largest(widget.by, self.frame.sums, most=TOP, system=system)

    def series(self, measure: Measure) -> tuple[list[float], float, dict[str, list[int]]]:
        """Where columns begin, how many seconds they are, and the counts of each key."""
        lines: dict[str, list[int]] = {}
        columns: list[float] = []
        step = float(self.frame.step)
        for system in self.systems or (None,):
            found = self.reader.series(measure, self.frame.sums, step=self.frame.step, system=system)
            step = float(found.step)
            count = max(0, -(-(int(self.frame.until) - found.start) // found.step))
            columns = [float(found.start + n * found.step) for n in range(count)]
            for key, cells in found.points.items():
                line = lines.setdefault(key, [0] * count)
                for n, cell in enumerate(cells):
                    line[n] += cell.count
        return columns, step, lines


def _figure(widget: Widget, source: _Source, status: Mapping[str, Any] | None) -> Figure:
    match widget.kind:
        case Kind.STATE:
            return Figure(widget=widget, slices=_state(widget, status))
        case Kind.NEWEST:
            return Figure(widget=widget, rows=_newest(widget, source))
        case Kind.NUMBER:
            return _number(widget, source)
        case Kind.SERIES:
            columns, step, lines = source.series(widget.by)
            lines = {key: line for key, line in lines.items() if not widget.keys or key in widget.keys}
            sums = {key: Cell(count=sum(line)) for key, line in lines.items()}
            slices = _slices(widget, source.frame, sums)
            return Figure(widget=widget, slices=slices, columns=columns, step=step, lines=lines)
        case Kind.BAR | Kind.PIE:
            return Figure(widget=widget, slices=_slices(widget, source.frame, source.shown(widget)))


def _counted(widget: Widget, source: _Source, log_file: Path, counts: Counts, *, wait: bool) -> Figure:
    """A figure of a field that the log keeps no sums of."""
    frame, columned = source.frame, widget.kind is Kind.SERIES
    times = (frame.since, frame.until) if frame.name == "custom" else ()
    step = float(frame.step) if columned else 0.0
    key = (log_file, widget.field, widget.only, frame.name, *times, step, source.systems)
    found = counts.count(
        key,
        lambda: order_of(log_file, widget.field, widget.only, frame.since, frame.until, step, source.systems),
        wait=wait,
    )
    so_far = found.so_far
    if so_far is None:
        return Figure(widget=widget, counting="Counting begins…")
    if so_far.fault:
        return Figure(widget=widget, counting=f"Not counted: {so_far.fault}")
    told = "" if so_far.done else f"The newest {so_far.read:,} messages so far; counting goes on."
    sums = so_far.octets if widget.unit is Unit.OCTETS else so_far.messages
    keys = sorted(sums, key=lambda one: (-sums[one], one))[:TOP]
    slices = [Slice(one, sums[one], _found_by(widget, frame, one)) for one in keys]
    others = sum(sums.values()) - sum(one.count for one in slices)
    others += so_far.others if widget.unit is Unit.COUNT else 0
    if others > 0:
        slices.append(Slice(OTHERS, others, ""))
    made = Figure(widget=widget, slices=slices, counting=told, made=found.order.until if so_far.done else None)
    if widget.kind is Kind.NUMBER:
        made.slices = [Slice(widget.title, so_far.read, f"{widget.only} {frame.terms}".strip())]
        made.amount = float(sum(sums.values()))
    if columned:
        order = found.order
        count = max(0, -(-int(order.until - order.start) // int(order.step)))
        made.columns, made.step = [order.start + n * order.step for n in range(count)], order.step
        made.lines = {one: [so_far.columns.get(one, {}).get(n, 0) for n in range(count)] for one in keys}
    return made


def _found_by(widget: Widget, frame: Frame, value: str) -> str:
    said = term(widget.field, value)
    return f"{said} {widget.only} {frame.terms}" if said else ""


def _number(widget: Widget, source: _Source) -> Figure:
    cells = [cell for key, cell in source.totals(widget.by).items() if not widget.keys or key in widget.keys]
    count, amount = sum(cell.count for cell in cells), sum(cell.amount for cell in cells)
    terms = _terms(widget)
    is_told = widget.unit is Unit.COUNT and (terms or not widget.keys)
    query = f"{terms} {source.frame.terms}".strip() if is_told else ""
    mean = amount / 1000 / count if widget.unit is Unit.SECONDS and count else float(amount)
    return Figure(widget=widget, slices=[Slice(widget.title, count, query)], amount=mean)


def _terms(widget: Widget) -> str:
    """The search for all keys of a number. Of statuses several mean any of them; of others no search says that."""
    if widget.by is Measure.STATUS and widget.keys:
        return f"status:{','.join(widget.keys)}"
    return LOOKS[widget.by].term(widget.keys[0]) if len(widget.keys) == 1 else ""


def _slices(widget: Widget, frame: Frame, sums: Mapping[str, Cell]) -> list[Slice]:
    look = LOOKS[widget.by]
    known = {key: cell.count for key, cell in sums.items() if cell.count and (not widget.keys or key in widget.keys)}
    if look.order:
        keys = [key for key in look.order if key in known]
    else:
        keys = sorted((key for key in known if key), key=lambda key: (-known[key], key))[:TOP]
    slices = [_slice(widget, frame, key, known[key]) for key in keys]
    others = sum(known.values()) - sum(one.count for one in slices)
    return [*slices, Slice(OTHERS, others, "")] if others > 0 else slices


def _slice(widget: Widget, frame: Frame, key: str, count: int) -> Slice:
    term = LOOKS[widget.by].term(key)
    return Slice(key, count, f"{term} {frame.terms}" if term else "", key if widget.by in TONED else "")


def _newest(widget: Widget, source: _Source) -> list[Mapping[str, Any]]:
    """The newest messages, of the systems that are meant."""
    found = []
    for system in source.systems or ("",):
        narrowed = f"{widget.only} {source.frame.terms} {f'system:{system}' if system else ''}"
        found += source.log.find(parse_query(narrowed, now=source.now), limit=NEWEST)
    found.sort(key=lambda record: record.queue_id, reverse=True)
    return [record_json(record) for record in found[:NEWEST]]


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
    return [Slice(widget.title, int(readings[widget.state](status)), "")]


def _moment(text: str) -> float:
    """A moment by the clock on the wall, where the text names no other."""
    return datetime.fromisoformat(text).astimezone().timestamp()
