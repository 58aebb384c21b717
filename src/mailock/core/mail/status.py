"""The statuses that the log shows, and how the status of a message follows from those of its recipients.

A message's status is that of its least finished recipient (DECISIONS 19): as long as one of five recipients is
deferred, the message is deferred.
"""

from collections.abc import Iterable
from enum import Enum


class Status(Enum):
    """What the log shows of a message or of one recipient, in the order from least to most finished."""

    NEW = "new"
    SCAN_STARTED = "scan_started"
    HOLD = "hold"
    DEFERRED = "deferred"
    QUARANTINED = "quarantined"
    RELEASED = "released"
    SCAN_ENDED = "scan_ended"
    BOUNCED = "bounced"
    REJECTED = "rejected"
    DISCARDED = "discarded"
    SKIPPED = "skipped"
    DELIVERED = "delivered"

    @property
    def rank(self) -> int:
        """How finished: the lower, the less."""
        return _RANK[self]


_RANK = {status: rank for rank, status in enumerate(Status)}


def least_finished(statuses: Iterable[Status]) -> Status:
    """The status of a message whose recipients have these. Raises ValueError for none at all."""
    return min(statuses, key=lambda status: status.rank)
