"""One worker as the host sees it: a program, the socket to it, and the job that it has in hand."""

import asyncio
import logging
import os
import socket
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from mailock.jail import memory, wire
from mailock.jail.protection import Strength

log = logging.getLogger(__name__)

_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    # Libraries that start threads when they are imported would make the forks unsafe.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""All that a worker sees of the environment: ours may hold secrets."""


START_SECONDS = 60.0
_PATIENCE_SECONDS = 5.0


class State(Enum):
    """How far a worker is."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    GONE = "gone"


@dataclass(slots=True)
class Keeper:
    """Starts one worker program, hands it jobs one at a time, and notices its death.

    `changed` is called after every change of state, `ended` with the status of each job that came to its end; both on
    the event loop.
    """

    program: Sequence[str]
    charter: bytes
    changed: Callable[["Keeper"], None]
    ended: Callable[["Keeper", int], None]
    state: State = State.STARTING
    strength: Strength | None = None
    refusal: str | None = None
    """Why it does not serve, where it said so."""
    _number: int | None = None
    """Of the job in hand."""
    _process: "subprocess.Popen[bytes] | None" = field(default=None)
    _channel: socket.socket | None = field(default=None)

    def start(self) -> None:
        """Starts the program; it is ready when the state says so. Raises OSError."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [*self.program, "--channel", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env=_ENVIRONMENT,
                    cwd="/",
                    # Signals from a terminal are for the host, which ends its workers in order.
                    start_new_session=True,
                )
            except OSError:
                ours.close()
                raise
        ours.settimeout(0)
        self._channel = ours
        document = memory.sealed(self.charter)
        try:
            wire.send(ours, wire.Charter(), (document,))
        finally:
            os.close(document)
        loop = asyncio.get_running_loop()
        loop.add_reader(ours.fileno(), self._hear)
        loop.call_later(START_SECONDS, self._give_up_starting)

    def begin(self, start: wire.Start, descriptors: tuple[int, ...]) -> None:
        """Hands over a job. A worker that does not take it is given up."""
        self.state, self._number = State.BUSY, start.number
        self._tell(start, descriptors)

    def end_job(self, number: int) -> None:
        """Asks for the end of a job and all that it started."""
        self._tell(wire.Kill(number=number))

    def kill(self) -> None:
        """Ends the worker and all that it started, now."""
        if self._process is not None:
            self._process.kill()
        self._lost()

    def dismiss(self) -> None:
        """Lets the worker end by itself, which it does when it is not listened to any more, whatever its job does."""
        self._lost()

    async def buried(self) -> None:
        """Returns when the program has ended; it has to be dismissed or killed before."""
        process = self._process
        if process is None:
            return
        try:
            await asyncio.to_thread(process.wait, _PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            log.error("a jailed worker did not end by itself and is killed")
            process.kill()
            await asyncio.to_thread(process.wait)

    def _tell(self, message: wire.Message, descriptors: tuple[int, ...] = ()) -> None:
        if self._channel is None:
            return
        try:
            wire.send(self._channel, message, descriptors)
        except OSError as fault:
            log.warning("a jailed worker takes no orders any more: %s", fault)
            self.kill()

    def _give_up_starting(self) -> None:
        if self.state is State.STARTING:
            self.refusal = f"a worker of the jail was not ready after {START_SECONDS:g} s"
            self.kill()

    def _hear(self) -> None:
        if self._channel is None:
            return
        try:
            received = wire.receive(self._channel)
        except BlockingIOError:
            return
        except (OSError, ValueError) as fault:
            log.warning("a jailed worker is given up: %s", fault)
            self.kill()
            return
        match received.message if received is not None else None:
            case None:
                self.kill()
            case wire.Ready(strength=strength):
                self.strength, self.state = strength, State.IDLE
                self.changed(self)
            case wire.Refused(sentence=sentence):
                self.refusal = sentence
            case wire.Ended(number=number, status=status) if number == self._number:
                self.state, self._number = State.IDLE, None
                self.ended(self, status)
                self.changed(self)
            case other:
                log.warning("a jailed worker says %s out of turn, and is given up", type(other).__name__)
                self.kill()

    def _lost(self) -> None:
        if self.state is State.GONE:
            return
        if self.state is State.STARTING and self.refusal is None:
            self.refusal = "a worker of the jail ended before it was ready"
        self.state = State.GONE
        if self._channel is not None:
            asyncio.get_running_loop().remove_reader(self._channel.fileno())
            self._channel.close()
            self._channel = None
        self.changed(self)
