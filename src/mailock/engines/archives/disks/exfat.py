"""exFAT (Microsoft's specification of 2019), which no library that is at hand reads.

A boot sector says where the table of clusters and their heap lie; a folder is a list of entries of 32 octets, of which
those of one file follow each other: one that begins it, one with its first cluster and length, and some with its name.
Clusters follow each other by the table, or stand in a row where an entry says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from mailock.core.evidence.finding import Child, Finding
from mailock.core.evidence.report import Why
from mailock.engines.archives.opening import Opening, quoted

_SIGNATURE: Final = b"EXFAT   "
_ENTRY: Final = 32
_FILE, _STREAM, _NAME = 0x85, 0xC0, 0xC1
_FOLDER: Final = 0x10
_NO_CHAIN: Final = 2
_LONGEST_FOLDER: Final = 1 << 22
_DEEPEST: Final = 32
_MOST_CLUSTERS: Final = 1 << 20


class Readable(Protocol):
    """What can be read at any place."""

    def read_at(self, offset: int, size: int) -> bytes:
        """So many octets from there, fewer at its end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a file or folder lies."""

    untrusted_name: str
    first: int
    size: int
    in_a_row: bool
    is_folder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Volume:
    """What the boot sector says, in octets."""

    stream: Readable
    table: int
    heap: int
    cluster: int

    def chunks(self, place: _Place, most: int) -> Iterator[bytes]:
        """Its clusters, up to its length or to `most` octets."""
        left = min(place.size, most)
        number = place.first
        for _ in range(_MOST_CLUSTERS):
            if left <= 0 or number < 2 or number >= 0xFFFFFFF7:
                return
            piece = self.stream.read_at(self.heap + (number - 2) * self.cluster, min(self.cluster, left))
            if not piece:
                return
            yield piece
            left -= len(piece)
            number = number + 1 if place.in_a_row else self._next(number)

    def _next(self, number: int) -> int:
        return int.from_bytes(self.stream.read_at(self.table + 4 * number, 4), "little")


def begins(stream: Readable) -> bool:
    """Whether a volume is one of exFAT."""
    return stream.read_at(3, 8) == _SIGNATURE


def files(opening: Opening, stream: Readable) -> Iterator[Child | Finding]:
    """Every file on a volume."""
    boot = stream.read_at(0, 512)
    if len(boot) < 512 or not 9 <= boot[108] <= 12 or boot[108] + boot[109] > 25:
        opening.miss(Why.UNREADABLE, "the exFAT volume is damaged: its boot sector makes no sense")
        return
    sector = 1 << boot[108]
    volume = _Volume(
        stream=stream,
        table=sector * int.from_bytes(boot[80:84], "little"),
        heap=sector * int.from_bytes(boot[88:92], "little"),
        cluster=sector << boot[109],
    )
    first = int.from_bytes(boot[96:100], "little")
    root = _Place(untrusted_name="", first=first, size=_LONGEST_FOLDER, in_a_row=False, is_folder=True)
    waiting, seen = [root], {first}
    while waiting:
        for place in _listed(volume, waiting.pop()):
            if not place.is_folder:
                yield from _file(opening, volume, place)
            elif place.first not in seen and place.untrusted_name.count("/") < _DEEPEST:
                seen.add(place.first)
                if len(seen) > opening.files_left:
                    opening.too_many(len(seen))
                waiting.append(place)


def _file(opening: Opening, volume: _Volume, place: _Place) -> Iterator[Child | Finding]:
    content = b"".join(volume.chunks(place, opening.room + 1))
    if len(content) > opening.room:
        opening.overflow(len(content))
    if len(content) < place.size:
        opening.miss(Why.UNREADABLE, f"{quoted(place.untrusted_name)} is cut off")
    yield from opening.child(content, place.untrusted_name, "exfat")


def _listed(volume: _Volume, folder: _Place) -> Iterator[_Place]:
    """What a folder lists."""
    octets = b"".join(volume.chunks(folder, _LONGEST_FOLDER))
    at = 0
    while at + _ENTRY <= len(octets) and octets[at]:
        if octets[at] == _FILE:
            count = octets[at + 1]
            set_ = [octets[at + _ENTRY * number :][:_ENTRY] for number in range(1, count + 1)]
            place = _described(octets[at : at + _ENTRY], set_, folder.untrusted_name)
            if place is not None:
                yield place
        at += _ENTRY


def _described(head: bytes, others: list[bytes], above: str) -> _Place | None:
    stream = next((entry for entry in others if entry[:1] == bytes((_STREAM,))), b"")
    if len(stream) < _ENTRY:
        return None
    units = b"".join(entry[2:] for entry in others if entry[:1] == bytes((_NAME,)))
    name = units[: 2 * stream[3]].decode("utf-16-le", "replace")
    return _Place(
        untrusted_name=f"{above}/{name}".lstrip("/"),
        first=int.from_bytes(stream[20:24], "little"),
        size=int.from_bytes(stream[24:32], "little"),
        in_a_row=bool(stream[1] & _NO_CHAIN),
        is_folder=bool(head[4] & _FOLDER),
    )
