"""`track.db` on a disk: what it survives, what it forgets, and what it says when it cannot."""

import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.events import Accepted, Event, Judged, Outline, Released, Remade, Scan
from mailock.core.lifecycle.query import Query, parse_query
from mailock.core.mail.message import Message, QueueId
from mailock.core.mail.status import Status
from mailock.telemetry.schema import MIGRATIONS
from mailock.telemetry.search import TooSlow, TrackReader
from mailock.telemetry.track import TrackLog
from tests.parts.older import without_columns
from tests.parts.stories import NOON, attempted, deferred, delivered, judged, message, refused


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "track.db"


@pytest.fixture
def log(path: Path) -> Iterator[TrackLog]:
    """A log."""
    log = TrackLog(path)
    yield log
    log.close()


def ids(path: Path, query: str = "", limit: int = 100) -> list[int]:
    """The messages that a query finds, as they come."""
    with TrackReader(path) as reader:
        return [record.queue_id for record in reader.find(parse_query(query, now=NOON + 60), limit=limit)]


def test_making_a_log_touches_no_disk(path: Path, log: TrackLog) -> None:
    assert not path.exists()
    assert log.unindexed == 0


def test_what_was_written_is_there_after_the_writer_died(path: Path, log: TrackLog) -> None:
    log.write([(1, delivered(1)), (2, delivered(2))])
    assert ids(path) == [2, 1]


def test_newest_first_and_no_more_than_asked(path: Path, log: TrackLog) -> None:
    log.write([(n, delivered(n)) for n in range(1, 400)])
    assert ids(path, limit=3) == [399, 398, 397]
    assert len(ids(path, limit=1000)) == 399


def test_a_record_and_its_timeline(path: Path, log: TrackLog) -> None:
    first, second, third = delivered(7)
    log.write([(1, [first])])
    log.write([(2, [second]), (3, [third])])
    with TrackReader(path) as reader:
        found = reader.show(QueueId(7))
        assert reader.show(QueueId(8)) is None
    assert found is not None
    record, lines = found
    assert record.status is Status.DELIVERED
    assert [line.status for line in lines] == [Status.NEW, Status.SCAN_ENDED, Status.DELIVERED]


def test_a_message_that_was_changed_is_found_by_words_and_stops_no_index(path: Path, log: TrackLog) -> None:
    changed = Remade(
        queue_id=QueueId(1), at=NOON, recipients=(0,), changes=("the subject was flagged",), sha256="ab" * 32, size=7
    )
    first, second, third = delivered(1)
    log.write([(1, [first, second, changed, third]), (2, delivered(2))])
    while log.unindexed:
        log.tidy(NOON)
    assert ids(path, "subject:invoice") == [2, 1]


def test_a_message_changes_long_after_it_was_indexed(path: Path, log: TrackLog) -> None:
    of = message(5)
    log.write([(1, [Accepted(message=of), judged(of, Disposition.QUARANTINE)])])
    while log.tidy(NOON):
        pass
    assert ids(path, "hop:mail.dest") == []
    log.write([(2, [Released(queue_id=of.queue_id, at=NOON + 9, recipients=(), by="ann"), attempted(of, deferred(0))])])
    assert ids(path, "hop:mail.dest reason:greylisted status:deferred") == [5]
    while log.tidy(NOON):
        pass
    assert ids(path, "hop:mail.dest reason:greylisted status:deferred") == [5]
    assert ids(path, "status:quarantined") == []


def test_old_finished_messages_are_forgotten_and_others_stay(path: Path) -> None:
    log = TrackLog(path, keep_seconds=3600)
    kept = message(2, subject="kept for ann")
    events: list[tuple[int, list[Event]]] = [
        (1, delivered(1)),
        (2, [Accepted(message=kept), judged(kept, Disposition.QUARANTINE)]),
        (3, delivered(3, at=NOON + 4000)),
    ]
    log.write(events)
    log.gap(at=NOON, since=NOON - 5, events=3)
    while log.tidy(NOON + 5000):
        pass
    log.close()
    assert ids(path) == [3, 2]
    assert ids(path, "subject:invoice") == [3]
    assert ids(path, "kept") == [2]
    with TrackReader(path) as reader:
        assert reader.gaps() == []


def test_gaps_are_told(path: Path, log: TrackLog) -> None:
    log.gap(at=NOON + 9, since=NOON, events=42)
    with TrackReader(path) as reader:
        assert reader.gaps() == [(NOON, NOON + 9, 42)]


def test_a_message_that_was_thought_new_and_was_not_loses_nothing(path: Path, log: TrackLog) -> None:
    """As after a log whose numbers were reset by hand: custody is told again for a row that is there."""
    of = message(1)
    log.write([(1, [attempted(of, deferred(0))])])
    log.write([(2, [Accepted(message=of)]), (3, [judged(of)]), (4, delivered(2))])
    with TrackReader(path) as reader:
        assert [(r.queue_id, r.status, r.gap) for r in reader.find(Query(), limit=9)] == [
            (2, Status.DELIVERED, False),
            (1, Status.SCAN_ENDED, False),
        ]


def test_a_new_outbox_that_counts_from_one_again_loses_nothing(path: Path, log: TrackLog) -> None:
    log.write([(500, delivered(1))])
    log.write([(1, delivered(2)), (2, delivered(3))])
    assert ids(path) == [3, 2, 1]


def test_refusals_are_found_by_their_code(path: Path, log: TrackLog) -> None:
    log.write([(1, [refused(900)])])
    log.write([(2, [refused(900, count=311)])])
    assert ids(path, "ip:203.0.113.9 status:rejected") == [900]
    with TrackReader(path) as reader:
        found = reader.show(QueueId(900))
    assert found is not None
    assert found[0].refused is not None
    assert found[0].refused.count == 311


def test_a_file_that_is_no_log_is_told_with_the_mend_and_the_log_goes_on_once_it_is_away(
    path: Path, log: TrackLog
) -> None:
    path.write_bytes(b"this is no database, " * 500)
    with pytest.raises(OSError, match=r"cannot be written.*move the file away.*mail goes on"):
        log.write([(1, delivered(1))])
    path.unlink()
    log.write([(1, delivered(1))])
    assert ids(path) == [1]


def test_a_log_of_a_newer_version_is_left_alone(path: Path, log: TrackLog) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(OSError, match="written by a newer Mailock"):
        log.write([(1, delivered(1))])
    with pytest.raises(OSError, match="written by a newer Mailock"):
        TrackReader(path)


def test_a_full_disk_keeps_nothing_of_a_call_and_the_log_goes_on_when_there_is_room(path: Path, log: TrackLog) -> None:
    log.write([(1, delivered(1))])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    batches = [(n, delivered(n)) for n in range(2, 3000)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, limits[1]))
    try:
        with pytest.raises(OSError, match="cannot be written"):
            log.write(batches)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert ids(path) == [1]
    log.write(batches)
    assert len(ids(path, limit=5000)) == 2999


def test_there_is_no_log_yet(path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no log at .*track.db yet"):
        TrackReader(path)


def test_a_log_can_be_read_by_somebody_who_may_not_write_beside_it(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else tmp_path))
    log = TrackLog(folder / "track.db")
    log.write([(1, delivered(1))])
    log.close()
    folder.chmod(0o555)
    me = os.geteuid()
    try:
        if me == 0:
            os.seteuid(65534)
        assert ids(folder / "track.db") == [1]
        assert [left.name for left in folder.iterdir()] == ["track.db"]
    finally:
        os.seteuid(me)
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_search_that_takes_too_long_is_given_up(path: Path, log: TrackLog) -> None:
    log.write([(n, delivered(n)) for n in range(1, 500)])
    with TrackReader(path, seconds=0.0) as reader, pytest.raises(TooSlow, match="narrow it with since:"):
        reader.find(parse_query("from:nobody", now=NOON), limit=1)


def test_a_reader_keeps_no_transaction_open(path: Path, log: TrackLog) -> None:
    """Or the file beside the log would grow for as long as somebody looks."""
    log.write([(n, delivered(n)) for n in range(1, 1000)])
    with TrackReader(path) as reader:
        reader.find(Query(), limit=1)
        log.write([(1000, delivered(1000))])
        checkpoint = apsw.Connection(str(path))
        checkpoint.set_busy_timeout(0)
        assert checkpoint.execute("SELECT count(*) FROM record").get == 1000
        pages, moved = checkpoint.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        checkpoint.close()
        assert (pages, moved) == (0, 0)


def test_statuses_of_several_kinds_are_merged_and_each_message_comes_once(path: Path, log: TrackLog) -> None:
    both = message(3, to=("a@dest.test", "b@dest.test"))
    events: list[tuple[int, list[Event]]] = [
        (1, delivered(1)),
        (2, [Accepted(message=both), judged(both), attempted(both, *attempted(both).outcomes[:1], deferred(1))]),
        (3, delivered(4)),
    ]
    log.write(events)
    assert ids(path, "status:delivered,deferred") == [4, 3, 1]


@pytest.mark.parametrize("query", ["subject:holiday", "subject:holi from:a", "subject:holiday status:delivered"])
@pytest.mark.parametrize("indexed", [True, False])
def test_what_is_common_for_a_while_is_found_before_and_after_it_as_well(
    path: Path, log: TrackLog, *, indexed: bool, query: str
) -> None:
    """Above 500 every message has the word, from 200 to 500 every hundredth, below every second."""
    having = [n for n in range(1, 1200) if n > 500 or n % (100 if n >= 200 else 2) == 0]
    log.write([(n, delivered(n, subject="Holiday" if n in having else "Work")) for n in range(1, 1200)])
    while indexed and log.unindexed:
        log.tidy(NOON)
    assert ids(path, query, limit=5000) == having[::-1]


def test_a_large_message_is_found_by_its_size(path: Path, log: TrackLog) -> None:
    log.write([(n, delivered(n, size=50_000_000 if n == 7 else 1000)) for n in range(1, 600)])
    assert ids(path, "size>40MB") == [7]
    assert ids(path, "size>2k size<3k") == []


def test_times_narrow_a_search(path: Path, log: TrackLog) -> None:
    log.write([(n, delivered(n, at=NOON + 60 * n)) for n in range(1, 1000)])
    with TrackReader(path) as reader:
        query = Query(since=NOON + 60 * 500, until=NOON + 60 * 503)
        assert [record.queue_id for record in reader.find(query, limit=100)] == [503, 502, 501, 500]


def judged_with(of: Message, rule: str, mail_class: str, outline: Outline) -> Judged:
    """A judgement with facets."""
    scan = Scan(confidence="high", mail_class=mail_class, score=1.0, document=b"", outline=outline)
    made = judged(of)
    return replace(made, scan=scan, decisions=tuple(replace(one, rule=rule) for one in made.decisions))


@pytest.mark.parametrize("state", ["new", "indexed", "of an earlier Mailock", "half of it indexed again"])
def test_what_was_in_a_message_is_found(path: Path, log: TrackLog, state: str) -> None:
    outline = Outline(
        kind="archive",
        attachments=1,
        links=1,
        detections=("office.macro",),
        unfinished=(),
        files=("Rechnung_März.pdf.exe", "photo.png"),
        hashes=("0123456789abcdef" * 4,),
        urls=("https://login.evil.example/take?q=1",),
    )
    empty = Outline(kind="text", attachments=0, links=0, detections=(), unfinished=())
    of, other = message(1), message(2)
    first: list[Event] = [Accepted(message=of), judged_with(of, "no programs", "suspected_spam", outline)]
    second: list[Event] = [Accepted(message=other), judged_with(other, "programs", "spam", empty)]
    log.write([(1, first), (2, second)])
    if state != "new":
        while log.tidy(NOON):
            pass
    if state in ("of an earlier Mailock", "half of it indexed again"):
        as_before_facets(path)
    if state == "half of it indexed again":
        log.close()
        log.tidy(NOON, rows=1)
    found: tuple[str, ...] = (
        "file:rechn",
        "file:exe",
        "file:marz.pdf",
        "hash:0123456789ABC",
        "hash:abab",
        "url:evil.example",
    )
    found += (
        "url:https://login",
        "class:suspected_spam",
        "finding:office",
        'rule:"no programs"',
        "file:png class:suspected_spam",
    )
    assert {text: 1 in ids(path, text) for text in found} == dict.fromkeys(found, True)
    others = (
        "file:ech",
        "hash:1234",
        "url:vil.example",
        "class:suspected",
        "finding:macro",
        "rule:no",
        "rule:programs",
    )
    assert {text: 1 in ids(path, text) for text in others} == dict.fromkeys(others, False)


def as_before_facets(path: Path) -> None:
    """Makes a file as a Mailock without facets left it: its index is without them, and says nothing of it."""
    db = apsw.Connection(str(path))
    db.execute("DELETE FROM word WHERE rowid <= 2")
    columns = "rowid, subject, sender, recipient, id, ip, session, hop, reason, fact"
    db.executemany(f"INSERT INTO word({columns}) VALUES (?, '', '', '', '', '', '', '', '', '')", [(1,), (2,)])
    db.execute("DELETE FROM meta WHERE name IN ('faceted', 'days')")
    without_columns(db)
    db.pragma("user_version", 3)
    db.close()


def test_a_log_that_is_indexed_again_reads_no_rows_one_by_one(path: Path, log: TrackLog) -> None:
    log.write([(n, delivered(n)) for n in range(1, 1200)])
    while log.unindexed:
        log.tidy(NOON)
    as_before_facets(path)
    log.close()
    while log.tidy(NOON):
        pass
    db = apsw.Connection(str(path))
    assert db.execute("SELECT value FROM meta WHERE name = 'faceted'").get == 0
    assert db.execute("""SELECT count(*) FROM word WHERE word MATCH 'fact : "r0mta"'""").get == 1199
