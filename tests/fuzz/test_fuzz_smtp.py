"""A tenth of the fuzzer's run, with a seed, so that `make test` sees it."""

from tests.fuzz.fuzz_smtp import fuzz


def test_a_million_mutated_octets() -> None:
    conversations, _ = fuzz(1_000_000, seed=20240)
    assert conversations > 100
