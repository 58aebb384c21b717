"""What one job may use up. The child puts these on itself before it looks at anything; they can only be lowered after.

The address space is bounded, not the resident memory, which Linux cannot bound by process (getrlimit(2)); files that
the child could make in memory are denied to it elsewhere, so that this bound is the whole.
"""

import math
import os
import resource
from dataclasses import dataclass

MIB = 1 << 20
_PROCESSORS = os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one job, besides its deadline."""

    memory: int = 2048 * MIB
    """Octets of address space."""
    output: int = 256 * MIB
    """Octets of the file that it writes."""
    tasks: int = 64
    """Threads, and processes where the kernel has no filter against them."""
    descriptors: int = 64


def impose(limits: Limits, seconds: float) -> None:
    """Bounds this process and all that it starts. Raises OSError."""
    # A job may use every processor until its deadline; this bound is met only if the host fails to kill it.
    processor_seconds = math.ceil(seconds) * _PROCESSORS + 1
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits.memory),
        # What libraries look at that ask how much memory there is (py7zr; it would read /proc otherwise).
        (resource.RLIMIT_DATA, limits.memory),
        (resource.RLIMIT_CPU, processor_seconds),
        (resource.RLIMIT_FSIZE, limits.output),
        (resource.RLIMIT_NPROC, limits.tasks),
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except ValueError:
            # The machine allows less than we would.
            _, hard = resource.getrlimit(what)
            resource.setrlimit(what, (min(most, hard), min(most, hard)))
