"""Makes files of messages and views: `python -m mailock.console.press`, a process of its own for each file.

What makes workbooks and pages of PDF takes tens of MiB, and would stay in the console for as long as it runs. So the
console gives the figures to a process that makes one file and ends. It may take `SECONDS`, and `MEMORY` of address
space; two are made at once, the others wait. What does not come to its end in that is told in a sentence, and nothing
half made is handed out.

The order comes as one MessagePack document; the file is what the process writes.
"""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from mailock.console.figures import Drawn

MEDIA: Final = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "png": "image/png",
}
"""The kinds of files, and their media types."""
SECONDS: Final = 60.0
MEMORY: Final = 512 << 20
_AT_ONCE: Final = threading.BoundedSemaphore(2)
_TOO_LARGE: Final = 75
"""The exit code of a process that ran out of memory."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is wanted: of a view with its numbers, or else of messages. `now`: Unix seconds."""

    form: str
    now: float
    hostname: str = ""
    view: Drawn | None = None
    messages: Sequence[dict[str, Any]] = ()


def pressed(order: Order, *, seconds: float = SECONDS, memory: int = MEMORY) -> tuple[bytes, str]:
    """The file and its media type. Blocks. Raises OSError with a sentence where it takes too long or too much.

    `memory`: octets of address space. Raises RuntimeError where the process broke; the developer's log says of what.
    """
    command = [sys.executable, "-m", "mailock.console.press", str(memory)]
    with _AT_ONCE, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            content, _ = process.communicate(msgspec.msgpack.encode(order), timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise OSError(f"making the file took more than {seconds:.0f} s: take a shorter time, or CSV") from None
    if process.returncode in (_TOO_LARGE, -signal.SIGKILL):
        raise OSError(f"making the file took more than {memory >> 20} MiB: take a shorter time, or CSV")
    if process.returncode:
        raise RuntimeError(f"the process that makes files ended with {process.returncode}")
    return content, MEDIA[order.form]


def _made(order: Order) -> bytes:
    # Imported here: the console imports this module, and must not have what makes workbooks and pages.
    from mailock.console.exports import exported, exported_view
    from mailock.console.printed import pictured, printed

    if order.view is None:
        return exported(order.form, order.messages)
    if order.form in ("pdf", "png"):
        pages = printed(order.view, order.hostname, order.now)
        return pages if order.form == "pdf" else pictured(pages)
    return exported_view(order.form, order.view, order.now)


def main() -> int:
    """The process from its order to its file; returns its exit code."""
    # It ends when the console does.
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    os.nice(10)
    try:
        content = _made(msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order))
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except MemoryError:
        return _TOO_LARGE
    return 0


if __name__ == "__main__":
    sys.exit(main())
