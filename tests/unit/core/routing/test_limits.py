"""Rates, storage (DECISIONS 9) and delay (DECISIONS 8)."""

import pytest

from mailock.core.routing.limits import (
    LEAST_FLOOR,
    Bucket,
    Lateness,
    Rate,
    StorageState,
    allow,
    full_bucket,
    idle,
    lateness,
    storage,
    waited,
)

MIB = 1 << 20
TEN_A_MINUTE = Rate(10, 60.0)


def test_a_burst_empties_the_bucket_and_time_fills_it() -> None:
    bucket = full_bucket(TEN_A_MINUTE, 100.0)
    answers = []
    for _ in range(12):
        bucket, allowed = allow(TEN_A_MINUTE, bucket, 100.0)
        answers.append(allowed)
    assert answers == [True] * 10 + [False] * 2
    assert allow(TEN_A_MINUTE, bucket, 105.9)[1] is False
    assert allow(TEN_A_MINUTE, bucket, 106.1)[1] is True


def test_over_a_long_time_the_rate_holds() -> None:
    bucket, taken = full_bucket(TEN_A_MINUTE, 0.0), 0
    for second in range(3600):
        bucket, allowed = allow(TEN_A_MINUTE, bucket, float(second))
        taken += allowed
    assert 600 <= taken <= 610


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    bucket, allowed = allow(TEN_A_MINUTE, Bucket(0.5, 1000.0), 10.0)
    assert (bucket, allowed) == (Bucket(0.5, 1000.0), False)


def test_a_cost_counts_whole() -> None:
    bucket, allowed = allow(TEN_A_MINUTE, full_bucket(TEN_A_MINUTE, 0.0), 0.0, cost=8)
    assert allowed
    assert allow(TEN_A_MINUTE, bucket, 0.0, cost=3)[1] is False
    assert allow(TEN_A_MINUTE, bucket, 0.0, cost=2)[1] is True


def test_a_full_bucket_may_be_forgotten() -> None:
    assert idle(TEN_A_MINUTE, Bucket(9.0, 0.0), 6.0)
    assert not idle(TEN_A_MINUTE, Bucket(9.0, 0.0), 5.0)


@pytest.mark.parametrize(
    ("used", "free", "percent", "limit", "state"),
    [
        (10 * MIB, 5000 * MIB, 20, 100 * MIB, StorageState.ROOM),
        (100 * MIB, 5000 * MIB, 20, 100 * MIB, StorageState.EXCEEDED),
        (1999 * MIB, 5000 * MIB, 20, None, StorageState.ROOM),
        (2000 * MIB, 5000 * MIB, 20, None, StorageState.EXCEEDED),
        (9000 * MIB, 500 * MIB, None, None, StorageState.ROOM),
        (0, LEAST_FLOOR, None, None, StorageState.ROOM),
        (0, LEAST_FLOOR - 1, None, None, StorageState.FULL),
        (0, LEAST_FLOOR - 1, 20, 100 * MIB, StorageState.FULL),
    ],
)
def test_storage_is_measured_against_settings_and_floor(
    used: int, free: int, percent: int | None, limit: int | None, state: StorageState
) -> None:
    found = storage(
        used=used, free=free, reusable=0, total=10_000 * MIB, message_size=50 * MIB, percent=percent, limit=limit
    )
    assert found.state is state
    assert bool(found.why) is (state is not StorageState.ROOM)


def test_the_floor_grows_with_the_largest_message() -> None:
    found = storage(
        used=0, free=399 * MIB, reusable=0, total=10_000 * MIB, message_size=200 * MIB, percent=None, limit=None
    )
    assert found.state is StorageState.FULL
    assert "400 MiB" in found.why


@pytest.mark.parametrize(
    ("free", "reusable", "state"),
    [(200, 55, StorageState.FULL), (200, 56, StorageState.ROOM), (127, 9000, StorageState.FULL)],
)
def test_what_the_queue_file_has_kept_from_mail_that_is_gone_counts_as_free(
    free: int, reusable: int, state: StorageState
) -> None:
    found = storage(
        used=0,
        free=free * MIB,
        reusable=reusable * MIB,
        total=10_000 * MIB,
        message_size=50 * MIB,
        percent=None,
        limit=None,
    )
    assert found.state is state


def test_a_wait_counts_only_while_the_gateway_ran() -> None:
    assert waited(100.0, 160.0) == 60.0
    assert waited(100.0, 160.0, [(0.0, 110.0), (120.0, 125.0), (150.0, 900.0)]) == 35.0
    assert waited(100.0, 90.0) == 0.0


@pytest.mark.parametrize(
    ("seconds", "maximum", "flags", "expected"),
    [
        (60.0, 60.0, {}, Lateness.IN_TIME),
        (1e9, None, {}, Lateness.IN_TIME),
        (61.0, 60.0, {}, Lateness.ALLOW),
        (61.0, 60.0, {"allow_unjudged": False}, Lateness.BLOCK),
        (61.0, 60.0, {"judged": True}, Lateness.BLOCK),
        (61.0, 60.0, {"incriminated": True}, Lateness.BLOCK),
        (61.0, 60.0, {"crashed": True}, Lateness.BLOCK),
    ],
)
def test_allow_is_for_mail_that_is_merely_unjudged(
    seconds: float, maximum: float | None, flags: dict[str, bool], expected: Lateness
) -> None:
    known = {"allow_unjudged": True, "judged": False, "incriminated": False, "crashed": False} | flags
    assert lateness(seconds, maximum, **known) is expected
