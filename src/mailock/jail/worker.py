"""The worker: a warm program in the jail that never sees mail, and forks a child for each message (DECISIONS 24).

It is two processes. The outer one makes the namespaces and then only waits; the inner one is the first process of the
world so made, imports the tasks, goes into the jail and serves. When the inner one ends, the kernel ends every process
of its world; when the outer one is killed, the inner one is too.

After each job the inner one kills all that the job started and buries it, and only then takes another (`world`). The
next child is forked then, and waits: so no message waits for a fork, and no child has descriptors of another job.
A child that waits for a while rehearses, on nothing of anybody's mail: what it writes to is copied for it then, and not
while a message waits.
"""

import gc
import os
import select
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mailock.jail import child, probe, wire
from mailock.jail.child import Errand, Task
from mailock.jail.confine import Confinement
from mailock.jail.linux import calls, filter, libc, namespaces, pages
from mailock.jail.protection import Protection
from mailock.jail.world import World

_IDLE_MILLISECONDS = 5
"""A child that has waited so long rehearses: on a busy gateway none has, and nothing is done twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skills:
    """What a worker can do."""

    tasks: Mapping[str, Task]
    rehearse: Callable[[], None] = lambda: None
    """Goes once through what most jobs do."""


Prepare = Callable[[bytes], Skills]
"""Imports the tasks and makes them ready, from the charter that the host gave."""

_NOT_OURS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


_OBJECTS_A_COLLECTION = 20_000
"""A child lives for one message; most are over before there are cycles worth looking for."""


class CannotServe(Exception):
    """The worker does not take jobs; the sentence says why."""


def serve(
    channel: socket.socket, prepare: Prepare, *, reduced: bool, withhold: frozenset[Protection] = frozenset()
) -> int:
    """The whole life of the worker; returns its exit code. `withhold` is for tests of single protections."""
    for number in _NOT_OURS:
        # Whoever ends the gateway by a signal to all of its processes means the host, which ends its workers in order.
        signal.signal(number, signal.SIG_IGN)
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
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    world = World.own() if confinement.holds(Protection.PROCESSES) else World.shared()
    try:
        skills = prepare(charter)
    except Exception as fault:
        raise CannotServe(f"the tasks of the jail cannot be made ready: {type(fault).__name__}: {fault}") from fault
    kept, memory = namespaces.libraries(), pages.own_memory()
    _expect_one_thread()
    confinement.close(kept)
    # The death of the outer process was forgotten when the account changed (prctl(2), PR_SET_PDEATHSIG).
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    strength = confinement.strength
    if strength.forbids is not None and not reduced:
        lack = strength.forbids
        raise CannotServe(f"content cannot be opened safely: the jail lacks {lack.protection.value!r}: {lack.because}")
    # Children write to what they touch; what is frozen now is not touched by their collector, and stays shared.
    gc.collect()
    gc.freeze()
    gc.disable()
    gc.set_threshold(_OBJECTS_A_COLLECTION)
    # What lies free between objects would be copied into every child's tables.
    libc.trim()
    pages.enlarge(memory)
    handing, taking = pair
    short_filter = calls.of_a_child() if confinement.holds(Protection.SECCOMP) else None
    wire.send(channel, wire.Ready(strength=strength))
    _Worker(
        channel=channel,
        handing=handing,
        taking=taking,
        tasks={probe.NAME: probe.probe, **skills.tasks},
        rehearse=skills.rehearse,
        nothing=nothing,
        world=world,
        short_filter=short_filter,
    ).serve()
    return 0


@dataclass(slots=True)
class _Worker:
    channel: socket.socket
    handing: socket.socket
    """Where the worker hands a job to the child that waits."""
    taking: socket.socket
    """Its other end, for the children."""
    tasks: Mapping[str, Task]
    rehearse: Callable[[], None]
    nothing: int
    world: World
    short_filter: bytes | None
    """What a child adds to the filter of system calls, where there is one."""

    def serve(self) -> None:
        """Takes jobs until the host is gone."""
        waits = self._forked()
        while True:
            received = wire.receive(self.channel)
            if received is None:
                return
            match received.message:
                case wire.Start() as start:
                    if os.waitpid(waits, os.WNOHANG)[0]:
                        # Somebody killed it while it waited, as the kernel does when memory runs out.
                        waits = self._forked()
                    self._job(waits, start, received.descriptors)
                    waits = self._forked()
                case wire.Kill():
                    # Its job ended by itself while the order was under way.
                    pass
                case other:
                    raise CannotServe(f"the host sent what it never sends: {type(other).__name__}")

    def _forked(self) -> int:
        pid = libc.fork()
        if pid == 0:
            child.run(self._errand, self.tasks)
        return pid

    def _errand(self) -> Errand:
        """In the child: what it is for, when there is something. Raises EOFError where the worker is gone."""
        # While it waits it holds nothing by which it could be taken for the worker.
        self.channel.close()
        self.handing.close()
        if not _ready(self.taking, _IDLE_MILLISECONDS):
            self.rehearse()
        received = wire.receive(self.taking)
        if received is None or not isinstance(received.message, wire.Start):
            raise EOFError
        start = received.message
        return Errand(
            task=start.task,
            seconds=start.seconds,
            limits=start.limits,
            output=start.output,
            descriptors=received.descriptors,
            nothing=self.nothing,
            last_step=self._close_the_door,
        )

    def _job(self, pid: int, start: wire.Start, descriptors: tuple[int, ...]) -> None:
        if len(descriptors) != 3 + start.output:
            raise CannotServe("descriptors of a job were lost on the way: too many are open")
        wire.send(self.handing, start, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._watch(pid, start.number)
        status = self.world.end(pid)
        self._take_back()
        wire.send(self.channel, wire.Ended(number=start.number, status=status))

    def _take_back(self) -> None:
        """Takes a job away that its child was killed before taking, so that no other child is given it."""
        if _ready(self.taking, 0) and (left := wire.receive(self.taking)) is not None:
            for descriptor in left.descriptors:
                os.close(descriptor)

    def _close_the_door(self) -> None:
        if self.short_filter is not None:
            filter.install(calls.for_process(self.short_filter, os.getpid()))

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


def _ready(channel: socket.socket, milliseconds: int) -> bool:
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    return bool(poll.poll(milliseconds))


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
