"""Policy revisions, in memory and as files: what runs, what ran, and that nobody installs over what he has not seen."""

from pathlib import Path

import pytest

from mailock.ports.revisions import Conflict, InstalledFrom, Revisions
from mailock.storage.memory.revisions import MemoryRevisions
from mailock.storage.revisions import FileRevisions

FILE, CONSOLE, ROLLBACK = InstalledFrom.FILE, InstalledFrom.CONSOLE, InstalledFrom.ROLLBACK


@pytest.fixture(params=["memory", "files"])
def revisions(request: pytest.FixtureRequest, tmp_path: Path) -> Revisions:
    """An empty store of each kind."""
    return MemoryRevisions() if request.param == "memory" else FileRevisions(tmp_path / "policy")


def install(revisions: Revisions, text: str, base: int, origin: InstalledFrom = FILE, by: str = "anna") -> int:
    return revisions.install(text, by=by, at=1.5, note="why", base=base, origin=origin)


def test_at_first_nothing_runs(revisions: Revisions) -> None:
    assert revisions.current() is None
    assert list(revisions.history()) == []
    with pytest.raises(KeyError, match="there is no revision 1"):
        revisions.get(1)


def test_what_was_installed_runs_and_is_kept_as_it_was(revisions: Revisions) -> None:
    text = "# Grüße\n[mta]\r\nport = 25\n\n"
    assert install(revisions, text, 0) == 1
    running = revisions.current()
    assert running is not None
    assert (running.number, running.text, running.by, running.at, running.note, running.base) == (
        1,
        text,
        "anna",
        1.5,
        "why",
        0,
    )
    assert revisions.get(1) == running
    assert not running.withdrawn


def test_numbers_grow_and_history_is_newest_first(revisions: Revisions) -> None:
    for base in range(3):
        install(revisions, f"# {base}\n", base)
    assert [one.number for one in revisions.history()] == [3, 2, 1]
    assert [one.number for one in revisions.history(2)] == [3, 2]
    assert revisions.get(2).text == "# 1\n"
    for number in (0, -1, 4):
        with pytest.raises(KeyError):
            revisions.get(number)


def test_an_install_over_something_unseen_is_refused_and_changes_nothing(revisions: Revisions) -> None:
    install(revisions, "# a\n", 0)
    install(revisions, "# b\n", 1)
    for base in (0, 1, 3):
        with pytest.raises(Conflict) as conflict:
            install(revisions, "# c\n", base)
        assert (conflict.value.base, conflict.value.current) == (base, 2)
    assert [one.number for one in revisions.history()] == [2, 1]


def test_what_was_last_installed_from_the_file_is_remembered(revisions: Revisions) -> None:
    install(revisions, "# file\n", 0)
    from_file = revisions.get(1).file_sha256
    assert from_file is not None
    install(revisions, "# console\n", 1, CONSOLE)
    install(revisions, "# file\n", 2, ROLLBACK)
    install(revisions, "# other file\n", 3)
    assert [revisions.get(n).file_sha256 == from_file for n in (1, 2, 3, 4)] == [True, True, True, False]
    assert [revisions.get(n).origin for n in (1, 2, 3, 4)] == [FILE, CONSOLE, ROLLBACK, FILE]


def test_a_first_install_that_is_not_from_a_file_remembers_none(revisions: Revisions) -> None:
    install(revisions, "# console\n", 0, CONSOLE)
    assert revisions.get(1).file_sha256 is None


def test_a_withdrawn_revision_does_not_run_and_its_number_is_not_given_again(revisions: Revisions) -> None:
    install(revisions, "# a\n", 0)
    install(revisions, "# b\n", 1)
    revisions.withdraw(2)
    running = revisions.current()
    assert running is not None
    assert running.number == 1
    assert install(revisions, "# c\n", 1) == 3
    assert [(one.number, one.withdrawn, one.base) for one in revisions.history()] == [
        (3, False, 1),
        (2, True, 1),
        (1, False, 0),
    ]
    assert revisions.get(2).text == "# b\n"


def test_the_first_revision_can_be_withdrawn_too(revisions: Revisions) -> None:
    install(revisions, "# a\n", 0)
    revisions.withdraw(1)
    assert revisions.current() is None
    assert install(revisions, "# b\n", 0) == 2


def test_only_what_runs_can_be_withdrawn(revisions: Revisions) -> None:
    install(revisions, "# a\n", 0)
    install(revisions, "# b\n", 1)
    with pytest.raises(Conflict):
        revisions.withdraw(1)
