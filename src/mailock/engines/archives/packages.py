"""What embedded objects wrap a file in: the packager's stream (Ole10Native), and PowerPoint's storage records.

Sources: [MS-OLEDS] 2.3.6, [MS-PPT] 2.10.34.
"""

import zlib
from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Child, Finding
from mailock.engines.archives.opening import Opening

_MOST_OBJECTS: Final = 2000
_LONGEST_NAME: Final = 1024


def unwrapped(opening: Opening, stream: str, octets: bytes) -> Iterator[Child | Finding]:
    """The file in a stream of an embedded object."""
    if not stream.lower().endswith("ole10native"):
        if octets:
            yield from opening.child(octets, "", "ole")
        return
    file, name = _packaged(octets)
    if file:
        yield from opening.child(file, name, "ole")


def _packaged(octets: bytes) -> tuple[bytes, str]:
    """The packager's file and its name. A stream that is no package is a file as it stands, behind its length."""
    at = 6
    names: list[str] = []
    for _ in range(2):
        end = octets.find(b"\0", at, at + _LONGEST_NAME)
        if end < 0:
            return octets[4:], ""
        names.append(octets[at:end].decode("utf-8", "replace"))
        at = end + 1
    # Four octets of flags, then the length of a path, the path, the length of the file, the file.
    at += 4
    path = int.from_bytes(octets[at : at + 4], "little")
    start = at + 4 + path
    size = int.from_bytes(octets[start : start + 4], "little")
    if path > _LONGEST_NAME or not size or start + 4 > len(octets):
        return octets[4:], ""
    name = names[0] or names[1].replace("\\", "/").rpartition("/")[2]
    return octets[start + 4 : start + 4 + size], name


def presentation(opening: Opening, octets: bytes) -> Iterator[Child | Finding]:
    """Objects that a presentation embeds: records that hold a compound file, mostly deflated."""
    at = octets.find(b"\x11\x10")
    for _ in range(_MOST_OBJECTS):
        if at < 2:
            return
        instance = int.from_bytes(octets[at - 2 : at], "little") >> 4
        length = int.from_bytes(octets[at + 2 : at + 6], "little")
        body = octets[at + 6 : at + 6 + length]
        file = _storage(opening, instance, body)
        if file:
            yield from opening.child(file, "", "ole")
        at = octets.find(b"\x11\x10", at + 2 if not file else at + 6 + length)


def _storage(opening: Opening, instance: int, body: bytes) -> bytes:
    if instance == 0 and body.startswith(b"\xd0\xcf\x11\xe0"):
        return body
    if instance != 1 or len(body) < 10:
        return b""
    try:
        return opening.fit(zlib.decompressobj().decompress(body[4:], opening.room + 1))
    except zlib.error:
        return b""
