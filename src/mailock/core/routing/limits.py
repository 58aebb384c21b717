"""How much is too much: rates, storage, and delay, as functions over numbers.

Rates are token buckets: a bucket holds `burst` tokens at most, gains them evenly, and an event takes one. Storage and
delay follow DECISIONS 9 and 8. Sizes are bytes, spans are seconds, times are Unix seconds.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Final

from mailock.core.mail.value import value

LEAST_FLOOR: Final = 256 << 20
"""The smallest free space below which nothing is accepted whatever the settings say."""


@value(frozen=True, slots=True)
class Rate:
    """So many events in so many seconds; as many at once as `amount`."""

    amount: int
    seconds: float


@value(frozen=True, slots=True)
class Bucket:
    """What is left of a rate, and when that was so."""

    tokens: float
    at: float


def full_bucket(rate: Rate, now: float) -> Bucket:
    """A bucket of a source that is new."""
    return Bucket(float(rate.amount), now)


def allow(rate: Rate, bucket: Bucket, now: float, cost: float = 1.0) -> tuple[Bucket, bool]:
    """Takes `cost` tokens if they are there. A refused event takes none, so a source that waits is heard again."""
    tokens = refilled(rate, bucket, now)
    if tokens < cost:
        return Bucket(tokens, max(now, bucket.at)), False
    return Bucket(tokens - cost, max(now, bucket.at)), True


def refilled(rate: Rate, bucket: Bucket, now: float) -> float:
    """Tokens that a bucket holds now. A clock that went back adds none."""
    return min(float(rate.amount), bucket.tokens + max(0.0, now - bucket.at) * rate.amount / rate.seconds)


def idle(rate: Rate, bucket: Bucket, now: float) -> bool:
    """Whether a bucket is full again, so that it may be forgotten."""
    return refilled(rate, bucket, now) >= rate.amount


class StorageState(Enum):
    """Whether there is room for another message."""

    ROOM = "room"
    EXCEEDED = "exceeded"
    """A mail setting is reached: Allow takes mail and skips its processing, Block answers 452 4.3.1."""
    FULL = "full"
    """Below the hard floor: 452 4.3.1 whatever the setting says."""


@value(frozen=True, slots=True, kw_only=True)
class Storage:
    """Whether there is room, and why not, as a sentence for the log."""

    state: StorageState
    why: str = ""


def storage(
    *,
    used: int,
    free: int,
    reusable: int,
    total: int,
    message_size: int,
    percent: int | None,
    limit: int | None,
) -> Storage:
    """Compares what the queue holds with the settings, and what the file system has left with the floor.

    `used`: bodies and queue file; `free` and `total`: of the file system that holds them; `reusable`: what the queue
    file has kept from mail that is gone. That counts as free, or a queue that once filled the disk would never take
    mail again; but half the floor has to be there for everything else. `percent` and `limit` may each be None; the
    first that is reached counts.
    """
    floor = max(LEAST_FLOOR, 2 * message_size)
    if free + reusable < floor or free < floor // 2:
        return Storage(
            state=StorageState.FULL,
            why=f"{_mebibytes(free)} are free on the spool's file system; {_mebibytes(floor)} have to stay free",
        )
    if limit is not None and used >= limit:
        return Storage(
            state=StorageState.EXCEEDED, why=f"the queue holds {_mebibytes(used)}; the limit is {_mebibytes(limit)}"
        )
    if percent is not None and used * 100 >= total * percent:
        return Storage(
            state=StorageState.EXCEEDED,
            why=f"the queue holds {_mebibytes(used)}, {percent} % of the file system or more",
        )
    return Storage(state=StorageState.ROOM)


class Lateness(Enum):
    """What becomes of a message that is not ready yet."""

    IN_TIME = "in time"
    ALLOW = "allow"
    """Delivered without the processing that is missing; `skipped`."""
    BLOCK = "block"
    """Returned or quarantined."""


def waited(accepted_at: float, now: float, outages: Sequence[tuple[float, float]] = ()) -> float:
    """Seconds from acceptance until now in which the gateway ran; `outages` are (from, to), and do not overlap."""
    stopped = sum(max(0.0, min(end, now) - max(start, accepted_at)) for start, end in outages)
    return max(0.0, now - accepted_at - stopped)


def lateness(
    seconds: float, maximum: float | None, *, allow_unjudged: bool, judged: bool, incriminated: bool, crashed: bool
) -> Lateness:
    """Compares a wait with the maximum delay.

    Allow is for mail that is merely unjudged: where a finding incriminates it already, where policy has judged, or
    where a worker died on it, it is blocked all the same.
    """
    if maximum is None or seconds <= maximum:
        return Lateness.IN_TIME
    passes = allow_unjudged and not judged and not incriminated and not crashed
    return Lateness.ALLOW if passes else Lateness.BLOCK


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):.0f} MiB"
