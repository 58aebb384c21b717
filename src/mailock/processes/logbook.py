"""The log as mailflow has it: a process of its own that writes the file (`logkeeping`), asked over a socket.

All calls block, and are made by the drain in its own thread. Whatever becomes of the process, the drain hears of an
OSError, and its next call starts another.
"""

import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from mailock.core.lifecycle.events import Event
from mailock.processes.logkeeping import Call, Came, receive, send
from mailock.storage.event_codec import document_of
from mailock.telemetry.forward import Trouble

SECONDS: Final = 300.0
"""How long one call may take: the first on a long log may have to bring its schema up to date."""
ENDING_SECONDS: Final = 10.0


class LogFault(RuntimeError):
    """The log's process met a bug of ours; its file is well."""


class LogBook:
    """A `telemetry.drain.Log`. Made without starting anything. `keep_seconds`: see TrackLog."""

    def __init__(self, path: Path, *, keep_seconds: float | None = None) -> None:
        self._path = path
        self._keep_seconds = keep_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self.unindexed = 0
        """Rows that `tidy` has yet to take into the index."""
        self.troubles: Sequence[Trouble] = ()
        """How those do who get the records elsewhere."""
        self._outward: Sequence[object] | None = None
        self._told: Sequence[object] | None = None

    def forward(self, *, node: str, authorities: str | None, to: Sequence[tuple[str, str]]) -> None:
        """Says where records go besides, from the next call on: addresses with their formats."""
        self._outward = (node, authorities, to)

    def write(self, batches: Sequence[tuple[int, Sequence[Event]]]) -> None:
        """Makes batches durable. Raises OSError (a sentence) where it cannot, LogFault where we cannot."""
        self._ask(Call.WRITE, [(sequence, document_of(events)) for sequence, events in batches])

    def tidy(self, now: float) -> bool:
        """Does a little of what can wait. Returns whether there is more. Raises as `write` does."""
        return bool(self._ask(Call.TIDY, (now,)))

    def gap(self, *, at: float, since: float, events: int) -> None:
        """Records that events were lost. Raises as `write` does."""
        self._ask(Call.GAP, (at, since, events))

    def close(self) -> None:
        """Lets the process close the file and end."""
        channel, self._channel = self._channel, None
        process, self._process = self._process, None
        if channel is not None:
            channel.close()
        if process is not None:
            try:
                process.wait(ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _ask(self, call: Call, arguments: Sequence[object]) -> Any:
        channel = self._channel or self._start()
        if self._outward is not self._told:
            # Marked first: this comes here again.
            self._told = self._outward
            self._ask(Call.FORWARD, self._outward or ())
            return self._ask(call, arguments)
        try:
            send(channel, (call, arguments))
            answer = receive(channel)
        except OSError as fault:
            self.close()
            raise OSError(
                f"the process that writes {self._path} does not answer ({fault}); another is started"
            ) from fault
        if answer is None:
            self.close()
            raise OSError(f"the process that writes {self._path} has ended; another is started")
        kind, value, self.unindexed, troubles = answer
        self.troubles = [Trouble(to=to, why=why, lost=lost) for to, why, lost in troubles]
        match Came(kind):
            case Came.FAULT:
                raise OSError(value)
            case Came.BUG:
                raise LogFault(value)
            case Came.DONE:
                return value

    def _start(self) -> socket.socket:
        self._told = None
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "mailock.processes.logkeeping", "--channel", str(theirs.fileno())]
        command += ["--file", str(self._path)]
        command += [] if self._keep_seconds is None else ["--keep", repr(self._keep_seconds)]
        with theirs:
            try:
                self._process = subprocess.Popen(
                    command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
                )
            except OSError:
                ours.close()
                raise
        ours.settimeout(SECONDS)
        self._channel = ours
        return ours
