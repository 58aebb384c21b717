"""Hands the records of the log to a collector elsewhere, each when it has changed.

What waits is not the records but their ids, each once however often its message changed meanwhile: so a collector that
was away gets where every message stands now, and waiting takes little room. Beyond a bound the oldest are dropped and
counted; how many is told to the collector as soon as it listens again, and to people at once. All of it happens in a
thread of its own, which nobody waits for.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

KEEP: Final = 100_000
"""Messages that may wait."""
_PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How a collector does. `why` is empty where it listens; `lost` counts from the start."""

    to: str
    why: str
    lost: int


class Forwarder:
    """One way out. `offer` returns at once; the thread ends with `close`."""

    def __init__(
        self,
        to: str,
        *,
        line: Callable[[int], bytes | None],
        lost_line: Callable[[int], bytes],
        send: Callable[[bytes], None],
        hang_up: Callable[[], None],
        keep: int = KEEP,
        pauses: tuple[float, ...] = _PAUSES,
    ) -> None:
        """`line` reads a message's record as it is sent; None where there is none. `send` raises OSError where it may
        be tried again.
        """
        self._to, self._keep, self._pauses = to, keep, pauses
        self._line, self._lost_line, self._send, self._hang_up = line, lost_line, send, hang_up
        self._waiting: dict[int, None] = {}
        self._changed = threading.Condition()
        self._ending = False
        self._why = ""
        self._lost = 0
        self._told = 0
        self._thread = threading.Thread(target=self._run, name=f"forward to {to}", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> Trouble:
        """How it does."""
        return Trouble(to=self._to, why=self._why, lost=self._lost)

    def offer(self, ids: Iterable[int]) -> None:
        """Takes the ids of messages that changed."""
        with self._changed:
            for one in ids:
                self._waiting.setdefault(one)
            while len(self._waiting) > self._keep:
                del self._waiting[next(iter(self._waiting))]
                self._lost += 1
            self._changed.notify()

    def close(self, *, seconds: float) -> int:
        """Sends what waits, for so long at most. Returns how many it could not."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(seconds)
        return len(self._waiting)

    def _run(self) -> None:
        failures = 0
        try:
            while (one := self._next()) is not None:
                try:
                    self._forward(one)
                except OSError as fault:
                    self._why = str(fault)
                    self._put_back(one)
                    if self._ending:
                        return
                    self._pause(self._pauses[min(failures, len(self._pauses) - 1)])
                    failures += 1
                except Exception as bug:
                    # One record that cannot be written must not keep out all others.
                    self._why = f"a record could not be written: {bug!r}"
                    self._lost += 1
                else:
                    self._why, failures = "", 0
        finally:
            self._hang_up()

    def _forward(self, one: int) -> None:
        if self._lost > self._told:
            lost = self._lost
            self._send(self._lost_line(lost - self._told))
            self._told = lost
        line = self._line(one)
        if line is not None:
            self._send(line)

    def _next(self) -> int | None:
        """Takes the oldest id out, so that a message that changes while it is sent is sent again; None at the end."""
        with self._changed:
            while not self._waiting:
                if self._ending:
                    return None
                self._changed.wait()
            one = next(iter(self._waiting))
            del self._waiting[one]
            return one

    def _put_back(self, one: int) -> None:
        with self._changed:
            self._waiting = {one: None, **self._waiting}

    def _pause(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._ending, seconds)
