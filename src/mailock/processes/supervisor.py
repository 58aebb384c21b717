"""`mailock run`: starts every role, binds ports for them, starts again what dies, and ends them in order.

It reads no mail and imports nothing heavy; it is what keeps the rest alive. A role that exits with 2 (bad settings)
or 3 (could not) in its first seconds has said why and is not tried again: the whole ends with that code. Where the role
is not vital (the console), the rest goes on without it: one that cannot start is tried again now and then, and one that
ends with 0 is switched off.
"""

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailock.processes.roles import DUTIES, Duty
from mailock.processes.sockets import CHANNEL, serve_one

COULD_NOT = 3
FINAL_CODES = (2, COULD_NOT)
EARLY_SECONDS = 60.0
"""What ends sooner has not worked yet; a busy machine takes long to find out that settings are wrong."""
PATIENCE_SECONDS = 10.0
"""How long what is not vital waits for the first port."""
SLOWEST_RESTART = 30.0


@dataclass(slots=True)
class Running:
    """One role's process, and when it may be started again."""

    duty: Duty
    process: subprocess.Popen[bytes] | None = None
    channel: socket.socket | None = None
    started: float = 0.0
    failures: int = 0
    not_before: float = field(default=0.0)
    is_off: bool = False
    """Whether it said that there is nothing for it to do."""


class Supervisor:
    """Runs until a signal asks it to end, or a role says that it cannot."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = list(arguments)
        # What is not vital waits until a vital role asks for a port: then the settings are such as can be run by, and
        # whatever is wrong with them was said once.
        later = time.monotonic() + PATIENCE_SECONDS
        self._roles = [Running(duty, not_before=0.0 if duty.is_vital else later) for duty in DUTIES]
        self._selector = selectors.DefaultSelector()
        self._signals: list[int] = []
        self._waking, self._woken = socket.socketpair()
        self._waking.settimeout(0)
        self._woken.settimeout(0)

    def run(self) -> int:
        """Returns the exit code of the whole."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, lambda received, _: self._signals.append(received))
        signal.set_wakeup_fd(self._waking.fileno())
        self._selector.register(self._woken, selectors.EVENT_READ)
        while True:
            for running in self._roles:
                if running.process is None and time.monotonic() >= running.not_before and not running.is_off:
                    self._start(running)
            self._wait()
            while self._signals:
                match self._signals.pop(0):
                    case signal.SIGTERM | signal.SIGINT:
                        return self._end(0)
                    case signal.SIGHUP:
                        self._send(signal.SIGHUP, [one for one in self._roles if one.duty.reloads])
                    case _:
                        code = self._reap()
                        if code is not None:
                            return self._end(code)

    def _start(self, running: Running) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", running.duty.module, *self._arguments]
        with theirs:
            running.process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], env={**os.environ, CHANNEL: str(theirs.fileno())}
            )
        running.channel, running.started = ours, time.monotonic()
        self._selector.register(ours, selectors.EVENT_READ)

    def _wait(self) -> None:
        waiting = [one.not_before for one in self._roles if one.process is None and not one.is_off]
        seconds = max(0.0, min(waiting) - time.monotonic()) if waiting else None
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._woken:
                self._woken.recv(4096)
            elif isinstance(key.fileobj, socket.socket):
                if serve_one(key.fileobj):
                    self._admit()
                else:
                    self._selector.unregister(key.fileobj)

    def _admit(self) -> None:
        """Lets those start that waited for the first port."""
        for running in self._roles:
            if running.failures == 0:
                running.not_before = min(running.not_before, time.monotonic())

    def _reap(self) -> int | None:
        for running in self._roles:
            process = running.process
            if process is None or process.poll() is None:
                continue
            lived = time.monotonic() - running.started
            running.process = None
            self._forget_channel(running)
            if not running.duty.is_vital and process.returncode == 0:
                running.is_off = True
                continue
            is_final = process.returncode in FINAL_CODES and lived < EARLY_SECONDS
            if is_final and running.duty.is_vital and running.failures == 0:
                return process.returncode
            running.failures = running.failures + 1 if lived < EARLY_SECONDS else 1
            pause = min(SLOWEST_RESTART, (1.0 if is_final else 0.1) * 2**running.failures)
            running.not_before = time.monotonic() + pause
            print(
                f"mailock: {running.duty.role.value} ended with {process.returncode}; it starts again in {pause:.1f} s",
                file=sys.stderr,
                flush=True,
            )
        return None

    def _forget_channel(self, running: Running) -> None:
        if running.channel is None:
            return
        if running.channel in self._selector.get_map():
            self._selector.unregister(running.channel)
        running.channel.close()
        running.channel = None

    def _send(self, number: int, to: Sequence[Running]) -> None:
        for running in to:
            if running.process is not None and running.process.poll() is None:
                running.process.send_signal(number)

    def _end(self, code: int) -> int:
        """Ends every role. The exit code, which is not 0 where one of them did not end as it should."""
        self._send(signal.SIGTERM, self._roles)
        for running in self._roles:
            if running.process is None:
                continue
            try:
                running.process.wait(running.duty.stop_seconds)
            except subprocess.TimeoutExpired:
                print(f"mailock: {running.duty.role.value} did not end in time and is killed", file=sys.stderr)
                running.process.kill()
                running.process.wait()
            # One that was just starting ends by the signal itself, and has nothing to do before.
            if running.process.returncode not in (0, -signal.SIGTERM):
                code = code or COULD_NOT
        return code
