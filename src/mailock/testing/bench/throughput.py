"""How many messages a second a side takes, or takes and hands on; and how long a client waits at half of that."""

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from mailock.testing.bench.figures import Reading, Run
from mailock.testing.bench.load import Load, Sink, send, sink
from mailock.testing.bench.machine import flushes
from mailock.testing.bench.open_loop import Pace, latencies
from mailock.testing.bench.programs import free_port, processor_seconds
from mailock.testing.bench.side import After, Serving, Side, Task
from mailock.testing.bench.talk import send_over_tls

_WARM_UP_MESSAGES = 200
_SIZE_LIMIT = 25 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Messages a second under one kind of load. The clock stops at the last 250, or when the next hop has them all."""

    load: Load
    after: After
    tls: bool

    def __call__(self, side: Side, run: Run) -> Reading:
        """One run on a side started afresh."""
        load = replace(self.load, messages=run.count(self.load.messages))
        client = send_over_tls if self.tls else send
        with contextlib.ExitStack() as stack:
            hop = stack.enter_context(sink(run.folder)) if self.after is After.RELAY else None
            certificate = run.certificate if self.tls else None
            task = Task(
                folder=run.side_folder(),
                port=free_port(),
                after=self.after,
                next_hop=hop.port if hop is not None else free_port(),
                sessions=load.sessions,
                size_limit=_SIZE_LIMIT,
                certificate=certificate,
            )
            serving = stack.enter_context(side.serve(task))
            warm_up = _warm_up(load)
            _timed(client, warm_up, serving, hop, run)
            os.sync()
            return _timed(client, load, serving, hop, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The wait for a 250 at half of the greatest rate, while everything is relayed as well."""

    load: Load
    """What finds the greatest rate."""
    seconds: int
    """How long half of it is kept up."""

    def __call__(self, side: Side, run: Run) -> Reading:
        """Gives the 99th percentile in milliseconds."""
        load = replace(self.load, messages=run.count(self.load.messages))
        with sink(run.folder) as hop:
            task = Task(
                folder=run.side_folder(),
                port=free_port(),
                after=After.RELAY,
                next_hop=hop.port,
                sessions=load.sessions,
                size_limit=_SIZE_LIMIT,
                certificate=None,
            )
            with side.serve(task) as serving:
                _timed(send, _warm_up(load), serving, hop, run)
                greatest = _timed(send, load, serving, hop, run).values[0]
                os.sync()
                pace = Pace(
                    rate=greatest / 2, seconds=run.count(self.seconds), size=load.size, connections=load.sessions
                )
                waits = latencies(pace, serving.port, within=run.left())
        facts = {
            "greatest rate": greatest,
            "messages": float(len(waits)),
            "p50 ms": _percentile(waits, 0.5) * 1000,
            "p99.9 ms": _percentile(waits, 0.999) * 1000,
            "longest ms": waits[-1] * 1000,
        }
        return Reading(values=(_percentile(waits, 0.99) * 1000,), facts=facts)


def _timed(
    client: Callable[[Load, int, float], None], load: Load, serving: Serving, hop: Sink | None, run: Run
) -> Reading:
    """Sends a load, waits for the next hop if there is one, and gives the rate from the first connection to the end."""
    expected = load.messages + (hop.count() if hop is not None else 0)
    flushed, worked, ours = flushes(run.folder), processor_seconds(serving.process.pid), _client_seconds(hop)
    begun = time.monotonic()
    client(load, serving.port, run.left())
    accepted = time.monotonic()
    ended = hop.wait_for(expected, within=run.left()) if hop is not None else accepted
    facts = {
        "accepted a second": load.messages / (accepted - begun),
        "processor ms a message": (processor_seconds(serving.process.pid) - worked) / load.messages * 1000,
        "of client and next hop": (_client_seconds(hop) - ours) / load.messages * 1000,
    }
    if flushed is not None and (now := flushes(run.folder)) is not None:
        facts["disk flushes a message"] = (now - flushed) / load.messages
    return Reading(values=(load.messages / (ended - begun),), facts=facts)


def _warm_up(load: Load) -> Load:
    return replace(load, messages=max(1, min(_WARM_UP_MESSAGES, load.messages // 10)))


def _client_seconds(hop: Sink | None) -> float:
    """Processor time of the bench itself, of the clients that it has waited for, and of the next hop."""
    times = os.times()
    next_hop = processor_seconds(hop.process.pid) if hop is not None else 0.0
    return times.user + times.system + times.children_user + times.children_system + next_hop


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
