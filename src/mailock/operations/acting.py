"""How a person's order is carried out on many messages: by pages, each message in a commit of its own.

Mail is moving meanwhile. So everything that is meant is first taken out of the hands of send: what waits in its memory
is recalled, what waits in the queue is claimed. What could not be claimed is on a connection at this moment; an order
that must not meet it there is refused for that message. Then the messages are read again: nobody changes them now.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

import msgspec

from mailock.core.lifecycle.changes import Commit, Planned
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.lifecycle.transitions import MovedMeanwhile
from mailock.core.mail.message import QueueId, read_id, show_id
from mailock.operations.desk import Desk
from mailock.operations.filtering import Filter, Meant, pending_of, read_arguments, understood
from mailock.ports.commands import Arguments, Command, Speaker
from mailock.ports.queue import Archive, Item, Selection, StoreFailed

PAGE = 500
MOVING = "is being sent at this moment: try again in a moment"
BUSY = "is being judged, or sent for the first time, at this moment: try again in a moment"


class Acting(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of every command that changes something."""

    filter: Filter
    reason: str = ""
    after: str | None = None


class Done(Enum):
    """What came of an order for one message."""

    DONE = "done"
    ALREADY = "already"
    """It was so before; nothing was changed."""
    REFUSED = "refused"
    ABSENT = "absent"
    """There is no such message where it was looked for."""
    UNFIT = "unfit"
    """It stands where this cannot be done."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an order for one message; the text goes on after its id."""

    queue_id: QueueId
    done: Done
    text: str

    def table(self) -> dict[str, object]:
        """As it is answered."""
        return {"id": show_id(self.queue_id), "outcome": self.done.value, "text": self.text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done with one message."""

    commit: Commit
    text: str
    starts_anew: bool = False
    """Whether it goes back to be judged, so that all leases on it end with the commit."""
    then: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A message in our hands."""

    item: Item
    moving: frozenset[tuple[int, int]]
    """Copy and number of deliveries that are on a connection at this moment."""
    busy: bool = False
    """Whether a station works on the message itself: it is being judged, or on its way for the first time."""

    def moves(self, copy: int) -> bool:
        """Whether something of a copy is being sent."""
        return any(holder == copy for holder, _ in self.moving)


Decide = Callable[[Held], Awaitable[Order | Result]]


@dataclass(slots=True)
class _Grip:
    """What was taken out of the hands of send for one page."""

    claimed: dict[tuple[QueueId, int], set[int]] = field(default_factory=dict)
    messages: set[QueueId] = field(default_factory=set)
    """Messages that are not judged, and that nobody else works on."""
    lanes: set[str] = field(default_factory=set)

    def add(self, queue_id: QueueId, copy: int, numbers: Sequence[int]) -> None:
        self.claimed.setdefault((queue_id, copy), set()).update(numbers)

    def held(self, item: Item) -> Held:
        """A message with what of it could not be had."""
        moving = frozenset(
            (copy.number, one.number)
            for copy in item.copies
            for one in pending_of(item, copy)
            if one.number not in self.claimed.get((copy.queue_id, copy.number), ())
        )
        unjudged = item.stage is not MessageStage.JUDGED
        return Held(item, moving, busy=unjudged and item.message.queue_id not in self.messages)


Make = Callable[[Desk, Meant, Acting, Speaker], Decide]
"""Makes an order of a person's words."""


def acting(
    desk: Desk,
    make: Make,
    selections: Callable[[Meant], Sequence[Selection]],
    kind: type[Acting] = Acting,
) -> Command:
    """The command that carries out an order on what is found by these selections. `kind` are its arguments."""

    async def command(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, kind)
        meant = understood(given.filter, desk.clock.now())
        after = None if given.after is None else read_id(given.after)
        return await act(desk, meant, selections(meant), make(desk, meant, given, speaker), after=after)

    return command


def counting(
    desk: Desk, selections: Callable[[Meant], Sequence[Selection]], is_meant: Callable[[Item, Meant], bool]
) -> Command:
    """The command that says how many messages an order would meet."""

    async def command(arguments: Arguments, speaker: Speaker) -> object:
        meant = understood(read_arguments(arguments, Acting).filter, desk.clock.now())
        found, after = 0, None
        while True:
            items, after = await find_page(desk.queue, selections(meant), limit=PAGE, after=after)
            found += sum(is_meant(item, meant) for item in items)
            if after is None:
                return {"messages": found}

    return command


async def find_page(
    archive: Archive, selections: Sequence[Selection], *, limit: int, after: QueueId | None
) -> tuple[list[Item], QueueId | None]:
    """The oldest messages that any of the selections means, and behind which the next page begins, if there is one."""
    found = [await archive.find(selection, limit=limit, after=after) for selection in selections]
    merged = {item.message.queue_id: item for items in found for item in items}
    page = [merged[queue_id] for queue_id in sorted(merged)][:limit]
    more = len(merged) > limit or any(len(items) >= limit for items in found)
    return page, page[-1].message.queue_id if page and more else None


async def act(
    desk: Desk, meant: Meant, selections: Sequence[Selection], decide: Decide, *, after: QueueId | None
) -> dict[str, object]:
    """Carries out an order on one page of messages. Returns the results, and where the next page begins.

    Raises ValueError for more ids than a page has.
    """
    if len(meant.selection.ids or ()) > PAGE:
        raise ValueError(f"give at most {PAGE} ids at once")
    async with desk.turn:
        page, following = await find_page(desk.queue, selections, limit=PAGE, after=after)
        if await desk.stations.write_down(frozenset(item.message.queue_id for item in page)):
            page = await _again(desk, page)
        results = await _on_page(desk, page, decide)
    if meant.selection.ids is None:
        # A filter means those for whom it can be done; whoever names a message is told why it cannot.
        results = [result for result in results if result.done in (Done.DONE, Done.REFUSED)]
    results += _absent(meant, page, after)
    shown = [result.table() for result in results]
    return {"results": shown, "after": None if following is None else show_id(following)}


async def _on_page(desk: Desk, page: Sequence[Item], decide: Decide) -> list[Result]:
    if not page:
        return []
    grip = _take(desk, page)
    try:
        orders = [_carry_out(desk, grip.held(item), grip, decide) for item in await _again(desk, page)]
        done = await asyncio.gather(*orders, return_exceptions=True)
        # A bug in one is raised once the others have ended, for until then all of the grip is needed.
        return [_or_raise(one) for one in done]
    finally:
        for (queue_id, copy), numbers in grip.claimed.items():
            if numbers:
                desk.queue.put_back(queue_id, copy, tuple(numbers))
        for queue_id in grip.messages:
            desk.queue.put_back(queue_id)
        if grip.messages:
            desk.stations.judge()
        desk.stations.expect(grip.lanes)
        # What was released may wait for its changes, and what we held was hidden from whoever makes them.
        desk.stations.remake()


async def _again(desk: Desk, page: Sequence[Item]) -> list[Item]:
    """The same messages as they are now; what has ended meanwhile is left out."""
    ids = tuple(item.message.queue_id for item in page)
    return list(await desk.queue.find(Selection(ids=ids), limit=len(ids)))


def _or_raise(result: Result | BaseException) -> Result:
    if isinstance(result, BaseException):
        raise result
    return result


def _take(desk: Desk, page: Sequence[Item]) -> _Grip:
    grip = _Grip()
    copies = [copy for item in page for copy in item.copies if copy.stage is not CopyStage.CLOSED]
    for one in desk.stations.recall(frozenset((copy.queue_id, copy.number) for copy in copies)):
        grip.add(one.queue_id, one.copy, one.numbers)
        grip.lanes.add(one.lane)
    for item in page:
        if item.stage is not MessageStage.JUDGED and desk.queue.claim_message(item.message.queue_id):
            grip.messages.add(item.message.queue_id)
        for copy in item.copies:
            pending = pending_of(item, copy)
            numbers = [one.number for one in pending]
            grip.add(copy.queue_id, copy.number, tuple(desk.queue.claim(copy.queue_id, copy.number, numbers)))
            grip.lanes.update(one.lane for one in pending)
    return grip


async def _carry_out(desk: Desk, held: Held, grip: _Grip, decide: Decide) -> Result:
    queue_id = held.item.message.queue_id
    ordered = await decide(held)
    if isinstance(ordered, Result):
        return ordered
    try:
        await desk.queue.commit(ordered.commit, keep_lease=not ordered.starts_anew)
    except MovedMeanwhile as moved:
        return Result(queue_id, Done.REFUSED, f"moved on meanwhile ({moved}): look again")
    except StoreFailed as failed:
        return Result(queue_id, Done.REFUSED, f"could not be changed, nothing was lost: {failed}")
    if ordered.starts_anew:
        # Its leases have ended; who has it now must keep his.
        grip.messages.discard(queue_id)
        for name in [name for name in grip.claimed if name[0] == queue_id]:
            del grip.claimed[name]
    for change in ordered.commit.changes:
        if isinstance(change, Planned):
            # Made by parting: nobody has it in memory, so it is for whoever leases it.
            grip.lanes.update(delivery.lane for delivery in change.deliveries)
            for copy in change.copies:
                desk.queue.put_back(change.queue_id, copy.number)
    if ordered.then is not None:
        ordered.then()
    return Result(queue_id, Done.DONE, ordered.text)


def _absent(meant: Meant, page: Sequence[Item], after: QueueId | None) -> list[Result]:
    """A result for each id that was given and is not there. Told once, with the first page."""
    if meant.selection.ids is None or after is not None:
        return []
    there = {item.message.queue_id for item in page}
    text = "is not here (any more): `mailock show` tells what became of it"
    return [Result(queue_id, Done.ABSENT, text) for queue_id in meant.selection.ids if queue_id not in there]
