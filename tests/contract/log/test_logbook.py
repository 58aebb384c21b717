"""The log's own process: it writes what the drain is told, its faults are told apart, and its death loses nothing."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailock.core.lifecycle.query import parse_query
from mailock.processes.logbook import LogBook, LogFault
from mailock.processes.logkeeping import Call
from mailock.telemetry.search import TrackReader
from tests.parts.stories import NOON, delivered


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "track.db"


@pytest.fixture
def book(path: Path) -> Iterator[LogBook]:
    """The log, as mailflow has it."""
    book = LogBook(path)
    yield book
    book.close()


def ids(path: Path) -> list[int]:
    """All messages of the log, newest first."""
    with TrackReader(path) as reader:
        return [record.queue_id for record in reader.find(parse_query("", now=NOON + 60), limit=100)]


def children() -> set[int]:
    """The processes that this one has started and that run."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def test_it_writes_indexes_and_ends(path: Path, book: LogBook) -> None:
    before = children()
    book.write([(1, delivered(1)), (2, delivered(2))])
    assert len(children() - before) == 1
    assert ids(path) == [2, 1]
    assert book.unindexed == 2
    while book.tidy(NOON):
        pass
    assert book.unindexed == 0
    book.gap(at=NOON, since=NOON - 5, events=3)
    book.close()
    assert children() == before


def test_killed_it_is_told_once_and_started_again_without_writing_twice(path: Path, book: LogBook) -> None:
    before = children()
    book.write([(1, delivered(1))])
    (pid,) = children() - before
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(OSError, match="another is started"):
        book.write([(1, delivered(1)), (2, delivered(2))])
    book.write([(1, delivered(1)), (2, delivered(2))])
    assert ids(path) == [2, 1]
    with TrackReader(path) as reader:
        assert all(len(record.recipients) == 1 for record in reader.find(parse_query("", now=NOON + 60), limit=9))


def test_signals_that_end_mailflow_do_not_end_it_before_its_work_is_done(path: Path, book: LogBook) -> None:
    before = children()
    book.write([(1, delivered(1))])
    (pid,) = children() - before
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGINT)
    time.sleep(0.1)
    book.write([(2, delivered(2))])
    assert ids(path) == [2, 1]


def test_a_fault_of_the_file_is_an_os_error_and_is_mended_by_mending_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    book = LogBook(folder / "track.db")
    with pytest.raises(OSError, match=r"track\.db"):
        book.write([(1, delivered(1))])
    folder.mkdir()
    book.write([(1, delivered(1))])
    assert ids(folder / "track.db") == [1]
    book.close()


def test_a_bug_is_no_fault_of_the_file(path: Path, book: LogBook) -> None:
    with pytest.raises(LogFault):
        book._ask(Call.WRITE, [(1, b"no events")])
    book.write([(2, delivered(2))])
    assert ids(path) == [2]
