"""From a message to its copies: who gets what, in which lane, and why.

A message that was examined comes with a judgement, and each recipient gets what was decided for him. Where nothing was
due to be examined there is none: the due set is empty, the verdict is *unknown* (DECISIONS 20) and the MTA's own rule
lets mail through. Beside that the treatment of late mail is decided here (DECISIONS 8), and of recipients without a
next hop: for these nothing is enforced (DECISIONS 17), so late mail is kept from the others only, in a copy of its own.
"""

from dataclasses import replace

from mailock.core.lifecycle.changes import Change, Planned, Settled, Staged
from mailock.core.lifecycle.copies import Copy, Delivery, Disposition, Hop, NotForwarded, Parcel
from mailock.core.lifecycle.events import Attempted, Decided, Event, Judged
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.mail.message import Message
from mailock.core.mail.value import value
from mailock.core.policy.copying import dealt, decided, split, told, unenforced
from mailock.core.policy.decide import Judgement
from mailock.core.policy.installed import Installed, Timeliness
from mailock.core.policy.overdue import BLOCKED, BLOCKING, in_time
from mailock.core.policy.route import UNROUTED, route
from mailock.core.policy.rule import MTA_RULE
from mailock.core.policy.way import led

NOT_EXAMINED = ("nothing was due to be examined: no engine is switched on", "the MTA's own rule lets such mail through")
SKIPPED = ("it waited longer than the maximum delay", "mail_settings allow late mail to go on without processing")
CROWDED = ("the storage limit is reached", "mail_settings allow mail to go on without processing then")
NOT_ENFORCED = (
    "it waited longer than the maximum delay",
    "for this recipient mail is scanned only: nothing is enforced",
)
_BECAUSE = {
    Timeliness.IN_TIME: NOT_EXAMINED,
    Timeliness.SKIP: SKIPPED,
    Timeliness.CROWDED: CROWDED,
    Timeliness.QUARANTINE: BLOCKED,
    Timeliness.RETURN: BLOCKED,
}
_TAGS = {
    Timeliness.SKIP: b"X-Mailock-Skipped: late; not processed\r\n",
    Timeliness.CROWDED: b"X-Mailock-Skipped: storage; not processed\r\n",
}


@value(frozen=True, slots=True)
class Plan:
    """What judging a message comes to."""

    changes: tuple[Change, ...]
    events: tuple[Event, ...]
    parcels: tuple[Parcel, ...]
    """What send can be handed once the changes are durable, without content; what remake can be handed, whole, where a
    copy is PLANNED; or, of mail that goes back to its sender, what send has to fail.
    """


def plan(
    message: Message,
    before: MessageStage,
    installed: Installed,
    started: float,
    now: float,
    timeliness: Timeliness,
    counted_from: float | None = None,
    judgement: Judgement | None = None,
    document: bytes = b"",
    *,
    signed: bool = False,
) -> Plan:
    """The copies of a message, with the deliveries of each.

    `started` is when it was taken up, `now` when it is judged; `counted_from`: see Copy. Allow lets late mail pass that
    was not judged (DECISIONS 8); what was found by then counts, so with a judgement there is nothing to skip.
    `document` is the examination with the judgement, for the log. `signed`: the message is to be signed before it goes
    out, so that even a copy of which nothing is changed waits for remake.
    """
    deliveries, unforwarded = _deliveries(message, installed, now)
    if judgement is not None:
        timely = in_time(judgement, timeliness)
        if timely is not None:
            event = told(message, installed.revision, timely, started, now, document)
            ways = {one.recipient: one.way for one in timely.decisions if one.recipient not in unforwarded}
            deliveries = led(installed.routes, message, deliveries, ways)
            return _by_decisions(message, before, timely, deliveries, unforwarded, event, counted_from, signed=signed)
    copies = _copies(message, deliveries, unforwarded, now, timeliness, signed=signed)
    if counted_from is not None:
        copies = tuple(replace(copy, counted_from=counted_from) for copy in copies)
    # Scan only is the first copy's, what goes anywhere or is kept the last one's; mostly there is one for both.
    first, last = copies[0], copies[-1]
    if first is not last:
        deliveries = tuple(one if one.number in unforwarded else replace(one, copy=last.number) for one in deliveries)
    changes: list[Change] = [*_moves(message, before, timeliness)]
    changes.append(Planned(queue_id=message.queue_id, copies=copies, deliveries=deliveries))
    events: list[Event] = [_judged(message, installed, copies, deliveries, started, now)]
    if unforwarded:
        outcomes = tuple(NotForwarded(number=number) for number in unforwarded)
        changes.append(Settled(queue_id=message.queue_id, copy=first.number, outcomes=outcomes))
        hop = Hop(name="0.0.0.0")
        events.append(Attempted(queue_id=message.queue_id, started=now, at=now, hop=hop, outcomes=outcomes))
    parcels: tuple[Parcel, ...] = ()
    if last.stage in (CopyStage.READY, CopyStage.PLANNED):
        going = deliveries if not unforwarded else tuple(one for one in deliveries if one.number not in unforwarded)
        together = timeliness is Timeliness.RETURN or last.stage is CopyStage.PLANNED
        parcels = _parcels(message, last, going, together=together)
    return Plan(tuple(changes), tuple(events), parcels)


def _by_decisions(
    message: Message,
    before: MessageStage,
    judgement: Judgement,
    pending: tuple[Delivery, ...],
    unforwarded: tuple[int, ...],
    event: Judged,
    counted_from: float | None,
    *,
    signed: bool,
) -> Plan:
    now, queue_id = event.at, message.queue_id
    decisions = tuple(unenforced(one) if one.recipient in unforwarded else one for one in judgement.decisions)
    # Nothing leaves for those without a next hop, so nothing is signed for them.
    signing = frozenset(range(len(decisions))).difference(unforwarded) if signed else frozenset[int]()
    parted = split(message, decisions, now, counted_from, judgement.frozen, signing=signing)
    deliveries = dealt(pending, parted)
    changes: list[Change] = [*_moves(message, before, Timeliness.IN_TIME)]
    changes.append(Planned(queue_id=queue_id, copies=parted.copies, deliveries=deliveries))
    events: list[Event] = [replace(event, decisions=decided(decisions))]
    if unforwarded:
        outcomes = tuple(NotForwarded(number=number) for number in unforwarded)
        changes.append(Settled(queue_id=queue_id, copy=parted.of[unforwarded[0]], outcomes=outcomes))
        hop = Hop(name="0.0.0.0")
        events.append(Attempted(queue_id=queue_id, started=now, at=now, hop=hop, outcomes=outcomes))
    parcels: list[Parcel] = []
    for copy in parted.copies:
        of_copy = tuple(one for one in deliveries if one.copy == copy.number and one.number not in unforwarded)
        if copy.stage is CopyStage.READY:
            parcels += _parcels(message, copy, of_copy, together=False)
        elif copy.stage is CopyStage.PLANNED:
            parcels += _parcels(message, copy, of_copy, together=True)
    return Plan(tuple(changes), tuple(events), tuple(parcels))


def _copies(
    message: Message,
    deliveries: tuple[Delivery, ...],
    unforwarded: tuple[int, ...],
    now: float,
    timeliness: Timeliness,
    *,
    signed: bool,
) -> tuple[Copy, ...]:
    copy = _copy(message, now, timeliness)
    if signed and copy.stage is CopyStage.READY and timeliness is not Timeliness.RETURN:
        copy = replace(copy, stage=CopyStage.PLANNED)
    if not unforwarded or (timeliness not in BLOCKING and copy.stage is CopyStage.READY):
        return (copy,)
    scanned = _copy(message, now, Timeliness.IN_TIME)
    if timeliness in BLOCKING:
        scanned = replace(scanned, because=NOT_ENFORCED)
    return (scanned,) if len(unforwarded) == len(deliveries) else (scanned, replace(copy, number=1))


def _moves(message: Message, before: MessageStage, timeliness: Timeliness) -> tuple[Staged, ...]:
    queue_id = message.queue_id
    if before is MessageStage.EXAMINED or timeliness is not Timeliness.IN_TIME:
        return (Staged(queue_id=queue_id, before=before, after=MessageStage.JUDGED),)
    return (
        Staged(queue_id=queue_id, before=before, after=MessageStage.EXAMINED),
        Staged(queue_id=queue_id, before=MessageStage.EXAMINED, after=MessageStage.JUDGED),
    )


def _copy(message: Message, now: float, timeliness: Timeliness) -> Copy:
    kept = timeliness is Timeliness.QUARANTINE
    tag = _TAGS.get(timeliness, b"")
    return Copy(
        queue_id=message.queue_id,
        number=0,
        stage=CopyStage.QUARANTINED if kept else CopyStage.READY,
        body=message.body,
        prefix=tag + message.trace,
        disposition=Disposition.QUARANTINE if kept else Disposition.DELIVER,
        because=_BECAUSE[timeliness],
        rule=MTA_RULE,
        quarantine_class="late" if kept else None,
        quarantined_at=now if kept else None,
        skipped=bool(tag),
    )


def _deliveries(message: Message, installed: Installed, now: float) -> tuple[tuple[Delivery, ...], tuple[int, ...]]:
    """A delivery for each recipient, and the numbers of those that have no next hop to go to."""
    deliveries, unforwarded = [], []
    for number, recipient in enumerate(message.envelope.recipients):
        rule = route(installed.routes, message, recipient)
        if rule is not None and not rule.forwards:
            unforwarded.append(number)
        deliveries.append(
            Delivery(
                queue_id=message.queue_id,
                copy=0,
                number=number,
                recipient=recipient,
                stage=DeliveryStage.PENDING,
                lane=UNROUTED if rule is None else rule.lane(recipient.address.domain),
                due=now,
            )
        )
    return tuple(deliveries), tuple(unforwarded)


def _parcels(message: Message, copy: Copy, going: tuple[Delivery, ...], *, together: bool) -> tuple[Parcel, ...]:
    if together or len(going) == 1:
        return (Parcel(message=message, copy=copy, deliveries=going),) if going else ()
    lanes: dict[str, list[Delivery]] = {}
    for delivery in going:
        lanes.setdefault(delivery.lane, []).append(delivery)
    return tuple(Parcel(message=message, copy=copy, deliveries=tuple(those)) for those in lanes.values())


def _judged(
    message: Message,
    installed: Installed,
    copies: tuple[Copy, ...],
    deliveries: tuple[Delivery, ...],
    started: float,
    now: float,
) -> Judged:
    return Judged(
        queue_id=message.queue_id,
        started=started,
        at=now,
        revision=installed.revision,
        verdict="unknown",
        decisions=tuple(
            Decided(
                recipients=tuple(one.number for one in deliveries if one.copy == copy.number),
                disposition=copy.disposition,
                rule=copy.rule,
                because=copy.because,
                quarantine_class=copy.quarantine_class,
            )
            for copy in copies
        ),
        skipped=copies[-1].skipped,
    )
