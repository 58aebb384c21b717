"""Features without a dictionary: runs of four octets and words, hashed into one space of 2^20 places.

Runs of octets need no language, no blanks and no spelling, which is why they do best where a filter goes on learning
(Cormack, "Email Spam Filtering: A Systematic Review", 2008, section 5; Sculley and Wachman, SIGIR 2007). Two features
may meet in a place; with a few thousand to a message and a million places that costs less than it saves.
"""

from array import array
from collections.abc import Iterable
from sys import byteorder
from typing import Final
from zlib import crc32

BITS: Final = 20
PLACES: Final = 1 << BITS
_MASK: Final = 0xFFFFFFFF
_MIX: Final = 2654435761
"""Knuth's multiplier for hashes of 32 bits (The Art of Computer Programming, volume 3, section 6.4)."""
_SHIFT: Final = 32 - BITS


def grams(octets: bytes, salt: int) -> set[int]:
    """The places of all runs of four octets; `salt` keeps the runs of one field apart from those of another."""
    found: set[int] = set()
    for start in range(min(4, max(0, len(octets) - 3))):
        count = (len(octets) - start) // 4
        runs = int.from_bytes(octets[start : start + count * 4], "little")
        # Two runs to a lane: those of its lower half, and those of its upper.
        for lanes, pushed in (((count + 1) // 2, runs), (count // 2, runs >> 32)):
            ones = _ones(lanes)
            found.update(_places(pushed & _MASK * ones ^ salt * ones, ones, lanes))
    return found


def words(found: Iterable[str], salt: int) -> set[int]:
    """The places of words."""
    hashes = array("Q", [crc32(word.encode("utf-8", "surrogatepass"), salt) for word in found])
    return set(_places(int.from_bytes(hashes.tobytes(), byteorder), _ones(len(hashes)), len(hashes)))


def _places(hashes: int, ones: int, lanes: int) -> "memoryview[int]":
    """The places of hashes of 32 bits that stand in lanes of 64 bits, all worked out at once as one long number."""
    # No product is longer than its lane.
    places = hashes * _MIX >> _SHIFT & (PLACES - 1) * ones
    return memoryview(places.to_bytes(lanes * 8, byteorder)).cast("Q")


def _ones(lanes: int) -> int:
    """A one in each lane: what is multiplied by it stands in all of them."""
    return int.from_bytes(b"\1\0\0\0\0\0\0\0" * lanes, "little")


def salt(name: str) -> int:
    """A number for a field's name."""
    return crc32(name.encode("ascii"))


def packed(places: Iterable[int], most: int) -> "array[int]":
    """Places in their order, at most so many."""
    return array("I", sorted(places)[:most])
