"""What every command has in common: its help, its wrong uses, and how it ends for scripts."""

import socket
import sys
from pathlib import Path

import pytest

from mailock.cli.main import main


def ended(monkeypatch: pytest.MonkeyPatch, *typed: str) -> int:
    """The exit code of a command that was typed so."""
    monkeypatch.setattr(sys, "argv", ["mailock", *typed])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_help_leaves_out_nothing_of_what_is_written_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, "cache", "pin", "--help") == 0
    assert "[[pin]]" in capsys.readouterr().out


def test_the_version_is_printed_without_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, "--version") == 0
    assert capsys.readouterr().out.startswith("mailock ")


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (("nonsense",), "mailock: no such command 'nonsense': see `mailock --help`"),
        (("track", "--zzzzzzzz"), "mailock: no such option: --zzzzzzzz: see `mailock track --help`"),
        (("show",), "mailock: missing argument 'ID': see `mailock show --help`"),
    ],
)
def test_a_wrong_use_is_one_line_that_says_where_the_right_one_stands(
    typed: tuple[str, ...], wanted: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, *typed) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"{wanted}\n"


def test_where_records_are_asked_for_nothing_else_is_on_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, "track", "--json", "--data", str(tmp_path)) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("mailock: ")


def test_a_message_that_is_not_there_is_named_and_its_fault_is_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none.eml"
    assert ended(monkeypatch, "scan", str(missing)) == 2
    assert capsys.readouterr().err == f"mailock: {missing} cannot be read: No such file or directory\n"


def test_an_address_that_is_none_is_refused_before_anything_is_scanned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, "scan", "--client-ip", "1.2.3", "-") == 2
    assert "--client-ip '1.2.3' is no address" in capsys.readouterr().err


def test_a_demo_on_a_taken_port_sends_its_samples_to_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert ended(monkeypatch, "demo", "--port", str(port)) == 3
        other.settimeout(0)
        with pytest.raises(BlockingIOError):
            other.accept()
    assert f"port {port} of 127.0.0.1 is taken" in capsys.readouterr().err
