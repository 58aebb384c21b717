"""The scanners that these tests attach: one of each for the session."""

from collections.abc import Iterator

import pytest

from tests.parts.clamd import Clamd, clamd


@pytest.fixture(scope="session")
def real_clamd() -> Iterator[Clamd]:
    """clamd with signatures of the tests' own."""
    with clamd() as started:
        yield started
