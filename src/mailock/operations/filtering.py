"""Which messages a person means: by their ids, or by what they are.

A filter names recipients too (`recipient`, `domain`, `lane`). Then only those recipients of a message are meant, not
the others that it has.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import msgspec

from mailock.core.lifecycle.copies import Copy, Delivery
from mailock.core.lifecycle.query import BadQuery, read_time
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.mail.envelope import Recipient
from mailock.core.mail.message import read_id
from mailock.core.mail.status import Status
from mailock.ports.queue import Item, Selection, address_matches

IN_QUEUE: Final = (CopyStage.PLANNED, CopyStage.READY, CopyStage.HELD)
UNJUDGED: Final = (MessageStage.ACCEPTED, MessageStage.EXAMINED)
T = TypeVar("T")


class Filter(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments that say which messages are meant. `all` has to be said where nothing else is."""

    ids: list[str] = []
    sender: str | None = None
    recipient: str | None = None
    domain: str | None = None
    lane: str | None = None
    older_than: str | None = None
    status: str | None = None
    quarantine_class: str | None = None
    virtual_system: str | None = None
    all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A filter, understood."""

    selection: Selection
    status: Status | None = None
    recipient: str | None = None
    lane: str | None = None
    quarantine_class: str | None = None

    @property
    def names_recipients(self) -> bool:
        """Whether only some recipients of a message may be meant."""
        return self.recipient is not None or self.lane is not None

    def takes(self, delivery: Delivery) -> bool:
        """Whether a recipient is meant."""
        return (self.lane is None or delivery.lane == self.lane) and (
            self.recipient is None or address_matches(self.recipient, str(delivery.recipient.address))
        )

    def takes_all(self, recipients: Iterable[Recipient]) -> bool:
        """Whether every recipient of a message that was not judged yet is meant; it has no lanes then."""
        if self.lane is not None:
            return False
        return self.recipient is None or all(address_matches(self.recipient, str(one.address)) for one in recipients)


@dataclass(frozen=True, slots=True)
class Part:
    """Those recipients of one copy that are pending and meant."""

    copy: Copy
    deliveries: tuple[Delivery, ...]
    whole: bool
    """Whether they are all that is pending of it."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """Their places in the envelope."""
        return tuple(delivery.number for delivery in self.deliveries)


def read_arguments(arguments: Mapping[str, object], kind: type[T]) -> T:
    """Arguments as a typed value. Raises ValueError with a sentence."""
    try:
        return msgspec.convert(arguments, kind)
    except msgspec.ValidationError as fault:
        raise ValueError(f"the arguments are wrong: {fault}") from None


def understood(given: Filter, now: float) -> Meant:
    """What a filter means. Raises ValueError with a sentence where it means nothing that can be."""
    if given.recipient is not None and given.domain is not None:
        raise ValueError("a recipient has a domain already: give one of the two")
    recipient = given.recipient
    if given.domain is not None:
        recipient = "@" + given.domain.lstrip("@").lower()
    told = Selection(
        ids=tuple(read_id(one) for one in given.ids) or None,
        sender=given.sender,
        recipient=recipient,
        lane=given.lane,
        virtual_system=given.virtual_system,
        accepted_before=None if given.older_than is None else _moment(given.older_than, now),
    )
    status = None if given.status is None else _status(given.status)
    meant = Meant(
        selection=told,
        status=status,
        recipient=recipient,
        lane=given.lane,
        quarantine_class=given.quarantine_class,
    )
    if not given.all and meant == Meant(selection=Selection()):
        raise ValueError("say which messages: their ids, a filter such as --sender, or --all")
    return meant


def queue_selections(meant: Meant) -> tuple[Selection, ...]:
    """What has to be sought so that everything in the queue that is meant is found; quarantine is no part of it."""
    told = meant.selection
    if told.ids is not None and meant.status is None:
        # Whoever names a message is told why it cannot be done, wherever it stands.
        return (told,)
    waiting = replace(told, message_stages=UNJUDGED)
    shunted = replace(told, message_stages=(MessageStage.SHUNTED,))
    judged = replace(told, message_stages=(MessageStage.JUDGED,))
    match meant.status:
        case None:
            both = replace(told, message_stages=(*UNJUDGED, MessageStage.SHUNTED))
            return (both, replace(judged, copy_stages=IN_QUEUE))
        case Status.NEW:
            return (waiting,)
        case Status.HOLD:
            return (shunted, replace(judged, copy_stages=(CopyStage.HELD,)))
        case Status.DEFERRED:
            return (replace(judged, copy_stages=(CopyStage.READY,)),)
        case Status.SCAN_ENDED:
            return (replace(judged, copy_stages=(CopyStage.READY, CopyStage.PLANNED)),)
        case _:
            raise ValueError(
                f"nothing in the queue has the status {meant.status.value}: there are new, scan_ended, deferred, hold"
            )


def parts(item: Item, meant: Meant, stages: tuple[CopyStage, ...]) -> tuple[Part, ...]:
    """What of a message is meant, in copies of these stages."""
    found = []
    for copy in item.copies:
        if copy.stage not in stages or meant.quarantine_class not in (None, copy.quarantine_class):
            continue
        pending = pending_of(item, copy)
        chosen = tuple(one for one in pending if meant.takes(one) and _has_status(copy, one, meant.status))
        if chosen:
            found.append(Part(copy, chosen, whole=len(chosen) == len(pending)))
    return tuple(found)


def pending_of(item: Item, copy: Copy) -> tuple[Delivery, ...]:
    """The recipients of a copy who still wait."""
    return tuple(one for one in item.deliveries if one.copy == copy.number and one.stage is DeliveryStage.PENDING)


def status_of(copy: Copy, delivery: Delivery) -> Status:
    """What a pending recipient of a copy shows as."""
    match copy.stage:
        case CopyStage.HELD:
            return Status.HOLD
        case CopyStage.QUARANTINED:
            return Status.QUARANTINED
        case _:
            return Status.DEFERRED if delivery.last is not None else Status.SCAN_ENDED


def _has_status(copy: Copy, delivery: Delivery, wanted: Status | None) -> bool:
    return wanted is None or status_of(copy, delivery) is wanted


def _moment(text: str, now: float) -> float:
    try:
        return read_time(text, now=now)
    except BadQuery:
        raise ValueError(f"{text!r} is no age: write 30m, 2h or 5d, or a date") from None


def _status(text: str) -> Status:
    try:
        return Status(text.strip().lower())
    except ValueError:
        raise ValueError(f"{text!r} is not a status: there are new, scan_ended, deferred, hold") from None
