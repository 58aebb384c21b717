"""The roll-ups of the log, read: what views show of a time frame. docs/log.md tells which sums there are.

    with VolumeReader(path) as volumes:
        frame = named_frame("24h", now)
        volumes.totals(Measure.VERDICT, frame)              # {"benign": Cell(count=812, amount=11904201), …}
        volumes.series(Measure.STATUS, frame)               # points of ten minutes each, a row a key
        volumes.top(Measure.SENDER, frame, limit=10)        # the largest, what the others have, and the whole

The file is opened for reading only and no transaction stays open between two calls; a call that takes longer than a
second is given up with TooSlow (DECISIONS 5). `system` narrows to one virtual system; None takes all together.

Sums of minutes are kept for two days. Of a frame within them the first and last minute are exact; before them frames
are widened to whole hours, and `Series.start` tells from when on. The whole days of UTC within a longer frame are read
from sums of days, which are what their hours add up to.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import apsw

from mailock.core.lifecycle.measures import Measure
from mailock.core.lifecycle.volume import DAY, HOUR, MINUTE
from mailock.telemetry.rollup import OTHERS, days_made
from mailock.telemetry.schema import opened_for_reading
from mailock.telemetry.search import TooSlow

STEPS: Final = (MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, DAY)
"""Seconds that a point of a series may stand for."""
_LONG: Final = 3 * DAY
"""From how many seconds on whole days are read as such; below it the hours tell more names apart and cost no more."""
POINTS: Final = 200
"""How many points a series has at most, where nothing else is asked for."""
FRAMES: Final[Mapping[str, float]] = {"hour": 3600.0, "24h": 86_400.0, "7d": 7 * 86_400.0, "30d": 30 * 86_400.0}
"""The frames that views offer, beside "today", in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A time frame in Unix seconds: from `since` on, and before `until`."""

    since: float
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A sum. What `amount` counts stands at the measure: octets mostly, milliseconds of times."""

    count: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Sums over time: point n of each key stands for the `step` seconds from `start + n * step` on."""

    start: int
    step: int
    points: Mapping[str, tuple[Cell, ...]]
    """By key; each has a cell for every point, those where nothing was too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """The largest keys, the largest first, with what the others have together and the whole."""

    largest: tuple[tuple[str, Cell], ...]
    others: Cell
    whole: Cell


class VolumeReader:
    """Reads sums."""

    def __init__(self, path: Path, *, seconds: float = 1.0) -> None:
        """Opens `track.db`. `seconds`: the most that a call takes. Raises OSError where there is none."""
        self._seconds = seconds
        self._deadline = 0.0
        try:
            self._connection = opened_for_reading(path)
            self._connection.set_progress_handler(self._late, 100_000)
        except apsw.Error as error:
            raise OSError(f"the log {path} cannot be read: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def totals(self, measure: Measure, frame: Frame, *, system: str | None = None) -> dict[str, Cell]:
        """The sum of each key. Raises TooSlow, and OSError where the file cannot be read."""
        sums: dict[str, tuple[int, int]] = {}
        for span in (finer for coarse in self._spans(frame) for finer in self._by_days(*coarse)):
            select = f"SELECT key, sum(count), sum(amount) FROM volume WHERE {_WHERE[system is None]} GROUP BY key"
            for key, number, amount in self._rows(select, *span, measure, system):
                before = sums.get(str(key), (0, 0))
                sums[str(key)] = before[0] + number, before[1] + amount
        return {key: Cell(count=number, amount=amount) for key, (number, amount) in sums.items() if number or amount}

    def largest(self, measure: Measure, frame: Frame, *, most: int, system: str | None = None) -> dict[str, Cell]:
        """The sums of the largest keys by number, and under the empty key what all others have together.

        The same as of `totals`, without handing out tens of thousands of names. Raises as it does.
        """
        spans = [finer for coarse in self._spans(frame) for finer in self._by_days(*coarse)]
        one = f"SELECT key, count, amount FROM volume WHERE {_WHERE[system is None]}"
        select = (
            f"WITH each(key, n, a) AS MATERIALIZED (SELECT key, sum(count), sum(amount) FROM "
            f"({' UNION ALL '.join([one] * len(spans))}) GROUP BY key) "
            "SELECT * FROM (SELECT key, n, a FROM each WHERE key <> '' AND (n OR a) "
            "ORDER BY n DESC, a DESC, key LIMIT ?) "
            "UNION ALL SELECT '', sum(n), sum(a) FROM each"
        )
        bindings = [value for span in spans for value in self._bound(*span, measure, system)]
        *shown, (_, number, amount) = self._fetched(select, (*bindings, most))
        found = {str(key): Cell(count=n, amount=a) for key, n, a in shown}
        number = (number or 0) - sum(cell.count for cell in found.values())
        amount = (amount or 0) - sum(cell.amount for cell in found.values())
        return found | ({OTHERS: Cell(count=number, amount=amount)} if number or amount else {})

    def top(self, measure: Measure, frame: Frame, *, limit: int = 10, system: str | None = None) -> Top:
        """The largest keys by number. Raises TooSlow, and OSError where the file cannot be read.

        Of senders and the like, 200 a minute, 1000 an hour and 1000 a day are told apart: behind them a key may be left
        out, or have a little less than it should. The whole is always exact.
        """
        found = self.largest(measure, frame, most=limit, system=system)
        whole, others = _sum(found.values()), found.pop(OTHERS, Cell())
        return Top(largest=tuple(found.items()), others=others, whole=whole)

    def series(self, measure: Measure, frame: Frame, *, step: int | None = None, system: str | None = None) -> Series:
        """The sums of each key over time. `step`: seconds a point, one of STEPS; None takes what fits the frame.

        Raises TooSlow, OSError where the file cannot be read, and ValueError for another step.
        """
        step = step if step is not None else _fitting(frame.until - frame.since)
        if step not in STEPS:
            raise ValueError(f"a point stands for one of {', '.join(map(str, STEPS))} seconds, not for {step}")
        if step < HOUR and frame.since < self._minutes():
            step = HOUR
        start = int(frame.since) // step * step
        count = max(0, -(-(int(frame.until) - start) // step))
        select = (
            f"SELECT key, (at - {start}) / {step}, sum(count), sum(amount) FROM volume "
            f"WHERE {_WHERE[system is None]} GROUP BY 1, 2"
        )
        grain = HOUR if step % HOUR == 0 else MINUTE
        points: dict[str, list[Cell]] = {}
        whole = (grain, start, start + count * step)
        for span in self._by_days(*whole) if step == DAY else (whole,):
            for key, place, number, amount in self._rows(select, *span, measure, system):
                if number or amount:
                    row = points.setdefault(str(key), [Cell()] * count)
                    row[place] = Cell(count=number, amount=amount)
        return Series(start=start, step=step, points={key: tuple(row) for key, row in sorted(points.items())})

    def systems(self) -> list[str]:
        """The virtual systems that there are sums of; refusals, which belong to none, are not among them."""
        select = "SELECT DISTINCT system FROM volume WHERE step = ? AND measure = ? AND at >= ? AND at < ?"
        rows = self._rows(select, HOUR, 0, 1 << 62, Measure.STATUS, None)
        return sorted(str(name) for (name,) in rows if name)

    def _minutes(self) -> int:
        """From when on there are sums of minutes."""
        return int(self._one("SELECT value FROM meta WHERE name = 'minutes'"))

    def _spans(self, frame: Frame) -> Iterator[tuple[int, int, int]]:
        """The steps from which a frame is put together: whole hours, and the minutes at its ends where there are."""
        since, until = int(frame.since) // MINUTE * MINUTE, -(-int(frame.until) // MINUTE) * MINUTE
        first, last = -(-since // HOUR) * HOUR, until // HOUR * HOUR
        minutes = self._minutes()
        if first > last:
            # Within one hour.
            yield (MINUTE, since, until) if since >= minutes else (HOUR, last, first)
            return
        if since < first:
            yield (MINUTE, since, first) if since >= minutes else (HOUR, first - HOUR, first)
        if first < last:
            yield HOUR, first, last
        if last < until:
            yield (MINUTE, last, until) if last >= minutes else (HOUR, last, last + HOUR)

    def _by_days(self, step: int, since: int, until: int) -> Iterator[tuple[int, int, int]]:
        """A long time of hours, in whole days as far as they are made, and hours at its ends; another as it is."""
        first, last = -(-since // DAY) * DAY, until // DAY * DAY
        if step == HOUR and until - since >= _LONG:
            last = min(last, self._days())
            if first < last:
                yield from ((one, a, b) for one, a, b in ((HOUR, since, first), (DAY, first, last)) if a < b)
                since = last
        if since < until:
            yield step, since, until

    def _rows(
        self, select: str, step: int, since: int, until: int, measure: Measure, system: str | None
    ) -> list[tuple[int, ...]]:
        return self._fetched(select, self._bound(step, since, until, measure, system))

    @staticmethod
    def _bound(step: int, since: int, until: int, measure: Measure, system: str | None) -> tuple[int | str, ...]:
        return step, measure.value, since, until, *(() if system is None else (system,))

    def _fetched(self, select: str, bindings: tuple[int | str, ...]) -> list[tuple[int, ...]]:
        self._deadline = time.monotonic() + self._seconds
        try:
            return cast("list[tuple[int, ...]]", self._connection.execute(select, bindings).fetchall())
        except apsw.InterruptError:
            raise TooSlow(f"the sums took more than {self._seconds:.0f} s: ask for a shorter time") from None
        except apsw.Error as error:
            raise OSError(f"the log cannot be read: {error}") from error

    def _days(self) -> int:
        try:
            return days_made(self._connection)
        except apsw.Error as error:
            raise OSError(f"the log cannot be read: {error}") from error

    def _one(self, select: str) -> int:
        try:
            return int(self._connection.execute(select).get)
        except apsw.Error as error:
            raise OSError(f"the log cannot be read: {error}") from error

    def _late(self) -> bool:
        return time.monotonic() > self._deadline


_WHERE: Final = {
    True: "step = ? AND measure = ? AND at >= ? AND at < ?",
    False: "step = ? AND measure = ? AND at >= ? AND at < ? AND system = ?",
}
"""By whether all virtual systems are taken together."""


def named_frame(name: str, now: float, zone: tzinfo | None = None) -> Frame:
    """The frame of a name: hour, today, 24h, 7d or 30d, up to now. `zone` says when today began; None: this machine's.

    Raises ValueError for another name.
    """
    if name == "today":
        midnight = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return Frame(since=midnight.timestamp(), until=now + 1)
    if name not in FRAMES:
        raise ValueError(f"a frame is one of {', '.join((*FRAMES, 'today'))}, not {name!r}")
    return Frame(since=now - FRAMES[name], until=now + 1)


def _fitting(seconds: float) -> int:
    return next((step for step in STEPS if seconds <= step * POINTS), STEPS[-1])


def _sum(cells: Iterable[Cell]) -> Cell:
    some = tuple(cells)
    return Cell(count=sum(cell.count for cell in some), amount=sum(cell.amount for cell in some))
