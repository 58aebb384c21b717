"""What may be done to a message in the queue, as orders for `acting`."""

from collections.abc import Sequence
from dataclasses import replace

from mailock.core.lifecycle.changes import Change, Commit, CopyMoved, Rescheduled, Staged
from mailock.core.lifecycle.events import Discarded, Event, Noted, Released
from mailock.core.lifecycle.events import Held as WasHeld
from mailock.core.lifecycle.parting import TooManyParts, part
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.operations.acting import BUSY, MOVING, Acting, Decide, Done, Held, Order, Result
from mailock.operations.desk import Desk
from mailock.operations.filtering import IN_QUEUE, UNJUDGED, Meant, Part, parts, pending_of
from mailock.operations.forwarding import handed_on
from mailock.operations.showing import listed
from mailock.ports.commands import Speaker
from mailock.ports.queue import Item

NOT_JUDGED = "is not judged yet, which takes a moment: try again then, or delete it"
ELSEWHERE = {
    MessageStage.SHUNTED: "is shunted: `mailock shunt` acts on it",
    MessageStage.OFFERED: "is not ours yet: its answer is still owed",
    MessageStage.CLOSED: "has ended",
}
QUARANTINED = "is in quarantine: `mailock quarantine` acts on it"
NOBODY = "has nobody waiting in the queue who is meant"


def hold(desk: Desk, meant: Meant, given: Acting, speaker: Speaker) -> Decide:
    """Keeps what is to be sent in the queue until somebody lets it go."""

    async def decide(held: Held) -> Order | Result:
        ready = parts(held.item, meant, (CopyStage.READY,))
        if not ready:
            if parts(held.item, meant, (CopyStage.HELD,)):
                return _result(held.item, Done.ALREADY, "is held already")
            return nothing_for(held.item)
        if any(not one.whole and held.moves(one.copy.number) for one in ready):
            return _result(held.item, Done.REFUSED, MOVING)
        event = WasHeld(
            queue_id=held.item.message.queue_id,
            at=desk.clock.now(),
            recipients=numbers(ready),
            by=speaker.name,
            why=given.reason or "no reason was given",
        )
        beyond = "; what is being sent at this moment goes on" if held.moving else ""
        changes = moved(held.item, ready, CopyStage.HELD)
        return Order(commit=Commit(changes=changes, events=(event,)), text=f"held{for_whom(ready)}{beyond}")

    return _guarded(decide)


def release(desk: Desk, meant: Meant, given: Acting, speaker: Speaker) -> Decide:
    """Lets go what is held, and has it tried at once."""

    async def decide(held: Held) -> Order | Result:
        kept = parts(held.item, meant, (CopyStage.HELD,))
        if not kept:
            if parts(held.item, meant, (CopyStage.READY, CopyStage.PLANNED)):
                return _result(held.item, Done.ALREADY, "is not held")
            return nothing_for(held.item)
        if any(not one.whole and held.moves(one.copy.number) for one in kept):
            return _result(held.item, Done.REFUSED, MOVING)
        event = Released(
            queue_id=held.item.message.queue_id,
            at=desk.clock.now(),
            recipients=numbers(kept),
            by=speaker.name,
            why=given.reason,
        )
        changes = moved(held.item, kept, CopyStage.READY, due=desk.clock.now())
        return await handed_on(desk, held.item, kept, changes, event, f"released{for_whom(kept)}")

    return _guarded(decide)


def retry(desk: Desk, meant: Meant, given: Acting, speaker: Speaker) -> Decide:
    """Tries at once what waits for its date, or for its suspended destination."""

    async def decide(held: Held) -> Order | Result:
        ready = parts(held.item, meant, (CopyStage.READY,))
        if not ready:
            if parts(held.item, meant, (CopyStage.HELD,)):
                return _result(held.item, Done.UNFIT, "is held: release it")
            return nothing_for(held.item)
        queue_id, now = held.item.message.queue_id, desk.clock.now()
        changes: list[Change] = []
        for one in ready:
            still = tuple(n for n in one.numbers if (one.copy.number, n) not in held.moving)
            if still:
                changes.append(Rescheduled(queue_id=queue_id, copy=one.copy.number, numbers=still, due=now))
        if not changes:
            return _result(held.item, Done.ALREADY, "is being sent at this moment")
        lanes = frozenset(delivery.lane for one in ready for delivery in one.deliveries)
        noted = Noted(queue_id=queue_id, at=now, text=f"To be tried at once{for_whom(ready)}, as {speaker.name} wished")
        return Order(
            commit=Commit(changes=tuple(changes), events=(noted,)),
            text=f"is tried now{for_whom(ready)}",
            then=lambda: desk.stations.try_now(lanes),
        )

    return decide


def requeue(desk: Desk, meant: Meant, given: Acting, speaker: Speaker) -> Decide:
    """Has a message judged again, under the policy of today, as if it had just come."""

    async def decide(held: Held) -> Order | Result:
        item = held.item
        found = parts(item, meant, IN_QUEUE)
        if not found:
            if item.stage in UNJUDGED:
                return _result(item, Done.ALREADY, "is to be judged already")
            return nothing_for(item)
        if held.moving:
            return _result(item, Done.REFUSED, MOVING)
        if any(copy.stage is CopyStage.QUARANTINED for copy in item.copies):
            return _result(item, Done.REFUSED, f"cannot be judged again as a whole: part of it {QUARANTINED}")
        if len(set(numbers(found))) < len(item.message.envelope.recipients):
            return _result(
                item,
                Done.REFUSED,
                "cannot be judged again as a whole: it has ended for others of its recipients, or they were not meant. "
                "`mailock queue retry` sends the rest by the rules of today",
            )
        queue_id, now = item.message.queue_id, desk.clock.now()
        staged = Staged(queue_id=queue_id, before=MessageStage.JUDGED, after=MessageStage.ACCEPTED, counted_from=now)
        noted = Noted(queue_id=queue_id, at=now, text=f"To be judged again, as {speaker.name} wished{because(given)}")
        return Order(
            commit=Commit(changes=(staged,), events=(noted,)),
            text="is judged again",
            starts_anew=True,
            then=desk.stations.judge,
        )

    return decide


def delete(desk: Desk, meant: Meant, given: Acting, speaker: Speaker) -> Decide:
    """Ends a message without delivery: nobody gets it and nobody is told. Needs a reason."""
    if not given.reason.strip():
        raise ValueError("a deletion needs a reason: --reason")

    async def decide(held: Held) -> Order | Result:
        item = held.item
        if item.stage in UNJUDGED:
            return _delete_unjudged(desk, held, meant, given, speaker)
        found = parts(item, meant, IN_QUEUE)
        if not found:
            return nothing_for(item)
        if any(held.moves(one.copy.number) for one in found):
            return _result(item, Done.REFUSED, MOVING)
        event = _discarded(desk, item, numbers(found), given, speaker)
        changes = moved(item, found, CopyStage.CLOSED)
        return Order(commit=Commit(changes=changes, events=(event,)), text=f"deleted{for_whom(found)}")

    return _guarded(decide)


def moved(
    item: Item, found: Sequence[Part], *stages: CopyStage, due: float | None = None, orders: bytes | None = None
) -> tuple[Change, ...]:
    """The changes that take everybody who is meant, and nobody else, through these stages.

    `due`: what is let go is due then, and its time in the queue counts from then. `orders`: see CopyMoved.
    Raises TooManyParts.
    """
    taken = frozenset(copy.number for copy in item.copies)
    changes: list[Change] = []
    for one in found:
        parted = part(one.copy, item.deliveries, [frozenset(one.numbers)], taken)
        taken = parted.taken
        changes += parted.changes
        before = one.copy.stage
        for after in stages:
            move = CopyMoved(queue_id=one.copy.queue_id, number=parted.numbers[0], before=before, after=after)
            # What is let go goes to those who are added too; `handed_on` makes their message.
            added = () if due is not None and one.copy.added else None
            changes.append(replace(move, counted_from=due, orders=orders, added=added))
            before = after
        if due is not None:
            number, places = parted.numbers[0], one.numbers
            changes.append(Rescheduled(queue_id=one.copy.queue_id, copy=number, numbers=places, due=due))
    return tuple(changes)


def numbers(found: Sequence[Part]) -> tuple[int, ...]:
    """The places in the envelope of everybody who is meant."""
    return tuple(sorted({number for one in found for number in one.numbers}))


def for_whom(found: Sequence[Part]) -> str:
    """` for a, b`; nothing where it is for everybody who waits."""
    if all(one.whole for one in found):
        return ""
    return f" for {listed([str(one.recipient.address) for each in found for one in each.deliveries])}"


def because(given: Acting) -> str:
    """`: the reason`, where there is one."""
    return f": {given.reason}" if given.reason else ""


def nothing_for(item: Item) -> Result:
    """Why nothing in the queue is meant of a message that was found."""
    if item.stage in UNJUDGED:
        return _result(item, Done.REFUSED, NOT_JUDGED)
    if item.stage is not MessageStage.JUDGED:
        return _result(item, Done.UNFIT, ELSEWHERE[item.stage])
    waiting = [copy for copy in item.copies if copy.stage in IN_QUEUE and pending_of(item, copy)]
    if not waiting:
        return _result(item, Done.UNFIT, QUARANTINED)
    return _result(item, Done.ABSENT, NOBODY)


def _delete_unjudged(desk: Desk, held: Held, meant: Meant, given: Acting, speaker: Speaker) -> Order | Result:
    item = held.item
    if held.busy:
        return _result(item, Done.REFUSED, BUSY)
    everyone = tuple(range(len(item.message.envelope.recipients)))
    if not meant.takes_all(item.message.envelope.recipients):
        return _result(item, Done.REFUSED, NOT_JUDGED)
    staged = Staged(queue_id=item.message.queue_id, before=item.stage, after=MessageStage.CLOSED)
    event = _discarded(desk, item, everyone, given, speaker)
    return Order(commit=Commit(changes=(staged,), events=(event,)), text="deleted")


def _discarded(desk: Desk, item: Item, recipients: tuple[int, ...], given: Acting, speaker: Speaker) -> Event:
    return Discarded(
        queue_id=item.message.queue_id,
        at=desk.clock.now(),
        recipients=recipients,
        by=speaker.name,
        why=given.reason.strip(),
    )


def _result(item: Item, done: Done, text: str) -> Result:
    return Result(item.message.queue_id, done, text)


def _guarded(decide: Decide) -> Decide:
    """Says where a message cannot be parted any more."""

    async def guarded(held: Held) -> Order | Result:
        try:
            return await decide(held)
        except TooManyParts as why:
            return _result(held.item, Done.REFUSED, f"cannot be parted: {why}")

    return guarded
