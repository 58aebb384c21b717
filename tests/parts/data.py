"""Test material that we did not write and do not commit: suites of other projects, sample mail, test vectors.

It lies in `../shared/data` beside the project's root, or where MAILOCK_TEST_DATA points; its README says what each
archive is. Where it is missing, the tests that need it skip and say so by name; with MAILOCK_REQUIRE_DATA=1 they fail.
Real mail is hostile: what reads it does so in a jail or as a pure function, and nothing in it is contacted.
"""

import os
import tarfile
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]


def data_dir() -> Path:
    """The folder with the archives; it need not exist."""
    told = os.environ.get("MAILOCK_TEST_DATA")
    return Path(told) if told else ROOT.parent / "shared" / "data"


def data_file(name: str) -> Path:
    """One file of it, as it lies there; skips or fails where it is missing."""
    path = data_dir() / name
    if not path.is_file():
        _lacking(name)
    return path


def unpack(name: str, into: Path) -> Path:
    """Unpack the archive NAME.tar.xz below `into`, once, and give its top folder. Any number of processes may ask."""
    folder = into / name
    if folder.is_dir():
        return folder
    archive = data_file(f"{name}.tar.xz")
    fresh = into / f"{name}.{os.getpid()}"
    fresh.mkdir(parents=True)
    with tarfile.open(archive) as opened:
        # The `filter` argument came with 3.11.4, after the Python of Debian 12.
        opened.extractall(fresh, members=[member for member in opened if _harmless(member)])
    inner = list(fresh.iterdir())
    top = inner[0] if len(inner) == 1 and inner[0].is_dir() else fresh
    try:
        top.rename(folder)
    except OSError:
        if not folder.is_dir():  # otherwise somebody else was first, with the same content
            raise
    return folder


def _lacking(name: str) -> NoReturn:
    if os.environ.get("MAILOCK_REQUIRE_DATA") == "1":
        pytest.fail(f"test data missing: {data_dir() / name} (and MAILOCK_REQUIRE_DATA=1)", pytrace=False)
    pytest.skip(f"test data missing: {name}")


def _harmless(member: tarfile.TarInfo) -> bool:
    path = Path(member.name)
    return (member.isfile() or member.isdir()) and not path.is_absolute() and ".." not in path.parts
