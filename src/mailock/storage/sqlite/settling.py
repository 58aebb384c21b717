"""What outcomes do to deliveries: the part of the ledger that runs for every try."""

from typing import assert_never

from mailock.core.lifecycle.changes import Rescheduled, Settled
from mailock.core.lifecycle.copies import Deferred, Ending, Failed, Moved, NotForwarded, Sent
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.lifecycle.transitions import IllegalMove, MovedMeanwhile, check_copy
from mailock.storage.codec import encode_response
from mailock.storage.sqlite.rows import ACTIVE, Rows, shown

# Put together once: SQLite's statements are found again by their text.
_HERE = " WHERE message = ? AND copy = ? AND number = ?"
_ATTEMPTS = "SELECT stage, attempts FROM delivery" + _HERE
_END = "UPDATE delivery SET stage = ?, ready = 0, opened = NULL, attempts = ?, last = ?" + _HERE
_DEFER = "UPDATE delivery SET opened = NULL, attempts = ?, last = ?, due = ?, lane = ?, delay_told = ?" + _HERE
_PASS_OVER = "UPDATE delivery SET stage = ?, ready = 0, opened = NULL" + _HERE
_RESCHEDULE = "UPDATE delivery SET due = ?, lane = coalesce(?, lane)" + _HERE


def settle(rows: Rows, change: Settled) -> None:
    """Writes outcomes. With the last pending delivery the copy closes, and with the last copy the message."""
    row = rows.message(change.queue_id)
    stage, pending = rows.open_copy(change.queue_id, change.copy)
    if len(change.outcomes) > 1 and len({outcome.number for outcome in change.outcomes}) != len(change.outcomes):
        raise IllegalMove(f"copy {change.copy} of {shown(row.queue_id)} was given two outcomes for one delivery")
    ended = len([outcome for outcome in change.outcomes if not isinstance(outcome, Deferred)])
    closes = ended == pending
    # With the message all its rows go at once, so what they would say at the very end is not written first.
    goes = closes and row.open == 1
    counted = stage in ACTIVE and row.stage is MessageStage.JUDGED
    for outcome in change.outcomes:
        attempts = _pending_attempts(rows, change, outcome.number)
        if counted:
            _count(rows, outcome, attempts)
        if not goes:
            _write(rows, change, outcome, attempts)
    if closes:
        check_copy(stage, CopyStage.CLOSED)
        rows.settle_copy(row, change.copy, stage)
    elif ended:
        query = "UPDATE copy SET open = open - ? WHERE message = ? AND number = ?"
        rows.do(query, (ended, change.queue_id, change.copy))


def reschedule(rows: Rows, change: Rescheduled) -> None:
    """Gives pending deliveries another date or lane."""
    rows.open_copy(change.queue_id, change.copy)
    for number in change.numbers:
        place = (change.queue_id, change.copy, number)
        _pending_attempts(rows, change, number)
        rows.do(_RESCHEDULE, (change.due, change.lane, *place))


def _pending_attempts(rows: Rows, change: Settled | Rescheduled, number: int) -> int:
    """How often a pending delivery was tried. Raises IllegalMove where it is not pending."""
    place = (change.queue_id, change.copy, number)
    found = rows.do(_ATTEMPTS, place).fetchone()
    if found is None or found[0] != DeliveryStage.PENDING:
        raise MovedMeanwhile(f"delivery {change.copy}/{number} of {shown(change.queue_id)} is not pending")
    return int(found[1])


def _count(rows: Rows, outcome: Ending, attempts: int) -> None:
    tally = rows.tally
    if not isinstance(outcome, Deferred):
        tally.pending -= 1
        tally.deferred -= attempts > 0
    elif outcome.attempted and not attempts:
        tally.deferred += 1


def _write(rows: Rows, change: Settled, outcome: Ending, attempts: int) -> None:
    place = (change.queue_id, change.copy, outcome.number)
    match outcome:
        case Sent(response=response):
            rows.do(_END, (DeliveryStage.SENT, attempts + 1, encode_response(response), *place))
        case Failed(response=response):
            rows.do(_END, (DeliveryStage.FAILED, attempts + 1, encode_response(response), *place))
        case NotForwarded():
            rows.do(_PASS_OVER, (DeliveryStage.NOT_FORWARDED, *place))
        case Moved():
            rows.do(_PASS_OVER, (DeliveryStage.DROPPED, *place))
        case Deferred():
            tries = attempts + outcome.attempted
            last = encode_response(outcome.response)
            rows.do(_DEFER, (tries, last, outcome.next_due, outcome.lane, outcome.delay_told, *place))
        case _:
            assert_never(outcome)
