"""Parting a copy: what a person orders for some of its recipients must not happen to the others.

A copy is one treatment for recipients who share it, and moves as one. Where they are to go different ways, it is closed
and others take its place, alike but for their recipients; what is ordered then happens to one of them whole.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from mailock.core.lifecycle.changes import CopyMoved, Planned
from mailock.core.lifecycle.copies import Copy, Delivery
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage
from mailock.core.mail.message import show_id

NUMBERS: Final = range(1, 1000)
"""The numbers of parted copies. Judging counts from 0 and makes few; from 1000 on they are named by recipient."""


class TooManyParts(Exception):
    """A message was parted so often that there is no number left; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Parted:
    """What parts a copy."""

    changes: tuple[Planned | CopyMoved, ...]
    numbers: tuple[int, ...]
    """The number of the copy in which each group is afterwards."""
    taken: frozenset[int]
    """The numbers of all copies of the message afterwards."""


def part(copy: Copy, deliveries: Iterable[Delivery], groups: Sequence[Set[int]], taken: Set[int]) -> Parted:
    """Parts groups of recipients from each other, and from whoever else waits in the copy.

    `groups` are places in the envelope, none empty and none in two; `taken` the numbers of all copies of the message.
    Where one group is everybody, nothing has to be parted. Raises TooManyParts.
    """
    pending = [one for one in deliveries if one.copy == copy.number and one.stage is DeliveryStage.PENDING]
    rest = {one.number for one in pending}.difference(*groups)
    wanted = [*groups, rest] if rest else list(groups)
    if len(wanted) == 1:
        return Parted((), (copy.number,), frozenset(taken))
    free = [number for number in NUMBERS if number not in taken][: len(wanted)]
    if len(free) < len(wanted):
        raise TooManyParts(f"message {show_id(copy.queue_id)} was parted too often: act on all of its recipients")
    place = {number: new for new, group in zip(free, wanted, strict=True) for number in group}
    planned = Planned(
        queue_id=copy.queue_id,
        copies=tuple(replace(copy, number=new) for new in free),
        deliveries=tuple(replace(one, copy=place[one.number]) for one in pending),
    )
    closed = CopyMoved(queue_id=copy.queue_id, number=copy.number, before=copy.stage, after=CopyStage.CLOSED)
    return Parted((planned, closed), tuple(free[: len(groups)]), frozenset({*taken, *free}))
