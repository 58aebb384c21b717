"""Writes compound files ([MS-CFB]) and VBA projects in them ([MS-OVBA]), so that no document of anybody's is kept here.

Only what readers need: version 3, sectors of 512 octets, streams of any size in the ordinary FAT (they are padded to
the size from which streams stand there), a directory that is one chain to the right.
"""

import struct
from dataclasses import dataclass

SECTOR = 512
CUTOFF = 4096
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


@dataclass(slots=True)
class Entry:
    """An entry of the directory: 5 is the root, 1 a storage, 2 a stream."""

    name: str
    kind: int
    content: bytes
    identity: bytes
    right: int = -1
    child: int = -1


def compound(streams: dict[str, bytes], class_ids: dict[str, bytes] | None = None) -> bytes:
    """A compound file with these streams: `{"VBA/dir": b"…"}`. Contents are padded with zeros to 4,096 octets."""
    class_ids = class_ids or {}
    storages: dict[str, dict[str, bytes | None]] = {"": {}}
    for path, content in streams.items():
        parts = path.split("/")
        for depth in range(1, len(parts)):
            above, name = "/".join(parts[: depth - 1]), parts[depth - 1]
            storages.setdefault(above, {}).setdefault(name, None)
            storages.setdefault("/".join(parts[:depth]), {})
        storages["/".join(parts[:-1])][parts[-1]] = content.ljust(CUTOFF, b"\0")
    entries = [Entry("Root Entry", 5, b"", class_ids.get("", bytes(16)))]
    _directory("", 0, storages, entries, class_ids)
    sectors: list[bytes] = []
    table: list[int] = []

    def put(content: bytes) -> int:
        start = len(sectors)
        pieces = [content[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(content), SECTOR)]
        sectors.extend(pieces)
        table.extend([*range(start + 1, start + len(pieces)), END])
        return start

    written = b""
    for entry in entries:
        start = put(entry.content) if entry.kind == 2 else (END if entry.kind == 5 else 0)
        wide = entry.name.encode("utf-16-le") + b"\0\0"
        written += wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide), entry.kind, 1)
        written += struct.pack("<iii", -1, entry.right, entry.child) + entry.identity + bytes(20)
        written += struct.pack("<III", start, len(entry.content), 0)
    directory = put(written.ljust(-(-len(written) // SECTOR) * SECTOR, b"\0"))
    fats = 1
    while (len(sectors) + fats) * 4 > fats * SECTOR:
        fats += 1
    first = len(sectors)
    table += [FAT] * fats
    packed = b"".join(struct.pack("<I", value) for value in table).ljust(fats * SECTOR, b"\xff")
    sectors += [packed[at : at + SECTOR] for at in range(0, len(packed), SECTOR)]
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, fats, directory, 0, CUTOFF, END, 0, END, 0)
    head += b"".join(struct.pack("<I", first + number) for number in range(fats))
    return head.ljust(SECTOR, b"\xff") + b"".join(sectors)


def _directory(
    path: str,
    at: int,
    storages: dict[str, dict[str, bytes | None]],
    entries: list["Entry"],
    class_ids: dict[str, bytes],
) -> None:
    previous = -1
    for name, content in storages[path].items():
        number = len(entries)
        inner = f"{path}/{name}" if path else name
        kind = 1 if content is None else 2
        entries.append(Entry(name, kind, content or b"", class_ids.get(inner, bytes(16))))
        if previous < 0:
            entries[at].child = number
        else:
            entries[previous].right = number
        previous = number
        if content is None:
            _directory(inner, number, storages, entries, class_ids)


def packed(source: bytes) -> bytes:
    """A compressed container of literals alone, which is a legal one."""
    out = bytearray(b"\x01")
    for at in range(0, len(source), 3500):
        piece = source[at : at + 3500]
        body = b"".join(b"\0" + piece[start : start + 8] for start in range(0, len(piece), 8))
        out += struct.pack("<H", (len(body) - 1) | 0xB000) + body
    return bytes(out)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HI", kind, len(body)) + body


def project(modules: dict[str, str], compiled: bytes = b"p-code" * 20, known: bytes = b"") -> dict[str, bytes]:
    """The streams of a storage VBA. `compiled` stands before each source, `known` in the project's table of names."""
    listing = _record(0x0003, struct.pack("<H", 1252))
    listing += struct.pack("<HI", 0x0009, 4) + bytes(6)
    streams = {}
    for name, source in modules.items():
        listing += _record(0x0019, name.encode()) + _record(0x001A, name.encode())
        listing += _record(0x0032, name.encode("utf-16-le")) + _record(0x0031, struct.pack("<I", len(compiled)))
        listing += struct.pack("<HI", 0x002B, 0)
        full = f'Attribute VB_Name = "{name}"\r\n{source}' if source else ""
        streams[name] = compiled + (packed(full.encode("cp1252", "replace")) if full else b"")
    streams["dir"] = packed(listing)
    streams["_VBA_PROJECT"] = b"\xcc\x61" + known
    return streams


def vba(modules: dict[str, str], below: str = "VBA", compiled: bytes = b"p-code" * 20, known: bytes = b"") -> bytes:
    """A compound file with a VBA project, as a new document holds it."""
    return compound({f"{below}/{name}": content for name, content in project(modules, compiled, known).items()})
