"""Counting by columns comes to the same numbers as counting by stories, whatever state the columns are in."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.events import Accepted, Event, Outline, Refused, Scan
from mailock.core.lifecycle.query import parse_query
from mailock.core.mail.message import QueueId
from mailock.telemetry import columns
from mailock.telemetry.blockwise import Batch, parts
from mailock.telemetry.counting import Count, Order, counted
from mailock.telemetry.fields import FIELDS
from mailock.telemetry.search import TrackReader
from mailock.telemetry.track import TrackLog
from tests.parts.stories import NOON, attempted, deferred, failed, judged, message, refused

ROWS = 256
COUNT = 3 * ROWS + 100
LATE = NOON + 7 * 86_400
QUERIES = (
    "",
    "status:deferred,bounced",
    "size>20k size<60k",
    "class:spam",
    "verdict:malicious file:b.pdf",
    "finding:office url:site7",
    "ip:198.51.100.2",
    "hash:c3",
    "from:someone3",
    "system:theirs",
)


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "ROWS", ROWS)


def life(number: int, chance: random.Random) -> list[Event]:
    if number % 50 == 0:
        return [refused(number, at=NOON + number)]
    of = message(
        number,
        to=("bob@dest.test", "eve@other.test") if number % 7 == 0 else ("bob@dest.test",),
        sender=None if number % 11 == 0 else f"someone{chance.randrange(40)}@sender.test",
        subject=f"Offer {chance.randrange(9)}",
        at=NOON + number,
        size=chance.randrange(1000, 90_000),
        ip=f"198.51.100.{chance.randrange(30)}",
        system="theirs" if number % 5 == 0 else "default",
    )
    outline = Outline(
        kind="html",
        attachments=1,
        links=1,
        detections=("office.macro",) if number % 9 == 0 else (),
        unfinished=(),
        files=("a.pdf", "b.pdf") if number % 4 == 0 else (),
        hashes=(f"{chance.getrandbits(256):064x}",),
        urls=(f"https://site{number % 20}.example/",),
    )
    scan = Scan(confidence="high", mail_class=chance.choice(("ham", "spam")), score=1.6, document=b"", outline=outline)
    bad = number % 30 == 0
    verdict = judged(
        of, Disposition.QUARANTINE if bad else Disposition.DELIVER, verdict="malicious" if bad else "benign"
    )
    outcome = [deferred(0)] if number % 100 == 1 else [failed(0)] if number % 100 == 2 else []
    events: list[Event] = [Accepted(message=of), replace(verdict, scan=scan)]
    return events if bad else [*events, attempted(of, *outcome)]


def written(path: Path) -> TrackLog:
    log, chance = TrackLog(path, keep_seconds=30 * 86_400), random.Random(3)
    for first in range(1, COUNT, 1000):
        log.write([(n, life(n, chance)) for n in range(first, min(first + 1000, COUNT))])
    return log


def tidied(log: TrackLog, now: float) -> None:
    while log.tidy(now, rows=2000):
        pass


def count(path: Path, field: str, query: str = "", *, step: float = 0.0) -> Count:
    told: list[Count] = []
    order = Order(
        log=str(path), field=field, query=query, since=NOON + 10, until=NOON + COUNT - 20, start=NOON, step=step
    )
    counted(order, told.append)
    return told[-1]


def every_count(path: Path) -> Iterator[tuple[str, str, Count]]:
    for name in FIELDS:
        yield name, "", count(path, name, step=600.0)
    for query in QUERIES:
        for name in ("listener", "subject", "urls", "status", "next_hop", "hour"):
            yield name, query, count(path, name, query)


def by_columns(path: Path, query: str = "") -> int:
    """How many messages come by columns."""
    with TrackReader(path) as log:
        found = parts(log, parse_query(query, now=LATE), "listener")
        return sum(len(one.codes) for one in found if isinstance(one, Batch))


def test_columns_change_nothing_of_what_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "track.db"
    log = written(path)
    tidied(log, NOON + COUNT)
    before = list(every_count(path))
    assert by_columns(path) == 0
    tidied(log, LATE)
    assert by_columns(path) == 3 * ROWS - 1
    assert 0 < by_columns(path, "class:spam") < 3 * ROWS
    for (name, query, was), (_, _, now) in zip(before, every_count(path), strict=True):
        assert now == was, (name, query)
    assert sum(one.read for _, _, one in before) > 20_000


def test_what_changes_later_is_counted_as_it_is_now(tmp_path: Path) -> None:
    path = tmp_path / "track.db"
    log = written(path)
    tidied(log, LATE)
    assert count(path, "status", "status:deferred").messages == {"deferred": 8}
    late = list(range(101, 3 * ROWS, 100))
    log.write([(COUNT + n, [attempted(message(n, at=NOON + n), after=9000.0)]) for n in late])
    assert count(path, "status", "status:deferred").messages == {"deferred": 1}
    assert by_columns(path) == 3 * ROWS - 1 - len(late)
    log.write([(9000 + n, [attempted(message(n, at=NOON + n), after=9500.0)]) for n in range(11, 59) if n % 50])
    hops = count(path, "next_hop")
    tidied(log, LATE)
    assert by_columns(path) == 3 * ROWS - 1 - len(late) + sum(n < ROWS for n in late)
    assert count(path, "next_hop") == hops


def test_a_refusal_that_is_told_twice_has_one_row_in_its_column(tmp_path: Path) -> None:
    path = tmp_path / "track.db"
    log = written(path)
    again: Refused = refused(50, count=9, at=NOON + 50)
    assert again.refusal_id == QueueId(50)
    log.write([(COUNT + 1, [again])])
    was = count(path, "refused")
    tidied(log, LATE)
    assert count(path, "refused") == was


def test_columns_are_forgotten_with_their_messages(tmp_path: Path) -> None:
    path = tmp_path / "track.db"
    log = written(path)
    tidied(log, LATE)
    tidied(log, NOON + 31 * 86_400)
    left = count(path, "status")
    assert set(left.messages) <= {"deferred", "quarantined"} and left.read < 300
    connection = apsw.Connection(str(path))
    assert (
        connection.execute("SELECT count(*) FROM cell").get == connection.execute("SELECT count(*) FROM base").get == 0
    )


def test_a_damaged_column_is_said(tmp_path: Path) -> None:
    path = tmp_path / "track.db"
    tidied(written(path), LATE)
    apsw.Connection(str(path)).execute("UPDATE cell SET data = x'00'")
    with pytest.raises(ValueError, match="a column of the log is damaged"):
        count(path, "listener")
