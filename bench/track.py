"""What the log costs the mail, and how long a search takes.

    .venv/bin/python -m bench.track [--messages 50000] [--batch 500] [--folder DIR]

Times are processor time of the writing thread, per message, for Accepted, Judged and Attempted together: "whole" where
the three come in one call of the drain, "in three" where each comes in a call of its own. "index" is the index over
words, which is made when there is time. "beside" is the wall time of a call while another thread keeps the interpreter
busy. Searches are wall time, the best of three.
"""

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mailock.core.lifecycle.events import Accepted, Event
from mailock.core.lifecycle.query import parse_query
from mailock.telemetry.search import TrackReader
from mailock.telemetry.track import TrackLog
from tests.parts.stories import NOON, attempted, deferred, judged, message

WORDS = [first + vowel + last for first in "bdfk" for vowel in "aeiou" for last in ("lan", "mer", "tos", "rin", "vek")]
QUERIES = (
    "",
    "invoice",
    "from:someone7",
    "to:user77@dest.test",
    "subject:balan subject:demer",
    "status:deferred",
    "status:deferred from:someone7",
    "status:bounced",
    "ip:198.51.7",
    "verdict:malicious",
    "since:1h",
    "hop:mail",
    "b",
    "in",
    "nosuchword",
    "size>40MB",
)
Batch = tuple[int, Sequence[Event]]


def life(number: int, chance: random.Random) -> list[Event]:
    """A message's events: one in a hundred is deferred, the others are delivered."""
    of = message(
        number,
        to=(f"user{chance.randrange(2000)}@dest.test",),
        sender=f"someone{chance.randrange(50_000)}@sender{chance.randrange(3000)}.test",
        from_=f"Some One <someone{number}@sender.test>",
        subject=f"{' '.join(chance.choices(WORDS, k=5))} {'invoice' if number % 20 == 0 else 'mail'} {number}",
        message_id=f"<{chance.randbytes(12).hex()}@sender.test>",
        session=f"{number:09X}",
        at=NOON + number / 100,
        size=chance.randrange(1000, 90_000),
        ip=f"198.51.{chance.randrange(256)}.{chance.randrange(256)}",
    )
    verdict = "malicious" if number % 500 == 0 else "benign"
    return [
        Accepted(message=of),
        judged(of, verdict=verdict),
        attempted(of, deferred(0)) if number % 100 == 0 else attempted(of),
    ]


def batches(lives: Sequence[list[Event]], first: int, *, in_three: bool) -> Iterator[list[Batch]]:
    """Calls of `write` for some lives: one, or one for each kind of event."""
    if not in_three:
        yield [(first + n, [event]) for n, event in enumerate(event for life in lives for event in life)]
        return
    for part in range(3):
        yield [(first + part * len(lives) + n, [life[part]]) for n, life in enumerate(lives)]


def cost(work: Callable[[], object]) -> float:
    """Seconds of this thread's processor time."""
    begun = time.thread_time()
    work()
    return time.thread_time() - begun


def measured(log: TrackLog, first: int, count: int, size: int, *, in_three: bool) -> float:
    """Microseconds a message."""
    chance = random.Random(first)
    spent = 0.0
    for start in range(first, first + count, size):
        lives = [life(number, chance) for number in range(start, start + size)]
        for call in batches(lives, start * 3, in_three=in_three):
            spent += cost(lambda call=call: log.write(call))  # type: ignore[misc]  # bound at once
    return spent / count * 1e6


def beside(log: TrackLog, first: int, size: int) -> float:
    """Milliseconds of a call while the interpreter is busy elsewhere."""
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            sum(range(100))

    lives = [life(number, random.Random(1)) for number in range(first, first + size)]
    (call,) = batches(lives, first * 3, in_three=False)
    busy = threading.Thread(target=spin)
    busy.start()
    begun = time.perf_counter()
    log.write(call)
    took = time.perf_counter() - begun
    stop.set()
    busy.join()
    return took * 1000


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        path = Path(folder) / "track.db"
        log = TrackLog(path)
        count, size = given.messages, given.batch
        tenth = max(1, count // 10 // size) * size
        print(f"in three  {measured(log, 1, tenth, size, in_three=True):7.1f} µs a message")
        print(f"whole     {measured(log, 1 + tenth, count - tenth, size, in_three=False):7.1f} µs a message")
        print(f"beside    {beside(log, count + 1, size):7.1f} ms for {size} messages")
        indexed = log.unindexed
        print(f"index     {cost(lambda: all(iter(lambda: log.tidy(0.0), 0))) / indexed * 1e6:7.1f} µs a message")
        log.close()
        print(f"file      {path.stat().st_size / (count + size):7.0f} octets a message")
        with TrackReader(path) as reader:
            for text in QUERIES:
                query = parse_query(text, now=NOON + count / 100)
                times = []
                for _ in range(3):
                    begun = time.perf_counter()
                    found = reader.find(query, limit=100)
                    times.append(time.perf_counter() - begun)
                print(f"{min(times) * 1000:9.1f} ms  {len(found):4} found  {text or '(everything)'}")


if __name__ == "__main__":
    main()
