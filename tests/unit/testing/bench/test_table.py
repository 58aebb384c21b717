"""What is printed says what was measured, what failed, and what is not there."""

import io
import json
from pathlib import Path

from rich.console import Console

from mailock.testing.bench.comparison import Comparison, Presence
from mailock.testing.bench.figures import AtLeastTimes, Figure, Measure, Outcome, Reading, Run, Unit
from mailock.testing.bench.machine import Machine
from mailock.testing.bench.side import Side
from mailock.testing.bench.table import as_data, print_comparison

_MACHINE = Machine(
    system="Linux",
    python="3.11.7",
    processors=2,
    memory_bytes=2**34,
    file_system="ext4",
    mount_options="rw",
    device="/dev/disk",
    sync_milliseconds=0.4,
    busy_before=0.0,
)


def _never(side: Side, run: Run) -> Reading:
    raise AssertionError("nothing is run here")


_RATE = Measure(
    name="rate",
    figures=(
        Figure(
            title="messages",
            unit=Unit.PER_SECOND,
            targets=(AtLeastTimes(peer="postfix", factor=3), AtLeastTimes(peer="haraka", factor=2)),
        ),
    ),
    sides=("mailock", "postfix", "haraka"),
    repetitions=None,
    seconds=1,
    long=False,
    once=_never,
)


def _outcome(side: str, *values: float, failure: str | None = None) -> Outcome:
    readings = tuple(Reading(values=(value,), facts={"disk flushes a message": 0.5}) for value in values)
    return Outcome(measure=_RATE, side=side, readings=readings, failure=failure)


def _comparison(*outcomes: Outcome, divisor: int = 1, haraka: str | None = "npm is not installed") -> Comparison:
    return Comparison(
        begun="2026-01-01T00:00:00+00:00",
        machine=_MACHINE,
        divisor=divisor,
        presences=(
            Presence(name="mailock", version="1.0.0", absent=None, settings=("syncs: often",)),
            Presence(name="postfix", version="3.7", absent=None, settings=()),
            Presence(name="haraka", version=None if haraka else "3.3", absent=haraka, settings=()),
        ),
        outcomes=outcomes,
    )


def _printed(comparison: Comparison) -> str:
    console = Console(file=io.StringIO(), force_terminal=False)
    print_comparison(comparison, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _row(printed: str) -> list[str]:
    line = next(line for line in printed.splitlines() if "messages" in line)
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_medians_ranges_and_ratios_stand_in_one_row_of_markdown() -> None:
    row = _row(_printed(_comparison(_outcome("mailock", 900, 1000, 1200), _outcome("postfix", 200, 250, 300))))
    assert row[1:4] == ["1,000 (900–1,200) msg/s", "250 (200–300) msg/s", "not installed"]
    assert row[4] == "4.00× postfix"
    # Three times Postfix was reached; whether it is twice Haraka nobody knows.
    assert row[6] == ""


def test_a_target_that_was_missed_is_told_even_if_another_cannot_be_judged() -> None:
    row = _row(_printed(_comparison(_outcome("mailock", 500), _outcome("postfix", 250))))
    assert row[6] == "NO"


def test_all_targets_reached_is_a_yes() -> None:
    outcomes = (_outcome("mailock", 900), _outcome("postfix", 250), _outcome("haraka", 300))
    assert _row(_printed(_comparison(*outcomes, haraka=None)))[6] == "yes"


def test_a_failure_stands_where_it_happened_and_says_why() -> None:
    comparison = _comparison(_outcome("mailock", 900, failure="the next hop got 3 of 9"), _outcome("postfix", 250))
    printed = _printed(comparison)
    assert not comparison.complete
    assert _row(printed)[1] == "failed, see below"
    assert "the next hop got 3 of 9" in printed
    assert "npm is not installed" in printed


def test_a_quick_look_is_not_judged() -> None:
    printed = _printed(_comparison(_outcome("mailock", 1), _outcome("postfix", 250), divisor=10))
    assert _row(printed)[6] == ""
    assert "not judged" in printed


def test_json_holds_every_run() -> None:
    data = json.loads(json.dumps(as_data(_comparison(_outcome("mailock", 900, 1000), _outcome("postfix", 250)))))
    (measure,) = data["measures"]
    assert [run["values"] for run in measure["sides"]["mailock"]["runs"]] == [[900], [1000]]
    assert measure["figures"][0]["ratios"] == {"postfix": 3.8}
    assert data["sides"][2]["absent"] == "npm is not installed"
    assert Path(data["machine"]["device"]).is_absolute()
