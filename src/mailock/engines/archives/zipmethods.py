"""The compression methods of zip (APPNOTE.TXT 4.4.5), each within a limit of octets.

A method gives what it could unpack and how many octets it used; `whole` says whether the stream came to its own end.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import inflate64

from mailock.engines.archives import system, ziplocks, zstd
from mailock.engines.archives.seven import reading

_STEP: Final = 4096
_LONG_STEP: Final = 1 << 16
_LARGEST_DICTIONARY: Final = 128 << 20
"""Octets that a decoder may take for its window."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a stream unpacks to. Where it is longer than the limit, the stream was not read to its end."""

    content: bytes
    used: int
    whole: bool


class Unreadable(Exception):
    """Nobody here reads this method, or not this stream of it."""


def unpack(method: int, data: bytes | memoryview, limit: int, size: int) -> Unpacked:
    """Unpacks at most `limit + 1` octets; `size` is what the archive says that comes out. Raises Unreadable."""
    reader = _METHODS.get(method)
    if reader is None:
        raise Unreadable(f"method {method}")
    try:
        return reader(memoryview(data), limit + 1, size)
    except (OSError, ValueError, EOFError, zlib.error, lzma.LZMAError, zstd.Fault, RuntimeError) as error:
        raise Unreadable(f"method {method}: {error}") from error
    except MemoryError as error:
        raise Unreadable(f"method {method} wants more memory than there is") from error


def _stored(data: memoryview, most: int, size: int) -> Unpacked:
    del size
    content = bytes(data[:most])
    return Unpacked(content, len(content), whole=True)


def _deflated(data: memoryview, most: int, size: int) -> Unpacked:
    """In steps, so that the rest of a long archive is not copied behind a stream that ends soon."""
    del size
    decoder = zlib.decompressobj(-15)
    pieces: list[bytes] = []
    got = at = 0
    try:
        while at < len(data) and not decoder.eof and got < most:
            step: bytes | memoryview = data[at : at + _LONG_STEP]
            at += len(step)
            while step and got < most and not decoder.eof:
                piece = decoder.decompress(step, most - got)
                pieces.append(piece)
                got += len(piece)
                step = decoder.unconsumed_tail
    except zlib.error:
        return _as_far_as_it_goes(data[:at], most)
    used = at - len(decoder.unused_data) - len(decoder.unconsumed_tail)
    return Unpacked(b"".join(pieces), used, whole=decoder.eof)


def _as_far_as_it_goes(data: memoryview, most: int) -> Unpacked:
    """Again in small steps: what comes before the damage is shown by some unpackers."""
    decoder = zlib.decompressobj(-15)
    pieces: list[bytes] = []
    got = 0
    for start in range(0, len(data), _STEP):
        try:
            piece = decoder.decompress(data[start : start + _STEP], most - got)
        except zlib.error:
            break
        pieces.append(piece)
        got += len(piece)
        if got >= most:
            break
    if not got:
        raise Unreadable("it is no deflated stream")
    return Unpacked(b"".join(pieces), len(data), whole=False)


def _deflated64(data: memoryview, most: int, size: int) -> Unpacked:
    del size
    decoder = inflate64.Inflater()
    pieces: list[bytes] = []
    got = 0
    for start in range(0, len(data), _STEP):
        # It has no limit of its own; a step can grow a thousandfold at most.
        piece = decoder.inflate(bytes(data[start : start + _STEP]))
        pieces.append(piece)
        got += len(piece)
        if decoder.eof or got >= most:
            break
    return Unpacked(b"".join(pieces)[:most], len(data), whole=decoder.eof)


def _bzipped(data: memoryview, most: int, size: int) -> Unpacked:
    del size
    decoder = bz2.BZ2Decompressor()
    content = decoder.decompress(data, most)
    return Unpacked(content, len(data) - len(decoder.unused_data), whole=decoder.eof)


def _lzma(data: memoryview, most: int, size: int) -> Unpacked:
    """APPNOTE.TXT 5.8.8: two octets of version, two of length, then the properties."""
    length = int.from_bytes(data[2:4], "little")
    properties = data[4 : 4 + length]
    if length != 5:
        raise Unreadable("properties of a length that LZMA does not have")
    dictionary = int.from_bytes(properties[1:5], "little")
    if dictionary > _LARGEST_DICTIONARY:
        raise Unreadable("a dictionary larger than is allowed")
    octet = properties[0]
    chain = [
        {
            "id": lzma.FILTER_LZMA1,
            "dict_size": max(dictionary, 4096),
            "lc": octet % 9,
            "lp": octet // 9 % 5,
            "pb": octet // 45,
        }
    ]
    decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain)
    content = decoder.decompress(data[4 + length :], most)
    # A stream need not hold its end; then the stated size is the end.
    return Unpacked(content, len(data) - len(decoder.unused_data), whole=decoder.eof or len(content) == size)


def _xz(data: memoryview, most: int, size: int) -> Unpacked:
    del size
    decoder = lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=_LARGEST_DICTIONARY)
    content = decoder.decompress(data, most)
    return Unpacked(content, len(data) - len(decoder.unused_data), whole=decoder.eof)


def _zstandard(data: memoryview, most: int, size: int) -> Unpacked:
    del size
    decoder = zstd.decoder()
    content = decoder.decompress(data, most)
    return Unpacked(content, len(data) - len(decoder.unused_data), whole=decoder.eof)


def _ppmd(data: memoryview, most: int, size: int) -> Unpacked:
    """APPNOTE.TXT 5.10, by the libraries of others: the Python binding of PPMd dies of damaged streams."""
    zip_of_one = ziplocks.alone(data, (0, 98, 0, 0, max(size, 0)))
    content = reading.only_file(zip_of_one, most)
    if content is None:
        content = system.only_file(zip_of_one, None, most)
        # libarchive 3.6 puts zeros before what it unpacks.
        if content is None or len(content) != size:
            raise Unreadable("damaged, or neither 7-Zip's library nor libarchive is installed")
    return Unpacked(content[:most], len(data), whole=len(content) == size)


def _shrunk(data: memoryview, most: int, size: int) -> Unpacked:
    return _of_old(data, most, size, 1, (0,))


def _imploded(data: memoryview, most: int, size: int) -> Unpacked:
    """The flags say how large its window is, and how many trees it has; a lie about them hides nothing."""
    return _of_old(data, most, size, 6, (0, 2, 4, 6))


def _of_old(data: memoryview, most: int, size: int, method: int, flags: tuple[int, ...]) -> Unpacked:
    for told in flags:
        content = reading.only_file(ziplocks.alone(data, (told, method, 0, 0, max(size, 0))), most)
        if content and len(content) in (size, most):
            return Unpacked(content, len(data), whole=len(content) == size)
    raise Unreadable("damaged, or 7-Zip's library is not installed")


_METHODS: Final[Mapping[int, Callable[[memoryview, int, int], Unpacked]]] = {
    0: _stored,
    1: _shrunk,
    6: _imploded,
    8: _deflated,
    9: _deflated64,
    12: _bzipped,
    14: _lzma,
    20: _zstandard,
    93: _zstandard,
    95: _xz,
    98: _ppmd,
}
