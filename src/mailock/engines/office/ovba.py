"""VBA projects: the source of their modules, out of the streams of a compound file.

Source: [MS-OVBA] sections 2.3.4.2 (the dir stream) and 2.4.1 (compression). Attackers break the dir stream, which
Office overlooks; so the streams are also searched for what every compressed source begins with.
"""

import re
import struct
from dataclasses import dataclass
from typing import Final

LARGEST_SOURCE: Final = 8 << 20
_CHUNK: Final = 4096
_SOURCE: Final = re.compile(rb"\x01..\x00Attribut(?:e|\x00e)", re.DOTALL)
"""The first chunk of a module: its first flags, then `Attribute VB_Name` in letters."""
_MOST_MODULES: Final = 500


class Broken(Exception):
    """What is no compressed container."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module."""

    untrusted_name: str
    untrusted_source: str
    compiled: int
    """Octets before the source: its compiled form."""


def decompressed(data: bytes, longest: int = LARGEST_SOURCE) -> bytes:
    """A compressed container, decompressed. Raises Broken where it is none, or is longer than allowed."""
    if not data or data[0] != 1:
        raise Broken("it does not begin with 01")
    out = bytearray()
    at = 1
    while at + 2 <= len(data):
        head = data[at] | data[at + 1] << 8
        if head >> 12 & 7 != 3:
            break  # no chunk: what follows the container
        end = min(len(data), at + (head & 0xFFF) + 3)
        at += 2
        if head >> 15:
            _chunk(data, at, end, out)
        else:
            out += data[at : at + _CHUNK]
            end = at + _CHUNK
        at = end
        if len(out) > longest:
            raise Broken(f"it is longer than {longest} octets")
    return bytes(out)


def _chunk(data: bytes, at: int, end: int, out: bytearray) -> None:
    start = len(out)
    while at < end:
        flags = data[at]
        at += 1
        for bit in range(8):
            if at >= end or len(out) - start > _CHUNK:
                return
            if not flags >> bit & 1:
                out.append(data[at])
                at += 1
                continue
            if at + 2 > len(data):
                return
            token = data[at] | data[at + 1] << 8
            at += 2
            bits = max(4, (len(out) - start - 1).bit_length())
            length, offset = (token & 0xFFFF >> bits) + 3, (token >> 16 - bits) + 1
            source = len(out) - offset
            if source < start:
                raise Broken("a token points before its chunk")
            piece = bytes(out[source : source + length])
            # A token may reach into what it is about to write: it repeats.
            out += (piece * (length // max(1, len(piece)) + 1))[:length]


@dataclass(frozen=True, slots=True)
class _Listed:
    stream: str
    offset: int


def modules(streams: dict[str, bytes]) -> list[Module]:
    """The modules in the streams of one storage `VBA`, by their names in lower case."""
    listed, charset = _directory(streams.get("dir", b""))
    found: list[Module] = []
    for name, data in streams.items():
        if name in ("dir", "_vba_project") or name.startswith("__srp_"):
            continue
        offset = next((entry.offset for entry in listed if entry.stream.lower() == name), -1)
        source = _source_at(data, offset, charset)
        if not source and (match := _SOURCE.search(data)):
            offset = match.start()
            source = _source_at(data, offset, charset)
        found.append(Module(name, source, max(0, offset) if source else len(data)))
        if len(found) >= _MOST_MODULES:
            break
    return found


def carved(data: bytes) -> list[Module]:
    """Sources that begin anywhere in octets: of a compound file that is broken, or of a format without one."""
    found = []
    for match in _SOURCE.finditer(data):
        if source := _source_at(data, match.start(), "cp1252"):
            found.append(Module("", source, 0))
        if len(found) >= _MOST_MODULES:
            break
    return found


def _source_at(data: bytes, offset: int, charset: str) -> str:
    if not 0 <= offset < len(data):
        return ""
    try:
        return decompressed(data[offset:]).decode(charset, "replace")
    except (Broken, LookupError):
        return ""


def _directory(data: bytes) -> tuple[list[_Listed], str]:
    """The modules that the dir stream lists, and the project's charset."""
    try:
        plain = decompressed(data)
    except Broken:
        return [], "cp1252"
    charset, stream, offset = "cp1252", "", -1
    found: list[_Listed] = []
    at = 0
    while at + 6 <= len(plain):
        kind, size = struct.unpack_from("<HI", plain, at)
        if kind == 0x0009:
            size = 6  # the version of the project, whose size does not count all of it
        body = plain[at + 6 : at + 6 + size]
        at += 6 + size
        match kind:
            case 0x0003 if size == 2:
                charset = _charset(body[0] | body[1] << 8)
            case 0x001A:
                stream = body.decode(charset, "replace")
            case 0x0032 if body:
                stream = body.decode("utf-16-le", "replace")
            case 0x0031 if size == 4:
                offset = int.from_bytes(body, "little")
            case 0x002B:
                found.append(_Listed(stream, offset))
                stream, offset = "", -1
            case _:
                pass
    return found[:_MOST_MODULES], charset


def _charset(page: int) -> str:
    known = {10000: "mac-roman", 65001: "utf-8", 932: "cp932", 936: "gbk", 949: "cp949", 950: "cp950", 874: "cp874"}
    return known.get(page, f"cp{page}" if 1250 <= page <= 1258 else "cp1252")
