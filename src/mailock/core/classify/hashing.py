"""Features without a dictionary: runs of four octets, words and pairs of traits, hashed into one space of 2^20 places.

Runs of octets need no language, no blanks and no spelling, which is why they do best where a filter goes on learning
(Cormack, "Email Spam Filtering: A Systematic Review", 2008, section 5; Sculley and Wachman, SIGIR 2007). Two features
may meet in a place; with a few thousand to a message and a million places that costs less than it saves.

A place is a sum of what stands in a run, each times an odd number of its own, modulo 2^20. The sums of a whole text are
those of one large integer with a lane of 32 bits for each octet or word: no lane overflows into the next, for the
multipliers together are small enough, and the interpreter adds all lanes at once.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import Final
from zlib import crc32

BITS: Final = 20
PLACES: Final = 1 << BITS
_SHIFT: Final = 32 - BITS
_RUN: Final = (1_031_489, 694_847, 274_177, 905_197)
"""Odd numbers without a pattern, one for each octet of a run: 255 times their sum is below 2^30."""
_PAIR: Final = (1_277, 1_811)
"""Likewise for the two words of a pair: 2^20 times their sum is below 2^32."""
Places = dict[int, None]
"""Places without repetition, in the order in which they were met first: the same text gives the same order."""


def grams(octets: bytes, salt: int) -> Places:
    """The places of all runs of four octets; `salt` keeps the runs of one field apart from those of another."""
    lanes = len(octets) - 3
    if lanes < 1:
        return {}
    line = int.from_bytes(octets.decode("latin-1").encode("utf-32-le"), "little")
    total = sum((line >> (32 * at)) * times for at, times in enumerate(_RUN))
    return _places(total + _each(salt >> _SHIFT, lanes), lanes)


def words(found: Iterable[str], salt: int) -> Places:
    """The places of words; a word may be any text without line ends."""
    return dict.fromkeys([crc32(word, salt) >> _SHIFT for word in _octets(found)])


def pairs(found: Sequence[str], salt: int) -> Places:
    """The places of every two words of some, which stand in an order that always is the same."""
    alone = array("I", [crc32(word, salt) >> _SHIFT for word in _octets(found)])
    line = int.from_bytes(alone.tobytes(), "little")
    both: Places = {}
    for apart in range(1, len(alone)):
        total = line * _PAIR[0] + (line >> (32 * apart)) * _PAIR[1]
        both |= _places(total, len(alone) - apart)
    return both


def salt(name: str) -> int:
    """A number for a field's name."""
    return crc32(name.encode("ascii"))


def packed(places: Iterable[int], most: int) -> "array[int]":
    """Places as they stand, at most so many."""
    return array("I", list(places)[:most])


def _octets(found: Iterable[str]) -> list[bytes]:
    """Words as octets: joined and taken apart again, which costs one encoding and not one a word."""
    text = "\n".join(found)
    return text.encode("utf-8", "surrogatepass").split(b"\n") if text else []


def _each(number: int, lanes: int) -> int:
    """A number in every lane."""
    return int.from_bytes(number.to_bytes(4, "little") * lanes, "little")


def _places(lines: int, lanes: int) -> Places:
    """The distinct numbers in the first lanes, modulo 2^20."""
    octets = (lines & _each(PLACES - 1, lanes)).to_bytes(4 * lanes, "little")
    return dict.fromkeys(memoryview(octets).cast("I"))
