"""The worker: a warm program in the jail that never sees mail, and forks a child for each message (DECISIONS 24).

It is two processes. The outer one makes the namespaces and then only waits; the inner one is the first process of the
world so made, imports the tasks, goes into the jail and serves. When the inner one ends, the kernel ends every process
of its world; when the outer one is killed, the inner one is too.

After each job the inner one kills every other process of its world in one call, which no fork can escape: kill(-1)
takes the lock that a fork needs, and a fork that has not yet taken it is aborted by the signal (kernel/signal.c,
kernel/fork.c). Then it buries them, and only then reports.
"""

import gc
import os
import select
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mailock.jail import child, wire
from mailock.jail.child import Errand, Task
from mailock.jail.confine import Confinement
from mailock.jail.linux import libc, namespaces
from mailock.jail.protection import Protection

Prepare = Callable[[bytes], Mapping[str, Task]]
"""Imports the tasks and makes them ready, from the charter that the host gave."""


class CannotServe(Exception):
    """The worker does not take jobs; the sentence says why."""


def serve(
    channel: socket.socket, prepare: Prepare, *, reduced: bool, withhold: frozenset[Protection] = frozenset()
) -> int:
    """The whole life of the worker; returns its exit code. `withhold` is for tests of single protections."""
    confinement = Confinement(withhold=withhold)
    confinement.make_world()
    pid = os.fork()
    if pid:
        channel.close()
        _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status) & 0xFF
    try:
        return _live(channel, prepare, confinement, reduced=reduced)
    except (BrokenPipeError, ConnectionResetError):
        # The host is gone, and with it the reason to be here.
        return 0
    except CannotServe as reason:
        return _refuse(channel, str(reason))
    except OSError as fault:
        return _refuse(channel, f"the jail cannot be entered: {fault}")


def _refuse(channel: socket.socket, sentence: str) -> int:
    wire.send(channel, wire.Refused(sentence=sentence))
    return 3


def _live(channel: socket.socket, prepare: Prepare, confinement: Confinement, *, reduced: bool) -> int:
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    charter = _charter(channel)
    if charter is None:
        return 0
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    try:
        tasks = prepare(charter)
    except Exception as fault:
        raise CannotServe(f"the tasks cannot be made ready: {type(fault).__name__}: {fault}") from fault
    kept = namespaces.libraries()
    _expect_one_thread()
    confinement.close(kept)
    # The death of the outer process was forgotten when the account changed (prctl(2), PR_SET_PDEATHSIG).
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    strength = confinement.strength
    if strength.forbids is not None and not reduced:
        raise CannotServe(f"the jail has not: {strength.forbids.protection.value}: {strength.forbids.because}")
    wire.send(channel, wire.Ready(strength=strength))
    # Children write to what they touch; what is frozen now is not touched by their collector, and stays shared.
    gc.collect()
    gc.freeze()
    gc.disable()
    _Worker(channel=channel, tasks=tasks, nothing=nothing, owns_world=confinement.holds(Protection.PROCESSES)).serve()
    return 0


@dataclass(slots=True)
class _Worker:
    channel: socket.socket
    tasks: Mapping[str, Task]
    nothing: int
    owns_world: bool
    """Whether this is the first process of a world, so that it may kill all others it sees."""

    def serve(self) -> None:
        """Takes jobs until the host is gone."""
        while True:
            received = wire.receive(self.channel)
            if received is None:
                return
            match received.message:
                case wire.Start() as start:
                    self._job(start, received.descriptors)
                case wire.Kill():
                    # Its job ended by itself while the order was under way.
                    pass
                case other:
                    raise CannotServe(f"the host sent what it never sends: {type(other).__name__}")

    def _job(self, start: wire.Start, descriptors: tuple[int, ...]) -> None:
        errand = Errand(
            task=start.task,
            seconds=start.seconds,
            limits=start.limits,
            output=start.output,
            descriptors=descriptors,
            nothing=self.nothing,
            last_step=lambda: None,
        )
        pid = os.fork()
        if pid == 0:
            child.run(errand, self.tasks)
        for descriptor in descriptors:
            os.close(descriptor)
        self._watch(pid, start.number)
        status = self._bury(pid)
        wire.send(self.channel, wire.Ended(number=start.number, status=status))

    def _watch(self, pid: int, number: int) -> None:
        """Returns when the child has ended, or the host wants it ended."""
        handle = os.pidfd_open(pid)
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        poll.register(self.channel, select.POLLIN)
        try:
            while True:
                ready = {descriptor for descriptor, _ in poll.poll()}
                if handle in ready:
                    return
                received = wire.receive(self.channel)
                if received is None or received.message == wire.Kill(number=number):
                    return
        finally:
            os.close(handle)

    def _bury(self, pid: int) -> int:
        """Kills what is left of the job, all of it, and waits until it is gone. The status of the child itself."""
        try:
            if self.owns_world:
                os.kill(-1, signal.SIGKILL)
            else:
                os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        status = 0
        while True:
            try:
                dead, how = os.waitpid(-1, 0)
            except ChildProcessError:
                return status
            if dead == pid:
                status = how


def _charter(channel: socket.socket) -> bytes | None:
    received = wire.receive(channel)
    if received is None:
        return None
    if not isinstance(received.message, wire.Charter) or len(received.descriptors) != 1:
        raise CannotServe("the host did not begin with the charter")
    with os.fdopen(received.descriptors[0], "rb") as document:
        return document.read()


def _expect_one_thread() -> None:
    """A fork copies one thread only, and locks that others hold stay locked in it for ever."""
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        raise CannotServe(f"the tasks started {threads - 1} threads before any job: start them in the job itself")


def own_channel(number: int) -> socket.socket:
    """The socket that the host passed, which no other program shall inherit."""
    channel = socket.socket(fileno=number)
    channel.set_inheritable(False)
    return channel
