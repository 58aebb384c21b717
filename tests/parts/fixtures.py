"""The pytest fixtures made from the parts beside this file; every test sees them by name."""

from pathlib import Path

import pytest

from tests.parts.certificates import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority for the session."""
    folder: Path = tmp_path_factory.mktemp("authority")
    return Authority(folder)
