"""From a message to its copies: who gets what, in which lane, and why.

No engine is installed in this version, so the due set is empty, the verdict is *unknown* (DECISIONS 20) and the MTA's
own rule lets mail through. What is decided here is the treatment of late mail (DECISIONS 8) and of recipients without
a next hop.
"""

from dataclasses import dataclass, replace

from mailock.core.lifecycle.changes import Change, Planned, Settled, Staged
from mailock.core.lifecycle.copies import Copy, Delivery, Disposition, Hop, NotForwarded, Parcel
from mailock.core.lifecycle.events import Attempted, Decided, Event, Judged
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.mail.message import Message
from mailock.core.policy.installed import Installed, Timeliness
from mailock.core.policy.route import route

MTA_RULE = "mta"
UNROUTED = ""
"""The lane of a recipient that no rule takes any more:

it is deferred with that reason until one does (DECISIONS 28).
"""
NOT_EXAMINED = ("nothing was due to be examined: no engine is installed", "the MTA's own rule lets such mail through")
SKIPPED = ("it waited longer than the maximum delay", "mail_settings allow late mail to go on without processing")
BLOCKED = ("it waited longer than the maximum delay", "mail_settings block late mail")


@dataclass(frozen=True, slots=True)
class Plan:
    """What judging a message comes to."""

    changes: tuple[Change, ...]
    events: tuple[Event, ...]
    parcels: tuple[Parcel, ...]
    """What send can be handed once the changes are durable; without content."""


def plan(
    message: Message,
    before: MessageStage,
    installed: Installed,
    started: float,
    now: float,
    timeliness: Timeliness,
    counted_from: float | None = None,
) -> Plan:
    """The copies of a message, with the deliveries of each.

    `started` is when it was taken up, `now` when it is judged; `counted_from`: see Copy.
    """
    copy = replace(_copy(message, now, timeliness), counted_from=counted_from)
    deliveries, unforwarded = _deliveries(message, installed, now)
    changes: list[Change] = [*_moves(message, before, timeliness)]
    changes.append(Planned(queue_id=message.queue_id, copies=(copy,), deliveries=deliveries))
    events: list[Event] = [_judged(message, installed, copy, started, now)]
    if copy.stage is not CopyStage.READY or timeliness is Timeliness.RETURN:
        return Plan(tuple(changes), tuple(events), ())
    if unforwarded:
        outcomes = tuple(NotForwarded(number=number) for number in unforwarded)
        changes.append(Settled(queue_id=message.queue_id, copy=copy.number, outcomes=outcomes))
        hop = Hop(name="0.0.0.0")
        events.append(Attempted(queue_id=message.queue_id, started=now, at=now, hop=hop, outcomes=outcomes))
    return Plan(tuple(changes), tuple(events), _parcels(message, copy, deliveries, unforwarded))


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
    skipped = timeliness is Timeliness.SKIP
    because = {Timeliness.IN_TIME: NOT_EXAMINED, Timeliness.SKIP: SKIPPED}.get(timeliness, BLOCKED)
    tag = b"X-Mailock-Skipped: late; not processed\r\n" if skipped else b""
    return Copy(
        queue_id=message.queue_id,
        number=0,
        stage=CopyStage.QUARANTINED if kept else CopyStage.READY,
        body=message.body,
        prefix=tag + message.trace,
        disposition=Disposition.QUARANTINE if kept else Disposition.DELIVER,
        because=because,
        rule=MTA_RULE,
        quarantine_class="late" if kept else None,
        quarantined_at=now if kept else None,
        skipped=skipped,
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


def _parcels(
    message: Message, copy: Copy, deliveries: tuple[Delivery, ...], unforwarded: tuple[int, ...]
) -> tuple[Parcel, ...]:
    if len(deliveries) == 1:
        return () if unforwarded else (Parcel(message=message, copy=copy, deliveries=deliveries),)
    lanes: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        if delivery.number not in unforwarded:
            lanes.setdefault(delivery.lane, []).append(delivery)
    return tuple(Parcel(message=message, copy=copy, deliveries=tuple(those)) for those in lanes.values())


def _judged(message: Message, installed: Installed, copy: Copy, started: float, now: float) -> Judged:
    everyone = tuple(range(len(message.envelope.recipients)))
    return Judged(
        queue_id=message.queue_id,
        started=started,
        at=now,
        revision=installed.revision,
        verdict="unknown",
        decisions=(
            Decided(
                recipients=everyone,
                disposition=copy.disposition,
                rule=copy.rule,
                because=copy.because,
                quarantine_class=copy.quarantine_class,
            ),
        ),
        skipped=copy.skipped,
    )
