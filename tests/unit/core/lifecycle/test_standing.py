"""Statuses: what each event makes of them."""

import pytest

from mailock.core.lifecycle.copies import Disposition, NotForwarded
from mailock.core.lifecycle.events import (
    Accepted,
    Decided,
    Discarded,
    Event,
    Held,
    Noted,
    Quarantined,
    Released,
    Returned,
    ScanStarted,
)
from mailock.core.lifecycle.standing import NOTHING, Standing, follow
from mailock.core.mail.message import QueueId
from mailock.core.mail.status import Status
from tests.parts.stories import NOON, attempted, deferred, failed, judged, message, refused

TWO = message(to=("a@dest.test", "b@dest.test"))
NEW = follow(NOTHING, Accepted(message=TWO))
ID = TWO.queue_id


def after(*events: Event) -> Standing:
    """Where a message for two stands after it was accepted and these things happened."""
    standing = NEW
    for event in events:
        standing = follow(standing, event)
    return standing


def test_an_accepted_message_is_new_for_everybody() -> None:
    assert NEW.statuses == (Status.NEW, Status.NEW)


def test_a_message_of_which_nothing_is_known_shows_as_new() -> None:
    assert NOTHING.status is Status.NEW


def test_a_scan_that_takes_time_shows() -> None:
    assert after(ScanStarted(queue_id=ID, at=NOON)).status is Status.SCAN_STARTED


@pytest.mark.parametrize(
    ("disposition", "status"),
    [
        (Disposition.DELIVER, Status.SCAN_ENDED),
        (Disposition.HOLD, Status.HOLD),
        (Disposition.QUARANTINE, Status.QUARANTINED),
        (Disposition.REJECT, Status.REJECTED),
        (Disposition.DISCARD, Status.DISCARDED),
    ],
)
def test_each_disposition_has_its_status(disposition: Disposition, status: Status) -> None:
    assert after(judged(TWO, disposition)).statuses == (status, status)


def test_decisions_hold_for_their_own_recipients() -> None:
    decision = judged(TWO, Disposition.QUARANTINE, recipients=(1,))
    assert after(decision).statuses == (Status.NEW, Status.QUARANTINED)


def test_each_outcome_has_its_status() -> None:
    standing = after(judged(TWO), attempted(TWO, deferred(0), failed(1)))
    assert standing.statuses == (Status.DEFERRED, Status.BOUNCED)
    assert standing.status is Status.DEFERRED


def test_delivered_without_examination_shows_as_skipped() -> None:
    assert after(judged(TWO, skipped=True), attempted(TWO)).statuses == (Status.SKIPPED, Status.SKIPPED)


def test_scan_only_ends_as_scan_ended() -> None:
    assert after(judged(TWO), attempted(TWO, NotForwarded(number=0))).statuses[0] is Status.SCAN_ENDED


def test_a_message_shows_its_least_finished_recipient() -> None:
    assert after(judged(TWO), attempted(TWO, *attempted(TWO).outcomes[:1])).status is Status.SCAN_ENDED


def test_what_people_do_shows_for_whom_they_do_it() -> None:
    kept = after(
        Quarantined(queue_id=ID, at=NOON, recipients=(1,), quarantine_class="policy", why="late"),
        Held(queue_id=ID, at=NOON, recipients=(0,), by="ann", why="asked"),
    )
    assert kept.statuses == (Status.HOLD, Status.QUARANTINED)
    freed = follow(kept, Released(queue_id=ID, at=NOON, recipients=(0, 1), by="ann"))
    assert freed.statuses == (Status.RELEASED, Status.RELEASED)


def test_expired_deleted_and_returned_are_ends() -> None:
    standing = after(
        Discarded(queue_id=ID, at=NOON, recipients=(0,), by="its expiry date", why="30 days are over"),
        Returned(queue_id=ID, at=NOON, recipients=(1,), by="ann", why="asked"),
    )
    assert standing.statuses == (Status.DISCARDED, Status.BOUNCED)


def test_an_event_that_names_nobody_means_everybody() -> None:
    standing = after(Held(queue_id=ID, at=NOON, recipients=(), by="mailock", why="a bug"))
    assert standing.statuses == (Status.HOLD, Status.HOLD)


def test_a_note_changes_no_status() -> None:
    assert after(Noted(queue_id=ID, at=NOON, text="late")) == NEW


def test_a_refusal_is_rejected() -> None:
    assert follow(NOTHING, refused()).status is Status.REJECTED


def test_recipients_that_a_gap_hid_are_added() -> None:
    lost = message(7, to=("a@dest.test",))
    standing = follow(NOTHING, attempted(lost, deferred(2)))
    assert standing.statuses == (Status.NEW, Status.NEW, Status.DEFERRED)


def test_decisions_without_recipients_hold_for_everybody() -> None:
    decided = Decided(recipients=(), disposition=Disposition.DELIVER, rule="mta", because=())
    event = judged(TWO)
    everybody = type(event)(
        queue_id=QueueId(1), started=NOON, at=NOON, revision=1, verdict="benign", decisions=(decided,)
    )
    assert after(everybody).statuses == (Status.SCAN_ENDED, Status.SCAN_ENDED)
