"""Timelines: every event is a sentence that helps somebody who is in a hurry."""

from mailock.core.lifecycle.copies import Disposition, Hop, NotForwarded, Outcome, Response, Sent
from mailock.core.lifecycle.events import (
    Accepted,
    Discarded,
    Event,
    Held,
    Noted,
    Quarantined,
    Released,
    Remade,
    Returned,
    ScanStarted,
)
from mailock.core.lifecycle.timeline import timeline
from mailock.core.mail.message import QueueId
from mailock.core.mail.status import Status
from tests.parts.stories import NOON, OK, attempted, deferred, delivered, failed, judged, message, refused

FIVE = message(to=tuple(f"r{n}@dest.test" for n in range(5)))
ID = FIVE.queue_id


def said(*events: Event) -> list[str]:
    """The sentences of a message for five, after it was accepted."""
    return [line.untrusted_text for line in timeline([Accepted(message=FIVE), *events])[1:]]


def test_the_life_of_a_mail() -> None:
    lines = timeline(delivered(1))
    assert [line.status for line in lines] == [Status.NEW, Status.SCAN_ENDED, Status.DELIVERED]
    assert [line.untrusted_text for line in lines] == [
        (
            "Accepted from alice@source.test for bob@dest.test, 4321 bytes; source: mx.source.test [198.51.100.7] "
            "over TLSv1.3 TLS_AES_256_GCM_SHA384."
        ),
        "Examined in 0.20 s: benign (policy revision 4); to be delivered by rule mta: Nothing was found.",
        (
            "Delivered to mail.dest.test [192.0.2.25]:25 over TLSv1.3 TLS_AES_256_GCM_SHA384 in 0.10 s; "
            'it said "250 2.0.0 Ok: queued as 4XyZ"'
        ),
    ]


def test_a_try_that_went_differently_has_a_line_for_each_outcome() -> None:
    outcomes: list[Outcome] = [Sent(number=0, response=OK), deferred(1), failed(2), deferred(3), NotForwarded(number=4)]
    assert said(attempted(FIVE, *outcomes)) == [
        (
            "Delivered to mail.dest.test [192.0.2.25]:25 over TLSv1.3 TLS_AES_256_GCM_SHA384 in 0.10 s for r0@dest.test"
            '; it said "250 2.0.0 Ok: queued as 4XyZ"'
        ),
        (
            "Deferred for r1@dest.test, r3@dest.test: mail.dest.test [192.0.2.25]:25 over TLSv1.3 "
            'TLS_AES_256_GCM_SHA384 said "451 4.7.1 Greylisted, try again"; next try in 900 s'
        ),
        (
            "Given up for r2@dest.test: mail.dest.test [192.0.2.25]:25 over TLSv1.3 TLS_AES_256_GCM_SHA384"
            ' said "550 5.1.1 No such user here"'
        ),
        "Ended after the scan for r4@dest.test: its forwarding rule says scan only, so nothing was sent.",
    ]


def test_only_the_first_line_of_an_event_carries_the_status() -> None:
    lines = timeline([Accepted(message=FIVE), attempted(FIVE, deferred(0), failed(1))])
    assert [line.status for line in lines] == [Status.NEW, None, None]


def test_many_recipients_are_counted_after_three() -> None:
    event = Held(queue_id=ID, at=NOON, recipients=(0, 1, 2, 3), by="ann", why="asked")
    assert said(event) == ["Held by ann for r0@dest.test, r1@dest.test, r2@dest.test and 1 more: asked"]


def test_a_server_that_was_not_reached() -> None:
    nothing = Response(code=0, enhanced="", text="no route to host")
    event = attempted(FIVE, Sent(number=0, response=nothing), hop=Hop(name="mail.dest.test"))
    assert said(event) == [
        "Delivered to mail.dest.test (not reached) in 0.10 s for r0@dest.test; it said nothing (no route to host)"
    ]


def test_what_people_and_dates_do() -> None:
    assert said(
        ScanStarted(queue_id=ID, at=NOON),
        Quarantined(queue_id=ID, at=NOON, recipients=(1,), quarantine_class="spam", why="bulk"),
        Released(queue_id=ID, at=NOON, recipients=(1,), by="ann"),
        Discarded(queue_id=ID, at=NOON, recipients=(2,), by="its expiry date", why="30 days are over"),
        Returned(queue_id=ID, at=NOON, recipients=(3,), by="ann", why="asked"),
        Remade(queue_id=ID, at=NOON, recipients=(4,), changes=("a.", "b."), sha256="ab", size=1),
        Noted(queue_id=ID, at=NOON, text="It is late: it waits since 10 min."),
    ) == [
        "Examination began.",
        "Quarantined as spam for r1@dest.test: bulk",
        "Released by ann for r1@dest.test",
        "Discarded by its expiry date for r2@dest.test, without delivery: 30 days are over",
        "Returned to its sender by ann for r3@dest.test: asked",
        "Changed for r4@dest.test: a.",
        "Also changed for r4@dest.test: b.",
        "It is late: it waits since 10 min.",
    ]


def test_several_decisions() -> None:
    first = judged(FIVE, Disposition.DELIVER, recipients=(0,), skipped=True)
    second = judged(FIVE, Disposition.QUARANTINE, recipients=(1, 2, 3, 4))
    both = type(first)(
        queue_id=ID,
        started=NOON,
        at=NOON,
        revision=7,
        verdict="unknown",
        decisions=(*first.decisions, *second.decisions),
        skipped=True,
    )
    assert said(both) == [
        (
            "Let through without examination, because it was late and policy allows that (policy revision 7); "
            "to be delivered for r0@dest.test by rule mta: Nothing was found."
        ),
        (
            "Also quarantined as malware for r1@dest.test, r2@dest.test, r3@dest.test and 1 more by rule mta: "
            "Nothing was found."
        ),
    ]


def test_a_refusal_and_its_repeats() -> None:
    first, repeats = timeline([refused(), refused(count=311)])
    assert first.untrusted_text == (
        "Refused 203.0.113.9: mail from x@spam.test to nobody@dest.test: the directory does not know "
        "nobody@dest.test. It was told: 550 5.1.1 No such mailbox (reference 0000000000123)"
    )
    assert repeats.untrusted_text == "Refused 203.0.113.9 310 times more in the minute after, 311 times in all."
    assert (repeats.at, repeats.status) == (NOON + 60, None)


def test_mail_of_our_own_says_so() -> None:
    base = message(9, sender=None)
    own = type(base)(**{name: getattr(base, name) for name in base.__slots__} | {"own": "dsn", "parent": QueueId(1)})
    (line,) = timeline([Accepted(message=own)])
    assert line.untrusted_text == (
        "Accepted from <> for bob@dest.test, 4321 bytes; source: we wrote it ourselves (dsn)."
    )
