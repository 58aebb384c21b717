"""Letting others than its recipients have what was kept: whom a person names, and whom a rule had added.

The copy is a message of our own, with the bytes of the first and from the null path. Where a person named them, the
first one stays where it is, and remembers in its reasons who had a copy, so that an order that is given twice sends it
once.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from mailock.config.names import address
from mailock.core.lifecycle.changes import Change, Commit, CopyMoved, Entry, Planned
from mailock.core.lifecycle.copies import Copy
from mailock.core.lifecycle.events import Accepted, Event, Noted
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
        made = _message(desk, replace(message, body=copy.body), new, OwnMail.COPY)
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


async def handed_on(
    desk: Desk, item: Item, found: Sequence[Part], changes: tuple[Change, ...], event: Event, text: str
) -> Order:
    """The order that lets these parts go by `changes`: whom rules added to them get the message as it came."""
    message = item.message
    known = {str(one.address).lower() for one in message.envelope.recipients}
    named = dict.fromkeys(added for one in found for added in one.copy.added if added.lower() not in known)
    if not named:
        return Order(commit=Commit(changes=changes, events=(event,)), text=text)
    to = [Address(*one.rpartition("@")[::2]) for one in named]
    content = await desk.queue.small_body(message.body) if message.body.inline else None
    made = _message(desk, message, to, OwnMail.ARCHIVE)
    commit = Commit(
        entries=(Entry(message=made, content=content),), changes=changes, events=(event, Accepted(message=made))
    )
    told = f"{text}, and to {listed(list(named))} as message {show_id(made.queue_id)}"
    return Order(commit=commit, text=told, then=desk.stations.judge)


def _message(desk: Desk, original: Message, to: Sequence[Address], own: str) -> Message:
    return for_others(
        original,
        to,
        own=own,
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
