"""A little of the fuzzer's run, with a seed, so that `make test` sees it."""

from tests.fuzz.fuzz_urls import fuzz


def test_some_hundred_thousand_mutated_characters() -> None:
    assert fuzz(300_000, seed=20261) > 100
