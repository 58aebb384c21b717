"""Draws the transition tables as Mermaid state diagrams, fenced for Markdown, for docs/life-of-a-message.md.

The picture is made from the tables that the stores check every move against, so it cannot be out of date.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, TypeVar

from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.lifecycle.transitions import COPY_MOVES, DELIVERY_MOVES, MESSAGE_MOVES

S = TypeVar("S", bound=IntEnum)

_STARTS: Final[dict[type[IntEnum], tuple[tuple[IntEnum, str], ...]]] = {
    MessageStage: ((MessageStage.ACCEPTED, "250: ours"), (MessageStage.OFFERED, "verdict before 250")),
    CopyStage: ((CopyStage.PLANNED, "to be changed"), (CopyStage.READY, "as it came"), (CopyStage.QUARANTINED, "kept")),
    DeliveryStage: ((DeliveryStage.PENDING, "planned"),),
}


def message_diagram() -> str:
    """The life of a message."""
    return _draw(MessageStage, MESSAGE_MOVES)


def copy_diagram() -> str:
    """The life of a copy."""
    return _draw(CopyStage, COPY_MOVES)


def delivery_diagram() -> str:
    """The life of a delivery."""
    return _draw(DeliveryStage, DELIVERY_MOVES)


def _draw(stages: type[S], moves: Mapping[tuple[S, S], str]) -> str:
    lines = ["stateDiagram-v2"]
    lines += [f"    [*] --> {stage.name}: {how}" for stage, how in _STARTS[stages]]
    lines += [f"    {before.name} --> {after.name}: {how}" for (before, after), how in moves.items()]
    left = {before for before, _ in moves}
    lines += [f"    {stage.name} --> [*]" for stage in stages if stage not in left]
    return "```mermaid\n" + "\n".join(lines) + "\n```"
