"""When digests are due: moments of the week by the local clock, and whether one of them has passed."""

from collections.abc import Callable, Sequence
from typing import Final

_WEEK: Final = 7 * 86_400
_MONDAY: Final = 4 * 86_400
"""The first Monday of Unix time: the epoch was a Thursday."""


def passed(moments: Sequence[int], before: float, now: float, offset: Callable[[float], float]) -> bool:
    """Whether one of the moments (seconds of the week from Monday at 0:00, local time) lies in (before, now].

    `offset` says how many seconds local time is ahead of UTC at a Unix time. A clock that went back makes nothing due.
    """
    if not moments or now <= before:
        return False
    if now - before >= _WEEK:
        return True
    local_before, local_now = before + offset(before), now + offset(now)
    week = (int(local_before) - _MONDAY) // _WEEK
    starts = (_MONDAY + (week + number) * _WEEK for number in (0, 1))
    return any(local_before < start + moment <= local_now for start in starts for moment in moments)
