"""What a child may say: frames of length, kind and body, read by our side with bounds of our side.

    length   4 octets, most significant first: of the body alone
    kind     1 octet: 1 said by the task, 2 the task returned
    body     so many octets

The last frame of a job is of kind 2, empty; without it the job did not end by itself, whatever the exit status says:
a library that calls exit(0) under a parser must not look like a parser that found nothing.
"""

import struct
from dataclasses import dataclass, field

HEAD = struct.Struct(">IB")
SAID, RETURNED = 1, 2


class Overfull(Exception):
    """More, or larger, than a job may say. The sentence says which bound it met."""


class Nonsense(Exception):
    """Not a frame. The sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one job may say."""

    frames: int = 65_536
    frame: int = 8 << 20
    """Octets of one body."""
    total: int = 64 << 20
    """Octets of all of it, heads included."""


@dataclass(slots=True)
class FrameReader:
    """Takes octets as they come and gives whole frames. It never holds more than the bounds allow and one read."""

    bounds: Bounds
    frames: list[bytes] = field(default_factory=list)
    has_returned: bool = False
    _waiting: bytearray = field(default_factory=bytearray)
    _total: int = 0

    @property
    def is_between_frames(self) -> bool:
        """Whether nothing of a frame is left over."""
        return not self._waiting

    def feed(self, untrusted_octets: bytes) -> None:
        """Raises Overfull or Nonsense; the reader is not to be used any more then."""
        self._total += len(untrusted_octets)
        if self._total > self.bounds.total:
            raise Overfull(f"it said more than {self.bounds.total} octets")
        self._waiting += untrusted_octets
        done = 0
        while len(self._waiting) - done >= HEAD.size:
            length, kind = HEAD.unpack_from(self._waiting, done)
            self._check(length, kind)
            end = done + HEAD.size + length
            if end > len(self._waiting):
                break
            if kind == SAID:
                self.frames.append(bytes(self._waiting[done + HEAD.size : end]))
            else:
                self.has_returned = True
            done = end
        del self._waiting[:done]
        if self.has_returned and self._waiting:
            raise Nonsense("it went on after its last frame")

    def _check(self, length: int, kind: int) -> None:
        if self.has_returned:
            raise Nonsense("it went on after its last frame")
        if kind not in (SAID, RETURNED):
            raise Nonsense(f"it sent a frame of kind {kind}, which there is not")
        if kind == RETURNED and length:
            raise Nonsense("its last frame was not empty")
        if length > self.bounds.frame:
            raise Overfull(f"it announced a frame of {length} octets, more than {self.bounds.frame}")
        if kind == SAID and len(self.frames) >= self.bounds.frames:
            raise Overfull(f"it said more than {self.bounds.frames} frames")


def said(body: bytes) -> tuple[bytes, bytes]:
    """A frame of the task, as head and body."""
    return HEAD.pack(len(body), SAID), body


def returned() -> bytes:
    """The last frame."""
    return HEAD.pack(0, RETURNED)
