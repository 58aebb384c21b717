"""Features as numbers: what the shipped model learnt them as, however they are worked out."""

import random
from zlib import crc32

import pytest

from mailock.core.classify.hashing import PLACES, grams, packed, salt, words

_SALT = salt("text")


def _place(number: int) -> int:
    return (number * 2654435761 & 0xFFFFFFFF) >> 12


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 900, 2500])
def test_the_places_of_runs_are_those_of_each_run_by_itself(length: int) -> None:
    octets = random.Random(length).randbytes(length)
    alone = {_place(int.from_bytes(octets[start : start + 4], "little") ^ _SALT) for start in range(max(0, length - 3))}
    assert grams(octets, _SALT) == alone


def test_the_greatest_run_leaves_its_neighbours_alone() -> None:
    assert grams(b"\xff" * 4 + bytes(5), 0) == {
        _place(int.from_bytes((b"\xff" * 4 + bytes(5))[at : at + 4], "little")) for at in range(6)
    }


def test_the_places_of_words_are_those_of_each_word_by_itself() -> None:
    told = ["invoice", "", "Grüße", "\udcff", "a b", "invoice"]
    alone = {_place(crc32(word.encode("utf-8", "surrogatepass"), _SALT)) for word in told}
    assert words(told, _SALT) == alone
    assert words([], _SALT) == set()


def test_places_are_packed_in_their_order_and_bounded() -> None:
    assert list(packed({PLACES - 1, 5, 3}, 2)) == [3, 5]
