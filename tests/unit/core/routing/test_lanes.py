"""How hard a destination is pushed: growth, push-back, suspension, one probe."""

from mailock.core.routing.lanes import (
    LONGEST_SUSPENSION,
    LaneState,
    Pressure,
    may_open,
    new_lane,
    pushed_back,
    resumed,
    served,
    unreachable,
)

PRESSURE = Pressure(limit=8, start=2, suspend_after=3, suspend_for=60.0)


def failed(lane: LaneState, times: int, now: float = 1000.0) -> LaneState:
    for _ in range(times):
        lane = unreachable(lane, PRESSURE, now=now)
    return lane


def room(lane: LaneState, now: float = 0.0) -> int:
    """How many connections may stand at once."""
    connections = 0
    while may_open(lane, PRESSURE, now=now, connections=connections):
        connections += 1
    return connections


def test_a_new_lane_starts_small_and_grows_to_the_limit() -> None:
    lane = new_lane(PRESSURE)
    assert room(lane) == 2
    for _ in range(3):
        lane = served(lane, PRESSURE)
    assert room(lane) == 3
    for _ in range(100):
        lane = served(lane, PRESSURE)
    assert room(lane) == 8
    assert served(lane, PRESSURE) is lane


def test_a_start_over_the_limit_is_the_limit() -> None:
    assert new_lane(Pressure(limit=3, start=5)).window == 3.0


def test_push_back_halves_and_never_closes() -> None:
    lane = LaneState(window=8.0)
    sizes = []
    for _ in range(5):
        lane = pushed_back(lane)
        sizes.append(room(lane))
    assert sizes == [4, 2, 1, 1, 1]
    assert not lane.suspended


def test_failures_in_a_row_suspend_and_single_ones_do_not() -> None:
    lane = failed(new_lane(PRESSURE), 2)
    assert not lane.suspended
    assert served(lane, PRESSURE).failures == 0
    lane = failed(lane, 1)
    assert lane.suspended_until == 1060.0


def test_a_suspended_lane_lets_one_probe_through_when_its_time_is_over() -> None:
    lane = failed(new_lane(PRESSURE), 3)
    assert room(lane, 1059.9) == 0
    assert room(lane, 1060.0) == 1


def test_a_probe_that_fails_doubles_the_suspension_up_to_an_hour() -> None:
    lane, spans = failed(new_lane(PRESSURE), 3), []
    for _ in range(8):
        now = lane.suspended_until
        lane = unreachable(lane, PRESSURE, now=now)
        spans.append(lane.suspended_until - now)
    assert spans == [120.0, 240.0, 480.0, 960.0, 1920.0, LONGEST_SUSPENSION, LONGEST_SUSPENSION, LONGEST_SUSPENSION]
    assert failed(lane, 5000).suspended_until == 1000.0 + LONGEST_SUSPENSION


def test_a_probe_that_succeeds_opens_the_lane() -> None:
    lane = served(failed(new_lane(PRESSURE), 5), PRESSURE)
    assert (lane.suspended, lane.failures, lane.suspensions) == (False, 0, 0)
    assert room(lane) == 2


def test_a_person_may_resume_it_at_once() -> None:
    assert room(resumed(failed(new_lane(PRESSURE), 9)), 1000.0) == 1
