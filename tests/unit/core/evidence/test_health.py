"""How an engine does: what fails is left alone for longer and longer, and never for ever."""

from hypothesis import given
from hypothesis import strategies as st

from mailock.core.evidence.health import LONGEST_PAUSE, Health, State, after, left_alone, may_try, pause
from mailock.core.evidence.report import Unfinished, Why


def failed(health: Health, *, now: float, error: str, away: bool) -> Health:
    """After a failure."""
    fault = Unfinished(Why.UNREACHABLE if away else Why.NONSENSE, error)
    return after(health, fault, now=now, milliseconds=0, slow_after=10)


def answered(health: Health, *, now: float, milliseconds: float) -> Health:
    """After an answer; ten seconds are slow."""
    return after(health, None, now=now, milliseconds=milliseconds, slow_after=10)


def test_it_is_tried_again_after_a_pause_that_doubles_up_to_its_bound() -> None:
    health = Health(engine="clamav")
    pauses = []
    for _ in range(8):
        health = failed(health, now=100, error="refused", away=True)
        pauses.append(pause(health))
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    assert not may_try(health, 100)
    assert not may_try(health, 129)
    assert may_try(health, 130)
    assert may_try(health, 50), "the clock was set back"
    assert str(left_alone(health, 110)) == "refused; it is tried again in 20 s"


def test_what_takes_long_or_is_too_large_is_no_failure_of_the_engine() -> None:
    for why in (Why.TOO_LARGE, Why.TIMED_OUT):
        health = after(Health(engine="x"), Unfinished(why), now=1, milliseconds=60_000, slow_after=10)
        assert health.state is State.SLOW


def test_a_failure_over_one_content_keeps_nobody_from_it() -> None:
    health = failed(Health(engine="clamav"), now=100, error="ERROR", away=False)
    assert health.failing
    assert may_try(health, 100)


def test_an_answer_ends_it_and_the_last_error_stays_to_be_read() -> None:
    health = failed(Health(engine="clamav"), now=100, error="refused", away=True)
    health = failed(health, now=110, error="refused again", away=True)
    assert (health.state, health.since, health.failed_at) == (State.FAILING, 100, 110)
    health = answered(health, now=120, milliseconds=5)
    assert (health.state, health.since, health.failures, health.error) == (State.UP, 120, 0, "refused again")
    assert answered(health, now=130, milliseconds=10_001).state is State.SLOW
    assert answered(health, now=130, milliseconds=5).since == 120


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0, 1000)), max_size=40), st.floats(0, 1e6))
def test_whatever_happened_it_is_tried_again_within_the_longest_pause(
    events: list[tuple[bool, bool, float]], start: float
) -> None:
    health, now = Health(engine="x"), start
    for fails, away, later in events:
        now += later
        health = failed(health, now=now, error="e", away=away) if fails else answered(health, now=now, milliseconds=1)
        assert health.failing is fails
        assert may_try(health, now + LONGEST_PAUSE + 0.001)
