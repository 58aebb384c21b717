"""Load from, and a next hop of, programs that are not ours: Postfix's smtp-source and smtp-sink."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mailock.testing.bench.programs import (
    LOOPBACK,
    CannotMeasureError,
    Started,
    answers,
    free_port,
    need_program,
    started,
)

# How often its counters are read; seldom enough to take nothing from the sides.
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a client sends: `messages` of `size` bytes below the header, over `sessions` connections at once."""

    messages: int
    size: int
    sessions: int
    kept_open: bool
    """Whether a connection carries one message after the other, or one only."""


def send(load: Load, port: int, within: float) -> None:
    """Runs smtp-source to its end; every message got its 250. Raises CannotMeasureError when one did not.

    Recipients are numbered (-N), so that no cache of addresses helps anybody.
    """
    command = [
        need_program("smtp-source", package="postfix"),
        *("-s", str(min(load.sessions, load.messages)), "-m", str(load.messages), "-l", str(load.size)),
        *("-N", "-f", "sender@bench.test", "-t", "recipient@dest.test"),
        *(["-d"] if load.kept_open else []),
        f"{LOOPBACK}:{port}",
    ]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=within)
    except subprocess.TimeoutExpired as late:
        raise CannotMeasureError(
            f"smtp-source did not get {load.messages} messages through in {within:.0f} s"
        ) from late
    if done.returncode != 0:
        raise CannotMeasureError(f"smtp-source ended with {done.returncode}: {done.stderr.strip()[-300:]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """A next hop that takes everything, keeps nothing, and counts messages."""

    port: int
    process: Started

    def count(self) -> int:
        """How many messages have ended with our 250 so far."""
        output = self.process.output
        with output.open("rb") as counters:
            counters.seek(max(0, output.stat().st_size - 200))
            # It writes `sess=5 quit=5 mesg=200` and a carriage return, again and again; the last may be half written.
            complete = counters.read().rpartition(b"\r")[0]
        last = complete.rpartition(b"\r")[2]
        return int(last.rpartition(b"mesg=")[2]) if b"mesg=" in last else 0

    def wait_for(self, count: int, *, within: float) -> float:
        """The steady time at which `count` messages had come. Raises CannotMeasureError when they do not come."""
        end = time.monotonic() + within
        while (so_far := self.count()) < count:
            self.process.need_alive()
            if time.monotonic() > end:
                raise CannotMeasureError(f"the next hop got {so_far} of {count} messages in {within:.0f} s")
            time.sleep(_LOOK_SECONDS)
        return time.monotonic()


@contextmanager
def sink(folder: Path) -> Iterator[Sink]:
    """A running smtp-sink with its counters in a file in `folder`."""
    port = free_port()
    # As root it insists on somebody to become.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [need_program("smtp-sink", package="postfix"), *user, "-c", "-m", "2000", f"{LOOPBACK}:{port}", "1000"]
    with started(command, output=folder / "sink.out") as process:
        process.wait_until(lambda: answers(port), within=10, what="its greeting")
        yield Sink(port=port, process=process)
