"""The role console: `python -m mailock.processes.console --config FILE`.

Exits 0 when it was asked to end, or is switched off; 2 where settings are wrong, 3 where it could not start.
"""

import asyncio
import ctypes
import os
import sys

from mailock.config.machine import load_console
from mailock.processes.starting import COULD_NOT, OK, WRONG, begun

NICENESS = 10
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8


def main() -> int:
    """The process from start to end; returns its exit code."""
    node, settings = begun("console", load_console)
    if not settings.enabled:
        return OK
    # Where both want the processor, the mail goes first.
    os.nice(NICENESS)
    _give_memory_back()
    # Imported only where there is something to serve.
    from mailock.processes.serving import serve

    try:
        return asyncio.run(serve(node, settings))
    except ValueError as fault:
        print(f"mailock: {fault}", file=sys.stderr)
        return WRONG
    except OSError as fault:
        print(f"mailock: {fault}", file=sys.stderr)
        return COULD_NOT


def _give_memory_back() -> None:
    """Has what is freed leave the process (mallopt(3)): else the 19 MiB that each password takes would stay.

    Large pieces are asked of the kernel by themselves, and threads share one heap. Where the C library is another one
    than glibc, it does as it likes.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 256 * 1024)
        mallopt(M_ARENA_MAX, 1)


if __name__ == "__main__":
    sys.exit(main())
