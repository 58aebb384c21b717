"""How much mail the embedded store keeps in a second, and what each message costs the event loop's thread.

    python -m bench.storage [--dir DIR] [--seconds 5] [--tasks 50] [--size 10240] [--inline-limit 65536] [--profile]

Two measures. *enters*: custody is taken, nothing else. *lives*: entered leased, examined and judged in one commit, an
attempt opened, settled as sent; the row of events of each is written, and dropped as the drain would. Both durable
before the next step.
"""

import argparse
import asyncio
import cProfile
import gc
import os
import pstats
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import uvloop

from mailock.core.lifecycle.changes import Commit, Entry, Opened, Planned, Settled, Staged
from mailock.core.lifecycle.copies import Copy, Delivery, Disposition, Hop, Response, Sent
from mailock.core.lifecycle.events import Accepted, Attempted, Decided, Judged
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType, Direction, Envelope, Recipient
from mailock.core.mail.message import BodyRef, Glimpse, Message, QueueId
from mailock.core.mail.origin import Origin
from mailock.storage.files import FileBodies
from mailock.storage.sqlite.queue import SqliteQueue, open_sqlite

PIECE = 65536
"""What a read from a socket gives."""
NOW = 1_700_000_000.0
SAMPLE = Message(
    queue_id=QueueId(1),
    session_id="0000K3ZQ7",
    ordinal=1,
    virtual_system="default",
    node="mx1.example.test",
    origin=Origin(
        ip="192.0.2.17",
        port=45678,
        untrusted_helo="client.example.org",
        protocol="ESMTP",
        listener="external",
        internal=False,
    ),
    envelope=Envelope(
        sender=Address("sender", "example.org"),
        recipients=(Recipient(Address("user", "dest.test"), Direction.INCOMING),),
        body_type=BodyType.EIGHT_BIT,
    ),
    body=BodyRef(1, "0" * 64, 0, inline=True),
    trace=b"Received: from client.example.org (client.example.org [192.0.2.17])\r\n\tby mx1.example.test (Mailock)"
    b" with ESMTP id 0123456789ABC\r\n\tfor <user@dest.test>; Mon, 24 Nov 2025 03:13:00 +0000\r\n",
    glimpse=Glimpse(
        message_id="<1@example.org>", subject="A subject", from_="A <sender@example.org>", to="user@dest.test"
    ),
    accepted_at=NOW,
    revision=1,
)
TAKEN = Response(code=250, enhanced="2.0.0", text="Ok: queued as 4F5E6D7C")
HOP = Hop(name="mail.internal", ip="192.0.2.99", port=25, tls="TLSv1.3 TLS_AES_256_GCM_SHA384")


class Sender:
    """One task: sends message after message until time is up."""

    def __init__(
        self, queue: SqliteQueue, bodies: FileBodies, ids: Callable[[], QueueId], content: bytes, other_work: float
    ) -> None:
        self.bodies = bodies
        self.other_work = other_work
        self.queue = queue
        self.ids = ids
        self.content = content
        self.done = 0
        self.waits: list[float] = []

    async def entry(self) -> tuple[Message, Commit]:
        """A message of its own, as accept commits it."""
        queue_id = self.ids()
        draft = self.bodies.draft(queue_id)
        for start in range(0, len(self.content), PIECE):
            draft.write(self.content[start : start + PIECE])
            if draft.backlog > 1 << 20:
                await draft.drained()
        kept = draft.finish_small() or await draft.finish()
        message = replace(SAMPLE, queue_id=queue_id, body=kept.ref)
        return message, Commit(
            entries=(Entry(message=message, content=kept.content),), events=(Accepted(message=message),)
        )

    def work(self) -> None:
        """What the rest of the program would do on the loop for each step."""
        if not self.other_work:
            return
        until = time.thread_time() + self.other_work
        while time.thread_time() < until:
            pass

    async def enters(self, until: float) -> None:
        """Takes custody, again and again."""
        while time.monotonic() < until:
            self.work()
            _, commit = await self.entry()
            began = time.perf_counter()
            await self.queue.enter(commit, leased=True)
            self.waits.append(time.perf_counter() - began)
            self.done += 1

    async def lives(self, until: float) -> None:
        """Takes custody, judges, sends."""
        queue = self.queue
        while time.monotonic() < until:
            self.work()
            message, commit = await self.entry()
            began = time.perf_counter()
            await queue.enter(commit, leased=True)
            self.waits.append(time.perf_counter() - began)
            self.work()
            await queue.commit(judging(message), keep_lease=True)
            self.work()
            opened = Opened(queue_id=message.queue_id, copy=0, numbers=(0,), at=NOW)
            await queue.commit(Commit(changes=(opened,)))
            await queue.commit(sending(message))
            self.done += 1


def judging(message: Message) -> Commit:
    """What examine and judge commit in one."""
    queue_id = message.queue_id
    copy = Copy(
        queue_id=queue_id,
        number=0,
        stage=CopyStage.READY,
        body=message.body,
        prefix=message.trace,
        disposition=Disposition.DELIVER,
        because=("Nothing was found that policy objects to.",),
        rule="mta",
    )
    delivery = Delivery(
        queue_id=queue_id,
        copy=0,
        number=0,
        recipient=message.envelope.recipients[0],
        stage=DeliveryStage.PENDING,
        lane="mail.internal:25",
        due=NOW,
    )
    decided = Decided(recipients=(0,), disposition=Disposition.DELIVER, rule="mta", because=copy.because)
    judged = Judged(queue_id=queue_id, started=NOW, at=NOW, revision=1, verdict="unknown", decisions=(decided,))
    return Commit(
        changes=(
            Staged(queue_id=queue_id, before=MessageStage.ACCEPTED, after=MessageStage.EXAMINED),
            Staged(queue_id=queue_id, before=MessageStage.EXAMINED, after=MessageStage.JUDGED),
            Planned(queue_id=queue_id, copies=(copy,), deliveries=(delivery,)),
        ),
        events=(judged,),
    )


def sending(message: Message) -> Commit:
    """What send commits."""
    sent = Sent(number=0, response=TAKEN)
    attempt = Attempted(queue_id=message.queue_id, started=NOW, at=NOW, hop=HOP, outcomes=(sent,))
    return Commit(changes=(Settled(queue_id=message.queue_id, copy=0, outcomes=(sent,)),), events=(attempt,))


async def drain(queue: SqliteQueue) -> None:
    """Drops what the log would have taken."""
    while True:
        batches = await queue.pending(500)
        if batches:
            await queue.drop(batches[-1][0])
        await asyncio.sleep(0.2)


async def measure(kind: str, options: argparse.Namespace, profile: cProfile.Profile | None) -> None:
    """Runs the tasks and prints one line."""
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        bodies = FileBodies(Path(folder), options.inline_limit)
        queue = await open_sqlite(Path(folder), ballast=0, on_unreferenced=bodies.drop)
        numbers = iter(range(1 << 60, 1 << 62))
        senders = [
            Sender(queue, bodies, lambda: QueueId(next(numbers)), os.urandom(options.size), options.work / 1e6)
            for _ in range(options.tasks)
        ]
        draining = asyncio.create_task(drain(queue))
        work: Callable[[Sender, float], Awaitable[None]] = Sender.enters if kind == "enters" else Sender.lives
        cpu, began = thread_seconds(), time.monotonic()
        process = resource.getrusage(resource.RUSAGE_SELF)
        if profile is not None:
            profile.enable()
        await asyncio.gather(*(work(sender, began + options.seconds) for sender in senders))
        if profile is not None:
            profile.disable()
        seconds, cpu = time.monotonic() - began, thread_seconds() - cpu
        after = resource.getrusage(resource.RUSAGE_SELF)
        draining.cancel()
        done = sum(sender.done for sender in senders)
        waits = sorted(wait for sender in senders for wait in sender.waits)
        whole = after.ru_utime + after.ru_stime - process.ru_utime - process.ru_stime
        print(
            f"{kind:7} {done / seconds:9,.0f}/s   loop thread {cpu / done * 1e6:6.1f} µs each   process"
            f" {whole / done * 1e6:6.1f} µs each   enter p50 {waits[len(waits) // 2] * 1e3:.2f} ms"
            f" p99 {waits[len(waits) * 99 // 100] * 1e3:.2f} ms   queue.db {queue.used() / 1e6:.0f} MB",
            flush=True,
        )
        await queue.close()
        await bodies.close()


def thread_seconds() -> float:
    """CPU seconds of the calling thread."""
    return time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID)


def main() -> None:
    """Reads the arguments and runs both measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", help="where to put the store: the disk that is measured", default=None)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--tasks", type=int, default=50)
    parser.add_argument("--size", type=int, default=10240, help="bytes of a body")
    parser.add_argument("--inline-limit", type=int, default=65536, help="bytes up to which a body goes into the queue")
    parser.add_argument("--work", type=float, default=0.0, help="µs of other work on the loop with each step")
    parser.add_argument("--only", choices=("enters", "lives"))
    parser.add_argument("--switch", type=float, help="the interpreter's switch interval, in seconds")
    parser.add_argument("--profile", action="store_true", help="where the loop's thread spends its time")
    options = parser.parse_args()
    # As mailflow sets it.
    gc.set_threshold(50_000, 20, 50)
    if options.switch:
        sys.setswitchinterval(options.switch)
    for kind in ("enters", "lives"):
        if options.only in (None, kind):
            profile = cProfile.Profile() if options.profile else None
            uvloop.run(measure(kind, options, profile))
            if profile is not None:
                pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    assert threading.active_count() == 1


if __name__ == "__main__":
    main()
