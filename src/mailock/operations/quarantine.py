"""The quarantine under people's hands: look, let go, delete (DECISIONS 1).

A release is an ordinary transaction of the queue: the copy goes QUARANTINED → PLANNED → READY, and send takes it from
there. Where changes were ordered for it (what was found is to be taken out) it waits as PLANNED until remake has made
them, unless it is released whole. What is in quarantine as malware may be released by an administrator only: root,
or somebody whom the console knows as one.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from msgspec import Struct

from mailock.core.classify.learning import Came, Taught
from mailock.core.lifecycle.changes import Change, Commit, Planned
from mailock.core.lifecycle.copies import Copy
from mailock.core.lifecycle.events import Discarded, Noted, Released
from mailock.core.lifecycle.parting import TooManyParts
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.message import Message, read_id, show_id
from mailock.core.mail.shown import cleaned
from mailock.core.policy.installed import QuarantineSettings
from mailock.operations.acting import Acting, Decide, Done, Held, Order, Result, acting, counting, find_page
from mailock.operations.content import header_lines, lent
from mailock.operations.desk import Desk
from mailock.operations.filtering import Meant, Part, parts, pending_of, read_arguments, understood
from mailock.operations.forwarding import forward, handed_on
from mailock.operations.preview.telling import preview_table
from mailock.operations.queue import MOST_LISTED, Listing, Showing, one_message
from mailock.operations.queue_acts import for_whom, moved, numbers
from mailock.operations.showing import row, whole
from mailock.operations.track import Json, moment
from mailock.ports.commands import Absent, Arguments, Command, Refused, Speaker
from mailock.ports.queue import Item, Selection
from mailock.ports.teacher import CannotTeach
from mailock.ports.viewer import CannotView, Preview

FOR_ADMINISTRATORS: Final = frozenset({"malware"})
"""Classes that only root and the console's administrators may release."""
NOT_ROOT = "is in quarantine as malware, which only root and administrators of the console may release: use sudo"
NOT_HERE = "is not in quarantine (any more): `mailock show` tells what became of it"
KEPT = (CopyStage.QUARANTINED,)


_REPORTED: Final = {Taught.HAM: "Reported as wanted", Taught.SPAM: "Reported as unwanted"}


class Reporting(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `quarantine.report`."""

    id: str
    taught: Literal["ham", "spam"] = "ham"


class Releasing(Acting, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `quarantine.release`. `to`: others, who get a copy; then the recipients get nothing.

    `whole`: as it came, without the changes that were ordered for it.
    """

    to: list[str] = []
    whole: bool = False


def commands(desk: Desk) -> dict[str, Command]:
    """`quarantine.list`, `.show`, `.count`, `.preview`, `.release`, `.delete`, `.report`."""

    async def listing(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Listing)
        meant = understood(given.filter, desk.clock.now())
        after = None if given.after is None else read_id(given.after)
        limit = max(1, min(given.limit, MOST_LISTED))
        items, after = await find_page(desk.queue, selections(meant), limit=limit, after=after)
        now, settings = desk.clock.now(), desk.standing().quarantine
        rows = [
            kept_row(item, one.copy, now, settings, desk.asked(item.message.queue_id))
            for item in items
            for one in parts(item, meant, KEPT)
        ]
        return {"messages": rows, "after": None if after is None else show_id(after)}

    async def showing(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Showing)
        item = await _kept_message(desk, given.id)
        header = await header_lines(desk, item.message, speaker) if given.content else None
        return whole(item, desk.clock.now()) | ({} if header is None else {"header": header})

    async def preview(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Showing)
        item = await _kept_message(desk, given.id)
        header = await header_lines(desk, item.message, speaker, "content")
        shown = show_id(item.message.queue_id)
        try:
            seen = await _viewed(desk, item.message)
        except (CannotView, OSError, KeyError) as fault:
            raise Refused(f"it cannot be shown: {fault}") from None
        return {"id": shown, "size": item.message.body.size, "header": header, **preview_table(seen)}

    return {
        "quarantine.list": listing,
        "quarantine.show": showing,
        "quarantine.preview": preview,
        "quarantine.report": reporting(desk),
        "quarantine.count": counting(desk, selections, lambda item, meant: bool(parts(item, meant, KEPT))),
        "quarantine.release": acting(desk, release, selections, Releasing),
        "quarantine.delete": acting(desk, delete, selections),
    }


def reporting(desk: Desk) -> Command:
    """The command by which a person says that a message in quarantine is wanted, or that it is not: its virtual
    system learns it. It stays where it is.
    """

    async def report(arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Reporting)
        item = await _kept_message(desk, given.id)
        taught = Taught(given.taught)
        try:
            came = await _taught(desk, item.message, taught)
        except (CannotTeach, OSError, KeyError) as fault:
            raise Refused(f"nothing was learnt: {fault}") from None
        text = f"{_REPORTED[taught]} by {speaker.name}"
        noted = Noted(queue_id=item.message.queue_id, at=desk.clock.now(), text=text)
        await desk.queue.commit(Commit(events=(noted,)), keep_lease=True)
        shown = show_id(item.message.queue_id)
        return {"id": shown, "taught": taught.value, "outcome": came.value, "system": item.message.virtual_system}

    return report


async def _taught(desk: Desk, message: Message, taught: Taught) -> Came:
    async with lent(desk, message) as body:
        return await desk.teacher.teach(message.virtual_system, body, taught)


async def _viewed(desk: Desk, message: Message) -> Preview:
    async with lent(desk, message) as body:
        return await desk.viewer.view(body)


def selections(meant: Meant) -> tuple[Selection, ...]:
    """What has to be sought. The age that a filter names is that in quarantine."""
    told = meant.selection
    if told.ids is not None:
        return (told,)
    kept = replace(told, message_stages=(MessageStage.JUDGED,), copy_stages=KEPT)
    return (replace(kept, quarantined_before=told.accepted_before, accepted_before=None),)


def kept_row(
    item: Item, copy: Copy, now: float, settings: QuarantineSettings, asked: Sequence[str] = ()
) -> dict[str, Json]:
    """One copy in quarantine, as a line of a list. `asked`: recipients who asked for the message."""
    since = copy.quarantined_at or item.message.accepted_at
    kept = settings.kept(item.message.virtual_system, copy.quarantine_class)
    only = replace(item, copies=(copy,), deliveries=pending_of(item, copy))
    return row(only, now) | {
        "class": copy.quarantine_class or "",
        "since": moment(since),
        "expires": moment(since + kept),
        "rule": copy.rule,
        "because": [*_asked_for(only, asked), *copy.because],
    }


def _asked_for(item: Item, asked: Sequence[str]) -> list[str]:
    """That people asked for it, of those whom it is kept from."""
    waiting = [str(one.recipient.address) for one in item.deliveries]
    return [f"{cleaned(one)} asks for it" for one in waiting if one.lower() in asked]


def release(desk: Desk, meant: Meant, given: Acting, speaker: Speaker) -> Decide:
    """Lets recipients have what was kept from them, or others have a copy of it."""
    whole = isinstance(given, Releasing) and given.whole
    others = forward(desk, given.to, given.reason, speaker) if isinstance(given, Releasing) and given.to else None

    async def decide(held: Held) -> Order | Result:
        item = held.item
        found = parts(item, meant, KEPT)
        if not found:
            return Result(item.message.queue_id, Done.ABSENT, NOT_HERE)
        if not may_release(found, speaker):
            return Result(item.message.queue_id, Done.REFUSED, NOT_ROOT)
        if others is not None:
            return await others(item, found)
        event = Released(
            queue_id=item.message.queue_id,
            at=desk.clock.now(),
            recipients=numbers(found),
            by=speaker.name,
            why=given.reason,
        )
        try:
            changes = released(item, found, desk.clock.now(), whole=whole)
        except TooManyParts as why:
            return Result(item.message.queue_id, Done.REFUSED, f"cannot be parted: {why}")
        cleaned = not whole and any(one.copy.orders for one in found)
        text = f"released{for_whom(found)}" + (", with the changes that were ordered for it" if cleaned else "")
        return await handed_on(desk, item, found, changes, event, text)

    return decide


def released(item: Item, found: Sequence[Part], now: float, *, whole: bool) -> tuple[Change, ...]:
    """The changes that let copies go: to remake where there is something to be changed, else to send.

    Raises TooManyParts.
    """
    going = [one for one in found if whole or not one.copy.orders]
    waiting = [one for one in found if one not in going]
    orders = b"" if whole else None
    changes = moved(item, going, CopyStage.PLANNED, CopyStage.READY, due=now, orders=orders)
    taken = tuple(copy for change in changes if isinstance(change, Planned) for copy in change.copies)
    parted = replace(item, copies=(*item.copies, *taken))
    return (*changes, *moved(parted, waiting, CopyStage.PLANNED, due=now))


def delete(desk: Desk, meant: Meant, given: Acting, speaker: Speaker) -> Decide:
    """Ends what is in quarantine: its recipients never get it."""

    async def decide(held: Held) -> Order | Result:
        item = held.item
        found = parts(item, meant, KEPT)
        if not found:
            return Result(item.message.queue_id, Done.ABSENT, NOT_HERE)
        event = Discarded(
            queue_id=item.message.queue_id,
            at=desk.clock.now(),
            recipients=numbers(found),
            by=speaker.name,
            why=given.reason.strip() or "deleted from quarantine",
        )
        try:
            changes = moved(item, found, CopyStage.CLOSED)
        except TooManyParts as why:
            return Result(item.message.queue_id, Done.REFUSED, f"cannot be parted: {why}")
        return Order(commit=Commit(changes=changes, events=(event,)), text=f"deleted{for_whom(found)}")

    return decide


def may_release(found: tuple[Part, ...], speaker: Speaker) -> bool:
    """Whether somebody may let these go."""
    return speaker.may_release_malware or all(one.copy.quarantine_class not in FOR_ADMINISTRATORS for one in found)


async def _kept_message(desk: Desk, text: str) -> Item:
    """A message in quarantine by its id. Raises ValueError, and Absent where it is not there."""
    item = await one_message(desk, read_id(text))
    if not any(copy.stage is CopyStage.QUARANTINED for copy in item.copies):
        raise Absent(f"{show_id(item.message.queue_id)} is in the queue, not in quarantine: `mailock queue show`")
    return item
