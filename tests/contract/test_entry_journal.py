"""The journal of the lists: what was answered for is there after any end, and what is torn or broken is told."""

import os
from pathlib import Path

import pytest

from mailock.core.reputation.entries import Effect
from mailock.ports.entries import Act, Did
from mailock.storage.entries import FILE, FileJournal


def act(what: str, did: Did = Did.ADDED) -> Act:
    return Act(at=1.5, by="änna", did=did, effect=Effect.BLOCK, what=what, because='"quoted"\n', until=9.0)


def test_acts_come_back_as_they_were_in_their_order(tmp_path: Path) -> None:
    assert FileJournal(tmp_path).read().acts == ()
    acts = (act("192.0.2.7"), act("pest.test"), act("192.0.2.7", Did.REMOVED))
    for one in acts:
        FileJournal(tmp_path).add(one)
    assert FileJournal(tmp_path).read().acts == acts
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o640


def test_a_line_that_a_power_cut_tore_is_gone_and_what_comes_after_is_whole(tmp_path: Path) -> None:
    journal, path = FileJournal(tmp_path), tmp_path / FILE
    journal.add(act("192.0.2.7"))
    whole = path.read_bytes()
    journal.add(act("192.0.2.8"))
    second = path.read_bytes()[len(whole) :]
    for cut in range(len(second)):
        path.write_bytes(whole + second[:cut])
        assert FileJournal(tmp_path).read().acts == (act("192.0.2.7"),)
    FileJournal(tmp_path).add(act("192.0.2.9"))
    assert FileJournal(tmp_path).read().acts == (act("192.0.2.7"), act("192.0.2.9"))


def test_a_broken_line_is_told_with_its_number_and_takes_no_other_with_it(tmp_path: Path) -> None:
    journal, path = FileJournal(tmp_path), tmp_path / FILE
    journal.add(act("192.0.2.7"))
    with path.open("ab") as file:
        file.write(b'{"at": "yesterday"}\nnonsense \xff\n')
    journal.add(act("192.0.2.8"))
    written = journal.read()
    assert [one.what for one in written.acts] == ["192.0.2.7", "192.0.2.8"]
    assert [text.split(" ")[0] for text in written.unreadable] == [f"{path}:2:", f"{path}:3:"]


def test_an_act_that_could_not_be_synced_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = FileJournal(tmp_path)
    journal.add(act("192.0.2.7"))

    def broken(handle: int) -> None:
        raise OSError(5, "input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="input/output"):
        journal.add(act("192.0.2.8"))
    assert journal.read().acts == (act("192.0.2.7"),)
