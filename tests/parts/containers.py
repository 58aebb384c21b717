"""Containers of the kinds that Python and its libraries do not write, made by hand from the formats' descriptions."""

import io
import lzma
import struct
import zlib
from pathlib import Path
from typing import Any

import libarchive
import pycdlib

from tests.parts.zipcraft import deflated

SECTOR = 512


def written(format_: str, files: dict[str, bytes], filter_: str | None = None) -> bytes:
    """An archive as libarchive writes it."""
    sheet = io.BytesIO()

    def take(piece: bytes) -> int:
        return sheet.write(piece)

    with libarchive.custom_writer(take, format_, filter_) as archive:
        for name, content in files.items():
            archive.add_file_from_memory(name, len(content), content)
    return sheet.getvalue()


def cab(files: dict[str, bytes], *, packed: bool = True) -> bytes:
    """A cabinet ([MS-CAB]) of one folder, with MSZIP or stored."""
    data = b"".join(files.values())
    block = b"CK" + deflated(data) if packed else data
    entries = b""
    at = 0
    for name, content in files.items():
        entries += struct.pack("<IIHHHH", len(content), at, 0, 0, 0, 0x20) + name.encode() + b"\0"
        at += len(content)
    first_file = 36 + 8
    first_data = first_file + len(entries)
    blocks = struct.pack("<IHH", 0, len(block), len(data)) + block
    total = first_data + len(blocks)
    header = struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, total, 0, first_file, 0, 3, 1, 1, len(files), 0, 0, 0)
    return header + struct.pack("<IHH", first_data, 1, int(packed)) + entries + blocks


def lha(name: str, content: bytes) -> bytes:
    """One stored file, header level 0."""
    body = (
        b"-lh0-"
        + struct.pack("<II", len(content), len(content))
        + struct.pack("<HH", 0, 0x21)
        + b"\x20\x00"
        + bytes((len(name),))
        + name.encode()
        + struct.pack("<H", _crc16(content))
    )
    return bytes((len(body), sum(body) & 0xFF)) + body + content + b"\0"


def _crc16(content: bytes) -> int:
    value = 0
    for octet in content:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value


def rpm(files: dict[str, bytes]) -> bytes:
    """A package: lead, empty signature, empty header, and a cpio in gzip."""
    lead = struct.pack(">IBBHH66sHH16x", 0xEDABEEDB, 3, 0, 0, 1, b"x", 1, 5)
    empty = b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">II", 0, 0)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return lead + empty + empty + packer.compress(written("cpio_newc", files)) + packer.flush()


def deb(files: dict[str, bytes]) -> bytes:
    """An ar archive as packages are: 60 octets of header before each member."""
    made = b"!<arch>\n"
    for name, content in {"debian-binary": b"2.0\n", **files}.items():
        made += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode() + content
        made += b"\n" if len(content) % 2 else b""
    return made


def disc(
    files: dict[str, bytes], *, joliet: bool = True, udf: bool = False, only_udf: dict[str, bytes] | None = None
) -> bytes:
    """An ISO 9660 image, with a Joliet tree and a UDF tree where asked for."""
    image = pycdlib.PyCdlib()
    options: dict[str, Any] = {"joliet": 3} if joliet else {}
    if udf:
        options["udf"] = "2.60"
    image.new(**options)
    for number, (name, content) in enumerate(files.items()):
        paths: dict[str, Any] = {"iso_path": f"/F{number}.;1"}
        if joliet:
            paths["joliet_path"] = f"/{name}"
        if udf:
            paths["udf_path"] = f"/{name}"
        image.add_fp(io.BytesIO(content), len(content), **paths)
    for name, content in (only_udf or {}).items():
        image.add_fp(io.BytesIO(content), len(content), udf_path=f"/{name}")
    sheet = io.BytesIO()
    image.write_fp(sheet)
    image.close()
    return sheet.getvalue()


def onenote(files: dict[str, bytes]) -> bytes:
    """A section with FileDataStoreObjects ([MS-ONESTORE] 2.6.13) and names beside them."""
    made = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + b"\0" * 1008
    for name in files:
        made += b"\0\0\0\0" + name.encode("utf-16-le") + b"\0\0\0\0"
    for content in files.values():
        made += bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac") + struct.pack("<QIQ", len(content), 0, 0) + content
        made += bytes.fromhex("22a7fb71790f0b4abb13899256426b24")
    return made


def cms(content: bytes, *, pieces: int = 0) -> bytes:
    """SignedData (RFC 5652) that encloses a message, in one octet string or, of indefinite length, in several."""
    signed, data = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010701")
    if pieces:
        step = max(1, len(content) // pieces)
        strings = b"".join(_der(4, content[at : at + step]) for at in range(0, len(content), step))
        enclosed = b"\x30\x80" + data + b"\xa0\x80\x24\x80" + strings + b"\0\0" * 3
        inner = b"\x30\x80" + _der(2, b"\x01") + _der(0x31, b"") + enclosed + _der(0x31, b"") + b"\0\0"
        return b"\x30\x80" + signed + b"\xa0\x80" + inner + b"\0\0" * 2
    enclosed = _der(0x30, data + _der(0xA0, _der(4, content)))
    return _der(0x30, signed + _der(0xA0, _der(0x30, _der(2, b"\x01") + _der(0x31, b"") + enclosed + _der(0x31, b""))))


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 128:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def compound(streams: dict[str, bytes], *, class_id: bytes = bytes(16)) -> bytes:
    """A compound file ([MS-CFB]) of version 3; names with slashes make storages. Every stream is in full sectors."""
    entries: list[dict[str, Any]] = [{"name": "Root Entry", "type": 5, "children": [], "data": b""}]
    folders: dict[str, int] = {"": 0}
    for path, content in streams.items():
        *above, name = path.split("/")
        parent, walked = 0, ""
        for folder in above:
            walked += "/" + folder
            if walked not in folders:
                folders[walked] = len(entries)
                entries[parent]["children"].append(len(entries))
                entries.append({"name": folder, "type": 1, "children": [], "data": b""})
            parent = folders[walked]
        entries[parent]["children"].append(len(entries))
        # Streams under 4,096 octets would have to lie in the small sectors; fill makes them long enough.
        entries.append({"name": name, "type": 2, "children": [], "data": content})
    return _laid_out(entries, class_id)


def _laid_out(entries: list[dict[str, Any]], class_id: bytes) -> bytes:
    mini = b""
    minifat: list[int] = []
    body = b""
    fat: list[int] = []

    def long(data: bytes) -> int:
        nonlocal body
        if not data:
            return 0xFFFFFFFE
        start, count = len(fat), -(-len(data) // SECTOR)
        body += data.ljust(count * SECTOR, b"\0")
        fat.extend([*range(start + 1, start + count), 0xFFFFFFFE])
        return start

    for entry in entries[1:]:
        data = entry["data"]
        if 0 < len(data) < 4096:
            entry["start"], count = len(minifat), -(-len(data) // 64)
            mini += data.ljust(count * 64, b"\0")
            minifat.extend([*range(entry["start"] + 1, entry["start"] + count), 0xFFFFFFFE])
        else:
            entry["start"] = long(data)
    entries[0]["start"], entries[0]["data"] = long(mini), mini
    minifat_start = long(b"".join(struct.pack("<I", one) for one in minifat))
    directory = b"".join(_directory_entry(entries, number, class_id) for number in range(len(entries)))
    directory_start = long(directory)
    tables = 1
    while (len(fat) + tables) * 4 > tables * SECTOR:
        tables += 1
    places = list(range(len(fat), len(fat) + tables))
    fat.extend([0xFFFFFFFD] * tables)
    fat.extend([0xFFFFFFFF] * (tables * 128 - len(fat)))
    header = _header(tables, directory_start, minifat_start, -(-len(minifat) * 4 // SECTOR))
    listed = places + [0xFFFFFFFF] * (109 - len(places))
    return header + struct.pack("<109I", *listed) + body + struct.pack(f"<{len(fat)}I", *fat)


def _header(tables: int, directory: int, minifat: int, minifat_sectors: int) -> bytes:
    numbers = (tables, directory, 0, 4096, minifat, minifat_sectors, 0xFFFFFFFE, 0)
    fixed = struct.pack("<8s16xHHHHH6xI", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0)
    return fixed + struct.pack("<8I", *numbers)


def _directory_entry(entries: list[dict[str, Any]], number: int, class_id: bytes) -> bytes:
    entry = entries[number]
    # The siblings form a chain to the right, which is a tree too.
    following = 0xFFFFFFFF
    for other in entries:
        siblings = sorted(other["children"], key=lambda child: (len(entries[child]["name"]), entries[child]["name"]))
        if number in siblings and siblings.index(number) + 1 < len(siblings):
            following = siblings[siblings.index(number) + 1]
    own = sorted(entry["children"], key=lambda child: (len(entries[child]["name"]), entries[child]["name"]))
    name = entry["name"].encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        name,
        len(name),
        entry["type"],
        1,
        0xFFFFFFFF,
        following,
        own[0] if own else 0xFFFFFFFF,
        class_id if number == 0 else bytes(16),
        0,
        0,
        0,
        entry.get("start", 0) if entry["type"] != 1 else 0,
        len(entry["data"]),
    )


def packager(name: str, content: bytes) -> bytes:
    """An Ole10Native stream ([MS-OLEDS] 2.3.6)."""
    path = b"C:\\Temp\\" + name.encode() + b"\0"
    body = b"\x02\0" + name.encode() + b"\0" + path + b"\0\0\x03\0" + struct.pack("<I", len(path)) + path
    body += struct.pack("<I", len(content)) + content
    return struct.pack("<I", len(body)) + body


def kept(name: str) -> bytes:
    """A container that another program made (tests/parts/kept)."""
    return lzma.decompress((Path(__file__).with_name("kept") / f"{name}.xz").read_bytes())


def ace(name: bytes, content: bytes, *, flags: int = 0) -> bytes:
    """An ACE of one stored file."""
    main = struct.pack("<BH7sBBBBII8s", 0, 0, b"**ACE**", 10, 20, 2, 0, 0, 0, bytes(8))
    size = len(content)
    told = struct.pack("<IIIIIBBHHH", size, size, 0, 0x20, ~zlib.crc32(content) & 0xFFFFFFFF, 0, 0, 0, 0, len(name))
    return _ace_header(main) + _ace_header(struct.pack("<BH", 1, 1 | flags) + told + name) + content


def _ace_header(body: bytes) -> bytes:
    return struct.pack("<HH", ~zlib.crc32(body) & 0xFFFF, len(body)) + body


def program() -> bytes:
    """The beginning of a Windows program, for something to stand behind it."""
    return b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(300)
