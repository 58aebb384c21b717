"""A set of digests that takes eight octets an entry: sorted, and halved until found.

Eight octets of a digest tell a million entries apart from everything that is not among them: that some content is
taken for one of them happens once in eighteen million million. Whoever tries to be taken for one gains nothing.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

WIDTH: Final = 8
_SHELVES: Final = 256


def key_of_text(text: str) -> int:
    """The key of a URL or a name."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=WIDTH).digest(), "big")


def key_of_digest(digest: bytes) -> int:
    """The key of a digest, which is one already."""
    return int.from_bytes(digest[:WIDTH], "big")


class Table:
    """Made once, asked often."""

    __slots__ = ("_shelves",)

    def __init__(self, keys: Iterable[int]) -> None:
        """Keys of 64 bits, in any order. They are sorted shelf by shelf, so that little more than the table is held."""
        loose = [array("Q") for _ in range(_SHELVES)]
        for key in keys:
            loose[key >> 56].append(key)
        for number, shelf in enumerate(loose):
            loose[number] = array("Q", sorted(set(shelf)))
        self._shelves = tuple(loose)

    def __contains__(self, key: int) -> bool:
        shelf = self._shelves[key >> 56]
        place = bisect_left(shelf, key)
        return place < len(shelf) and shelf[place] == key

    def __len__(self) -> int:
        return sum(map(len, self._shelves))
