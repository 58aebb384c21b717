"""How much memory a side takes: idle, with many idle connections, and while a huge message passes through.

Memory is the sum of the proportional set sizes (PSS) of all its processes, from /proc/PID/smaps_rollup.
"""

import resource
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from mailock.testing.bench.figures import Reading, Run
from mailock.testing.bench.load import Load, send, sink
from mailock.testing.bench.programs import CannotMeasureError, family, free_port, memory
from mailock.testing.bench.side import After, Side, Task
from mailock.testing.bench.talk import idle_connections, send_one, trusting_context

SETTLE_SECONDS = 3.0
_SAMPLE_SECONDS = 0.02
_MIB = 2**20
# Beside the connections: files, the queue, next hops.
_SPARE_DESCRIPTORS = 500
_SMALL = Load(messages=200, size=10_240, sessions=20, kept_open=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleWeight:
    """Memory with nobody there, and with `connections` that have greeted and say nothing."""

    connections: int
    tls: bool

    def __call__(self, side: Side, run: Run) -> Reading:
        """Gives both in MiB."""
        connections = run.count(self.connections)
        _allow_descriptors(connections + _SPARE_DESCRIPTORS)
        task = Task(
            folder=run.side_folder(),
            port=free_port(),
            after=After.RELAY,
            next_hop=free_port(),
            sessions=connections,
            size_limit=25 * _MIB,
            certificate=run.certificate if self.tls else None,
        )
        with side.serve(task) as serving:
            time.sleep(SETTLE_SECONDS)
            idle = memory(serving.process.pid)
            with idle_connections(connections, serving.port, trusting_context() if self.tls else None):
                time.sleep(SETTLE_SECONDS)
                full = memory(serving.process.pid)
                processes = len(family(serving.process.pid))
        facts = {"processes": float(processes), "KiB a connection": (full - idle) / connections / 1024}
        return Reading(values=(idle / _MIB, full / _MIB), facts=facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamWeight:
    """How far memory rises while one message of `size` bytes comes in and goes out to the next hop."""

    size: int

    def __call__(self, side: Side, run: Run) -> Reading:
        """Gives the rise in MiB over what the side took after a warm-up with small messages."""
        with sink(run.folder) as hop:
            task = Task(
                folder=run.side_folder(),
                port=free_port(),
                after=After.RELAY,
                next_hop=hop.port,
                sessions=_SMALL.sessions,
                size_limit=self.size + 10 * _MIB,
                certificate=None,
            )
            with side.serve(task) as serving:
                send(_SMALL, serving.port, run.left())
                hop.wait_for(_SMALL.messages, within=run.left())
                time.sleep(SETTLE_SECONDS)
                before = memory(serving.process.pid)
                with Sampler(serving.memory) as sampler:
                    begun = time.monotonic()
                    send_one(self.size, serving.port)
                    arrived = hop.wait_for(_SMALL.messages + 1, within=run.left())
        facts = {"before MiB": before / _MIB, "seconds": arrived - begun, "samples": float(sampler.samples)}
        return Reading(values=((sampler.peak - before) / _MIB,), facts=facts)


class Sampler:
    """Asks how much memory is in use again and again, in a thread, until the block ends."""

    def __init__(self, look: Callable[[], int]) -> None:
        self._memory = look
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.peak = 0
        self.samples = 0

    def __enter__(self) -> "Sampler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_SAMPLE_SECONDS):
            self.peak = max(self.peak, self._memory())
            self.samples += 1


def _allow_descriptors(count: int) -> None:
    """For us and, as they inherit it, for the sides. Raises CannotMeasureError when the hard limit is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise CannotMeasureError(f"{count} open files are needed and {hard} allowed: raise it with ulimit -Hn {count}")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
