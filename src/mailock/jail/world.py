"""The processes of a job, and their end: all of them, whatever they did to get away.

In a world of its own, whose first process the worker is, one call kills every other process, which no fork can escape:
kill(-1) takes the lock that a fork needs, and a fork that has not yet taken it is aborted by the signal (in the kernel,
signal.c and fork.c). Without such a world the worker is the one to whom orphans fall, and it kills what falls to it
until nothing is left.
"""

import os
import signal
from dataclasses import dataclass

from mailock.jail.linux import libc

_ROUNDS = 10_000


@dataclass(frozen=True, slots=True)
class World:
    """What the worker can see of its descendants. `kin` is open on /proc/self/task/…/children where it has no world."""

    kin: int | None

    @classmethod
    def own(cls) -> "World":
        """One whose first process this is."""
        if os.getpid() != 1:
            raise OSError("this is not the first process of a world of its own")
        return cls(None)

    @classmethod
    def shared(cls) -> "World":
        """One shared with the rest of the machine. To be made while /proc can still be read. Raises OSError."""
        libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)
        return cls(os.open(f"/proc/self/task/{os.getpid()}/children", os.O_RDONLY | os.O_CLOEXEC))

    def end(self, child: int) -> int:
        """Kills a job's child and all that it started, and buries them. The status of the child (waitpid(2))."""
        if self.kin is None:
            _kill(-1)
            return _buried(child, block=True) or 0
        status = 0
        for _ in range(_ROUNDS):
            # The child leads a group of its own, and may have left it with what it started.
            for process in (-child, *self._children(self.kin)):
                _kill(process)
            found = _buried(child, block=False)
            status = status if found is None else found
            if not self._children(self.kin):
                return status
        raise OSError("a job does not end: it forks faster than it is killed")

    @staticmethod
    def _children(kin: int) -> list[int]:
        os.lseek(kin, 0, os.SEEK_SET)
        listed = b""
        while more := os.read(kin, 65_536):
            listed += more
        return [int(word) for word in listed.split()]


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _buried(child: int, *, block: bool) -> int | None:
    """Collects the dead. The status of the child, where it was among them."""
    status = None
    while True:
        try:
            dead, how = os.waitpid(-1, 0 if block else os.WNOHANG)
        except ChildProcessError:
            return status
        if dead == 0:
            return status
        if dead == child:
            status = how
