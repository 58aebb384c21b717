"""When mail is tried again, when its sender is warned, and when it is given up."""

import pytest

from mailock.core.routing.schedule import Again, Expired, Schedule, after_failure, expires_at, pause

PLAIN = Schedule(first=60.0, factor=2.0, maximum=3600.0, jitter=0.0, lifetime=86_400.0, warn_after=14_400.0)


def after(schedule: Schedule, now: float, tries: int = 1, chance: float = 0.0, warned: bool = False) -> Again | Expired:
    return after_failure(schedule, accepted_at=0.0, tries=tries, now=now, chance=chance, warned=warned)


@pytest.mark.parametrize(
    ("tries", "seconds"), [(0, 60), (1, 60), (2, 120), (3, 240), (6, 1920), (7, 3600), (10**9, 3600)]
)
def test_the_pause_grows_up_to_the_maximum(tries: int, seconds: float) -> None:
    assert pause(PLAIN, tries, 0.5) == seconds


def test_chance_stretches_a_pause_and_never_shortens_it() -> None:
    spread = Schedule(first=100.0, jitter=0.5)
    assert [pause(spread, 1, chance) for chance in (0.0, 0.5)] == [100.0, 125.0]
    assert 125.0 < pause(spread, 1, 0.999_999) < 150.0


def test_a_failure_is_followed_by_a_date() -> None:
    assert after(PLAIN, 1000.0) == Again(at=1060.0, warn=False)


def test_the_sender_is_warned_once_when_the_time_has_come() -> None:
    assert after(PLAIN, 14_399.0) == Again(at=14_459.0, warn=False)
    assert after(PLAIN, 14_400.0) == Again(at=14_460.0, warn=True)
    assert after(PLAIN, 14_400.0, warned=True) == Again(at=14_460.0, warn=False)
    assert after(Schedule(jitter=0.0, warn_after=None), 100_000.0) == Again(at=100_060.0, warn=False)


def test_the_last_try_is_at_the_end_of_the_lifetime_and_not_before() -> None:
    assert after(PLAIN, 86_000.0, tries=20) == Again(at=86_400.0, warn=True)
    assert after(PLAIN, 86_400.0, tries=21) == Expired(after=86_400.0)
    assert expires_at(PLAIN, 5.0) == 86_405.0


def test_an_endless_outage_makes_a_bounded_number_of_tries() -> None:
    now, tries = 0.0, 0
    while True:
        tries += 1
        match after(PLAIN, now, tries=tries):
            case Again(at=at):
                assert at > now
                now = at
            case Expired(after=lived):
                break
    assert (lived, tries) == (86_400.0, 30)
