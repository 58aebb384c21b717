"""From decisions to copies: recipients who share a treatment share a copy, and nobody else does (FEATURES 4).

What makes a treatment is what is done with the message: where it goes, and what is changed in it. Which rule said so
may differ between those who share one; the log has that for each of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, assert_never

from mailock.core.lifecycle.copies import Copy, Delivery, Disposition
from mailock.core.lifecycle.events import Decided, Judged, Scan
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage
from mailock.core.mail.address import Address
from mailock.core.mail.message import Message
from mailock.core.policy.decide import MONITORED, Judgement
from mailock.core.policy.decision import Decision
from mailock.core.policy.rule import MTA_RULE
from mailock.core.policy.way import STRAIGHT, return_path
from mailock.core.rewriting.edits import Edit
from mailock.core.rewriting.orders import Orders, Sealed, write_orders

LET_GO_BY_HAND: Final = frozenset({Disposition.HOLD, Disposition.QUARANTINE, Disposition.REJECT})
"""What waits for a person. Whom rules add to it have the message when he lets it go, and not before."""


@dataclass(frozen=True, slots=True)
class _Treatment:
    disposition: Disposition
    quarantine_class: str | None
    edits: tuple[Edit, ...]
    if_unfit: Disposition | None
    on_release: tuple[Edit, ...]
    sealed: Sealed | None
    signed: bool
    sender: Address | None
    via: str
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The copies of a message, and which one each recipient gets, by his place in the envelope."""

    copies: tuple[Copy, ...]
    of: tuple[int, ...]


def split(
    message: Message,
    decisions: tuple[Decision, ...],
    now: float,
    counted_from: float | None = None,
    frozen: bytes = b"",
    *,
    signing: frozenset[int] = frozenset(),
) -> Split:
    """The copies that decisions, one for each recipient in the envelope's order, come to. `frozen`: see Judgement;
    `signing`: the recipients whose copies are to be signed before they go out.
    """
    prefix = frozen + message.trace
    numbers: dict[_Treatment, int] = {}
    copies: list[Copy] = []
    of: list[int] = []
    for decision in decisions:
        treatment = _treatment(message, decision, signed=decision.recipient in signing)
        number = numbers.setdefault(treatment, len(copies))
        if number == len(copies):
            copies.append(_copy(message, number, decision, treatment, now, counted_from, prefix))
        of.append(number)
    return Split(copies=tuple(copies), of=tuple(of))


def dealt(deliveries: Iterable[Delivery], split_: Split) -> tuple[Delivery, ...]:
    """The deliveries, each with its copy; those of a copy that ends at once end with it."""
    return tuple(_dealt(delivery, split_.copies[split_.of[delivery.number]]) for delivery in deliveries)


def decided(decisions: Iterable[Decision]) -> tuple[Decided, ...]:
    """What the log is told: recipients of whom the same is decided for the same reasons stand together."""
    alike: dict[tuple[Disposition, str, tuple[str, ...], str | None], list[int]] = {}
    for one in decisions:
        key = one.disposition, one.rule, one.because, one.quarantine_class
        alike.setdefault(key, []).append(one.recipient)
    return tuple(
        Decided(
            recipients=tuple(numbers),
            disposition=disposition,
            rule=rule,
            because=because,
            quarantine_class=quarantine_class,
        )
        for (disposition, rule, because, quarantine_class), numbers in alike.items()
    )


def unenforced(decision: Decision) -> Decision:
    """Whatever was decided: a recipient without a next hop gets nothing, and nothing is kept from him."""
    straight = decision.way == STRAIGHT and not decision.added
    if decision.disposition is Disposition.DELIVER and not decision.edits and straight:
        return decision
    because = (*decision.because, MONITORED)
    return replace(
        decision,
        disposition=Disposition.DELIVER,
        quarantine_class=None,
        edits=(),
        way=STRAIGHT,
        added=(),
        rule=MTA_RULE,
        because=because,
    )


def told(message: Message, revision: int, judgement: Judgement, started: float, now: float, document: bytes) -> Judged:
    """The event of a judgement, without its decisions."""
    verdict = judgement.verdict
    return Judged(
        queue_id=message.queue_id,
        started=started,
        at=now,
        revision=revision,
        verdict=verdict.threat.name.lower(),
        decisions=(),
        scan=Scan(
            confidence=verdict.confidence.name.lower(),
            mail_class=verdict.mail_class.value,
            score=verdict.score,
            document=document,
            outline=judgement.outline,
        ),
    )


def _treatment(message: Message, decision: Decision, *, signed: bool) -> _Treatment:
    return _Treatment(
        disposition=decision.disposition,
        quarantine_class=decision.quarantine_class,
        edits=decision.edits,
        if_unfit=decision.if_unfit if decision.edits else None,
        on_release=decision.on_release,
        sealed=decision.sealed if decision.edits or decision.on_release else None,
        signed=signed,
        sender=return_path(message, decision.way),
        via=decision.way.via,
        added=decision.added if decision.disposition in LET_GO_BY_HAND else (),
    )


def _copy(
    message: Message,
    number: int,
    decision: Decision,
    treatment: _Treatment,
    now: float,
    counted_from: float | None,
    prefix: bytes,
) -> Copy:
    kept = decision.disposition is Disposition.QUARANTINE
    return Copy(
        queue_id=message.queue_id,
        number=number,
        stage=_stage(treatment),
        body=message.body,
        prefix=prefix,
        disposition=decision.disposition,
        because=decision.because,
        rule=decision.rule,
        quarantine_class=decision.quarantine_class,
        quarantined_at=now if kept else None,
        counted_from=counted_from,
        sender=treatment.sender,
        via=treatment.via,
        added=treatment.added,
        orders=write_orders(
            Orders(edits=decision.edits or decision.on_release, sealed=decision.sealed, if_unfit=decision.if_unfit)
        ),
    )


def _stage(treatment: _Treatment) -> CopyStage:
    made = bool(treatment.edits) or treatment.signed
    match treatment.disposition:
        case Disposition.DELIVER:
            return CopyStage.PLANNED if made else CopyStage.READY
        case Disposition.HOLD:
            # A copy that waits to be made has no content that could be held; remake holds it when it has.
            return CopyStage.PLANNED if made else CopyStage.HELD
        case Disposition.QUARANTINE:
            return CopyStage.QUARANTINED
        case Disposition.DISCARD:
            return CopyStage.CLOSED
        case Disposition.REJECT:
            raise ValueError("what is rejected was never taken, so it has no copies")
        case never:
            assert_never(never)


def _dealt(delivery: Delivery, copy: Copy) -> Delivery:
    if copy.stage is CopyStage.CLOSED:
        return replace(delivery, copy=copy.number, stage=DeliveryStage.DROPPED)
    return replace(delivery, copy=copy.number) if copy.number != delivery.copy else delivery
