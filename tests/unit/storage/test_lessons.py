"""What virtual systems were taught, in files."""

import logging
from pathlib import Path

import pytest

from mailock.core.classify.learning import Learnt, Taught, teach
from mailock.storage.lessons import Damaged, FileLessons, read, write
from tests.parts.reading import PLAIN, model
from tests.parts.reading import read as reading

LETTER = reading(PLAIN)


def taught(learnt: Learnt) -> int:
    teach(learnt, model(), LETTER, Taught.HAM)
    return learnt.ham


def test_lessons_are_read_as_they_were_written() -> None:
    learnt = Learnt()
    taught(learnt)
    again = read(write(learnt))
    assert (again.places, again.steps, again.ham) == (learnt.places, learnt.steps, 1)
    assert again.logit(LETTER) == pytest.approx(learnt.logit(LETTER))


def test_another_process_knows_at_once_and_another_system_never(tmp_path: Path) -> None:
    gateway, command = FileLessons(tmp_path / "lessons"), FileLessons(tmp_path / "lessons")
    assert gateway.of("default") is None
    assert command.change("default", taught) == 1
    known = gateway.of("default")
    assert known is not None
    assert known.logit(LETTER) < 0
    assert gateway.of("default") is known
    assert gateway.of("other") is None
    command.change("default", lambda learnt: teach(learnt, model(), reading(PLAIN + "x"), Taught.SPAM))
    newer = gateway.of("default")
    assert newer is not None
    assert newer.spam == 1


@pytest.mark.parametrize("kept", [slice(0, -9), slice(0, 0), slice(1, None)])
def test_a_damaged_file_is_said_once_and_mail_goes_on_without_it(
    tmp_path: Path, kept: slice, caplog: pytest.LogCaptureFixture
) -> None:
    lessons = FileLessons(tmp_path / "lessons")
    lessons.change("default", taught)
    path = tmp_path / "lessons" / "default.lessons"
    damaged = path.read_bytes()[kept]
    path.write_bytes(damaged)
    with caplog.at_level(logging.ERROR):
        assert lessons.of("default") is None
        assert lessons.of("default") is None
    assert len(caplog.records) == 1
    with pytest.raises(Damaged):
        lessons.change("default", taught)
    assert path.read_bytes() == damaged


def test_a_change_that_fails_leaves_what_was(tmp_path: Path) -> None:
    lessons = FileLessons(tmp_path / "lessons")
    lessons.change("default", taught)

    def fails(learnt: Learnt) -> None:
        learnt.base = 100.0
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        lessons.change("default", fails)
    known = lessons.of("default")
    assert known is not None
    assert known.base < 0


def test_a_name_that_leads_out_of_the_folder_is_none(tmp_path: Path) -> None:
    with pytest.raises(Damaged):
        FileLessons(tmp_path / "lessons").change("../x", taught)
