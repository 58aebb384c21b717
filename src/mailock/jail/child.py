"""The child: one process for one job, which looks at hostile bytes and may do nothing else.

It is a fork of the warm program and ends by `_exit`, so that nothing of the warm program's own ending is run in it.
Its exit status tells the host in an integer what went wrong; what it says in frames is all else that leaves it.
"""

import gc
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from mailock.jail.frames import returned, said
from mailock.jail.limits import Limits, impose

Emit = Callable[[bytes], None]
Task = Callable[[bytes, int, int | None, Emit], None]
"""order, descriptor of the body, descriptor of the output file, and what it says its results with."""

_FIRST_FREE = 3
_FRAMES, _ORDER, _BODY, _OUTPUT = range(_FIRST_FREE, _FIRST_FREE + 4)


class Fault(IntEnum):
    """The exit status of a child that could not go on. 0 is none; other numbers were not said by this program."""

    RAISED = 81
    """The task raised something."""
    NO_MEMORY = 82
    TOO_NESTED = 83
    """It met the interpreter's bound on recursion."""
    NOT_CONFINED = 84
    """The limits of the job could not be put on it, so it did not begin."""
    NO_SUCH_TASK = 85
    UNHEARD = 86
    """The host does not listen any more."""


SENTENCES = {
    Fault.RAISED: "the task raised an exception",
    Fault.NO_MEMORY: "it had no memory left",
    Fault.TOO_NESTED: "it nested deeper than the interpreter goes",
    Fault.NOT_CONFINED: "its limits could not be set",
    Fault.NO_SUCH_TASK: "there is no such task",
    Fault.UNHEARD: "it was not listened to any more",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What one child is for."""

    task: str
    seconds: float
    limits: Limits
    output: bool
    descriptors: tuple[int, ...]
    """Of frames, order, body and, if any, output."""
    nothing: int
    """A descriptor of /dev/null."""
    last_step: Callable[[], None]
    """The filter of system calls, which closes the door from inside."""


def run(awaited: Callable[[], Errand], tasks: Mapping[str, Task]) -> None:
    """Waits for its job and does it, in the forked process. Never returns."""
    status = int(Fault.NOT_CONFINED)
    try:
        os.setsid()
        errand = awaited()
        _arrange(errand)
        impose(errand.limits, errand.seconds)
        errand.last_step()
        status = _perform(tasks.get(errand.task), errand.output)
    finally:
        # Whatever was raised, nothing of the warm program may be run here again.
        os._exit(status)


def _perform(task: Task | None, has_output: bool) -> int:
    if task is None:
        return Fault.NO_SUCH_TASK
    try:
        gc.enable()
        order = os.pread(_ORDER, os.fstat(_ORDER).st_size, 0)
        task(order, _BODY, _OUTPUT if has_output else None, _emit)
        _write(returned())
    except BrokenPipeError:
        return Fault.UNHEARD
    except MemoryError:
        return Fault.NO_MEMORY
    except RecursionError:
        return Fault.TOO_NESTED
    except BaseException:
        return Fault.RAISED
    return 0


def _emit(body: bytes) -> None:
    head, body = said(body)
    _write(head, body)


def _write(*pieces: bytes) -> None:
    written = os.writev(_FRAMES, pieces)
    rest = memoryview(b"".join(pieces))[written:] if written < sum(map(len, pieces)) else memoryview(b"")
    while rest:
        rest = rest[os.write(_FRAMES, rest) :]


def _arrange(errand: Errand) -> None:
    """Leaves these descriptors and no others: nothing of the warm program's reaches a job."""
    lowest = _FIRST_FREE + len(errand.descriptors)
    # First out of the way: one of them may have the number that another one gets.
    moved = [os.dup(descriptor) if descriptor < lowest else descriptor for descriptor in errand.descriptors]
    for standard in (0, 1, 2):
        os.dup2(errand.nothing, standard)
    for place, descriptor in enumerate(moved, start=_FIRST_FREE):
        os.dup2(descriptor, place, inheritable=False)
    os.closerange(lowest, os.sysconf("SC_OPEN_MAX") if sys.platform != "linux" else 2**31 - 1)
