"""A long log, made quickly: what `TrackLog` would have written of millions of messages, byte for byte, row for row.

    .venv/bin/python -m bench.longlog FILE [--messages 10000000] [--days 30]    makes one
    .venv/bin/python -m bench.longlog --check [--messages 60000]                makes a short one both ways

A message's facts are drawn (`drawn`). `life` makes events of them, which is what the log's own writer takes; `rows`
makes the row and the words of the index straight, and of every thousandth message compares them with what the writer's
own functions make of its life. Sums are those that `core.lifecycle.volume` makes of one message of each sort, times how
many there were; days, and what is trimmed, are the writer's own work, and so are the last messages, so that the index
has its small segments too. Where it differs from a log that grew: the index over words was merged less often.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import apsw
from bench.longmail import Facts, Row, compared, drawn, life, rows

from mailock.core.lifecycle.measures import UNBOUNDED, Measure, size_key
from mailock.core.lifecycle.standing import NOTHING, follow
from mailock.core.lifecycle.volume import DAY, HOUR, MINUTE, Counted, Sums, count, settle
from mailock.telemetry.domains import SeenDomains
from mailock.telemetry.index import run
from mailock.telemetry.rollup import LARGEST, MINUTES_KEPT, OTHERS, add, trim
from mailock.telemetry.track import TrackLog
from tests.parts.stories import NOON

CHUNK: Final = 5000
"""Messages whose facts are drawn from one seed."""
BY_WRITER: Final = 4 * CHUNK
"""The last messages, which the log's own writer writes."""
_RECORD: Final = "INSERT INTO record(n, queue_id, sequence, arrival, updated, mask, size, system, story) VALUES {}"
_WORD: Final = "INSERT INTO word(rowid, subject, sender, recipient, id, ip, session, hop, reason, fact) VALUES {}"


class Adding:
    """Adds up messages by their sort, in hours, or in minutes where these are kept."""

    def __init__(self, minutes_from: float) -> None:
        self._minutes_from = minutes_from
        self._sorts: dict[tuple[Any, ...], list[Any]] = {}
        self._names: dict[int, tuple[dict[str, int], ...]] = {}
        self._sizes: dict[int, tuple[dict[str, int], ...]] = {}

    def take(self, f: Facts) -> None:
        """Adds a message."""
        at, n = f.at, f.number
        step = MINUTE if at >= self._minutes_from else HOUR
        own, size = int(at) // step * step, f.size
        moments = own, int(at + 0.3) // step * step, int(at + 0.5) // step * step
        sort = (*moments, f.bad, f.spam, 100 if n % 100 == 0 else 333 if n % 333 == 0 else 1, size_key(size))
        found = self._sorts.get(sort)
        if found is None:
            self._sorts[sort] = [1, size, f]
        else:
            found[0] += 1
            found[1] += size
        names = self._names.get(own)
        if names is None:
            names = self._names[own] = ({}, {}, {})
            self._sizes[own] = ({}, {}, {})
        each = f"someone{f.sender}@sender{f.domain}.test", f"user{f.to}@dest.test", f.ip
        for key, counts, sizes in zip(each, names, self._sizes[own], strict=True):
            counts[key] = counts.get(key, 0) + 1
            sizes[key] = sizes.get(key, 0) + size

    def over(self, before: float) -> tuple[Sums, list[Row]]:
        """The sums of the minutes, and the rows of the hours, that are over."""
        minutes: Sums = {}
        hours: Sums = {}
        for sort in [sort for sort in self._sorts if sort[2] < before]:
            many, size, facts = self._sorts.pop(sort)
            self._sort(minutes if sort[0] >= self._minutes_from else hours, facts, many, size)
        for own in [own for own in self._names if own < before]:
            exact = own >= self._minutes_from
            into = minutes if exact else hours
            for measure, counts, sizes in zip(_NAMES, self._names.pop(own), self._sizes.pop(own), strict=True):
                kept = counts if exact else _largest(counts, sizes)
                for key, number in kept.items():
                    into[own, measure, "default", key] = number, sizes[key]
        return minutes, [(HOUR, m.value, at, system, key, *cell) for (at, m, system, key), cell in hours.items()]

    def _sort(self, into: Sums, facts: Facts, many: int, size: int) -> None:
        step = MINUTE if facts.at >= self._minutes_from else HOUR
        one: Sums = {}
        counted, standing = Counted(), NOTHING
        for event in life(facts):
            count(one, counted, event, skipped=False)
            standing = follow(standing, event)
        settle(one, counted, standing.status)
        for (at, measure, system, key), (number, amount) in one.items():
            if measure in _NAMES or not (number or amount):
                continue
            place = at // step * step, measure, system, key
            before = into.get(place, (0, 0))
            timed = measure in (Measure.EXAMINED, Measure.DELAY)
            into[place] = before[0] + number * many, before[1] + (amount * many if timed else number * size)


_NAMES: Final = (Measure.SENDER, Measure.RECIPIENT, Measure.SOURCE)
_ADD: Final = (
    "INSERT INTO volume VALUES {} ON CONFLICT DO UPDATE SET count = count + excluded.count, "
    "amount = amount + excluded.amount"
)
assert set(_NAMES) <= set(UNBOUNDED)


def _largest(counts: dict[str, int], sizes: dict[str, int]) -> dict[str, int]:
    """What trimming an hour leaves of its names; `sizes` gets that of the others."""
    if len(counts) <= LARGEST[HOUR]:
        return counts
    kept = dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[: LARGEST[HOUR]])
    sizes[OTHERS] = sum(size for key, size in sizes.items() if key not in kept)
    return kept | {OTHERS: sum(counts.values()) - sum(kept.values())}


@dataclass(slots=True)
class Part:
    """What is written of a chunk."""

    last: Facts
    news: list[Facts]
    """The first message of each day."""
    records: list[Row]
    words: list[Row]
    minutes: Sums
    hours: list[Row]


def made(into: Connection, bulk: int, days: float, step: float, every: int) -> None:
    """The process that makes chunks; it waits where it is ahead of who writes them."""
    end, day = NOON + days * DAY, -1
    adding = Adding((int(end - MINUTES_KEPT) // HOUR - 1) * HOUR)
    for first in range(1, bulk + 1, CHUNK):
        facts = list(drawn(first, first + CHUNK - 1, step))
        part = Part(facts[-1], [], [], [], {}, [])
        for f in facts:
            record, words = rows(f)
            if f.number % every == 0:
                compared(f, record, words)
            part.records.append(record)
            part.words.append(words)
            adding.take(f)
            if int(f.at // DAY) != day:
                day = int(f.at // DAY)
                part.news.append(f)
        whole = first + CHUNK > bulk
        part.minutes, part.hours = adding.over(float("inf") if whole else part.last.at - 2)
        into.send(part)
    into.close()


def built(path: Path, total: int, days: float, *, every: int = 1000) -> None:
    """Writes a log of so many messages. `every`: of how many one is compared."""
    begun, step = time.monotonic(), days * DAY / total
    TrackLog(path).tidy(NOON)
    bulk = max(0, total - BY_WRITER) // CHUNK * CHUNK
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "OFF")
    connection.pragma("synchronous", "OFF")
    connection.pragma("cache_size", -500_000)
    connection.execute("INSERT INTO word(word, rank) VALUES ('hashsize', 67108864)")
    ours, theirs = Pipe(duplex=False)
    maker = Process(target=made, args=(theirs, bulk, days, step, every), daemon=True)
    maker.start()
    theirs.close()
    domains = SeenDomains()
    for _ in range(0, bulk, CHUNK):
        part: Part = ours.recv()
        with connection:
            run(connection, _RECORD, part.records)
            run(connection, _WORD, part.words)
            domains.note(connection, chain.from_iterable(map(life, part.news)))
            add(connection, part.minutes)
            run(connection, _ADD, part.hours)
            while trim(connection, part.last.at - HOUR, None):
                pass
        if part.last.number % 250_000 == 0:
            print(f"# {part.last.number} of {total} after {time.monotonic() - begun:.0f} s", flush=True)
    maker.join()
    with connection:
        connection.execute("UPDATE meta SET value = ? WHERE name IN ('sequence', 'indexed')", (bulk,))
    connection.execute("INSERT INTO word(word, rank) VALUES ('hashsize', 1048576)")
    connection.close()
    by_writer(path, bulk + 1, total, step)
    print(
        f"# built in {time.monotonic() - begun:.0f} s; {path.stat().st_size / total:.0f} octets a message", flush=True
    )


def by_writer(path: Path, first: int, total: int, step: float) -> None:
    """Writes messages as they are written otherwise."""
    log = TrackLog(path)
    for begin in range(first, total + 1, CHUNK):
        lives = [life(f) for f in drawn(begin, min(begin + CHUNK - 1, total), step)]
        for at in range(0, len(lives), 500):
            log.write([(begin + at + n, events) for n, events in enumerate(lives[at : at + 500])])
            while log.unindexed > 500:
                log.tidy(NOON + begin * step, rows=500)
    while log.tidy(NOON + total * step, rows=500):
        pass
    log.close()


def content(path: Path) -> Iterator[tuple[str, int | str | bytes]]:
    """Everything that a log says, in one order."""
    connection = apsw.Connection(str(path))
    for table, order in (("record", "n"), ("volume", "step, measure, at, system, key"), ("domain", "name")):
        for row in connection.execute(f"SELECT * FROM {table} ORDER BY {order}"):
            yield table, repr(row)
    for row in connection.execute("SELECT * FROM meta WHERE name NOT LIKE 'trimmed%' ORDER BY name"):
        yield "meta", repr(row)
    connection.execute("CREATE VIRTUAL TABLE temp.had USING fts5vocab(main, word, col)")
    for row in connection.execute("SELECT term, col, doc, cnt FROM had"):
        yield "word", repr(row)
    connection.close()


def check(total: int, days: float) -> None:
    """Compares a log made here with one of the same messages that the writer made. Raises AssertionError."""
    with tempfile.TemporaryDirectory() as folder:
        quick, slow = Path(folder) / "quick.db", Path(folder) / "slow.db"
        built(quick, total, days, every=1)
        by_writer(slow, 1, total, days * DAY / total)
        compared_rows = 0
        for ours, theirs in zip(content(quick), content(slow), strict=True):
            assert ours == theirs, (ours, theirs)
            compared_rows += 1
        print(f"alike: {compared_rows} rows of records, sums, domains and words")


def main() -> None:
    """Makes or checks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--messages", type=int, default=None)
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    if given.check:
        check(given.messages or 60_000, given.days)
    elif given.file is None:
        parser.error("name the file that is to be made, or say --check")
    else:
        built(given.file, given.messages or 10_000_000, given.days)


if __name__ == "__main__":
    main()
