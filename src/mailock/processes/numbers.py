"""The numbers of the process: counted where things happen, put together when somebody reads them.

Where `[node] metrics` names no listener nothing is counted. What the log writes is counted by the drain, in its thread;
what engines and the jail do, in the loop; how much there is, when it is asked for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mailock.config.names import Endpoint
from mailock.core.evidence.examination import Examination
from mailock.core.evidence.health import Health
from mailock.core.lifecycle.events import Event
from mailock.ports.clock import Clock
from mailock.ports.jail import Ended, Job
from mailock.ports.queue import Counts
from mailock.processes.scanning import Scanning
from mailock.processes.sockets import obtain
from mailock.telemetry.exposition import Exposition
from mailock.telemetry.metrics import Metrics
from mailock.telemetry.search import TrackReader
from mailock.telemetry.tally import Tally, observe_examination, observe_queue

PORT: Final = 9925
ANSWER_SECONDS: Final = 5.0
"""How long the loop may take to say how much there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """How much there is at the moment."""

    counts: Counts
    used: int
    """Octets that the queue and its bodies take."""
    sessions: int
    connections_out: int
    open: bool
    """Whether mail is taken."""
    engines: tuple[Health, ...]


class Numbers:
    """All numbers of one mailflow process, and the listener where they are read."""

    def __init__(self, data: Path, listen: Endpoint | None, clock: Clock, scanning: Scanning) -> None:
        self._log = data / "track.db"
        self._listen = listen
        self._clock = clock
        self._metrics = Metrics()
        self._exposition: Exposition | None = None
        self.watch: Callable[[Event], None] | None = None if listen is None else Tally(self._metrics).see
        """For the drain; None where nobody reads."""
        scanning.ended = self._ended

    def examined(self, examination: Examination) -> None:
        """Counts what engines said of a message."""
        if self._listen is not None:
            observe_examination(self._metrics, examination)

    def _ended(self, job: Job, ended: Ended, seconds: float) -> None:
        """Counts a job of the jail."""
        if self._listen is not None:
            self._metrics.jail_jobs.of(job.task, ended.end.value).add()
            self._metrics.jail_seconds.of(job.task).observe(seconds)

    async def start(self, gauges: Callable[[], Awaitable[Gauges]]) -> None:
        """Listens, where that is set. Raises OSError (a sentence) where the port cannot be had."""
        if self._listen is None:
            return
        loop = asyncio.get_running_loop()

        async def asked() -> Gauges:
            return await gauges()

        def text() -> str:
            coming = asyncio.run_coroutine_threadsafe(asked(), loop)
            try:
                return self._text(coming.result(ANSWER_SECONDS))
            except (TimeoutError, CancelledError):
                coming.cancel()
                raise

        bound = await obtain(self._listen.host, self._listen.port or PORT, beside=False)
        bound.settimeout(None)
        self._exposition = Exposition(bound, text)
        self._exposition.start()

    async def stop(self) -> None:
        """Listens no more."""
        exposition, self._exposition = self._exposition, None
        if exposition is not None:
            await asyncio.to_thread(exposition.stop)

    def _text(self, gauges: Gauges) -> str:
        metrics = self._metrics
        observe_queue(metrics, gauges.counts, used=gauges.used, now=self._clock.now())
        metrics.sessions.of().set(gauges.sessions)
        metrics.connections_out.of().set(gauges.connections_out)
        metrics.open.of().set(float(gauges.open))
        for health in gauges.engines:
            metrics.engine_up.of(health.engine).set(float(not health.failing))
        metrics.log_lost.of().set(self._lost())
        return metrics.render()

    def _lost(self) -> int:
        try:
            with TrackReader(self._log) as reader:
                return sum(events for _, _, events in reader.gaps())
        except OSError:
            # There is no log yet, or it is broken: the alert of the drain says so.
            return 0
