"""The reference store of bodies: everything in memory."""

import hashlib
from collections.abc import AsyncIterator, Iterable

from mailock.core.mail.message import BodyRef
from mailock.ports.bodies import Kept, in_memory

CHUNK = 256 * 1024


class MemoryBodies:
    """Bodies that last as long as their process. Those up to `inline_limit` bytes go into the queue."""

    def __init__(self, inline_limit: int = 64 * 1024) -> None:
        self._inline_limit = inline_limit
        self._kept: dict[int, bytes] = {}

    def draft(self, name: int) -> "MemoryDraft":
        """Starts a body."""
        return MemoryDraft(self._kept, name, self._inline_limit)

    async def read(self, ref: BodyRef, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes of a body from an offset. Raises FileNotFoundError where there is none of that name."""
        content = self._kept.get(ref.name)
        if content is None:
            raise FileNotFoundError(f"body {ref.name} is not here")
        for offset in range(start, len(content), CHUNK):
            yield content[offset : offset + CHUNK]

    async def descriptor(self, ref: BodyRef) -> int:
        """A descriptor of a body's bytes. Raises FileNotFoundError where there is none of that name."""
        content = self._kept.get(ref.name)
        if content is None:
            raise FileNotFoundError(f"body {ref.name} is not here")
        return in_memory(content)

    def drop(self, refs: Iterable[BodyRef]) -> None:
        """Deletes bodies."""
        for ref in refs:
            self._kept.pop(ref.name, None)

    def used(self) -> int:
        """Bytes that bodies take."""
        return sum(map(len, self._kept.values()))


class MemoryDraft:
    """A body while it is being received."""

    def __init__(self, kept: dict[int, bytes], name: int, inline_limit: int) -> None:
        self._kept = kept
        self._name = name
        self._inline_limit = inline_limit
        self._content = bytearray()

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return len(self._content)

    @property
    def backlog(self) -> int:
        """Nothing waits for a disk."""
        return 0

    def write(self, data: bytes) -> None:
        """Takes the next bytes."""
        self._content += data

    async def drained(self) -> None:
        """Returns at once."""

    def finish_small(self) -> Kept | None:
        """The body, where it is small."""
        if len(self._content) > self._inline_limit:
            return None
        content = bytes(self._content)
        return Kept(self._ref(content, inline=True), content)

    async def finish(self) -> Kept:
        """The body, small or large."""
        small = self.finish_small()
        if small is not None:
            return small
        content = bytes(self._content)
        self._kept[self._name] = content
        return Kept(self._ref(content, inline=False), None)

    def abandon(self) -> None:
        """Drops what was received."""
        self._content.clear()

    def _ref(self, content: bytes, *, inline: bool) -> BodyRef:
        return BodyRef(self._name, hashlib.sha256(content).hexdigest(), len(content), inline)
