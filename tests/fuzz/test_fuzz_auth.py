"""A little of the fuzzer's run, with a seed, so that `make test` sees it."""

from tests.fuzz.fuzz_auth import fuzz


def test_a_thousand_rounds() -> None:
    assert fuzz(1000, seed=20261) == 1000
