"""The queue under people's hands: look at it, hold and let go, try again, judge again, return, delete.

Every act is told by a named person, is written with the change that it makes, and may be given twice. An act by filter
means only those recipients of a message whom the filter names.
"""

import msgspec

from mailock.core.lifecycle.stages import MessageStage
from mailock.core.mail.message import QueueId, read_id, show_id
from mailock.operations.acting import Make, acting, counting, find_page
from mailock.operations.bouncing import bounce
from mailock.operations.content import header_lines
from mailock.operations.desk import Desk
from mailock.operations.filtering import (
    IN_QUEUE,
    UNJUDGED,
    Filter,
    Meant,
    parts,
    queue_selections,
    read_arguments,
    understood,
)
from mailock.operations.queue_acts import delete, hold, release, requeue, retry
from mailock.operations.showing import row, whole
from mailock.ports.commands import Absent, Arguments, Command, Speaker
from mailock.ports.queue import Item, Selection

MOST_LISTED = 1000
ACTS: dict[str, Make] = {
    "queue.hold": hold,
    "queue.release": release,
    "queue.retry": retry,
    "queue.requeue": requeue,
    "queue.bounce": bounce,
    "queue.delete": delete,
}


class Listing(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of a list."""

    filter: Filter
    limit: int = 100
    after: str | None = None


class Showing(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments that ask for one message. `content`: whether its header is to be read, which leaves a trace."""

    id: str
    content: bool = False


def commands(desk: Desk) -> dict[str, Command]:
    """`queue.list`, `queue.show`, `queue.count`, and the acts."""

    async def listing(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Listing)
        meant = understood(given.filter, desk.clock.now())
        limit = max(1, min(given.limit, MOST_LISTED))
        items, after = await find_meant(desk, meant, limit, None if given.after is None else read_id(given.after))
        now = desk.clock.now()
        return {"messages": [row(item, now) for item in items], "after": None if after is None else show_id(after)}

    async def showing(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Showing)
        item = await one_message(desk, read_id(given.id))
        header = await header_lines(desk, item.message, speaker) if given.content else None
        return whole(item, desk.clock.now()) | ({} if header is None else {"header": header})

    acts = {name: acting(desk, make, queue_selections) for name, make in ACTS.items()}
    return {
        "queue.list": listing,
        "queue.show": showing,
        "queue.count": counting(desk, queue_selections, _is_meant),
        **acts,
    }


async def find_meant(desk: Desk, meant: Meant, limit: int, after: QueueId | None) -> tuple[list[Item], QueueId | None]:
    """The oldest messages in the queue that are meant, and behind which the next page begins, if there is one."""
    found: list[Item] = []
    while True:
        items, after = await find_page(desk.queue, queue_selections(meant), limit=limit, after=after)
        for item in items:
            if _is_meant(item, meant):
                found.append(item)
                if len(found) == limit:
                    return found, item.message.queue_id
        if after is None:
            return found, None


async def one_message(desk: Desk, queue_id: QueueId) -> Item:
    """A message, wherever it stands. Raises Absent where it is not in the queue."""
    found = await desk.queue.find(Selection(ids=(queue_id,)), limit=1)
    if not found:
        shown = show_id(queue_id)
        raise Absent(f"{shown} is not in the queue (any more): `mailock show {shown}` tells what became of it")
    return found[0]


def _is_meant(item: Item, meant: Meant) -> bool:
    if item.stage in (*UNJUDGED, MessageStage.SHUNTED):
        return True
    return bool(parts(item, meant, IN_QUEUE))
