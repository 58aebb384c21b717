"""A table knows what was put in, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from mailock.engines.feeds.table import Table, key_of_digest, key_of_text

KEYS = st.integers(min_value=0, max_value=2**64 - 1)


@given(st.lists(KEYS), st.lists(KEYS))
def test_it_knows_what_was_put_in_and_nothing_else(put: list[int], others: list[int]) -> None:
    table = Table(put)
    assert len(table) == len(set(put))
    assert all(key in table for key in put)
    assert not any(key in table for key in others if key not in put)


def test_keys_are_the_beginning_of_a_digest_or_a_digest_of_a_text() -> None:
    assert key_of_digest(bytes(range(32))) == 0x0001020304050607
    assert key_of_text("a") != key_of_text("b")
    assert 0 <= key_of_text("\ud800") < 2**64
