"""A little of the fuzzer's run, with a seed, so that `make test` sees it."""

from tests.fuzz.fuzz_reading import fuzz


def test_some_million_mutated_characters() -> None:
    count, read = fuzz(10_000_000, seed=20261)
    assert count > 500
    assert 0 < read < count
