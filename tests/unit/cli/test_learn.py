"""`mailock learn` teaches only virtual systems that there are."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from mailock.cli.ending import WrongUse
from mailock.cli.main import build
from mailock.core.classify.seen import Seen

APP = build(["learn", "bench"])
POLICY = '[node]\ndata = "data"\n[virtual_system.north]\n{more}\n'


class Reached(Exception):
    """The messages were about to be read."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder and a message; reading one is as far as these tests go."""

    async def read(files: object, means: object) -> list[Seen | str]:
        raise Reached

    monkeypatch.setattr("mailock.cli.learn._read", read)
    (tmp_path / "data").mkdir()
    (tmp_path / "a.eml").write_text("Subject: a\r\n\r\nb\r\n")
    return tmp_path


def raised(place: Path, system: str) -> BaseException | None:
    config = str(place / "mailock.toml")
    return CliRunner().invoke(APP, ["learn", "spam", str(place / "a.eml"), "--system", system, "-c", config]).exception


def test_a_system_that_the_policy_names_is_taught(place: Path) -> None:
    (place / "mailock.toml").write_text(POLICY.format(more='domains = ["north.example"]'))
    assert isinstance(raised(place, "north"), Reached)
    assert isinstance(raised(place, "default"), Reached)


def test_an_unknown_system_is_told_with_those_that_there_are(place: Path) -> None:
    (place / "mailock.toml").write_text(POLICY.format(more='domains = ["north.example"]'))
    fault = raised(place, "nroth")
    assert isinstance(fault, WrongUse)
    assert "there is no virtual system 'nroth' in " in str(fault)
    assert str(fault).endswith("name one of default, north")
    assert not (place / "data" / "lessons").exists()


def test_where_no_policy_can_be_read_only_the_default_system_is_taught(place: Path) -> None:
    (place / "mailock.toml").write_text(POLICY.format(more="domains = 7"))
    fault = raised(place, "north")
    assert isinstance(fault, WrongUse)
    assert "'north' cannot be said" in str(fault)
