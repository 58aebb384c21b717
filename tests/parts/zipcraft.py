"""Zips as no program writes them: each field of each record can be a lie (APPNOTE.TXT 6.3.10)."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache


@lru_cache(maxsize=8)
def deflated(content: bytes) -> bytes:
    """A raw deflated stream."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


@dataclass
class Told:
    """One description of a file."""

    name: bytes
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    extra: bytes = b""
    time: int = 0


@dataclass
class File:
    """A file with both of its descriptions; what is not given is the truth."""

    name: bytes
    content: bytes
    method: int = 8
    data: bytes | None = None
    central: dict[str, object] = field(default_factory=dict)
    local: dict[str, object] = field(default_factory=dict)
    listed: bool = True
    before: bytes = b""
    behind: bytes = b""

    @property
    def packed(self) -> bytes:
        """The data as it stands in the archive."""
        if self.data is not None:
            return self.data
        return deflated(self.content) if self.method == 8 else self.content

    def told(self, lies: dict[str, object]) -> Told:
        """A description with these lies."""
        told = Told(self.name, self.method, 0, zlib.crc32(self.content), len(self.packed), len(self.content))
        for key, value in lies.items():
            setattr(told, key, value)
        return told


def local(told: Told) -> bytes:
    """A local header."""
    return (
        struct.pack(
            "<4sHHHHHIIIHH",
            b"PK\x03\x04",
            20,
            told.flags,
            told.method,
            told.time,
            0,
            told.crc,
            told.packed,
            told.size,
            len(told.name),
            len(told.extra),
        )
        + told.name
        + told.extra
    )


def central(told: Told, offset: int) -> bytes:
    """A record of the directory."""
    return (
        struct.pack(
            "<4sHHHHHHIIIHHHHHII",
            b"PK\x01\x02",
            20,
            20,
            told.flags,
            told.method,
            told.time,
            0,
            told.crc,
            told.packed,
            told.size,
            len(told.name),
            len(told.extra),
            0,
            0,
            0,
            0,
            offset,
        )
        + told.name
        + told.extra
    )


def end(count: int, size: int, offset: int, comment: bytes = b"") -> bytes:
    """The record at the end."""
    return struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, size, offset, len(comment)) + comment


def zipped(files: Sequence[File], *, prefix: bytes = b"", shifted: bool = False, comment: bytes = b"") -> bytes:
    """An archive. `shifted` counts offsets from the first header instead of from the first octet."""
    octets = bytearray(prefix)
    records: list[bytes] = []
    for file in files:
        octets += file.before
        offset = len(octets) - (len(prefix) if shifted else 0)
        octets += local(file.told(file.local)) + file.packed + file.behind
        if file.listed:
            records.append(central(file.told(file.central), offset))
    start = len(octets) - (len(prefix) if shifted else 0)
    directory = b"".join(records)
    return bytes(octets) + directory + end(len(records), len(directory), start, comment)
