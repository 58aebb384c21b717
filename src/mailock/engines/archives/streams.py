"""Compressed streams that hold one file: gzip, bzip2, xz, LZMA, Zstandard; and what several of them, one behind the
other, hold together. What stands behind the last stream is a file of its own: some unpackers never see it.

Sources: RFC 1952, RFC 8878, the xz file format.
"""

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import Final, Protocol

from mailock.core.evidence.finding import Child, Confidence, Finding, Severity
from mailock.core.evidence.report import Why
from mailock.engines.archives import zstd
from mailock.engines.archives.opening import Broken, Opening

KINDS: Final = ("gz", "bz2", "xz", "lzma", "zst")
_LARGEST_DICTIONARY: Final = 128 << 20
_MOST_STREAMS: Final = 10_000
_ENDINGS: Final = (
    ".gz",
    ".bz2",
    ".xz",
    ".lzma",
    ".zst",
    ".tgz",
    ".tbz2",
    ".tbz",
    ".txz",
    ".tzst",
    ".svgz",
    ".emz",
    ".wmz",
)
_TARS: Final = (".tgz", ".tbz2", ".tbz", ".txz", ".tzst")


class _Decoder(Protocol):
    """What zlib, bz2, lzma and zstd have alike, once it is wrapped."""

    def feed(self, data: bytes | memoryview, most: int) -> bytes: ...
    @property
    def ended(self) -> bool: ...
    @property
    def rest(self) -> int:
        """Octets that it was given and that stand behind its end."""
        ...

    @property
    def hungry(self) -> bool: ...


class _Zlib:
    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(31)

    def feed(self, data: bytes | memoryview, most: int) -> bytes:
        return self._decoder.decompress(self._decoder.unconsumed_tail + data, most)

    @property
    def ended(self) -> bool:
        return self._decoder.eof

    @property
    def rest(self) -> int:
        return len(self._decoder.unused_data)

    @property
    def hungry(self) -> bool:
        return not self._decoder.unconsumed_tail


class _Standard:
    """bz2, lzma and zstd."""

    def __init__(self, decoder: "bz2.BZ2Decompressor | lzma.LZMADecompressor | zstd.Decoder") -> None:
        self._decoder = decoder

    def feed(self, data: bytes | memoryview, most: int) -> bytes:
        return self._decoder.decompress(data, most)

    @property
    def ended(self) -> bool:
        return self._decoder.eof

    @property
    def rest(self) -> int:
        return len(self._decoder.unused_data)

    @property
    def hungry(self) -> bool:
        return self._decoder.needs_input


def _decoder(kind: str) -> _Decoder:
    match kind:
        case "gz":
            return _Zlib()
        case "bz2":
            return _Standard(bz2.BZ2Decompressor())
        case "xz":
            return _Standard(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LARGEST_DICTIONARY))
        case "zst":
            return _Standard(zstd.decoder())
        case _:
            return _Standard(lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LARGEST_DICTIONARY))


def opened(opening: Opening, *, kind: str) -> Iterator[Child | Finding]:
    """The file in the streams, and what stands behind them."""
    content = opening.beginning(kind)
    whole, used, damage = _joined(opening, kind)
    if not whole and damage:
        raise Broken(f"the {kind} stream is damaged: {damage}")
    yield from opening.child(whole, _name_within(opening, kind), kind)
    if damage:
        opening.miss(Why.UNREADABLE, f"the {kind} stream is damaged: {damage}")
    behind = content[used:].lstrip(b"\0")
    if behind.strip(b"\0\r\n") and not damage:
        what = f"{len(behind):,} octets stand behind the {kind} stream"
        yield from opening.finding("archive.gap", Severity.SUSPICIOUS, Confidence.LOW, what)
        yield from opening.child(behind, "", kind)


def _joined(opening: Opening, kind: str) -> tuple[bytes, int, str]:
    """What all streams hold, how many octets they take, and what is damaged."""
    view = memoryview(opening.beginning(kind))
    pieces: list[bytes] = []
    got = at = 0
    for _ in range(_MOST_STREAMS):
        decoder = _decoder(kind)
        start = at
        try:
            while not decoder.ended:
                step = view[at : at + (1 << 16)] if decoder.hungry else b""
                at += len(step)
                piece = decoder.feed(step, opening.room + 1 - got)
                pieces.append(piece)
                got += len(piece)
                if got > opening.room:
                    opening.overflow(got)
                if not step and not piece and not decoder.ended:
                    return b"".join(pieces), at, "it is cut off"
        except (zlib.error, OSError, EOFError, lzma.LZMAError, zstd.Fault, ValueError) as error:
            # Behind one stream, what is no stream is something else.
            return (b"".join(pieces), start, "") if start else (b"".join(pieces), at, str(error))
        at -= decoder.rest
        if at >= len(view) or (not view[at] and kind != "lzma"):
            break
    return b"".join(pieces), at, ""


def _name_within(opening: Opening, kind: str) -> str:
    """The name of the file: as the stream says (RFC 1952), else the stream's own without its ending."""
    content = opening.beginning(kind)
    if kind == "gz" and len(content) > 10 and content[3] & 8:
        at = 10 + (2 + int.from_bytes(content[10:12], "little") if content[3] & 4 else 0)
        end = content.find(b"\0", at, at + 1024)
        if end > at:
            return content[at:end].decode("utf-8", "replace")
    name = next(iter(opening.specimen.untrusted_names), "")
    ending = next((ending for ending in _ENDINGS if name.lower().endswith(ending)), "")
    stem = name[: len(name) - len(ending)] if ending else name
    return stem + ".tar" if ending in _TARS else stem
