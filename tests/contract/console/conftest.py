"""A console to walk through."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.desk import Desk, desk


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Desk]:
    """The application over a folder of its own."""
    with desk(tmp_path) as made:
        yield made
