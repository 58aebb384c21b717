"""Places: the sums of large integers are those of each run by itself."""

from hypothesis import given
from hypothesis import strategies as st

from mailock.core.classify.hashing import PLACES, grams, pairs, salt, words

RUN = (1_031_489, 694_847, 274_177, 905_197)
NAMES = st.lists(st.text("abcdefgh.", min_size=1, max_size=6), unique=True, max_size=8).map(sorted)


@given(st.binary(max_size=300), st.integers(0, (1 << 32) - 1))
def test_each_run_of_four_octets_has_the_place_of_its_sum(octets: bytes, number: int) -> None:
    runs = (octets[at : at + 4] for at in range(len(octets) - 3))
    sums = [(sum(map(int.__mul__, RUN, run)) + (number >> 12)) % PLACES for run in runs]
    assert list(grams(octets, number)) == list(dict.fromkeys(sums))


@given(NAMES)
def test_two_words_have_one_place_whatever_else_is_there(names: list[str]) -> None:
    number = salt("together")
    apart = {place for at, one in enumerate(names) for two in names[at + 1 :] for place in pairs([one, two], number)}
    assert set(pairs(names, number)) == apart
    assert all(place < PLACES for place in apart)


def test_words_of_different_fields_are_different() -> None:
    assert words(["offer"], salt("text")) != words(["offer"], salt("subject"))
    assert words([], salt("text")) == pairs(["alone"], salt("text")) == {}
