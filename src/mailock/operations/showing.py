"""Messages of the queue as others read them: JSON, with what came from outside made harmless."""

from collections.abc import Sequence

from mailock.core.lifecycle.copies import Copy, Delivery
from mailock.core.lifecycle.record import sender_text
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.mail.message import show_id
from mailock.core.mail.shown import cleaned, header
from mailock.core.mail.status import Status, least_finished
from mailock.operations.filtering import pending_of, status_of
from mailock.operations.track import Json, moment
from mailock.ports.queue import Item

_ENDED = {
    DeliveryStage.SENT: Status.DELIVERED,
    DeliveryStage.FAILED: Status.BOUNCED,
    DeliveryStage.NOT_FORWARDED: Status.SCAN_ENDED,
    DeliveryStage.DROPPED: Status.DISCARDED,
}


def row(item: Item, now: float) -> dict[str, Json]:
    """One line of a list: what it is, who still waits for it, and why."""
    message = item.message
    waiting = [(copy, one) for copy in _open(item) for one in pending_of(item, copy)]
    recipients = [str(one.recipient.address) for _, one in waiting]
    if item.stage is not MessageStage.JUDGED:
        recipients = [str(one.address) for one in message.envelope.recipients]
    ready = [one for copy, one in waiting if copy.stage is CopyStage.READY]
    next_try = min((one.due for one in ready), default=None)
    return {
        "id": show_id(message.queue_id),
        "status": status(item).value,
        "stage": stage(item),
        "arrival": moment(message.accepted_at),
        "age": round(max(0.0, now - message.accepted_at), 1),
        "size": message.body.size,
        "sender": cleaned(sender_text(message.envelope.sender)),
        "recipients": [cleaned(one) for one in recipients],
        "lanes": [cleaned(lane) for lane in dict.fromkeys(one.lane for _, one in waiting)],
        "tries": max((one.attempts for _, one in waiting), default=0),
        "next_try": None if next_try is None else moment(max(next_try, now)),
        "reason": cleaned(reason(item)),
        "subject": header(message.glimpse.subject),
        "virtual_system": message.virtual_system,
    }


def whole(item: Item, now: float) -> dict[str, Json]:
    """Everything that the queue knows of a message."""
    message, origin = item.message, item.message.origin
    tls = origin.tls
    shown = row(item, now)
    shown |= {
        "from": header(message.glimpse.from_),
        "to": header(message.glimpse.to),
        "cc": header(message.glimpse.cc),
        "message_id": cleaned(message.glimpse.message_id),
        "source_ip": origin.ip,
        "helo": cleaned(origin.untrusted_helo),
        "listener": origin.listener,
        "protocol": origin.protocol,
        "tls_in": f"{tls.version} {tls.cipher}" if tls is not None else "",
        "authenticated_as": origin.authenticated_as,
        "session": message.session_id,
        "ordinal": message.ordinal,
        "node": message.node,
        "accept_revision": message.revision,
        "own": message.own,
        "parent": None if message.parent is None else show_id(message.parent),
        "sha256": message.body.sha256,
        "body": "in the queue" if message.body.inline else "in a file",
        "copies": [copy_table(item, copy) for copy in item.copies if copy.stage is not CopyStage.CLOSED],
        "ended": [delivery_table(None, one) for one in _ended(item)],
    }
    return shown


def copy_table(item: Item, copy: Copy) -> dict[str, Json]:
    """One treatment of a message, with the recipients who wait for it."""
    return {
        "number": copy.number,
        "stage": copy.stage.name.lower(),
        "disposition": copy.disposition.value,
        "rule": copy.rule,
        "because": [cleaned(one) for one in copy.because],
        "quarantine_class": copy.quarantine_class,
        "quarantined": moment(copy.quarantined_at),
        "skipped": copy.skipped,
        "changed": copy.body != item.message.body,
        "put_before": "\n".join(map(cleaned, copy.prefix.decode("utf-8", "replace").splitlines())),
        "recipients": [delivery_table(copy, one) for one in pending_of(item, copy)],
    }


def delivery_table(copy: Copy | None, one: Delivery) -> dict[str, Json]:
    """One recipient; `copy` is given while it waits."""
    return {
        "address": cleaned(str(one.recipient.address)),
        "direction": one.recipient.direction.value,
        "status": (_ENDED[one.stage] if copy is None else status_of(copy, one)).value,
        "lane": cleaned(one.lane),
        "tries": one.attempts,
        "next_try": moment(one.due) if copy is not None and copy.stage is CopyStage.READY else None,
        "reason": cleaned(str(one.last)) if one.last is not None else "",
        "delay_told": one.delay_told,
    }


def status(item: Item) -> Status:
    """What the message shows as while it is in the queue: the status of its least finished recipient."""
    match item.stage:
        case MessageStage.SHUNTED:
            return Status.HOLD
        case MessageStage.JUDGED:
            found = [status_of(copy, one) for copy in _open(item) for one in pending_of(item, copy)]
            return least_finished(found) if found else Status.SCAN_ENDED
        case _:
            return Status.NEW


def stage(item: Item) -> str:
    """Where it stands: its own stage, or those of its copies once it has some."""
    stages = [copy.stage.name.lower() for copy in _open(item)]
    return "+".join(dict.fromkeys(stages)) if item.stage is MessageStage.JUDGED else item.stage.name.lower()


def reason(item: Item) -> str:
    """The last thing that was said of it."""
    if item.stage is MessageStage.SHUNTED:
        return item.why
    last = [one.last for copy in _open(item) for one in pending_of(item, copy) if one.last is not None]
    if last:
        return str(last[-1])
    return " ".join(
        dict.fromkeys(why for copy in _open(item) if copy.stage is not CopyStage.READY for why in copy.because)
    )


def listed(addresses: Sequence[str], most: int = 3) -> str:
    """Addresses in a sentence."""
    more = len(addresses) - most
    return ", ".join(map(cleaned, addresses[:most])) + (f" and {more} more" if more > 0 else "")


def _open(item: Item) -> list[Copy]:
    if item.stage is MessageStage.SHUNTED:
        return []
    return [copy for copy in item.copies if copy.stage is not CopyStage.CLOSED]


def _ended(item: Item) -> list[Delivery]:
    """Recipients for whom it has ended; one that goes on in another copy has not."""
    waiting = {one.number for one in item.deliveries if one.stage is DeliveryStage.PENDING}
    return [one for one in item.deliveries if one.stage is not DeliveryStage.PENDING and one.number not in waiting]
