"""The office in which the commands are tried."""

import pytest

from tests.unit.operations.hands import Office


@pytest.fixture
def office() -> Office:
    """An empty queue, and a desk over it."""
    return Office()
