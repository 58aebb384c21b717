"""The numbers of a view: what a widget shows, over which time, and which messages stand behind each number.

Numbers come from the sums that the log keeps of every minute, hour and day, so a view reads no messages; only a table
of the newest ones does. What a view shows is kept until the log has gone on, for everybody who looks at it.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final

from mailock.console.counts import Counts, order_of
from mailock.console.frames import Frame
from mailock.console.means import LOG_NAME, READ_SECONDS, Means
from mailock.console.measures import LOOKS, TONED
from mailock.core.lifecycle.measures import UNBOUNDED, Measure
from mailock.core.lifecycle.query import parse_query
from mailock.core.lifecycle.volume import HOUR
from mailock.operations.track import record_json
from mailock.telemetry import volumes
from mailock.telemetry.fields import term
from mailock.telemetry.search import TrackReader
from mailock.telemetry.volumes import Cell, VolumeReader

TOP: Final = 8
LONG_TOP: Final = 25
"""Rows of a table."""
NEWEST: Final = 12
HEAT_DAYS: Final = 31
"""Days that a picture of hours shows, the newest."""
KEPT: Final = 32
OTHERS: Final = "others"


class Unit(Enum):
    """What a number is a number of."""

    COUNT = "count"
    OCTETS = "octets"
    SECONDS = "seconds"
    """The mean of what a measure of times counts."""
    RATE = "rate"
    """Messages a minute."""


class Kind(Enum):
    """How a widget shows what it counts."""

    NUMBER = "number"
    SERIES = "series"
    BAR = "bar"
    PIE = "pie"
    TABLE = "table"
    HEAT = "heat"
    """The hours of each day, the darker the more."""
    FLOW = "flow"
    """What came, how it parted at the door, and what became of it."""
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
    before: float | None = None
    """Of a number: what it was in the time of the same length before; None where nobody can say."""
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
        key = (means.data, view, frame.name, frame.since // grain, frame.until // grain, systems, state)
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
    known: dict[tuple[Measure, bool], dict[str, Cell]] = field(default_factory=dict)
    """Sums that were read for another widget of this view."""

    def totals(self, measure: Measure, *, earlier: bool = False) -> dict[str, Cell]:
        """The sum of each key, over the systems that are meant; `earlier`: in the time before."""
        if (measure, earlier) not in self.known:
            frame = self.frame.before if earlier else self.frame
            self.known[measure, earlier] = self._read(measure, frame.sums)
        return self.known[measure, earlier]

    def _read(self, measure: Measure, frame: volumes.Frame) -> dict[str, Cell]:
        if len(self.systems) < 2:
            return self.reader.totals(measure, frame, system=next(iter(self.systems), None))
        counts: Counter[str] = Counter()
        amounts: Counter[str] = Counter()
        for system in self.systems:
            for key, cell in self.reader.totals(measure, frame, system=system).items():
                counts[key] += cell.count
                amounts[key] += cell.amount
        return {key: Cell(count=counts[key], amount=amounts[key]) for key in counts}

    def shown(self, widget: Widget) -> dict[str, Cell]:
        """The sums that a widget shows: of names without number the largest alone, and the others together."""
        if widget.keys or widget.by not in UNBOUNDED or len(self.systems) > 1:
            return self.totals(widget.by)
        system = next(iter(self.systems), None)
        return self.reader.largest(widget.by, self.frame.sums, most=TOP, system=system)

    def series(self, measure: Measure, hour: int | None) -> tuple[list[float], float, dict[str, list[int]]]:
        """Where columns begin, how many seconds they are (`hour`, of the newest days, or what suits the frame), and
        the counts of each key.
        """
        lines: dict[str, list[int]] = {}
        columns: list[float] = []
        frame = self.frame.newest(HEAT_DAYS) if hour else self.frame
        step = float(hour or frame.step)
        for system in self.systems or (None,):
            found = self.reader.series(measure, frame.sums, step=hour or frame.step, system=system)
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
            told = _state(widget, status)
            return Figure(widget=widget, slices=told, amount=float(sum(one.count for one in told)))
        case Kind.NEWEST:
            return Figure(widget=widget, rows=_newest(widget, source))
        case Kind.NUMBER:
            return _number(widget, source)
        case Kind.SERIES | Kind.HEAT:
            columns, step, lines = source.series(widget.by, HOUR if widget.kind is Kind.HEAT else None)
            lines = {key: line for key, line in lines.items() if not widget.keys or key in widget.keys}
            sums = {key: Cell(count=sum(line)) for key, line in lines.items()}
            slices = _slices(widget, source.frame, sums)
            return Figure(widget=widget, slices=slices, columns=columns, step=step, lines=lines)
        case Kind.BAR | Kind.PIE | Kind.TABLE | Kind.FLOW:
            return Figure(widget=widget, slices=_slices(widget, source.frame, source.shown(widget)))


def _counted(widget: Widget, source: _Source, log_file: Path, counts: Counts, *, wait: bool) -> Figure:
    """A figure of a field that the log keeps no sums of."""
    is_heat = widget.kind is Kind.HEAT
    frame, columned = source.frame.newest(HEAT_DAYS) if is_heat else source.frame, is_heat or widget.kind is Kind.SERIES
    times = (frame.since, frame.until) if frame.name == "custom" else ()
    step = float(HOUR if is_heat else frame.step) if columned else 0.0
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
    keys = sorted(sums, key=lambda one: (-sums[one], one))[: _most(widget)]
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
        told_of = sums if is_heat else keys
        made.lines = {one: [so_far.columns.get(one, {}).get(n, 0) for n in range(count)] for one in told_of}
    return made


def _most(widget: Widget) -> int:
    """How many values are told apart."""
    return LONG_TOP if widget.kind is Kind.TABLE else TOP


def _found_by(widget: Widget, frame: Frame, value: str) -> str:
    said = term(widget.field, value)
    return f"{said} {widget.only} {frame.terms}" if said else ""


def _number(widget: Widget, source: _Source) -> Figure:
    count, amount = _summed(widget, source.totals(widget.by))
    earlier = _summed(widget, source.totals(widget.by, earlier=True))
    terms = _terms(widget)
    is_told = widget.unit in (Unit.COUNT, Unit.RATE) and (terms or not widget.keys)
    query = f"{terms} {source.frame.terms}".strip() if is_told else ""
    slices = [Slice(widget.title, count, query)]
    minutes = (source.frame.until - source.frame.since) / 60
    before = _in_unit(widget, *earlier, minutes) if any(earlier) else None
    return Figure(widget=widget, slices=slices, amount=_in_unit(widget, count, amount, minutes), before=before)


def _summed(widget: Widget, totals: Mapping[str, Cell]) -> tuple[int, int]:
    cells = [cell for key, cell in totals.items() if not widget.keys or key in widget.keys]
    return sum(cell.count for cell in cells), sum(cell.amount for cell in cells)


def _in_unit(widget: Widget, count: int, amount: int, minutes: float) -> float:
    """What a number shows, of a frame of so many minutes."""
    match widget.unit:
        case Unit.COUNT:
            return float(count)
        case Unit.OCTETS:
            return float(amount)
        case Unit.SECONDS:
            return amount / 1000 / count if count else 0.0
        case Unit.RATE:
            return count / minutes


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
        keys = sorted((key for key in known if key), key=lambda key: (-known[key], key))[: _most(widget)]
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
        "oldest": lambda s: s["oldest"] or 0,
    }
    return [Slice(widget.title, int(readings[widget.state](status)), "")]
