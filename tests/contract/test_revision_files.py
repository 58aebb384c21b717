"""Revisions as files: whatever the disk does, what runs is one whole revision, the old one or the new one."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from mailock.ports.revisions import InstalledFrom, Revision
from mailock.storage.revisions import FileRevisions


class Killed(BaseException):
    """The process ends here: nothing that would run behind it may be relied on."""


def install(folder: Path, text: str, base: int) -> int:
    return FileRevisions(folder).install(text, by="anna", at=1.0, note="", base=base, origin=InstalledFrom.FILE)


def breaking(at: int, call: Callable[..., object], fault: BaseException) -> Callable[..., object]:
    """A system call that fails the given time that it is made, from 0, and works otherwise."""
    count = -1

    def broken(*arguments: object, **named: object) -> object:
        nonlocal count
        count += 1
        if count == at:
            raise fault
        return call(*arguments, **named)

    return broken


def running(folder: Path) -> Revision:
    current = FileRevisions(folder).current()
    assert current is not None
    return current


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("at", range(8))
def test_a_disk_that_refuses_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, at: int
) -> None:
    install(tmp_path, "# a\n", 0)
    with monkeypatch.context() as patch:
        owner = os if call == "fsync" else Path
        patch.setattr(owner, call, breaking(at, getattr(owner, call), OSError(28, "No space left on device")))
        try:
            number = install(tmp_path, "# b\n", 1)
        except OSError:
            number = 1
    assert running(tmp_path).number == number
    assert running(tmp_path).text == ("# a\n" if number == 1 else "# b\n")
    assert install(tmp_path, "# c\n", number) > number
    assert running(tmp_path).text == "# c\n"
    assert [one.text for one in FileRevisions(tmp_path).history() if not one.withdrawn][-1] == "# a\n"


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("at", range(8))
def test_a_kill_leaves_one_whole_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, at: int) -> None:
    install(tmp_path, "# a\n", 0)
    with monkeypatch.context() as patch:
        owner = os if call == "fsync" else Path
        patch.setattr(owner, call, breaking(at, getattr(owner, call), Killed()))
        try:
            install(tmp_path, "# b\n", 1)
        except Killed:
            pass  # The point of it.
    assert running(tmp_path).text in ("# a\n", "# b\n")
    number = running(tmp_path).number
    assert install(tmp_path, "# c\n", number) > number
    texts = {one.number: one.text for one in FileRevisions(tmp_path).history()}
    assert texts[1] == "# a\n"
    assert running(tmp_path).text == "# c\n"


def test_every_file_is_synced_and_the_pointer_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(handle: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file"
        order.append(f"sync {kind}")
        fsync(handle)

    def renamed(path: Path, target: Path) -> Path:
        order.append(f"rename to {target.name}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    install(tmp_path, "# a\n", 0)
    names = ["000001.toml", "000001.json", "current"]
    assert order == [step for name in names for step in ("sync file", f"rename to {name}", "sync folder")]


def test_a_text_that_was_changed_on_disk_is_not_run(tmp_path: Path) -> None:
    install(tmp_path, "# a\n", 0)
    (tmp_path / "000001.toml").write_text("# changed\n")
    with pytest.raises(OSError, match=r"000001\.toml is damaged .*restore it"):
        FileRevisions(tmp_path).current()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"current": "x", "withdrawn": []}', "7"])
def test_a_damaged_pointer_is_said_and_not_read_as_nothing(tmp_path: Path, content: str) -> None:
    install(tmp_path, "# a\n", 0)
    (tmp_path / "current").write_text(content)
    with pytest.raises(OSError, match="does not say which policy revision runs"):
        FileRevisions(tmp_path).current()
    with pytest.raises(OSError, match="does not say which policy revision runs"):
        install(tmp_path, "# b\n", 0)


def test_a_missing_text_is_said(tmp_path: Path) -> None:
    install(tmp_path, "# a\n", 0)
    (tmp_path / "000001.toml").unlink()
    with pytest.raises(OSError, match=r"000001\.toml is missing: restore it"):
        FileRevisions(tmp_path).current()


def test_others_cannot_read_revisions(tmp_path: Path) -> None:
    install(tmp_path / "policy", "# a\n", 0)
    for path in [tmp_path / "policy", tmp_path / "policy" / "000001.toml", tmp_path / "policy" / "current"]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0, path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_writes_belongs_to_the_owner_of_the_data_folder(tmp_path: Path) -> None:
    os.chown(tmp_path, 12_345, 12_346)
    install(tmp_path / "policy", "# a\n", 0)
    for path in [tmp_path / "policy", *(tmp_path / "policy").glob("[0-9c]*")]:
        assert (path.stat().st_uid, path.stat().st_gid) == (12_345, 12_346), path


def test_the_metadata_can_be_read_by_people(tmp_path: Path) -> None:
    install(tmp_path, "# a\n", 0)
    about = json.loads((tmp_path / "000001.json").read_text())
    assert (about["by"], about["origin"], about["base"]) == ("anna", "file", 0)
