"""How long searches and views take over a long log: ten million records, or as many as there is time and room for.

    .venv/bin/python -m bench.search [--messages 10000000] [--days 30] [--times 20] [--folder DIR]

The log is built by `bench.longlog`, spread over the days, with its sums and its index over words, and gets its columns
by the tidying. Then every query is asked `--times` times, each with another word where it has one, for the newest
hundred; the shipped views are read from the sums; widgets of one's own are counted, in a process as the console's are.
Told are the median and the 95th percentile of wall time, over all queries of a kind.
"""

import argparse
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from bench.longlog import built
from bench.track import WORDS

from mailock.console.figures import Drawn, View, drawn
from mailock.console.frames import Frame, frame_of
from mailock.console.shipped import VIEWS
from mailock.core.lifecycle.query import parse_query
from mailock.telemetry.counting import Count, Order
from mailock.telemetry.search import TooSlow, TrackReader
from mailock.telemetry.track import TrackLog
from tests.parts.stories import NOON

DAY: Final = 86_400.0
FIELDS: Final = (
    "from:someone{n}",
    "to:user{n}@dest.test",
    "ip:198.51.{n}",
    "status:deferred",
    "status:bounced",
    "status:delivered",
    "verdict:malicious",
    "class:spam",
    "class:spam from:someone{n}",
    "finding:office.macro",
    'rule:"no programs"',
    "file:report{n}",
    "hash:{h}",
    "url:site{n}.example",
    "session:{s}",
    "hop:mail.dest",
    "size>40MB",
    "since:1h",
    "quixotic",
    "quixotic since:30d",
    "quixotic from:some",
    "quixotic verdict:malicious",
    "from:nobodyatall since:30d",
    "from:some to:nobodyatall",
    "class:spam file:report{n} finding:office",
    "hash:00000000000000",
    "to:user{n}@dest.test until:29d since:30d",
    "url:site{n}.example until:25d",
)
WIDGETS: Final = (
    ("listener", ""),
    ("files", ""),
    ("message_id", ""),
    ("urls", "class:spam"),
    ("next_hop_ip", "status:deferred"),
    ("hour", ""),
)
WORD_BEGINNINGS: Final = (
    "{w}",
    "{w} {w}",
    "subject:{w}",
    "from:some",
    "b",
    "in",
    "nosuchword",
    "reason:grey",
    "from:some nosuchword",
    "some dest",
)


def columned(path: Path, now: float) -> None:
    """Has the tidying make all columns that are due."""
    begun, cost, size = time.monotonic(), time.process_time(), path.stat().st_size
    log = TrackLog(path)
    while log.tidy(now):
        pass
    log.close()
    cost, grown = time.process_time() - cost, path.stat().st_size - size
    print(f"# columns in {time.monotonic() - begun:.0f} s, {cost:.0f} s of a processor, {grown >> 20} MiB", flush=True)


def filled(text: str, chance: random.Random, count: int) -> str:
    """A query with words that are there."""
    word = chance.choice(WORDS)[: chance.randrange(3, 7)]
    session = f"{chance.randrange(1, count):09X}"
    return text.format(n=chance.randrange(10, 255), h=f"{chance.getrandbits(28):07x}", w=word, s=session)


def told(name: str, times: Sequence[float]) -> None:
    """Prints median and 95th percentile in milliseconds."""
    ranked = sorted(times)
    last = ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]
    print(f"{name:34} p50 {statistics.median(ranked) * 1000:8.1f} ms  p95 {last * 1000:8.1f} ms", flush=True)


def timed(work: Callable[[], object]) -> float:
    """Wall time of something."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def searched(path: Path, kinds: Sequence[str], times: int, count: int, now: float) -> Iterator[float]:
    """Times of each query of a kind, with its own line."""
    chance = random.Random(9)
    for text in kinds:
        own = []
        for _ in range(times):
            query = parse_query(filled(text, chance, count), now=now)
            with TrackReader(path, seconds=60.0) as reader:
                own.append(timed(lambda reader=reader, query=query: reader.find(query, limit=100)))  # type: ignore[misc]  # bound at once
        told(f"  {text}", own)
        yield from own


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--messages", type=int, default=10_000_000)
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=None, help="built here and kept; what is there is used again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        path = (given.folder or Path(made)) / "track.db"
        count, now = given.messages, NOON + given.days * DAY
        if not path.exists():
            built(path, count, given.days)
        columned(path, now + DAY)
        told("field queries", list(searched(path, FIELDS, given.times, count, now)))
        told("word beginnings", list(searched(path, WORD_BEGINNINGS, given.times, count, now)))
        frame = frame_of("30d", "", "", now)
        for name, view in VIEWS.items():
            first = replace(view, widgets=view.widgets[:12])
            called = f"view {name}, {len(first.widgets)} widgets, 30d"
            try:
                told(called, [timed(partial(read, path, first, frame, now)) for _ in range(given.times)])
            except TooSlow as fault:
                print(f"{called:34} {fault}", flush=True)
        for field, query in WIDGETS:
            for step in (0.0, DAY):
                order = Order(
                    log=str(path),
                    field=field,
                    query=query,
                    since=frame.since,
                    until=frame.until,
                    start=frame.since,
                    step=step,
                )
                begun, whole, processor, messages = widget(order)
                print(
                    f"widget {field:10} {query:16} {'by day' if step else '':6} first {begun:5.1f} s  "
                    f"whole {whole:5.1f} s  processor {processor:5.1f} s  {messages:,} messages",
                    flush=True,
                )


def widget(order: Order) -> tuple[float, float, float, int]:
    """A count by its own process: seconds until its first and last line, of its processor, and messages."""
    begun, before, moments, found = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN), [], None
    command = [sys.executable, "-m", "mailock.telemetry.counting"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        process.stdin.close()
        for line in process.stdout:
            moments.append(time.perf_counter() - begun)
            found = msgspec.json.decode(line, type=Count)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert found is not None and not found.fault, found
    return moments[0], moments[-1], after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, found.read


def read(path: Path, view: View, frame: Frame, now: float) -> Drawn:
    """A view with its numbers."""
    return drawn(path, view, frame, now=now, ask=lambda: None)


if __name__ == "__main__":
    main()
