"""Where the immutable bytes of messages are kept.

A small body stays in memory while it is received and is stored by `Intake.enter` in the queue's own transaction. A
large one is streamed to a file, which is synced, renamed and its directory synced before `finish` returns, so before
the row that names it.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Iterable
from typing import Protocol

from mailock.core.mail.message import BodyRef
from mailock.core.mail.value import value


@value(frozen=True, slots=True)
class Kept:
    """A body that was received: its reference, and its bytes where it is small."""

    ref: BodyRef
    content: bytes | None


class Draft(Protocol):
    """A body while it is being received.

    Ends with `finish_small`, `finish` or `abandon`; after a fault, with `abandon`.
    """

    @property
    def size(self) -> int:
        """Bytes written so far."""
        ...

    @property
    def backlog(self) -> int:
        """Bytes that wait in memory to reach the disk: over a megabyte, the writer should pause and await `drained`."""
        ...

    def write(self, data: bytes) -> None:
        """Takes the next bytes. Never blocks; a fault of the disk is kept and raised by `finish` or `drained`."""
        ...

    def drained(self) -> Awaitable[None]:
        """Returns once the backlog is small again. Raises OSError where the disk refuses."""
        ...

    def finish_small(self) -> Kept | None:
        """The body at once, where it is small enough to be stored with its row; None where `finish` has to be
        awaited.
        """
        ...

    def finish(self) -> Awaitable[Kept]:
        """Returns once the bytes are durable. Raises OSError, and then nothing is kept."""
        ...

    def abandon(self) -> None:
        """Drops what was received."""
        ...


class Bodies(Protocol):
    """The store of bodies. What was finished never changes."""

    def draft(self, name: int) -> Draft:
        """Starts a body; `name` is unique for all time (a queue id serves)."""
        ...

    def read(self, ref: BodyRef, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes of a body from an offset, in chunks of at most 256 KiB. Raises OSError where it cannot be read."""
        ...

    def descriptor(self, ref: BodyRef) -> Awaitable[int]:
        """A descriptor, open for reading, of a body that is no longer in memory; the caller closes it.

        Raises OSError where it cannot be read.
        """
        ...

    def drop(self, refs: Iterable[BodyRef]) -> None:
        """Deletes bodies whose rows are gone, soon and in the background; a file left behind is swept at the next
        start.
        """
        ...

    def used(self) -> int:
        """Bytes that bodies in files take."""
        ...


def in_memory(content: bytes) -> int:
    """A descriptor, open for reading, of bytes that are at hand; the caller closes it. Raises OSError."""
    made = os.memfd_create("body")
    try:
        while content:
            content = content[os.write(made, content) :]
        os.lseek(made, 0, os.SEEK_SET)
    except OSError:
        os.close(made)
        raise
    return made
