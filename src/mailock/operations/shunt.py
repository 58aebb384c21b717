"""The shunt: messages on which we failed, kept whole until a person retries or deletes them (DECISIONS 1)."""

from dataclasses import replace

from mailock.core.lifecycle.changes import Commit, Staged
from mailock.core.lifecycle.events import Discarded, Released
from mailock.core.lifecycle.stages import DeliveryStage, MessageStage
from mailock.core.mail.message import read_id, show_id
from mailock.operations.acting import Acting, Decide, Done, Held, Order, Result, acting, counting, find_page
from mailock.operations.content import header_lines
from mailock.operations.desk import Desk
from mailock.operations.filtering import Meant, read_arguments, understood
from mailock.operations.queue import MOST_LISTED, Listing, Showing, one_message
from mailock.operations.showing import row, whole
from mailock.ports.commands import Arguments, Command, Refused, Speaker
from mailock.ports.queue import Item, Selection

NOT_HERE = "is not shunted (any more): `mailock show` tells what became of it"
SOME_ONLY = "is meant for some of its recipients only: act on the whole message, by its id"


def commands(desk: Desk) -> dict[str, Command]:
    """`shunt.list`, `.show`, `.count`, `.retry`, `.delete`."""

    async def listing(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Listing)
        meant = understood(given.filter, desk.clock.now())
        after = None if given.after is None else read_id(given.after)
        limit = max(1, min(given.limit, MOST_LISTED))
        items, after = await find_page(desk.queue, selections(meant), limit=limit, after=after)
        now = desk.clock.now()
        rows = [row(item, now) for item in items if item.stage is MessageStage.SHUNTED]
        return {"messages": rows, "after": None if after is None else show_id(after)}

    async def showing(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Showing)
        item = await one_message(desk, read_id(given.id))
        if item.stage is not MessageStage.SHUNTED:
            raise Refused(f"{show_id(item.message.queue_id)} is not shunted: `mailock queue show` shows it")
        header = await header_lines(desk, item.message, speaker) if given.content else None
        return whole(item, desk.clock.now()) | ({} if header is None else {"header": header})

    return {
        "shunt.list": listing,
        "shunt.show": showing,
        "shunt.count": counting(desk, selections, lambda item, meant: _refused(item, meant) is None),
        "shunt.retry": acting(desk, retry, selections),
        "shunt.delete": acting(desk, delete, selections),
    }


def selections(meant: Meant) -> tuple[Selection, ...]:
    """What has to be sought."""
    if meant.selection.ids is not None:
        return (meant.selection,)
    return (replace(meant.selection, message_stages=(MessageStage.SHUNTED,)),)


def retry(desk: Desk, meant: Meant, given: Acting, speaker: Speaker) -> Decide:
    """Has a shunted message processed again from its beginning."""

    async def decide(held: Held) -> Order | Result:
        item = held.item
        refused = _refused(item, meant)
        if refused is not None:
            return refused
        if any(one.stage is not DeliveryStage.PENDING for one in item.deliveries):
            text = "has reached some of its recipients already, who would get it twice: it can only be deleted"
            return Result(item.message.queue_id, Done.REFUSED, text)
        now = desk.clock.now()
        staged = Staged(
            queue_id=item.message.queue_id,
            before=MessageStage.SHUNTED,
            after=MessageStage.ACCEPTED,
            counted_from=now,
        )
        event = Released(
            queue_id=item.message.queue_id,
            at=now,
            recipients=_everyone(item),
            by=speaker.name,
            why=given.reason or "to be processed again",
        )
        return Order(
            commit=Commit(changes=(staged,), events=(event,)),
            text="is processed again",
            starts_anew=True,
            then=desk.stations.judge,
        )

    return decide


def delete(desk: Desk, meant: Meant, given: Acting, speaker: Speaker) -> Decide:
    """Ends a shunted message without delivery. Needs a reason."""
    if not given.reason.strip():
        raise ValueError("a deletion needs a reason: --reason")

    async def decide(held: Held) -> Order | Result:
        item = held.item
        refused = _refused(item, meant)
        if refused is not None:
            return refused
        staged = Staged(queue_id=item.message.queue_id, before=MessageStage.SHUNTED, after=MessageStage.CLOSED)
        event = Discarded(
            queue_id=item.message.queue_id,
            at=desk.clock.now(),
            recipients=_everyone(item),
            by=speaker.name,
            why=given.reason.strip(),
        )
        return Order(commit=Commit(changes=(staged,), events=(event,)), text="deleted")

    return decide


def _refused(item: Item, meant: Meant) -> Result | None:
    if item.stage is not MessageStage.SHUNTED:
        return Result(item.message.queue_id, Done.ABSENT, NOT_HERE)
    if not meant.takes_all(item.message.envelope.recipients):
        return Result(item.message.queue_id, Done.REFUSED, SOME_ONLY)
    return None


def _everyone(item: Item) -> tuple[int, ...]:
    return tuple(range(len(item.message.envelope.recipients)))
