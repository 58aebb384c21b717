"""What is measured, in which unit, and what it has to reach: the words of a benchmark, and how numbers are joined."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import assert_never

from mailock.testing.bench.programs import CannotMeasureError
from mailock.testing.bench.side import Certificate, Side


class Unit(Enum):
    """What a figure counts; the text stands behind it in tables."""

    PER_SECOND = "msg/s"
    MEBIBYTES = "MiB"
    SECONDS = "s"
    MILLISECONDS = "ms"
    TIMES = "×"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeastTimes:
    """Mailock's figure is to be at least `factor` times the peer's."""

    peer: str
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast:
    """Mailock's figure is to reach `value`."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AtMost:
    """Mailock's figure is not to pass `value`."""

    value: float


Target = AtLeastTimes | AtLeast | AtMost


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of a measure."""

    title: str
    unit: Unit
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one run gave: a value for each figure of its measure, and facts that explain them."""

    values: tuple[float, ...]
    facts: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The circumstances of one run of one side. `folder` is new, and removed afterwards."""

    folder: Path
    divisor: int
    """What counts are divided by: 1, or more for a quick look."""
    certificate: Certificate
    seconds: float
    """How long the run may take."""
    data: Path | None = None
    """Where collections of mail lie that are not part of this project."""
    begun: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """Seconds until its time is up. Raises CannotMeasureError when it is."""
        left = self.begun + self.seconds - time.monotonic()
        if left <= 0:
            raise CannotMeasureError(f"it took longer than {self.seconds:.0f} s")
        return left

    def side_folder(self) -> Path:
        """The folder for the side's files, which it may give to whom it likes."""
        folder = self.folder / "side"
        folder.mkdir(mode=0o755)
        return folder

    def count(self, full: int) -> int:
        """How many of what the measure has `full` of."""
        return max(1, full // self.divisor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One row, or a few that belong together, of what Mailock has to reach."""

    name: str
    figures: tuple[Figure, ...]
    sides: tuple[str, ...]
    repetitions: int | None
    """None: as often as the run was asked for."""
    seconds: float
    """The longest that one run of one side may take."""
    long: bool
    """Whether it is left out unless long measures were asked for."""
    once: Callable[[Side, Run], Reading]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Several runs of one figure."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        """Of at least one value."""
        return cls(median=statistics.median(values), least=min(values), most=max(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All runs of one measure on one side; with `failure` the runs before it."""

    measure: Measure
    side: str
    readings: tuple[Reading, ...]
    failure: str | None

    def spread(self, index: int) -> Spread | None:
        """Of the figure with this index; None when a run failed, so that no half result passes for a whole one."""
        if self.failure is not None or not self.readings:
            return None
        return Spread.of([reading.values[index] for reading in self.readings])

    def facts(self) -> Mapping[str, float]:
        """The median of each fact."""
        names = self.readings[0].facts if self.readings else {}
        return {name: statistics.median(reading.facts[name] for reading in self.readings) for name in names}


def met(target: Target, ours: Spread, peers: Mapping[str, Spread | None]) -> bool | None:
    """Whether our median reaches it; None when the peer it names was not measured."""
    match target:
        case AtLeastTimes(peer=peer, factor=factor):
            theirs = peers.get(peer)
            return None if theirs is None else ours.median >= factor * theirs.median
        case AtLeast(value=value):
            return ours.median >= value
        case AtMost(value=value):
            return ours.median <= value
        case _:
            assert_never(target)
