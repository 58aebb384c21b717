"""Letting others than its recipients have a copy of what is in quarantine.

The copy is a message of our own, with the bytes of the first and from the null path. The first one stays where it is,
and remembers in its reasons who had a copy, so that an order that is given twice sends it once.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from mailock.config.names import address
from mailock.core.lifecycle.changes import Commit, CopyMoved, Entry, Planned
from mailock.core.lifecycle.copies import Copy
from mailock.core.lifecycle.events import Accepted, Noted
from mailock.core.lifecycle.parting import NUMBERS
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.address import Address
from mailock.core.mail.message import Message, OwnMail, for_others, show_id
from mailock.core.routing.direction import Refusal, place_own
from mailock.operations.acting import Done, Order, Result
from mailock.operations.desk import Desk
from mailock.operations.filtering import Part, pending_of
from mailock.operations.showing import listed
from mailock.ports.commands import Speaker
from mailock.ports.queue import Item

Forward = Callable[[Item, Sequence[Part]], Awaitable[Order | Result]]


def forward(desk: Desk, to: Sequence[str], reason: str, speaker: Speaker) -> Forward:
    """Makes the order that sends a copy. Raises ValueError for what is no address."""
    wanted = tuple(dict.fromkeys(_address(one) for one in to))

    async def order(item: Item, found: Sequence[Part]) -> Order | Result:
        message, copy = item.message, found[0].copy
        if len(found) > 1:
            return Result(message.queue_id, Done.REFUSED, "is in quarantine in several treatments: name a recipient")
        new = tuple(one for one in wanted if _mark(one) not in copy.because)
        if not new:
            return Result(message.queue_id, Done.ALREADY, f"was released to {listed([str(one) for one in wanted])}")
        routes = desk.standing().routes
        for one in new:
            placed = place_own(routes, message.virtual_system, one)
            if isinstance(placed, Refusal):
                return Result(message.queue_id, Done.REFUSED, f"cannot go to {one}: {placed.why}")
        number = next((n for n in NUMBERS if all(n != other.number for other in item.copies)), None)
        if number is None:
            return Result(message.queue_id, Done.REFUSED, "was changed by hand too often: release it to its recipients")
        content = await desk.queue.small_body(copy.body) if copy.body.inline else None
        made = _message(desk, message, copy, new)
        text = f"A copy was released to {listed([str(one) for one in new])} by {speaker.name}"
        because = f": {reason}" if reason else ""
        commit = Commit(
            entries=(Entry(message=made, content=content),),
            changes=_marked(item, copy, number, new),
            events=(
                Noted(
                    queue_id=message.queue_id,
                    at=desk.clock.now(),
                    text=f"{text}, as message {show_id(made.queue_id)}{because}",
                ),
                Accepted(message=made),
            ),
        )
        told = f"released to {listed([str(one) for one in new])} as message {show_id(made.queue_id)}; it stays here too"
        return Order(commit=commit, text=told, then=desk.stations.judge)

    return order


def _message(desk: Desk, original: Message, copy: Copy, to: Sequence[Address]) -> Message:
    return for_others(
        replace(original, body=copy.body),
        to,
        own=OwnMail.COPY,
        queue_id=desk.ids.queue_id(),
        session_id=desk.ids.session_id(),
        node=desk.node,
        accepted_at=desk.clock.now(),
        revision=desk.standing().revision,
    )


def _marked(item: Item, copy: Copy, number: int, to: Sequence[Address]) -> tuple[Planned | CopyMoved, ...]:
    """The same copy in quarantine, which knows who had one."""
    because = (*copy.because, *(_mark(one) for one in to))
    deliveries = tuple(replace(one, copy=number) for one in pending_of(item, copy))
    planned = Planned(
        queue_id=copy.queue_id, copies=(replace(copy, number=number, because=because),), deliveries=deliveries
    )
    closed = CopyMoved(queue_id=copy.queue_id, number=copy.number, before=copy.stage, after=CopyStage.CLOSED)
    return (planned, closed)


def _mark(to: Address) -> str:
    return f"a copy was released to {to}"


def _address(text: str) -> Address:
    local, _, domain = address(text).rpartition("@")
    return Address(local, domain.lower())
