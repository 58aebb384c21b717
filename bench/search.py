"""How long searches and views take over a long log: ten million records, or as many as there is time and room for.

    .venv/bin/python -m bench.search [--messages 10000000] [--days 30] [--times 20] [--folder DIR]

The log is built by `TrackLog` itself, spread over the days, with its sums and its index over words (a million messages
take about six minutes of one core). Then every query is asked `--times` times, each with another word where it has
one, for the newest hundred; the shipped views are read from the sums; widgets of one's own are counted, without a
process of their own. Told are the median and the 95th percentile of wall time, over all queries of a kind.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from bench.track import WORDS

from mailock.console.figures import Drawn, View, drawn
from mailock.console.frames import Frame, frame_of
from mailock.console.shipped import VIEWS
from mailock.core.lifecycle.events import Accepted, Event, Outline, Scan
from mailock.core.lifecycle.query import parse_query
from mailock.telemetry.counting import Order, counted
from mailock.telemetry.search import TooSlow, TrackReader
from mailock.telemetry.track import TrackLog
from tests.parts.stories import NOON, attempted, deferred, failed, judged, message

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
)
WORD_BEGINNINGS: Final = ("{w}", "{w} {w}", "subject:{w}", "from:some", "b", "in", "nosuchword", "reason:grey")


def life(number: int, at: float, chance: random.Random) -> list[Event]:
    """A message's events. Of a hundred one is deferred, of five hundred one is malicious, of ten one is spam."""
    of = message(
        number,
        to=(f"user{chance.randrange(2000)}@dest.test",),
        sender=f"someone{chance.randrange(50_000)}@sender{chance.randrange(3000)}.test",
        from_="Some One <someone@sender.test>",
        subject=f"{' '.join(chance.choices(WORDS, k=4))} {number}",
        message_id=f"<{chance.randbytes(12).hex()}@sender.test>",
        session=f"{number:09X}",
        at=at,
        size=50_000_000 if number % 5000 == 0 else chance.randrange(900, 90_000),
        ip=f"198.51.{chance.randrange(256)}.{chance.randrange(256)}",
    )
    bad, spam = number % 500 == 0, number % 10 == 0
    outline = Outline(
        kind="program" if bad else "html",
        attachments=int(number % 4 == 0),
        links=1,
        detections=("office.macro",) if bad else (),
        unfinished=(),
        files=(f"report{chance.randrange(5000)}.pdf",) if number % 4 == 0 else (),
        hashes=(f"{chance.getrandbits(256):064x}",),
        urls=(f"https://site{chance.randrange(5000)}.example/{chance.randrange(1 << 30):x}",),
    )
    scan = Scan(confidence="high", mail_class="spam" if spam else "ham", score=1.0, document=b"", outline=outline)
    verdict = judged(of, verdict="malicious" if bad else "benign")
    rule = "no programs" if bad else "everything else"
    decided = replace(verdict, scan=scan, decisions=tuple(replace(one, rule=rule) for one in verdict.decisions))
    outcome = [deferred(0)] if number % 100 == 0 else [failed(0)] if number % 333 == 0 else []
    return [Accepted(message=of), decided, attempted(of, *outcome)]


def built(path: Path, count: int, days: float) -> None:
    """Writes a log of so many messages."""
    log, chance, step = TrackLog(path), random.Random(4), days * DAY / count
    begun = time.monotonic()
    for first in range(1, count + 1, 5000):
        numbers = range(first, min(first + 5000, count + 1))
        log.write([(n, life(n, NOON + n * step, chance)) for n in numbers])
        while log.unindexed > 2000:
            log.tidy(NOON + first * step, rows=2000)
        if first % 250_000 == 1:
            print(f"# {first - 1} of {count} after {time.monotonic() - begun:.0f} s", flush=True)
    while log.tidy(NOON + days * DAY, rows=2000):
        pass
    log.close()
    print(
        f"# built in {time.monotonic() - begun:.0f} s; {path.stat().st_size / count:.0f} octets a message", flush=True
    )


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
        for field, query in (("listener", ""), ("files", ""), ("urls", "class:spam")):
            order = Order(log=str(path), field=field, query=query, since=frame.since, until=frame.until)
            begun, moments = time.perf_counter(), list[float]()
            counted(order, lambda _, begun=begun, moments=moments: moments.append(time.perf_counter() - begun))  # type: ignore[misc]  # bound at once
            print(f"widget {field} {query:18} first {moments[0]:6.1f} s  whole {moments[-1]:6.1f} s", flush=True)


def read(path: Path, view: View, frame: Frame, now: float) -> Drawn:
    """A view with its numbers."""
    return drawn(path, view, frame, now=now, ask=lambda: None)


if __name__ == "__main__":
    main()
