"""Features as numbers: what the shipped model learnt them as, however they are worked out."""

import random
from itertools import combinations
from zlib import crc32

import pytest

from mailock.core.classify.hashing import PLACES, grams, packed, pairs, salt, words

_SALT = salt("text")
_RUN = (1_031_489, 694_847, 274_177, 905_197)
TOLD = ["invoice", "", "Grüße", "\udcff", "a b", "invoice"]


def _run(octets: bytes, salted: int) -> int:
    return (sum(octet * times for octet, times in zip(octets, _RUN, strict=True)) + (salted >> 12)) % PLACES


def _word(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"), _SALT) >> 12


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 900, 2500])
def test_the_places_of_runs_are_those_of_each_run_by_itself(length: int) -> None:
    octets = random.Random(length).randbytes(length)
    alone = [_run(octets[start : start + 4], _SALT) for start in range(max(0, length - 3))]
    assert list(grams(octets, _SALT)) == list(dict.fromkeys(alone))


def test_the_greatest_run_leaves_its_neighbours_alone() -> None:
    octets = b"\xff" * 4 + bytes(5)
    assert set(grams(octets, 0xFFFFFFFF)) == {_run(octets[at : at + 4], 0xFFFFFFFF) for at in range(6)}


def test_the_places_of_words_are_those_of_each_word_by_itself() -> None:
    assert set(words(TOLD, _SALT)) == set(map(_word, TOLD))
    assert not words([], _SALT)


def test_the_places_of_pairs_are_those_of_each_pair_by_itself() -> None:
    told = [*TOLD, *(f"w{number}" for number in range(40))]
    both = {(_word(one) * 1_277 + _word(other) * 1_811) % PLACES for one, other in combinations(told, 2)}
    assert set(pairs(told, _SALT)) == both
    assert not pairs(["alone"], _SALT)


def test_places_are_packed_in_their_order_and_bounded() -> None:
    assert list(packed({5: None, 3: None, PLACES - 1: None}, 2)) == [5, 3]
