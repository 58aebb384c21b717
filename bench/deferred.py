"""What a queue with a million deferred messages costs: opening it, looking for work in it, accepting beside it.

    python -m bench.deferred [--messages 1000000] [--lanes 1000] [--dir DIR] [--seconds 5]

Fills a store through its own API, closes it, drops nothing from the system's cache, and measures from `open_sqlite` on.
"""

import argparse
import asyncio
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import uvloop
from bench.storage import NOW, SAMPLE, TAKEN, Sender, judging

from mailock.core.lifecycle.changes import Commit, Entry, Settled
from mailock.core.lifecycle.copies import Deferred
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.message import BodyRef, QueueId
from mailock.ports.queue import Selection
from mailock.storage.files import FileBodies
from mailock.storage.sqlite.queue import SqliteQueue, open_sqlite

FIRST = 1 << 60
LATER = NOW + 3600


def deferring(number: int, lanes: int, content: bytes) -> tuple[Commit, Commit, Commit]:
    """A message of its own that enters, is judged, and is deferred."""
    queue_id = QueueId(FIRST + number)
    message = replace(SAMPLE, queue_id=queue_id, body=BodyRef(queue_id, "0" * 64, len(content), inline=True))
    outcome = Deferred(
        number=0,
        response=TAKEN,
        next_due=LATER + number % 600,
        lane=f"mx:domain{number % lanes}.example",
        delay_told=False,
    )
    settled = Settled(queue_id=queue_id, copy=0, outcomes=(outcome,))
    return Commit(entries=(Entry(message=message, content=content),)), judging(message), Commit(changes=(settled,))


async def fill(queue: SqliteQueue, messages: int, lanes: int) -> None:
    """Puts deferred messages of 1 KiB into the queue."""
    content = os.urandom(1024)
    for start in range(0, messages, 1000):
        lives = [deferring(number, lanes, content) for number in range(start, min(start + 1000, messages))]
        await asyncio.gather(*(queue.enter(entering, leased=True) for entering, _, _ in lives))
        await asyncio.gather(*(queue.commit(replace(judged, events=())) for _, judged, _ in lives))
        await asyncio.gather(*(queue.commit(settled) for _, _, settled in lives))
        if start % 100_000 == 0:
            print(f"  {start:,} …", flush=True)


async def accept(queue: SqliteQueue, folder: Path, seconds: float, first: int) -> float:
    """Accepted messages of 1 KiB in a second, from 50 senders."""
    numbers = iter(range(first, 1 << 62))
    bodies = FileBodies(folder, 65536)
    senders = [Sender(queue, bodies, lambda: QueueId(next(numbers)), os.urandom(1024), 0.0) for _ in range(50)]
    until = time.monotonic() + seconds
    await asyncio.gather(*(sender.enters(until) for sender in senders))
    await bodies.close()
    return sum(sender.done for sender in senders) / seconds


class Watch:
    """Prints how long things took."""

    def __init__(self) -> None:
        self.began = time.perf_counter()

    def lap(self, what: str) -> None:
        """Prints one line and starts again."""
        now = time.perf_counter()
        print(f"{what:58} {(now - self.began) * 1e3:10.1f} ms", flush=True)
        self.began = time.perf_counter()


async def measure(folder: Path, options: argparse.Namespace) -> None:
    """Opens the filled queue and asks it everything."""
    watch = Watch()
    queue = await open_sqlite(folder, on_unreferenced=lambda refs: None)
    watch.lap("open")
    (commit, _, _) = deferring(options.messages + 1, options.lanes, b"x")
    await queue.enter(commit, leased=True)
    watch.lap("first enter")
    lanes = await queue.lanes()
    watch.lap(f"lanes ({len(lanes):,})")
    await queue.next_due(lanes[0][0])
    watch.lap("next_due")
    await queue.parcels(lanes[0][0], NOW, 100)
    watch.lap("parcels of a lane, nothing due")
    parcels = await queue.parcels(lanes[0][0], LATER + 9999, 100)
    watch.lap(f"parcels of a lane, {len(parcels)} due")
    await queue.lease(MessageStage.ACCEPTED, 50)
    watch.lap("lease")
    await queue.counts()
    watch.lap("counts, the first")
    await queue.counts()
    watch.lap("counts, again")
    await queue.find(Selection(copy_stages=(CopyStage.QUARANTINED,)), limit=100)
    watch.lap("find what is quarantined")
    await queue.find(Selection(lane=lanes[-1][0]), limit=100)
    watch.lap("find a lane, one page")
    await queue.find(Selection(recipient="nobody@nowhere.test"), limit=100)
    watch.lap("find a recipient who is not there")
    await queue.body_names()
    watch.lap("names of bodies in files")
    rate = await accept(queue, folder, options.seconds, FIRST + (1 << 40))
    print(f"accepting beside it: {rate:,.0f}/s", flush=True)
    await queue.close()
    with tempfile.TemporaryDirectory(dir=options.dir) as empty:
        queue = await open_sqlite(Path(empty), on_unreferenced=lambda refs: None)
        alone = await accept(queue, Path(empty), options.seconds, FIRST)
        print(f"accepting into an empty queue: {alone:,.0f}/s ({rate / alone:.2f}×)", flush=True)
        await queue.close()


async def run(options: argparse.Namespace) -> None:
    """Fills, then measures."""
    with tempfile.TemporaryDirectory(dir=options.dir) as name:
        folder = Path(name)
        queue = await open_sqlite(folder, on_unreferenced=lambda refs: None)
        began = time.monotonic()
        await fill(queue, options.messages, options.lanes)
        await queue.close()
        size = (folder / "queue.db").stat().st_size
        print(f"filled with {options.messages:,} in {time.monotonic() - began:.0f} s, {size / 1e6:,.0f} MB", flush=True)
        await measure(folder, options)


def main() -> None:
    """Reads the arguments and runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--lanes", type=int, default=1000)
    parser.add_argument("--dir", help="where to put the store: the disk that is measured", default=None)
    parser.add_argument("--seconds", type=float, default=5.0)
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
