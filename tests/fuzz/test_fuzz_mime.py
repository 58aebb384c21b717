"""A little of the fuzzer's run, with a seed, so that `make test` sees it."""

from tests.fuzz.fuzz_mime import fuzz


def test_half_a_million_mutated_octets() -> None:
    assert fuzz(500_000, seed=20241) > 100
