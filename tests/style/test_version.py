"""The package can be imported and says which version it is."""

import re

import mailock


def test_the_version_is_a_release_number() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", mailock.__version__)
