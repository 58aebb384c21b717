"""Searches stay quick however long the log is: under a second each over ten million records (in `make accept`)."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailock.core.lifecycle.events import Accepted, Event
from mailock.core.lifecycle.query import parse_query
from mailock.telemetry.search import TrackReader
from mailock.telemetry.track import TrackLog
from tests.parts.stories import NOON, attempted, deferred, judged, message

SECONDS = 1.0
QUERIES = {
    "": 100,
    "budget": 100,
    "budg": 100,
    "from:someone77": 1,
    "to:user7": 1,
    "subject:budget subject:plan": 1,
    "status:deferred": 10,
    "status:deferred from:someone": 10,
    "status:bounced": 0,
    "ip:198.51.7": 1,
    "verdict:malicious": 10,
    "since:1h": 100,
    "hop:mail.dest": 100,
    "nosuchword": 0,
    "size>40MB": 1,
    "so": 100,
}


@pytest.fixture(scope="module", params=[10_000, pytest.param(10_000_000, marks=pytest.mark.accept)])
def many(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A log that holds many messages, indexed but for the last few, and how many they are."""
    count: int = request.param
    path = tmp_path_factory.mktemp("scale") / "track.db"
    log = TrackLog(path)
    lives = enumerate(events(count), start=1)
    while batch := [life for life, _ in zip(lives, range(5000), strict=False)]:
        log.write(batch)
        while log.unindexed > 2000:
            log.tidy(NOON, rows=1000)
    log.close()
    return path, count


def events(count: int) -> Iterator[list[Event]]:
    """The lives of messages of many people."""
    chance = random.Random(4)
    words = ["budget", "plan", "offer", "holiday", "invoice", "minutes", "draft", "order", "contract", "notes"]
    for number in range(1, count + 1):
        of = message(
            number,
            to=(f"user{chance.randrange(5000)}@dest.test",),
            sender=f"someone{chance.randrange(100_000)}@sender{chance.randrange(5000)}.test",
            subject=f"{' '.join(chance.choices(words, k=3))} {number}",
            message_id=f"<{number:x}.{chance.randrange(1 << 40):x}@sender.test>",
            session=f"{number:09X}",
            at=NOON + number,
            size=50_000_000 if number % 5000 == 0 else chance.randrange(900, 90_000),
            ip=f"198.51.{chance.randrange(256)}.{chance.randrange(256)}",
        )
        verdict = "malicious" if number % 500 == 0 else "benign"
        last = attempted(of, deferred(0)) if number % 1000 == 0 else attempted(of)
        yield [Accepted(message=of), judged(of, verdict=verdict), last]


@pytest.mark.serial
@pytest.mark.parametrize("text", QUERIES)
def test_a_search_takes_less_than_a_second(many: tuple[Path, int], text: str) -> None:
    path, count = many
    with TrackReader(path) as reader:
        begun = time.perf_counter()
        found = reader.find(parse_query(text, now=NOON + count), limit=100)
        took = time.perf_counter() - begun
    assert len(found) >= QUERIES[text]
    assert took < SECONDS
