"""The map of a zip, as far as any unpacker could read it (APPNOTE.TXT 6.3.10).

A zip describes each file twice: in the central directory at its end, and in a local header before its data. Unpackers
believe the one or the other, count offsets from the start of the file or of the archive, take the last end record or
the first, and some only walk from one local header to the next. So the map holds every record of either kind that can
be reached in any of these ways, gathered by the local header that they point to.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

LOCAL, ENTRY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END64, _LOCATOR64 = b"PK\x06\x06", b"PK\x06\x07"
_MOST_ENDS: Final = 64
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
UNICODE: Final = 0x800
ENCRYPTED: Final = 0x1
LATER_SIZES: Final = 0x8
STRONG: Final = 0x40


@dataclass(frozen=True, slots=True)
class Record:
    """One description of a file, of either kind. Sizes as they are stated, Zip64 resolved."""

    central: bool
    name: bytes
    flags: int
    method: int
    time: int
    crc: int
    packed: int
    size: int
    extra: bytes
    attributes: int = 0

    @property
    def encrypted(self) -> bool:
        """Whether it is said to be locked."""
        return bool(self.flags & ENCRYPTED)


@dataclass(slots=True)
class Member:
    """A file: where its local header stands, where its data begins, and everything said about it."""

    header: int
    start: int
    records: dict[Record, None] = field(default_factory=dict)
    """In the order in which they were found, each once."""
    local: Record | None = None
    archive: int = 0
    """Which central directory lists it, counted from the last one; -1 where none does."""


@dataclass(slots=True)
class Map:
    """What a content holds."""

    members: list[Member] = field(default_factory=list)
    archives: int = 0
    """Central directories that list files at places of their own."""
    miscounted: bool = False
    """Whether a directory holds more or fewer entries than it says."""
    two_starts: bool = False
    """Whether offsets can be counted from two places, with a directory at each."""
    records: int = 0
    """Entries of all directories."""
    too_many: bool = False
    covered: list[tuple[int, int]] = field(default_factory=list)
    """Ranges that belong to the structure: directories and end records."""


def drawn(content: bytes, most: int) -> Map:
    """The map of at most so many files."""
    found = Map()
    by_header: dict[int, Member] = {}
    for end in _ends(content):
        if any(member.start <= end < member.start + _stated(member) for member in found.members):
            # It lies within a stored file, which is looked into by itself.
            continue
        _read_directory(content, end, found, by_header, most)
        if found.too_many:
            return found
    _walk_local_headers(content, found, by_header, most)
    return found


def _stated(member: Member) -> int:
    return max((record.packed for record in member.records), default=0)


def _ends(content: bytes) -> Iterator[int]:
    """Places of end records, the last first."""
    place = content.rfind(END)
    for _ in range(_MOST_ENDS):
        if place < 0:
            return
        yield place
        place = content.rfind(END, 0, place + 3)


def _read_directory(content: bytes, end: int, found: Map, by_header: dict[int, Member], most: int) -> None:
    count, size, offset = _int(content, end + 10, 2), _int(content, end + 12, 4), _int(content, end + 16, 4)
    comment = _int(content, end + 20, 2)
    behind = end
    if content[end - 20 : end - 16] == _LOCATOR64:
        wide = content.rfind(_END64, 0, end - 19)
        if wide >= 0:
            count, size, offset = _int(content, wide + 32, 8), _int(content, wide + 40, 8), _int(content, wide + 48, 8)
            behind = wide
            found.covered.append((wide, end))
    fresh = False
    starts = {behind - size, offset} if behind - size >= 0 else {offset}
    # Offsets count from where the archive begins, which something may have been put before.
    shifts = {start: start - offset for start in starts if content[start : start + 4] == ENTRY and start >= 0}
    found.two_starts = found.two_starts or len(shifts) > 1
    for start, shift in shifts.items():
        entries = 0
        at = start
        while content[at : at + 4] == ENTRY:
            if found.records >= most:
                found.too_many = True
                return
            found.records += 1
            record, header, length = _entry(content, at)
            fresh |= _place(content, found, by_header, record, (shift + header, header, found.archives))
            entries += 1
            at += length
        found.covered.append((start, at))
        found.miscounted |= entries & _FULL16 != count & _FULL16
    found.covered.append((end, min(len(content), end + 22 + comment)))
    found.archives += fresh


def _place(
    content: bytes, found: Map, by_header: dict[int, Member], record: Record, places: tuple[int, int, int]
) -> bool:
    """Files a record under the member whose local header it points to. Whether the member is new."""
    shifted, plain, archive = places
    header = shifted
    if content[header : header + 4] != LOCAL and content[plain : plain + 4] == LOCAL:
        header = plain
    member = by_header.get(header)
    if member is not None:
        member.records.setdefault(record)
        return False
    local = _local(content, header) if 0 <= header < len(content) else None
    start = local[1] if local else max(0, header) + 30 + len(record.name)
    member = Member(header, start, {record: None}, local[0] if local else None, archive)
    by_header[header] = member
    found.members.append(member)
    return True


def _walk_local_headers(content: bytes, found: Map, by_header: dict[int, Member], most: int) -> None:
    """Adds files that no directory lists: headers that stand in the data of no other file."""
    taken = sorted((member.start, member.start + _stated(member)) for member in found.members)
    taken += found.covered
    taken.sort()
    place, at = 0, content.find(LOCAL)
    reach = 0
    while at >= 0:
        while place < len(taken) and taken[place][0] <= at:
            reach = max(reach, taken[place][1])
            place += 1
        if at < reach:
            at = content.find(LOCAL, max(at + 4, reach))
            continue
        if at not in by_header:
            local = _local(content, at)
            if local is not None and _plausible(local[0]):
                if len(by_header) >= most:
                    found.too_many = True
                    return
                member = Member(at, local[1], {}, local[0], archive=-1)
                by_header[at] = member
                found.members.append(member)
                reach = max(reach, local[1] + (0 if local[0].flags & LATER_SIZES else local[0].packed))
        at = content.find(LOCAL, at + 4)


def _plausible(record: Record) -> bool:
    return record.method < 100 and bool(record.name or record.packed) and len(record.name) < 4096


def _int(content: bytes, at: int, size: int) -> int:
    return int.from_bytes(content[max(0, at) : max(0, at + size)], "little")


def _entry(content: bytes, at: int) -> tuple[Record, int, int]:
    """A record of the central directory, the offset it states, and its length."""
    name, extra, comment = _int(content, at + 28, 2), _int(content, at + 30, 2), _int(content, at + 32, 2)
    packed, size, header = _int(content, at + 20, 4), _int(content, at + 24, 4), _int(content, at + 42, 4)
    further = content[at + 46 + name : at + 46 + name + extra]
    if _FULL32 in (packed, size, header):
        size, packed, header = _wide(further, size, packed, header)
    record = Record(
        central=True,
        name=content[at + 46 : at + 46 + name],
        flags=_int(content, at + 8, 2),
        method=_int(content, at + 10, 2),
        time=_int(content, at + 12, 2),
        crc=_int(content, at + 16, 4),
        packed=packed,
        size=size,
        extra=further,
        attributes=_int(content, at + 38, 4),
    )
    return record, header, 46 + name + extra + comment


def _local(content: bytes, at: int) -> tuple[Record, int] | None:
    """A local header and where its data begins; None where there is none."""
    if content[at : at + 4] != LOCAL or at + 30 > len(content):
        return None
    name, extra = _int(content, at + 26, 2), _int(content, at + 28, 2)
    packed, size = _int(content, at + 18, 4), _int(content, at + 22, 4)
    further = content[at + 30 + name : at + 30 + name + extra]
    if _FULL32 in (packed, size):
        size, packed, _ = _wide(further, size, packed, 0)
    record = Record(
        central=False,
        name=content[at + 30 : at + 30 + name],
        flags=_int(content, at + 6, 2),
        method=_int(content, at + 8, 2),
        time=_int(content, at + 10, 2),
        crc=_int(content, at + 14, 4),
        packed=packed,
        size=size,
        extra=further,
    )
    return record, at + 30 + name + extra


def fields_of(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of an extra block: id and data."""
    at = 0
    while at + 4 <= len(extra):
        length = _int(extra, at + 2, 2)
        yield _int(extra, at, 2), extra[at + 4 : at + 4 + length]
        at += 4 + length


def _wide(extra: bytes, size: int, packed: int, header: int) -> tuple[int, int, int]:
    """Sizes and offset where those that are full stand in the Zip64 field, in this order."""
    data = next((data for identity, data in fields_of(extra) if identity == 1), b"")
    values = [size, packed, header]
    at = 0
    for place, value in enumerate(values):
        if value == _FULL32 and at + 8 <= len(data):
            values[place] = _int(data, at, 8)
            at += 8
    return values[0], values[1], values[2]
