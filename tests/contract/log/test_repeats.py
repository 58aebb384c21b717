"""The log says of a message whether the same came before."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailock.core.lifecycle.events import Accepted, Event
from mailock.core.lifecycle.query import parse_query
from mailock.core.mail.message import Message, show_id
from mailock.operations.track import record_json, search, story
from mailock.telemetry.search import TrackReader
from mailock.telemetry.track import TrackLog
from tests.parts.stories import NOON, attempted, judged, message, refused


@pytest.fixture
def log(tmp_path: Path) -> Iterator[TrackLog]:
    """A log."""
    made = TrackLog(tmp_path / "track.db")
    yield made
    made.close()


def came(number: int, **facts: object) -> Message:
    """A message in a session of its own."""
    return message(number, **({"session": f"S{number}"} | facts))  # type: ignore[arg-type]  # passed on as they are named there


def digest(of: Message, sha256: str) -> Message:
    """The same with other octets."""
    return replace(of, body=replace(of.body, sha256=sha256 * 32))


def marks(tmp_path: Path) -> dict[int, object]:
    """What is told of each message."""
    with TrackReader(tmp_path / "track.db") as reader:
        return {
            one.queue_id: record_json(one)["duplicate"] for one in search(reader, parse_query("", now=NOON), limit=100)
        }


MESSAGES = [
    came(1),
    came(2),
    digest(came(3), "cd"),
    came(4, sender="carol@source.test"),
    came(5, message_id="<other@source.test>"),
    came(6, message_id="", sender=None),
    came(7, message_id=""),
    came(8, message_id=""),
    replace(came(9, message_id="<split@source.test>"), session_id="S9"),
    replace(came(10, message_id="<split@source.test>", system="berlin"), session_id="S9"),
]
EXPECTED = dict.fromkeys(range(1, 11), False) | {2: True, 8: True, 11: None}


@pytest.mark.parametrize("indexed", [0, 3, 100])
def test_only_the_same_octets_of_the_same_sender_are_a_repetition(log: TrackLog, tmp_path: Path, indexed: int) -> None:
    events: list[list[Event]] = [[Accepted(message=one), judged(one)] for one in MESSAGES]
    events.append([refused(11)])
    for n, batch in enumerate(events, start=1):
        log.write([(n, batch)])
        if n <= indexed:
            while log.tidy(NOON):
                pass
    assert marks(tmp_path) == EXPECTED


def test_one_message_that_is_shown_is_marked_too(log: TrackLog, tmp_path: Path) -> None:
    log.write([(n, [Accepted(message=came(n))]) for n in (1, 2)])
    with TrackReader(tmp_path / "track.db") as reader:
        told = story(reader, show_id(came(2).queue_id))
        assert told is not None
        assert told[0].duplicate is True
        assert story(reader, show_id(came(3).queue_id)) is None


def test_what_the_log_forgot_did_not_come(tmp_path: Path) -> None:
    log = TrackLog(tmp_path / "track.db", keep_seconds=3600)
    log.write([(1, [Accepted(message=came(1)), judged(came(1)), attempted(came(1))])])
    while log.tidy(NOON + 7200):
        pass
    log.write([(2, [Accepted(message=came(2, at=NOON + 7200))])])
    assert marks(tmp_path) == {2: False}
    log.close()
