"""Copies as SQL: how they are planned, moved and remade. The rows of their message are loaded already."""

from dataclasses import replace
from typing import Any

from mailock.core.lifecycle.changes import CopyMoved, CopyRemade, Planned
from mailock.core.lifecycle.copies import Copy, Delivery
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.lifecycle.transitions import IllegalMove, MovedMeanwhile, check_copy
from mailock.core.mail.message import QueueId
from mailock.storage.codec import encode_copy, encode_recipient, encode_response
from mailock.storage.sqlite.reads import COPY, copy_from
from mailock.storage.sqlite.rows import ACTIVE, MessageRow, Rows, shown


def plan(rows: Rows, change: Planned) -> None:
    row = rows.message(change.queue_id)
    if row.stage is not MessageStage.JUDGED:
        raise MovedMeanwhile(f"message {shown(row.queue_id)} is {row.stage.name}: only a judged one gets copies")
    row.changed = True
    planned = 0
    for copy in change.copies:
        deliveries = [delivery for delivery in change.deliveries if delivery.copy == copy.number]
        planned += len(deliveries)
        _plan_copy(rows, row, copy, deliveries)
    if planned != len(change.deliveries):
        raise IllegalMove(f"message {shown(row.queue_id)} was given deliveries of a copy that is not planned")
    row.deliveries += planned
    if not row.open:
        rows.close_message(row)


def _plan_copy(rows: Rows, row: MessageRow, copy: Copy, deliveries: list[Delivery]) -> None:
    tally = rows.tally
    waiting = [delivery for delivery in deliveries if delivery.stage is DeliveryStage.PENDING]
    pending = len(waiting)
    stage = copy.stage
    if stage is CopyStage.CLOSED and pending:
        raise IllegalMove(f"copy {copy.number} of {shown(row.queue_id)} starts closed with pending deliveries")
    if stage is CopyStage.READY and not pending:
        stage = CopyStage.CLOSED
    own = None if copy.body.name == row.body or stage is CopyStage.CLOSED else copy.body.name
    if own is not None:
        rows.name_again(copy.body)
        row.own += 1
    kept = (copy.quarantine_class, copy.quarantined_at)
    rows.do(
        "INSERT INTO copy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (row.queue_id, copy.number, stage, pending, own, *kept, copy.counted_from, encode_copy(copy)),
    )
    for delivery in deliveries:
        _plan_delivery(rows, delivery, ready=stage is CopyStage.READY)
    if stage is not CopyStage.CLOSED:
        row.open += 1
        tally.copies[stage] += 1
        if stage in ACTIVE:
            tally.pending += pending
            tally.deferred += len([delivery for delivery in waiting if delivery.attempts])


def _plan_delivery(rows: Rows, delivery: Delivery, *, ready: bool) -> None:
    rows.do(
        "INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?)",
        (
            delivery.queue_id,
            delivery.copy,
            delivery.number,
            ready and delivery.stage is DeliveryStage.PENDING,
            delivery.stage,
            delivery.lane,
            delivery.due,
            delivery.attempts,
            delivery.delay_told,
            str(delivery.recipient.address).lower(),
            None if delivery.last is None else encode_response(delivery.last),
            encode_recipient(delivery.recipient),
        ),
    )


def move(rows: Rows, change: CopyMoved) -> None:
    check_copy(change.before, change.after)
    row = rows.message(change.queue_id)
    stage, pending = rows.open_copy(change.queue_id, change.number)
    if stage is not change.before or row.stage is not MessageStage.JUDGED:
        stages = f"{stage.name} of a message that is {row.stage.name}"
        raise MovedMeanwhile(f"copy {change.number} of {shown(row.queue_id)} is {stages}, not {change.before.name}")
    place = (change.queue_id, change.number)
    if change.after is CopyStage.CLOSED:
        rows.close_copy(row, change.number, stage)
        return
    rows.tally.copies[stage] -= 1
    rows.tally.copies[change.after] += 1
    if pending and (stage in ACTIVE) != (change.after in ACTIVE):
        rows.count_pending(*place, 1 if change.after in ACTIVE else -1)
    if change.after in ACTIVE:
        rows.let_go.append(row.queue_id)
    quarantined = change.after is CopyStage.QUARANTINED
    kept = (change.quarantine_class, change.quarantined_at) if quarantined else (None, None)
    told = {"orders": change.orders, "conversion": change.conversion, "added": change.added}
    if any(value is not None for value in told.values()):
        _rewrite(rows, place, **{name: value for name, value in told.items() if value is not None})
    rows.do(
        "UPDATE copy SET stage = ?, quarantine_class = ?, quarantined_at = ?,"
        " counted_from = coalesce(?, counted_from) WHERE message = ? AND number = ?",
        (change.after, *kept, change.counted_from, *place),
    )
    if CopyStage.READY in (stage, change.after):
        ready = change.after is CopyStage.READY
        rows.do("UPDATE delivery SET ready = ? WHERE message = ? AND copy = ? AND stage = 0", (ready, *place))


def remake(rows: Rows, change: CopyRemade) -> None:
    """A copy's changes are made: it is READY, with the body that they gave it."""
    row = rows.message(change.queue_id)
    stage, _ = rows.open_copy(change.queue_id, change.number)
    if stage is not CopyStage.PLANNED or row.stage is not MessageStage.JUDGED:
        stages = f"{stage.name} of a message that is {row.stage.name}"
        raise MovedMeanwhile(f"copy {change.number} of {shown(row.queue_id)} is {stages}, not PLANNED")
    place = (change.queue_id, change.number)
    rows.unname_of_copy(row, change.number)
    if change.body.name != row.body:
        rows.name_body(change.body, change.content)
        row.own += 1
        row.changed = True
        rows.do("UPDATE copy SET body = ? WHERE message = ? AND number = ?", (change.body.name, *place))
    converted = {} if change.conversion is None else {"conversion": change.conversion}
    _rewrite(rows, place, body=change.body, prefix=change.prefix, orders=b"", receipt=change.receipt, **converted)
    rows.tally.copies[stage] -= 1
    rows.tally.copies[CopyStage.READY] += 1
    rows.do("UPDATE copy SET stage = ? WHERE message = ? AND number = ?", (CopyStage.READY, *place))
    rows.do("UPDATE delivery SET ready = 1 WHERE message = ? AND copy = ? AND stage = 0", place)


def _rewrite(rows: Rows, place: tuple[QueueId, int], **changed: Any) -> None:
    """Writes a copy's document anew, with these fields of it changed."""
    row = rows.do(f"SELECT {COPY} FROM copy WHERE message = ? AND number = ?", place).fetchone()
    document = encode_copy(replace(copy_from(place[0], row), **changed))
    rows.do("UPDATE copy SET doc = ? WHERE message = ? AND number = ?", (document, *place))
