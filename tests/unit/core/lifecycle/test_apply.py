"""Records: what is filled in by which event."""

from collections.abc import Sequence

import pytest

from mailock.core.lifecycle.apply import apply, fold
from mailock.core.lifecycle.copies import Disposition, Hop, NotForwarded, Response, Sent
from mailock.core.lifecycle.events import Accepted, Discarded, Event, Held, Noted, Quarantined, Released, ScanStarted
from mailock.core.lifecycle.record import Record
from mailock.core.mail.envelope import Direction
from mailock.core.mail.status import Status
from tests.parts.stories import HOP, LATER, NEVER, NOON, OK, attempted, deferred, delivered, failed, judged, refused
from tests.parts.stories import message as a_message

TWO = a_message(to=("a@dest.test", "b@dest.test"))
ID = TWO.queue_id


def record_of(*events: Event) -> Record:
    """The record of a message for two, accepted and judged, after these events."""
    return fold([Accepted(message=TWO), judged(TWO), *events])


def test_a_delivered_message_has_all_its_facts() -> None:
    record = fold(delivered(3))
    (bob,) = record.recipients
    assert (record.queue_id, record.status, record.verdict) == (3, Status.DELIVERED, "benign")
    assert (record.arrival, record.updated, record.delivered_at) == (NOON, NOON + 0.5, NOON + 0.5)
    assert (record.sender, record.source_ip, record.size) == ("alice@source.test", "198.51.100.7", 4321)
    assert (record.scan_started, record.scan_ended, record.judge_revision) == (NOON + 0.1, NOON + 0.3, 4)
    assert record.directions == (Direction.INCOMING,)
    assert (bob.address, bob.attempts, bob.hop, bob.reply) == ("bob@dest.test", 1, HOP, OK)
    assert (bob.rule, bob.because, bob.disposition) == ("mta", ("Nothing was found.",), Disposition.DELIVER)
    assert not record.gap


def test_a_deferred_recipient_tells_why_and_until_when() -> None:
    record = record_of(attempted(TWO, deferred(0, due=NOON + 900), Sent(number=1, response=OK)))
    first, second = record.recipients
    assert (first.next_try, first.why, first.attempts) == (NOON + 900, str(LATER), 1)
    assert (second.next_try, second.delivered_at) == (None, NOON + 0.5)
    assert record.least is first


def test_a_date_moved_without_a_try_counts_no_try() -> None:
    record = record_of(attempted(TWO, deferred(0)), attempted(TWO, deferred(0, due=NOON + 999, attempted=False)))
    assert (record.recipients[0].attempts, record.recipients[0].next_try) == (1, NOON + 999)


def test_a_try_that_succeeds_forgets_why_the_one_before_did_not() -> None:
    record = record_of(attempted(TWO, deferred(0)), attempted(TWO, Sent(number=0, response=OK), after=900))
    assert (record.recipients[0].why, record.recipients[0].attempts) == ("", 2)
    assert record.recipients[0].status_at == NOON + 900


def test_a_status_that_stays_keeps_its_time() -> None:
    record = record_of(attempted(TWO, deferred(0)), attempted(TWO, deferred(0), after=900))
    assert record.recipients[0].status_at == NOON + 0.5
    assert record.recipients[0].last_attempt == NOON + 900


def test_a_failed_recipient_keeps_the_reply() -> None:
    record = record_of(attempted(TWO, failed(1)))
    assert (record.recipients[1].reply, record.recipients[1].why) == (NEVER, "550 5.1.1 No such user here")


def test_scan_only_shows_no_next_hop() -> None:
    record = record_of(attempted(TWO, NotForwarded(number=0), hop=Hop(name="")))
    assert (record.recipients[0].hop, record.recipients[0].status) == (None, Status.SCAN_ENDED)


def test_a_release_ends_the_quarantine_and_says_by_whom() -> None:
    kept = Quarantined(queue_id=ID, at=NOON + 1, recipients=(0,), quarantine_class="malware", why="macro")
    record = record_of(kept)
    assert (record.recipients[0].quarantine_class, record.recipients[0].why) == ("malware", "macro")
    freed = apply(record, Released(queue_id=ID, at=NOON + 2, recipients=(0,), by="ann", why="expected it"))
    assert (freed.recipients[0].quarantine_class, freed.recipients[0].by) == (None, "ann")
    assert freed.recipients[1].status is Status.SCAN_ENDED


def test_what_expired_in_quarantine_shows_why_it_was_there() -> None:
    record = record_of(
        Quarantined(queue_id=ID, at=NOON + 1, recipients=(), quarantine_class="spam", why="bulk"),
        Discarded(queue_id=ID, at=NOON + 2, recipients=(), by="its expiry date", why="30 days are over"),
    )
    assert record.status is Status.DISCARDED
    assert {(r.quarantine_class, r.by) for r in record.recipients} == {("spam", "its expiry date")}


def test_a_shunted_message_shows_as_held_by_us() -> None:
    record = record_of(Held(queue_id=ID, at=NOON + 1, recipients=(), by="mailock", why="the examination broke"))
    assert (record.status, record.recipients[0].by) == (Status.HOLD, "mailock")


def test_a_rule_that_discards_is_named() -> None:
    record = fold([Accepted(message=TWO), judged(TWO, Disposition.DISCARD)])
    assert (record.status, record.recipients[0].by) == (Status.DISCARDED, "rule mta")


def test_a_note_and_a_scan_move_the_time_only() -> None:
    record = fold(
        [Accepted(message=TWO), ScanStarted(queue_id=ID, at=NOON + 1), Noted(queue_id=ID, at=NOON + 9, text="x")]
    )
    assert (record.status, record.scan_started, record.updated) == (Status.SCAN_STARTED, NOON + 1, NOON + 9)


def test_refusals_are_one_record_that_counts() -> None:
    record = fold([refused(), refused(count=311)])
    assert record.refused is not None
    assert (record.status, record.refused.count, record.updated) == (Status.REJECTED, 311, NOON + 60)
    assert (record.source_ip, record.sender, record.untrusted_helo) == ("203.0.113.9", "x@spam.test", "spam.test")


def test_a_story_without_its_beginning_is_told_as_far_as_it_is_known() -> None:
    record = fold([attempted(TWO, deferred(1))])
    assert record.gap
    assert [(r.address, r.status) for r in record.recipients] == [("", Status.NEW), ("", Status.DEFERRED)]
    assert (record.sender, record.size, record.virtual_system, record.glimpse.subject) == ("", 0, "", "")


@pytest.mark.parametrize("events", [[], ()])
def test_no_events_are_no_record(events: Sequence[Event]) -> None:
    with pytest.raises(ValueError, match="at least one event"):
        fold(events)


def test_a_response_that_never_came_is_told_without_a_code() -> None:
    broken = Response(code=0, enhanced="", text="the connection broke")
    assert str(broken) == "the connection broke"
