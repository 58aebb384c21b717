"""What scanning costs: how many messages a second a side examines and hands on, how long one takes, how much memory."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mailock.testing.bench.arrivals import arrivals
from mailock.testing.bench.companions import clamd, resolver
from mailock.testing.bench.figures import Reading, Run
from mailock.testing.bench.load import Sink, sink
from mailock.testing.bench.machine import flushes
from mailock.testing.bench.mailbag import stuffed
from mailock.testing.bench.post import post
from mailock.testing.bench.programs import free_port, processor_seconds
from mailock.testing.bench.side import After, Scan, Serving, Side, Task
from mailock.testing.bench.talk import Talk
from mailock.testing.bench.weight import SETTLE_SECONDS, Sampler

_WARM_UP_MESSAGES = 50
_SIZE_LIMIT = 40 * 2**20
_MIB = 2**20
_SERIOUS_DIVISOR = 10
"""Up to this, figures are looked at; beyond it the run only shows that it works."""
_PAUSE_SECONDS = 0.02

Mails = Callable[[Run, int], Sequence[bytes]]
"""So many messages to send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRate:
    """Messages a second from the first connection until the next hop has them all."""

    mails: Mails
    messages: int
    sessions: int
    clamav: bool
    passing: bool

    def __call__(self, side: Side, run: Run) -> Reading:
        """One run on a side started afresh, which has seen some of other mail before."""
        count = run.count(self.messages)
        warm_up = max(1, min(_WARM_UP_MESSAGES, count // 4))
        messages = self.mails(run, count + warm_up)
        with contextlib.ExitStack() as stack:
            hop = stack.enter_context(sink(run.folder))
            scan = stack.enter_context(_scan(run, clamav=self.clamav, passing=self.passing))
            task = _task(run, scan, next_hop=hop.port, sessions=self.sessions)
            serving = stack.enter_context(side.serve(task))
            self._timed(messages[:warm_up], serving, hop, run)
            os.sync()
            return self._timed(messages[warm_up:], serving, hop, run)

    def _timed(self, messages: Sequence[bytes], serving: Serving, hop: Sink, run: Run) -> Reading:
        expected = hop.count() + len(messages)
        flushed, worked = flushes(run.folder), serving.processor_seconds()
        ours = time.process_time() + processor_seconds(hop.process.pid)
        begun = time.monotonic()
        post(messages, serving.port, sessions=self.sessions, within=run.left())
        accepted = time.monotonic()
        ended = hop.wait_for(expected, within=run.left())
        count = len(messages)
        facts = {
            "accepted a second": count / (accepted - begun),
            "processor ms a message": (serving.processor_seconds() - worked) / count * 1000,
            "of client and next hop": (time.process_time() + processor_seconds(hop.process.pid) - ours) / count * 1000,
            "MiB after it": serving.memory() / _MIB,
        }
        if flushed is not None and (now := flushes(run.folder)) is not None:
            facts["disk flushes a message"] = (now - flushed) / count
        return Reading(values=(count / (ended - begun),), facts=facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanDelay:
    """How much later a message arrives than it would without the side, with nothing else under way."""

    mails: Mails
    messages: int

    def __call__(self, side: Side, run: Run) -> Reading:
        """Gives p50 and p99 in milliseconds, from MAIL to the next hop's end of data, less what it takes directly."""
        count = run.count(self.messages)
        messages = self.mails(run, count + _WARM_UP_MESSAGES)
        with contextlib.ExitStack() as stack:
            hop = stack.enter_context(arrivals())
            scan = stack.enter_context(_scan(run, clamav=False, passing=False))
            serving = stack.enter_context(side.serve(_task(run, scan, next_hop=hop.port, sessions=5)))
            direct = sorted(_delays(messages, hop.port, lambda: hop.next(within=run.left())))
            through = _delays(messages, serving.port, lambda: hop.next(within=run.left()))
        added = sorted(delay - direct[len(direct) // 2] for delay in through[_WARM_UP_MESSAGES:])
        facts = {"directly, p50 ms": direct[len(direct) // 2] * 1000, "longest ms": added[-1] * 1000}
        return Reading(values=(_at(added, 0.5) * 1000, _at(added, 0.99) * 1000), facts=facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanIdle:
    """Memory of all processes before any mail came."""

    def __call__(self, side: Side, run: Run) -> Reading:
        """Gives it in MiB."""
        with (
            _scan(run, clamav=False, passing=False) as scan,
            side.serve(_task(run, scan, next_hop=free_port(), sessions=20)) as serving,
        ):
            time.sleep(SETTLE_SECONDS)
            return Reading(values=(serving.memory() / _MIB,), facts={})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLarge:
    """One large message, from MAIL until the next hop has it, and how far the memory of the side rises meanwhile."""

    mails: Mails

    def __call__(self, side: Side, run: Run) -> Reading:
        """Gives seconds and MiB."""
        (message,) = self.mails(run, 1)
        with contextlib.ExitStack() as stack:
            hop = stack.enter_context(arrivals())
            scan = stack.enter_context(_scan(run, clamav=False, passing=True))
            serving = stack.enter_context(side.serve(_task(run, scan, next_hop=hop.port, sessions=5)))
            time.sleep(SETTLE_SECONDS)
            before = serving.memory()
            with Sampler(serving.memory) as sampler:
                (took,) = _delays([message], serving.port, lambda: hop.next(within=run.left()))
        facts = {
            "message MiB": len(message) / _MIB,
            "before MiB": before / _MIB,
            "peak MiB": sampler.peak / _MIB,
            "samples": float(sampler.samples),
        }
        return Reading(values=(took, (sampler.peak - before) / _MIB), facts=facts)


@contextlib.contextmanager
def _scan(run: Run, *, clamav: bool, passing: bool) -> Iterator[Scan]:
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(resolver(run.folder))
        scanner = stack.enter_context(clamd(run.folder)) if clamav else None
        yield Scan(resolver=port, clamd=scanner, passing=passing, settled=run.divisor <= _SERIOUS_DIVISOR)


def _task(run: Run, scan: Scan, *, next_hop: int, sessions: int) -> Task:
    return Task(
        folder=run.side_folder(),
        port=free_port(),
        after=After.RELAY,
        next_hop=next_hop,
        sessions=sessions,
        size_limit=_SIZE_LIMIT,
        certificate=None,
        scan=scan,
    )


def _delays(messages: Sequence[bytes], port: int, arrived: Callable[[], float]) -> list[float]:
    """Sends one after the other over one connection, each when the one before had arrived; seconds of each."""
    delays, talk = [], Talk.begin(port, None)
    for number, message in enumerate(messages):
        content = stuffed(message)
        begun = time.monotonic()
        talk.open_message(f"{number}recipient@dest.test")
        talk.say(content, b"250")
        delays.append(arrived() - begun)
        time.sleep(_PAUSE_SECONDS)
    talk.close()
    return delays


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
