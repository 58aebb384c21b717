"""Counts of fields that the log keeps no sums of: made in a process of their own, shown as far as they have come.

A count is kept, and shown with when it was made. It is made again where it is asked for later than a minute after it,
and later than twenty times as long as it took, so the log is read for one widget a twentieth of the time at most. Two
are made at once, the others wait.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from mailock.telemetry.counting import Count, Order

KEPT: Final = 64
AT_ONCE: Final = 2
WAIT_SECONDS: Final = 60.0
"""The most that an export waits for its counts."""
_FRESH_SECONDS: Final = 60.0
_TIMES_AS_LONG: Final = 20.0


@dataclass(slots=True)
class Counted:
    """A count, as far as it has come."""

    order: Order
    so_far: Count | None = None
    took: float = 0.0
    ended: float | None = None
    """Steady time."""
    finished: threading.Event = field(default_factory=threading.Event)

    @property
    def stale(self) -> bool:
        """Whether it is to be made again."""
        return self.ended is not None and time.monotonic() - self.ended > max(
            _FRESH_SECONDS, _TIMES_AS_LONG * self.took
        )


class Counts:
    """The counts of everybody. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[object, ...], Counted] = {}
        self._shown: dict[tuple[object, ...], Counted] = {}
        self._workers = ThreadPoolExecutor(AT_ONCE, "count")
        self._processes: set[subprocess.Popen[bytes]] = set()

    def count(self, key: tuple[object, ...], make: Callable[[], Order], *, wait: bool) -> Counted:
        """The count of this key, begun if need be. While it is made again the one before is given."""
        with self._lock:
            known = self._known.get(key)
            if known is None or known.stale:
                if len(self._known) >= KEPT:
                    self._known.clear()
                    self._shown.clear()
                known = self._known[key] = Counted(make())
                self._workers.submit(self._run, key, known)
        if wait and not known.finished.wait(WAIT_SECONDS):
            raise TimeoutError(f"counting {known.order.field} takes more than {WAIT_SECONDS:.0f} s: try again soon")
        return known if known.ended is not None else self._shown.get(key, known)

    def close(self) -> None:
        """Ends what is under way."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        for process in list(self._processes):
            process.kill()

    def _run(self, key: tuple[object, ...], counted: Counted) -> None:
        begun = time.monotonic()
        command = [sys.executable, "-m", "mailock.telemetry.counting"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            self._processes.add(process)
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(msgspec.json.encode(counted.order) + b"\n")
            process.stdin.close()
            for line in process.stdout:
                counted.so_far = msgspec.json.decode(line, type=Count)
        self._processes.discard(process)
        counted.took, counted.ended = time.monotonic() - begun, time.monotonic()
        self._shown[key] = counted
        counted.finished.set()


def order_of(
    log: Path, name: str, query: str, since: float, until: float, step: float, systems: tuple[str, ...]
) -> Order:
    """What is to be counted: columns begin at a whole step."""
    start = since // step * step if step else since
    return Order(
        log=str(log), field=name, query=query, since=since, until=until, start=start, step=step, systems=systems
    )
