"""Files as they lie on disks: what cannot be read is said in a sentence, and a revision runs all the same."""

import os
from pathlib import Path

import pytest

from mailock.config.load import load
from mailock.config.machine import load_node
from mailock.config.mistakes import Mistakes
from mailock.config.recipients import read_recipients
from mailock.config.units import Secret
from mailock.processes.home import read_home

POLICY = '[node]\ndata = "spool"\nauthorities = "/etc/ca.pem"\n[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n'


def the_mistake(path: Path) -> str:
    with pytest.raises(Mistakes) as wrong:
        load(path)
    (mistake,) = wrong.value.mistakes
    return str(mistake).replace(str(path), "FILE")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[mta]\n\n# \xff\n", "FILE:3: is not UTF-8: save the file in that encoding"),
        (b"#" * (4 << 20) + b"\n", "FILE: is larger than 4 MiB: this cannot be a policy file"),
        (b"[mta]\nport = 25\x00\n", "FILE:2: is not TOML: "),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "mailock.toml"
    path.write_bytes(content)
    assert the_mistake(path).startswith(said)


def test_a_file_that_is_not_there_or_no_file(tmp_path: Path) -> None:
    assert the_mistake(tmp_path / "no.toml").startswith("FILE: cannot be read (No such file or directory): check")
    assert the_mistake(tmp_path).startswith("FILE: cannot be read (Is a directory): check")
    assert "cannot be read (embedded null byte)" in the_mistake(Path("a\0b"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "mailock.toml"
    path.touch(mode=0)
    assert "cannot be read (Permission denied)" in the_mistake(path)


def test_the_mark_that_some_editors_write_is_forgiven(tmp_path: Path) -> None:
    path = tmp_path / "mailock.toml"
    path.write_bytes(b"\xef\xbb\xbf" + POLICY.encode())
    assert load(path).policy_text == POLICY.partition("\n[[")[1].lstrip("\n") + POLICY.partition("\n[[")[2]


def test_paths_of_the_node_start_at_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mailock.toml"
    path.write_text(POLICY)
    monkeypatch.chdir("/")
    node = load(path).settings.node
    assert node.data == str(tmp_path / "spool")
    assert node.authorities == "/etc/ca.pem"
    monkeypatch.chdir(tmp_path)
    assert load(Path("mailock.toml")).settings.node.data == str(tmp_path / "spool")


def test_the_node_can_be_read_where_the_policy_has_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "mailock.toml"
    path.write_text(POLICY + "prot = 1\n")
    assert load_node(path, environment={"MAILOCK_NODE__WORKERS": "7"}).data == str(tmp_path / "spool")
    assert load_node(path, environment={"MAILOCK_NODE__WORKERS": "7"}).workers == 7
    path.write_text(POLICY.replace("data", "dtaa"))
    with pytest.raises(Mistakes, match="did you mean data"):
        load_node(path)


def test_a_restart_runs_the_revision_whatever_became_of_the_draft(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "mailock.toml"
    path.write_text(POLICY + "[node]\nworkers = x\n")
    with pytest.raises(Mistakes):
        read_home(path)
    path.write_text(POLICY)
    first = read_home(path)
    assert (first.revision, first.data) == (1, tmp_path / "spool")
    path.write_text(POLICY + "[mta]\nport = 2525\n")
    assert read_home(path).policy == first.policy
    assert "differs from the installed revision 1, which runs" in caplog.text
    path.write_text(POLICY + "[mta]\nprot = 2525\n")
    assert read_home(path).policy == first.policy
    assert "mailock.toml:7: [mta] prot: there is no such setting: did you mean port?" in caplog.text
    assert "has mistakes, so it stays a draft, and the installed revision runs" in caplog.text
    path.write_text(POLICY.replace("data", "dtaa"))
    with pytest.raises(Mistakes):
        read_home(path)


def test_secrets_come_from_files(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("s3cret\n")
    assert Secret.read(f"file:{path}").fetch({}) == "s3cret"
    path.write_bytes(b"x" * 70_000)
    with pytest.raises(OSError, match="larger than 64 KiB"):
        Secret.read(f"file:{path}").fetch({})
    path.write_bytes(b"\xff")
    with pytest.raises(OSError, match="is not UTF-8 text"):
        Secret.read(f"file:{path}").fetch({})
    path.unlink()
    with pytest.raises(FileNotFoundError):
        Secret.read(f"file:{path}").fetch({})


def test_a_list_of_recipients(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("# everybody\nAnna@EXAMPLE.com   # since 2019\n\nbert@bücher.example\r\n")
    assert read_recipients(path) == {"anna@example.com", "bert@xn--bcher-kva.example"}


def test_all_lines_of_a_list_that_hold_no_address_are_named(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("anna@example.com\nbert\n\na b@example.com\n")
    with pytest.raises(Mistakes) as wrong:
        read_recipients(path)
    assert [(mistake.line, mistake.text.partition(" is ")[0]) for mistake in wrong.value.mistakes] == [
        (2, '"bert"'),
        (4, '"a b@example.com"'),
    ]
    with pytest.raises(Mistakes, match="cannot be read"):
        read_recipients(tmp_path / "none")
    path.write_bytes(b"a@example.com\n\xff")
    with pytest.raises(Mistakes, match="list:2: is not UTF-8"):
        read_recipients(path)
