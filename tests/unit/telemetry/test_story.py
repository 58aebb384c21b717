"""Stories: events as bytes and back."""

import dataclasses

import pytest

from mailock.core.lifecycle.copies import NotForwarded
from mailock.core.lifecycle.events import (
    Accepted,
    Discarded,
    Event,
    Held,
    Noted,
    Outline,
    Quarantined,
    Released,
    Remade,
    Returned,
    Scan,
    ScanStarted,
)
from mailock.core.mail.message import QueueId
from mailock.telemetry.story import chunk, events_of
from tests.parts.stories import NOON, attempted, deferred, delivered, failed, judged, message, refused

TWO = message(to=("a@dest.test", "b@dest.test"))
ID = QueueId(1)
OUTLINE = Outline(
    kind="html",
    attachments=1,
    links=2,
    detections=("a",),
    unfinished=("b", "c"),
    files=("a.doc",),
    hashes=("ab" * 32,),
    urls=("https://x.test/",),
)
SCAN = Scan(confidence="high", mail_class="ham", score=1.5, document=b"{}")
EVERY_EVENT: list[Event] = [
    Accepted(message=TWO),
    Accepted(message=dataclasses.replace(message(sender=None), own="dsn", parent=QueueId(77))),
    ScanStarted(queue_id=ID, at=NOON),
    judged(TWO),
    dataclasses.replace(judged(TWO), scan=SCAN),
    dataclasses.replace(judged(TWO), scan=dataclasses.replace(SCAN, outline=OUTLINE)),
    attempted(TWO),
    attempted(TWO, deferred(0), failed(1)),
    attempted(TWO, NotForwarded(number=1)),
    Quarantined(queue_id=ID, at=NOON, recipients=(1,), quarantine_class="spam", why="bulk"),
    Held(queue_id=ID, at=NOON, recipients=(0,), by="ann", why="asked"),
    Released(queue_id=ID, at=NOON, recipients=(0,), by="ann", why=""),
    Discarded(queue_id=ID, at=NOON, recipients=(0,), by="ann", why="asked"),
    Returned(queue_id=ID, at=NOON, recipients=(0,), by="ann", why="asked"),
    Remade(queue_id=ID, at=NOON, recipients=(0,), changes=("it was",), sha256="ab" * 32, size=7),
    Noted(queue_id=ID, at=NOON, text="late"),
    refused(),
]


def test_every_event_comes_back_as_it_went() -> None:
    assert events_of(chunk(EVERY_EVENT)) == EVERY_EVENT


def test_every_kind_of_event_was_tried() -> None:
    assert {type(event) for event in EVERY_EVENT} == set(Event.__args__)


def test_adding_to_a_story_is_appending() -> None:
    parts = [chunk([event]) for event in delivered(1)]
    assert events_of(b"".join(parts)) == delivered(1)


def test_a_message_that_came_and_went_takes_little_room() -> None:
    assert len(chunk(delivered(1))) < 600


def test_what_was_no_text_is_kept_as_escapes() -> None:
    (event,) = events_of(chunk([Accepted(message=message(subject="caf\udce9"))]))
    assert isinstance(event, Accepted)
    assert event.message.glimpse.subject == "caf\\udce9"


@pytest.mark.parametrize(
    "story", [b"\x00", b"\x00\x00\x00\x09ab", b"\x00\x00\x00\x01\xc1", b"\x00\x00\x00\x02\x91\x01"]
)
def test_a_damaged_story_is_told_as_such(story: bytes) -> None:
    with pytest.raises(ValueError, match="story"):
        events_of(story)
