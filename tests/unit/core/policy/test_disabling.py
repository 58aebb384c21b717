"""A gateway leaves service only when the world has been told, step by step (DECISIONS 11)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.core.policy.disabling import (
    OPEN,
    WAIT_SECONDS,
    Course,
    Seen,
    Step,
    advance,
    awaited,
    closed_because,
    disable,
    drain,
    risk,
    takes_mail,
)

NOON = 1_790_000_000.0
HOUR, DAY = 3600.0, 86_400.0
HERE = Seen(pointing=("dest.test",), ttl=300.0)
NOBODY = Seen()


def ordered(*, forced: bool = False, upstream: tuple[str, ...] = ()) -> Course:
    """A disable that was ordered at noon."""
    return disable(OPEN, by="alice", now=NOON, forced=forced, upstream=upstream, quiet=HOUR)


def test_a_drain_shuts_at_once_and_stays() -> None:
    course = drain(OPEN, by="alice", now=NOON)
    assert (course.step, takes_mail(course)) == (Step.DRAINING, False)
    assert closed_because(course) == "the gateway is drained, by order of alice"
    assert advance(course, Seen(moving=3), NOON + 1) == course
    assert advance(course, NOBODY, NOON + 1) == course
    assert drain(course, by="bob", now=NOON + 5) == course


def test_a_disable_takes_mail_as_long_as_an_mx_points_here_and_a_day_after() -> None:
    course = ordered()
    for hour in range(100):
        course = advance(course, HERE, NOON + hour * HOUR)
        assert takes_mail(course)
    last = NOON + 99 * HOUR
    course = advance(course, NOBODY, last + WAIT_SECONDS - 1)
    assert course.step is Step.LEAVING
    course = advance(course, NOBODY, last + WAIT_SECONDS)
    assert (course.step, takes_mail(course)) == (Step.DRAINING, False)
    assert advance(course, Seen(moving=1), last + DAY).step is Step.DRAINING
    course = advance(course, Seen(kept=5), last + DAY)
    assert course.step is Step.OFF
    assert closed_because(course) == "the gateway is disabled, by order of alice"
    assert advance(course, HERE, last + 2 * DAY) == course


def test_an_old_record_is_waited_for_as_long_as_it_may_be_remembered() -> None:
    course = advance(ordered(), replace(HERE, ttl=3 * DAY), NOON)
    course = advance(course, replace(HERE, ttl=60.0), NOON + 60)
    assert advance(course, NOBODY, NOON + 60 + 3 * DAY - 1).step is Step.LEAVING
    assert advance(course, NOBODY, NOON + 60 + 3 * DAY).step is Step.DRAINING


def test_where_no_mx_points_here_from_the_beginning_a_day_is_waited_all_the_same() -> None:
    assert advance(ordered(), NOBODY, NOON + DAY - 1).step is Step.LEAVING
    assert advance(ordered(), NOBODY, NOON + DAY).step is Step.DRAINING


def test_what_cannot_be_looked_up_counts_as_pointing_here() -> None:
    course = advance(ordered(), Seen(unknown=("dest.test",)), NOON + 10 * DAY)
    assert course.last_pointed == NOON + 10 * DAY
    assert advance(course, NOBODY, NOON + 11 * DAY - 1).step is Step.LEAVING


def test_behind_a_relay_its_silence_is_waited_for() -> None:
    course = ordered(upstream=("192.0.2.1",))
    sending = Seen(last_upstream=NOON + 5 * HOUR)
    assert advance(course, NOBODY, NOON + HOUR - 1).step is Step.LEAVING
    assert advance(course, sending, NOON + 6 * HOUR - 1).step is Step.LEAVING
    assert advance(course, sending, NOON + 6 * HOUR).step is Step.DRAINING
    assert advance(course, replace(HERE, last_upstream=None), NOON + 9 * HOUR).step is Step.LEAVING


def test_force_leaves_out_the_waiting_and_says_what_it_risks() -> None:
    course = ordered(forced=True)
    assert course.step is Step.DRAINING
    assert advance(course, NOBODY, NOON).step is Step.OFF
    assert "mail for dest.test still comes here" in risk(HERE)
    assert "return their mail" in risk(NOBODY)


def test_an_order_that_is_given_again_changes_nothing() -> None:
    course = advance(ordered(), HERE, NOON + HOUR)
    assert disable(course, by="alice", now=NOON + 9 * HOUR, forced=False, quiet=HOUR) == course
    forced = disable(course, by="bob", now=NOON + 9 * HOUR, forced=True, quiet=HOUR)
    assert (forced.step, forced.since, forced.by) == (Step.DRAINING, NOON, "bob")
    off = advance(forced, NOBODY, NOON + 10 * HOUR)
    assert disable(off, by="bob", now=NOON + DAY, forced=True) == off
    assert drain(off, by="bob", now=NOON + DAY) == off


def test_a_drain_on_the_way_out_goes_on_to_the_end() -> None:
    course = drain(advance(ordered(), HERE, NOON), by="bob", now=NOON + HOUR)
    assert advance(course, NOBODY, NOON + HOUR).step is Step.OFF


def test_a_disable_of_what_is_drained_goes_on_from_there() -> None:
    course = disable(drain(OPEN, by="alice", now=NOON), by="alice", now=NOON + HOUR, forced=False)
    assert (course.step, course.to_off) == (Step.DRAINING, True)


@pytest.mark.parametrize(
    ("course", "seen", "now", "sentences"),
    [
        (OPEN, NOBODY, NOON, ()),
        (ordered(), HERE, NOON, ("the MX of dest.test points here: change it in the DNS",)),
        (
            ordered(),
            NOBODY,
            NOON + HOUR,
            ("none may point here for 23 h 01 min more, because others may remember the old one",),
        ),
        (
            ordered(upstream=("192.0.2.1",)),
            NOBODY,
            NOON + 600,
            ("no mail may come from 192.0.2.1 for 51 min more",),
        ),
        (drain(OPEN, by="a", now=NOON), Seen(moving=1), NOON, ("1 is still on the way",)),
        (drain(OPEN, by="a", now=NOON), Seen(kept=1), NOON, ()),
    ],
)
def test_it_says_what_it_waits_for(course: Course, seen: Seen, now: float, sentences: tuple[str, ...]) -> None:
    assert awaited(course, seen, now) == sentences


LOOKS = st.builds(
    Seen,
    pointing=st.sampled_from([(), ("a.test",)]),
    unknown=st.sampled_from([(), ("b.test",)]),
    ttl=st.floats(0, 3 * DAY),
    moving=st.integers(0, 2),
    kept=st.integers(0, 2),
)


@given(st.lists(st.tuples(st.floats(1, DAY), LOOKS), max_size=40))
def test_no_mail_is_refused_within_a_day_of_an_mx_that_pointed_here(looks: list[tuple[float, Seen]]) -> None:
    course, now, pointed = ordered(), NOON, NOON
    for seconds, seen in looks:
        now += seconds
        before, course = course, advance(course, seen, now)
        if before.step is Step.LEAVING:
            pointed = now if seen.pointing or seen.unknown else pointed
            assert takes_mail(course) or now - pointed >= WAIT_SECONDS
        if course.step is Step.OFF and before.step is not Step.OFF:
            assert not seen.moving
        assert list(Step).index(course.step) >= list(Step).index(before.step)
