"""The only moves that there are.

Every back-end checks a move against these tables before it writes it, and the diagram in docs/life-of-a-message.md is
drawn from them. A move that is not here is a bug, never an outcome: `IllegalMove`. A move that is here and starts from
what is so no longer is `MovedMeanwhile`: a person, or a date, was faster.
"""

from typing import Final

from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage

MESSAGE_MOVES: Final[dict[tuple[MessageStage, MessageStage], str]] = {
    (MessageStage.OFFERED, MessageStage.ACCEPTED): "answered 250",
    (MessageStage.OFFERED, MessageStage.CLOSED): "answered 550, or gone at start",
    (MessageStage.ACCEPTED, MessageStage.EXAMINED): "examined",
    (MessageStage.EXAMINED, MessageStage.JUDGED): "judged",
    (MessageStage.ACCEPTED, MessageStage.JUDGED): "skipped: late, and policy allows",
    (MessageStage.JUDGED, MessageStage.CLOSED): "last copy closed",
    (MessageStage.ACCEPTED, MessageStage.SHUNTED): "gave up",
    (MessageStage.EXAMINED, MessageStage.SHUNTED): "gave up",
    (MessageStage.JUDGED, MessageStage.SHUNTED): "gave up",
    (MessageStage.SHUNTED, MessageStage.ACCEPTED): "retried by hand",
    (MessageStage.JUDGED, MessageStage.ACCEPTED): "requeued by hand, before any recipient was served",
    (MessageStage.SHUNTED, MessageStage.CLOSED): "deleted by hand",
    (MessageStage.ACCEPTED, MessageStage.CLOSED): "deleted by hand",
    (MessageStage.EXAMINED, MessageStage.CLOSED): "deleted by hand",
}

COPY_MOVES: Final[dict[tuple[CopyStage, CopyStage], str]] = {
    (CopyStage.PLANNED, CopyStage.READY): "remade",
    (CopyStage.PLANNED, CopyStage.QUARANTINED): "quarantined, or gave up",
    (CopyStage.PLANNED, CopyStage.CLOSED): "returned or discarded",
    (CopyStage.READY, CopyStage.HELD): "held",
    (CopyStage.HELD, CopyStage.READY): "let go",
    (CopyStage.READY, CopyStage.QUARANTINED): "could not be told: undeliverable",
    (CopyStage.READY, CopyStage.CLOSED): "last delivery settled; deleted or returned by hand",
    (CopyStage.HELD, CopyStage.CLOSED): "deleted or returned by hand",
    (CopyStage.QUARANTINED, CopyStage.PLANNED): "released",
    (CopyStage.QUARANTINED, CopyStage.CLOSED): "expired or deleted",
}

DELIVERY_MOVES: Final[dict[tuple[DeliveryStage, DeliveryStage], str]] = {
    (DeliveryStage.PENDING, DeliveryStage.SENT): "sent",
    (DeliveryStage.PENDING, DeliveryStage.FAILED): "failed",
    (DeliveryStage.PENDING, DeliveryStage.NOT_FORWARDED): "no forward",
    (DeliveryStage.PENDING, DeliveryStage.DROPPED): "ended with its copy, or goes on in another",
}


class IllegalMove(Exception):
    """A change that nobody may ask for: the tables do not know it, or it contradicts itself."""


class MovedMeanwhile(IllegalMove):
    """What a change starts from is so no longer: whoever asked for it was overtaken, and looks again."""


def check_message(before: MessageStage, after: MessageStage) -> None:
    """Raises IllegalMove unless a message may go from one stage to the other."""
    if (before, after) not in MESSAGE_MOVES:
        raise IllegalMove(f"a message cannot go from {before.name} to {after.name}")


def check_copy(before: CopyStage, after: CopyStage) -> None:
    """Raises IllegalMove unless a copy may go from one stage to the other."""
    if (before, after) not in COPY_MOVES:
        raise IllegalMove(f"a copy cannot go from {before.name} to {after.name}")
