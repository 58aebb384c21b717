"""What a long queue costs: with very many messages deferred, how soon a start answers 250, and how fast it accepts."""

import os
import time
from dataclasses import dataclass

from mailock.testing.bench.figures import Reading, Run
from mailock.testing.bench.load import Load, send
from mailock.testing.bench.programs import CannotMeasureError, free_port
from mailock.testing.bench.side import After, Side, Task
from mailock.testing.bench.talk import DOMAIN, Talk, message

_KIB = 1024
_SESSIONS = 50
_FILL_MESSAGES = 50_000
_RETRY_SECONDS = 0.01
_SETTLE_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """`deferred` messages of 1 KiB wait for a next hop at which nobody listens; rates are of `probe` messages."""

    deferred: int
    probe: int

    def __call__(self, side: Side, run: Run) -> Reading:
        """Gives seconds from the process' start to the first 250, and the accept rate as a share of the empty one's."""
        task = Task(
            folder=run.side_folder(),
            port=free_port(),
            after=After.RELAY,
            next_hop=free_port(),
            sessions=_SESSIONS,
            size_limit=25 * 2**20,
            certificate=None,
        )
        probe, deferred = run.count(self.probe), run.count(self.deferred)
        with side.serve(task) as serving:
            empty = _rate(probe, serving.port, run)
            filled, begun = probe, time.monotonic()
            while filled < deferred:
                batch = min(_FILL_MESSAGES, deferred - filled)
                send(_load(batch), serving.port, run.left())
                filled += batch
            filling = (filled - probe) / max(1e-9, time.monotonic() - begun)
            time.sleep(_SETTLE_SECONDS)
        os.sync()
        begun = time.monotonic()
        with side.serve(task) as serving:
            first = _first_reply(serving.port, within=run.left()) - serving.process.at
            full = _rate(probe, serving.port, run)
        facts = {"rate on an empty queue": empty, "rate while filling": filling, "rate on the full queue": full}
        return Reading(values=(first, full / empty), facts=facts)


def _rate(count: int, port: int, run: Run) -> float:
    begun = time.monotonic()
    send(_load(count), port, run.left())
    return count / (time.monotonic() - begun)


def _load(count: int) -> Load:
    return Load(messages=count, size=_KIB, sessions=_SESSIONS, kept_open=True)


def _first_reply(port: int, *, within: float) -> float:
    """The steady time at which a message first got its 250; a client tries until then."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            talk = Talk.begin(port, None)
            talk.open_message(f"first@{DOMAIN}")
            talk.say(message(_KIB), b"250")
            return time.monotonic()
        except (OSError, CannotMeasureError):
            time.sleep(_RETRY_SECONDS)
    raise CannotMeasureError(f"no message got a 250 within {within:.0f} s of the start")
