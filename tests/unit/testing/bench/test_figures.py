"""Runs are joined by their median, and targets are judged only where there is something to judge."""

from pathlib import Path

import pytest

from mailock.testing.bench.figures import (
    AtLeast,
    AtLeastTimes,
    AtMost,
    Figure,
    Measure,
    Outcome,
    Reading,
    Run,
    Spread,
    Unit,
    met,
)
from mailock.testing.bench.measures import RELAY
from mailock.testing.bench.programs import CannotMeasureError
from mailock.testing.bench.side import Certificate, Side

_CERTIFICATE = Certificate(certificate=Path("/nowhere"), key=Path("/nowhere"))
_TWICE = AtLeastTimes(peer="postfix", factor=2)


def _flat(value: float) -> Spread:
    return Spread.of([value])


def _never(side: Side, run: Run) -> Reading:
    raise AssertionError("nothing is run here")


def _outcome(*values: float, failure: str | None = None) -> Outcome:
    measure = Measure(
        name="rate",
        figures=(Figure(title="a rate", unit=Unit.PER_SECOND, targets=(_TWICE,)),),
        sides=("mailock", "postfix"),
        repetitions=None,
        seconds=1,
        long=False,
        once=_never,
    )
    readings = tuple(Reading(values=(value,), facts={"half": value / 2}) for value in values)
    return Outcome(measure=measure, side="mailock", readings=readings, failure=failure)


def test_one_odd_run_does_not_move_the_median() -> None:
    assert _outcome(100, 5, 110).spread(0) == Spread(median=100, least=5, most=110)


def test_a_run_that_failed_leaves_no_figure() -> None:
    assert _outcome(100, 110, failure="the disk was full").spread(0) is None


def test_facts_are_medians_too() -> None:
    assert _outcome(100, 5, 110).facts() == {"half": 50}


@pytest.mark.parametrize(("ours", "theirs", "reached"), [(200, 100, True), (199, 100, False)])
def test_a_ratio_is_taken_of_the_medians(ours: float, theirs: float, reached: bool) -> None:
    assert met(_TWICE, _flat(ours), {"postfix": _flat(theirs)}) is reached


def test_a_ratio_to_an_absent_peer_is_not_judged() -> None:
    assert met(_TWICE, _flat(200), {"postfix": None}) is None
    assert met(_TWICE, _flat(200), {}) is None


def test_a_bound_needs_no_peer() -> None:
    assert met(AtMost(value=20), _flat(20), {}) is True
    assert met(AtMost(value=20), _flat(20.1), {}) is False
    assert met(AtLeast(value=0.8), _flat(0.79), {}) is False


def test_counts_are_divided_but_never_to_nothing() -> None:
    run = Run(folder=Path("/nowhere"), divisor=10, certificate=_CERTIFICATE, seconds=60)
    assert (run.count(1000), run.count(3)) == (100, 1)


def test_a_run_out_of_time_says_so() -> None:
    run = Run(folder=Path("/nowhere"), divisor=1, certificate=_CERTIFICATE, seconds=10, begun=-1e9)
    with pytest.raises(CannotMeasureError, match="longer than 10 s"):
        run.left()


def test_every_measure_has_a_name_of_its_own_and_something_to_reach() -> None:
    assert len({measure.name for measure in RELAY}) == len(RELAY)
    for measure in RELAY:
        assert "mailock" in measure.sides
        for figure in measure.figures:
            assert figure.targets
            peers = {target.peer for target in figure.targets if isinstance(target, AtLeastTimes)}
            assert peers <= set(measure.sides)
