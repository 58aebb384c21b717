"""Returning mail to its sender by hand: ended as a failure, with the notice that he may have (DECISIONS 14)."""

from collections.abc import Sequence

from mailock.core.lifecycle.changes import Change, Commit, CopyMoved
from mailock.core.lifecycle.copies import Copy, Delivery, Response
from mailock.core.lifecycle.events import Accepted, Event, Quarantined, Returned
from mailock.core.lifecycle.parting import TooManyParts, part
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.message import show_id
from mailock.core.notices.report import Kind, Report
from mailock.operations.acting import MOVING, Acting, Decide, Done, Held, Order, Result
from mailock.operations.desk import Desk
from mailock.operations.filtering import IN_QUEUE, Meant, Part, parts
from mailock.operations.queue_acts import for_whom, nothing_for, numbers
from mailock.ports.alerts import Alert
from mailock.ports.commands import Refused, Speaker
from mailock.ports.notices import Letters
from mailock.ports.queue import Item

UNDELIVERABLE = "undeliverable"
DOWN = "mailflow is down, and only it can write to senders: start it with `mailock run`"


def bounce(desk: Desk, meant: Meant, given: Acting, speaker: Speaker) -> Decide:
    """Ends what waits as failed, and tells its sender. Needs a reason, which the sender reads."""
    if not given.reason.strip():
        raise ValueError("a return needs a reason, which the sender will read: --reason")
    notices = desk.notices
    if notices is None:
        raise Refused(DOWN)
    reason = given.reason.strip()

    async def decide(held: Held) -> Order | Result:
        item = held.item
        queue_id = item.message.queue_id
        found = parts(item, meant, IN_QUEUE)
        if not found:
            return nothing_for(item)
        if any(held.moves(one.copy.number) for one in found):
            return Result(queue_id, Done.REFUSED, MOVING)
        reports = [_report(one, reason) for each in found for one in each.deliveries]
        try:
            body = item.message.body
            content = await desk.queue.small_body(body) if body.inline else None
            letters = await notices.tell(item.message, reports, content)
            return _returned(desk, item, found, letters, reason, speaker)
        except (OSError, KeyError, TooManyParts) as fault:
            return Result(queue_id, Done.REFUSED, f"could not be returned, nothing was changed: {fault}")

    return decide


def _report(one: Delivery, reason: str) -> Report:
    response = Response(code=554, enhanced="5.0.0", text=f"Returned by the administrator: {reason}")
    return Report(recipient=one.recipient, kind=Kind.FAILED, response=response)


def _returned(desk: Desk, item: Item, found: Sequence[Part], letters: Letters, reason: str, speaker: Speaker) -> Order:
    queue_id, now = item.message.queue_id, desk.clock.now()
    untold = {report.recipient for report in letters.undeliverable}
    kept = tuple(one.number for each in found for one in each.deliveries if one.recipient in untold)
    changes: list[Change] = []
    taken = frozenset(copy.number for copy in item.copies)
    for one in found:
        ended, taken = _ended(item, one, frozenset(kept), taken, now)
        changes += ended
    events: list[Event] = [Accepted(message=entry.message) for entry in letters.entries]
    told = tuple(number for number in numbers(found) if number not in kept)
    if told:
        events.append(Returned(queue_id=queue_id, at=now, recipients=told, by=speaker.name, why=reason))
    if kept:
        why = f"{speaker.name} returned it ({reason}), and its sender may not be told: {letters.why}"
        events.append(Quarantined(queue_id=queue_id, at=now, recipients=kept, quarantine_class=UNDELIVERABLE, why=why))
    commit = Commit(entries=letters.entries, changes=tuple(changes), events=tuple(events))
    text = _text(found, letters, everyone_kept=not told)
    return Order(commit=commit, text=text, then=lambda: _follow(desk, item, letters))


def _ended(
    item: Item, one: Part, untold: frozenset[int], taken: frozenset[int], now: float
) -> tuple[list[Change], frozenset[int]]:
    """Closes the copy for those who are told, and keeps it for those of whom nobody may be."""
    told, kept = frozenset(one.numbers) - untold, frozenset(one.numbers) & untold
    groups = [group for group in (told, kept) if group]
    parted = part(one.copy, item.deliveries, groups, taken)
    changes: list[Change] = [*parted.changes]
    for group, number in zip(groups, parted.numbers, strict=True):
        changes += _closed(one.copy, number) if group is told else _kept(one.copy, number, now)
    return changes, parted.taken


def _closed(copy: Copy, number: int) -> list[Change]:
    return [CopyMoved(queue_id=copy.queue_id, number=number, before=copy.stage, after=CopyStage.CLOSED)]


def _kept(copy: Copy, number: int, now: float) -> list[Change]:
    """Into quarantine, as settling does it with what can neither be delivered nor returned."""
    name, before = copy.queue_id, copy.stage
    changes: list[Change] = []
    if before is CopyStage.HELD:
        changes.append(CopyMoved(queue_id=name, number=number, before=before, after=CopyStage.READY))
        before = CopyStage.READY
    changes.append(
        CopyMoved(
            queue_id=name,
            number=number,
            before=before,
            after=CopyStage.QUARANTINED,
            quarantine_class=UNDELIVERABLE,
            quarantined_at=now,
        )
    )
    return changes


def _text(found: Sequence[Part], letters: Letters, *, everyone_kept: bool) -> str:
    if everyone_kept:
        return f"is in quarantine as {UNDELIVERABLE}, because its sender may not be told: {letters.why}"
    if letters.entries:
        notice = f"the notice to its sender is {show_id(letters.entries[0].message.queue_id)}"
    else:
        notice = "nobody was told: it has no return path, is our own, or its sender asked not to be"
    some = f"; for others its sender may not be told ({letters.why}), so it is in quarantine" if letters.why else ""
    return f"returned{for_whom(found)}; {notice}{some}"


def _follow(desk: Desk, item: Item, letters: Letters) -> None:
    if letters.entries:
        desk.stations.judge()
    if letters.undeliverable and desk.alerts is not None:
        shown = show_id(item.message.queue_id)
        text = f"message {shown} can neither be delivered nor returned, and is in quarantine: {letters.why}"
        desk.alerts.tell(Alert(kind=UNDELIVERABLE, about=shown, at=desk.clock.now(), text=text))
