"""Features without a dictionary: runs of four octets and words, hashed into one space of 2^20 places.

Runs of octets need no language, no blanks and no spelling, which is why they do best where a filter goes on learning
(Cormack, "Email Spam Filtering: A Systematic Review", 2008, section 5; Sculley and Wachman, SIGIR 2007). Two features
may meet in a place; with a few thousand to a message and a million places that costs less than it saves.
"""

from array import array
from collections.abc import Iterable
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
    runs: set[int] = set()
    for start in range(min(4, max(0, len(octets) - 3))):
        end = start + (len(octets) - start) // 4 * 4
        runs.update(memoryview(octets[start:end]).cast("I"))
    return {((run ^ salt) * _MIX & _MASK) >> _SHIFT for run in runs}


def words(found: Iterable[str], salt: int) -> set[int]:
    """The places of words."""
    return {(crc32(word.encode("utf-8", "surrogatepass"), salt) * _MIX & _MASK) >> _SHIFT for word in found}


def salt(name: str) -> int:
    """A number for a field's name."""
    return crc32(name.encode("ascii"))


def packed(places: Iterable[int], most: int) -> "array[int]":
    """Places in their order, at most so many."""
    return array("I", sorted(places)[:most])
