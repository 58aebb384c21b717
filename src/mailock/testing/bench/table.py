"""A comparison as tables for people and as JSON for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, assert_never

from rich import box
from rich.console import Console
from rich.table import Table

from mailock.testing.bench.comparison import Comparison, Presence
from mailock.testing.bench.figures import AtLeast, AtLeastTimes, AtMost, Figure, Measure, Spread, Target, Unit, met

_US = "mailock"
# Wide enough that no cell is broken in a pipe or a file.
_PIPE_WIDTH = 250


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Figures, then what explains them, then the machine and how each side was set up. In a pipe: Markdown."""
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    look = box.SIMPLE_HEAD if console.is_terminal else box.MARKDOWN
    console.print(_figures(comparison, look))
    console.print(_facts(comparison, look))
    for line in _circumstances(comparison):
        console.print(f"- {line}", markup=False, highlight=False, soft_wrap=True)


def as_data(comparison: Comparison) -> Mapping[str, Any]:
    """The same for `--json`: every run of every figure, not only the medians."""
    measures = []
    for measure in _measures(comparison):
        outcomes = [outcome for outcome in comparison.outcomes if outcome.measure is measure]
        figures = []
        for index, figure in enumerate(measure.figures):
            spreads = _spreads(comparison, measure, index)
            figures.append(
                {
                    "title": figure.title,
                    "unit": figure.unit.name.lower(),
                    "sides": {name: asdict(spread) if spread else None for name, spread in spreads.items()},
                    "ratios": dict(_ratios(spreads)),
                    "targets": [_said(target) for target in figure.targets],
                    "met": _met(comparison, figure, spreads),
                }
            )
        runs = {
            outcome.side: {"runs": [asdict(reading) for reading in outcome.readings], "failure": outcome.failure}
            for outcome in outcomes
        }
        measures.append({"name": measure.name, "figures": figures, "sides": runs})
    return {
        "begun": comparison.begun,
        "divisor": comparison.divisor,
        "machine": asdict(comparison.machine),
        "sides": [asdict(presence) for presence in comparison.presences],
        "measures": measures,
    }


def _figures(comparison: Comparison, look: box.Box) -> Table:
    table = Table("measure", *(one.name for one in comparison.presences), "ratio", "target", "met", box=look)
    for measure in _measures(comparison):
        for index, figure in enumerate(measure.figures):
            spreads = _spreads(comparison, measure, index)
            table.add_row(
                figure.title,
                *(_cell(comparison, measure, index, presence) for presence in comparison.presences),
                ", ".join(f"{ratio:.2f}× {peer}" for peer, ratio in _ratios(spreads)),
                ", ".join(_said(target) for target in figure.targets),
                {True: "yes", False: "NO", None: ""}[_met(comparison, figure, spreads)],
            )
    return table


def _facts(comparison: Comparison, look: box.Box) -> Table:
    table = Table("measure", "side", "explained by (medians)", box=look)
    for outcome in comparison.outcomes:
        told = ", ".join(f"{name} {_number(value)}" for name, value in outcome.facts().items())
        table.add_row(
            outcome.measure.name,
            outcome.side,
            f"{told}{'; ' if told and outcome.failure else ''}{outcome.failure or ''}",
        )
    return table


def _circumstances(comparison: Comparison) -> Iterator[str]:
    machine = comparison.machine
    yield (
        f"{comparison.begun}: {machine.system}, {machine.processors} processors, "
        f"{machine.memory_bytes / 2**30:.0f} GiB of memory, Python {machine.python}"
    )
    yield (
        f"files on {machine.file_system} ({machine.mount_options}) on {machine.device}; "
        f"appending 10 KiB and fdatasync takes {machine.sync_milliseconds:.2f} ms"
    )
    if machine.busy_before > 0.05:
        yield f"the machine was not quiet: others took {machine.busy_before:.0%} of it before the first run"
    if comparison.divisor != 1:
        yield f"every count was divided by {comparison.divisor}, so these figures are not judged"
    yield "medians, least and most of the runs in parentheses; memory is the sum of PSS over all processes"
    for presence in comparison.presences:
        if presence.absent is not None:
            yield f"{presence.name}: not installed or not runnable: {presence.absent}"
            continue
        yield f"{presence.name} {presence.version}"
        for setting in presence.settings:
            yield f"    {presence.name}: {setting}"


def _cell(comparison: Comparison, measure: Measure, index: int, presence: Presence) -> str:
    outcome = comparison.outcome(measure, presence.name)
    if outcome is None:
        return "not installed" if presence.absent is not None and presence.name in measure.sides else ""
    spread = outcome.spread(index)
    if spread is None:
        return "failed, see below"
    unit = measure.figures[index].unit
    text = _number(spread.median)
    if spread.least != spread.most:
        text += f" ({_number(spread.least)}–{_number(spread.most)})"
    return f"{text}{'' if unit is Unit.TIMES else ' '}{unit.value}"


def _measures(comparison: Comparison) -> list[Measure]:
    return list(dict.fromkeys(outcome.measure for outcome in comparison.outcomes))


def _spreads(comparison: Comparison, measure: Measure, index: int) -> dict[str, Spread | None]:
    found = (outcome for outcome in comparison.outcomes if outcome.measure is measure)
    return {outcome.side: outcome.spread(index) for outcome in found}


def _ratios(spreads: Mapping[str, Spread | None]) -> Iterator[tuple[str, float]]:
    """Our median as a multiple of each peer's."""
    ours = spreads.get(_US)
    for name, theirs in spreads.items():
        if name != _US and ours is not None and theirs is not None:
            yield name, ours.median / theirs.median


def _met(comparison: Comparison, figure: Figure, spreads: Mapping[str, Spread | None]) -> bool | None:
    """Whether all targets are reached; None where one cannot be judged, or nothing is asked."""
    ours = spreads.get(_US)
    if ours is None or comparison.divisor != 1 or not figure.targets:
        return None
    answers = [met(target, ours, spreads) for target in figure.targets]
    if False in answers:
        return False
    return None if None in answers else True


def _said(target: Target) -> str:
    match target:
        case AtLeastTimes(peer=peer, factor=factor):
            return f"≥ {factor:g}× {peer}"
        case AtLeast(value=value):
            return f"≥ {value:g}"
        case AtMost(value=value):
            return f"≤ {value:g}"
        case _:
            assert_never(target)


def _number(value: float) -> str:
    """Three significant digits, and all digits before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
