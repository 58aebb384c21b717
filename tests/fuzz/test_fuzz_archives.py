"""A little of the fuzzer's run, with a seed, so that `make test` sees it."""

from tests.fuzz.fuzz_archives import fuzz


def test_some_hundred_mutated_containers() -> None:
    assert fuzz(300, seed=20243)[0] == 300
