"""The stages of a message, of a copy and of a delivery. Only `transitions` says how one follows another."""

from enum import IntEnum


class MessageStage(IntEnum):
    """Where a message stands."""

    OFFERED = 0
    """Durable, but its reply is still owed: examined before 250 (DECISIONS 12). Neither remade nor sent."""
    ACCEPTED = 1
    """Ours. Waits to be examined."""
    EXAMINED = 2
    """Waits to be judged."""
    JUDGED = 3
    """Its copies have been made; it lives as long as one of them does."""
    SHUNTED = 4
    """We failed on it. Kept whole until a person retries or deletes it."""
    CLOSED = 5
    """Ended: every copy has."""


class CopyStage(IntEnum):
    """Where a copy stands."""

    PLANNED = 0
    """Edits are ordered and not yet made: it has no content."""
    READY = 1
    """May be sent."""
    HELD = 2
    """May be sent when a person, or the policy's time, lets it go."""
    QUARANTINED = 3
    """Kept from its recipients until released, deleted or expired."""
    CLOSED = 4
    """Ended: every delivery of it has."""


class DeliveryStage(IntEnum):
    """Where the delivery to one recipient stands. "Deferred" is PENDING with a later date."""

    PENDING = 0
    SENT = 1
    FAILED = 2
    """Given up; the sender was told where that is allowed."""
    NOT_FORWARDED = 3
    """Ended without a next hop: scan only."""
    DROPPED = 4
    """Ended with its copy: discarded, returned, or deleted by a person."""
