"""xar, in which macOS packs installers: a table in XML, then the files' data (the format's own specification).

libarchive reads it too, but gives the second file the octets of the first as well.
"""

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import Final

from lxml import etree  # type: ignore[import-untyped]  # it ships no types

from mailock.core.evidence.finding import Child, Confidence, Finding, Severity
from mailock.core.evidence.report import Why
from mailock.engines.archives.names import leads_out
from mailock.engines.archives.opening import Broken, Opening, quoted

_LONGEST_TABLE: Final = 16 << 20
_DEEPEST: Final = 64
_MEMORY: Final = 128 << 20


def opened(opening: Opening) -> Iterator[Child | Finding]:
    """Every file of a xar."""
    content = opening.specimen.content
    header = int.from_bytes(content[4:6], "big")
    packed = int.from_bytes(content[8:16], "big")
    heap = header + packed
    root = _table(content[header:heap])
    waiting: list[tuple[etree._Element, str]] = [(file, "") for file in reversed(root.findall("./toc/file"))]
    while waiting:
        file, above = waiting.pop()
        name = f"{above}/{file.findtext('name') or ''}".lstrip("/")
        if name.count("/") < _DEEPEST:
            waiting += [(inner, name) for inner in reversed(file.findall("file"))]
        data = file.find("data")
        if data is not None:
            if leads_out(name):
                what = f"the name {quoted(name)} leads out of the folder"
                yield from opening.finding("archive.traversal", Severity.SUSPICIOUS, Confidence.MEDIUM, what)
            unpacked = _unpacked(opening, content[heap:], data, name)
            if unpacked is not None:
                yield from opening.child(unpacked, name, "xar")


def _table(packed: bytes) -> etree._Element:
    try:
        table = zlib.decompressobj().decompress(packed, _LONGEST_TABLE)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        return etree.fromstring(table, parser)
    except (zlib.error, etree.XMLSyntaxError, ValueError) as error:
        raise Broken(f"the table of the xar is damaged: {error}") from error


def _unpacked(opening: Opening, heap: bytes, data: etree._Element, name: str) -> bytes | None:
    try:
        start, length = int(data.findtext("offset") or ""), int(data.findtext("length") or "")
    except ValueError:
        opening.miss(Why.UNREADABLE, f"{quoted(name)} has no place")
        return None
    if start < 0 or length < 0 or start + length > len(heap):
        opening.miss(Why.UNREADABLE, f"{quoted(name)} is cut off")
    encoding = data.find("encoding")
    style = "" if encoding is None else str(encoding.get("style") or "")
    packed = heap[max(0, start) : max(0, start) + max(0, length)]
    try:
        return opening.fit(_decoded(style.rpartition("/")[2], packed, opening.room + 1))
    except (zlib.error, OSError, EOFError, lzma.LZMAError) as error:
        opening.miss(Why.UNREADABLE, f"{quoted(name)} is damaged: {error}")
        return None


def _decoded(style: str, packed: bytes, most: int) -> bytes:
    match style:
        case "x-gzip" | "zlib":
            return zlib.decompressobj(47).decompress(packed, most)
        case "x-bzip2":
            return bz2.BZ2Decompressor().decompress(packed, most)
        case "x-lzma" | "x-xz":
            return lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=_MEMORY).decompress(packed, most)
        case _:
            return packed[:most]
