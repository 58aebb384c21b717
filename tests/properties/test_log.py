"""The log: whatever happens, in whatever pieces and however often it comes, the same is kept; and all is found."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw
from hypothesis import given, settings
from hypothesis import strategies as st

from mailock.core.lifecycle.apply import fold
from mailock.core.lifecycle.copies import Deferred, Disposition, Failed, Hop, NotForwarded, Outcome, Response, Sent
from mailock.core.lifecycle.events import (
    Accepted,
    Attempted,
    Decided,
    Discarded,
    Event,
    Held,
    Judged,
    Noted,
    Quarantined,
    Refused,
    Released,
    Returned,
    ScanStarted,
)
from mailock.core.lifecycle.query import Query, Term, Where
from mailock.core.lifecycle.record import Record
from mailock.core.mail.message import QueueId
from mailock.core.mail.status import Status
from mailock.telemetry.matching import Matcher
from mailock.telemetry.search import TrackReader
from mailock.telemetry.story import chunk, events_of
from mailock.telemetry.track import TrackLog, subject_of
from tests.parts.stories import NOON, message

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where files cost no sync: what a disk does is not what is tested here."""
Batches = list[tuple[int, list[Event]]]

WORDS = st.sampled_from(
    ["alice", "bob", "Grüße", "発注書", "invoice", "re", "a.b-c", "mail.dest.test", "192.0.2.7", "ü"]
)
TEXT = st.lists(WORDS | st.text(max_size=6), max_size=3).map(" ".join)
NUMBERS = st.lists(st.integers(0, 2), unique=True, max_size=3).map(tuple)
MOMENTS = st.integers(0, 5000).map(lambda seconds: NOON + seconds)
RESPONSES = st.builds(Response, code=st.sampled_from([0, 250, 451, 550]), enhanced=st.just("5.1.1"), text=TEXT)
HOPS = st.builds(Hop, name=WORDS, ip=st.just("192.0.2.25"), port=st.just(25), tls=st.just(""))


def outcomes(number: int) -> st.SearchStrategy[Outcome]:
    """Any outcome for one recipient."""
    return st.one_of(
        st.builds(Sent, number=st.just(number), response=RESPONSES),
        st.builds(Failed, number=st.just(number), response=RESPONSES),
        st.builds(NotForwarded, number=st.just(number)),
        st.builds(
            Deferred,
            number=st.just(number),
            response=RESPONSES,
            next_due=MOMENTS,
            lane=WORDS,
            delay_told=st.booleans(),
            attempted=st.booleans(),
        ),
    )


def later(queue_id: QueueId) -> st.SearchStrategy[Event]:
    """Anything that can happen to a message once it was accepted."""
    one = st.just(queue_id)
    decided = st.builds(
        Decided,
        recipients=NUMBERS,
        disposition=st.sampled_from(Disposition),
        rule=WORDS,
        because=st.lists(TEXT, max_size=2).map(tuple),
        quarantine_class=st.none() | WORDS,
    )
    several = st.lists(st.integers(0, 2), unique=True, min_size=1).flatmap(
        lambda numbers: st.tuples(*(outcomes(number) for number in numbers))
    )
    by = st.sampled_from([Held, Released, Discarded, Returned]).flatmap(
        lambda kind: st.builds(kind, queue_id=one, at=MOMENTS, recipients=NUMBERS, by=WORDS, why=TEXT)
    )
    judged = st.builds(
        Judged,
        queue_id=one,
        started=MOMENTS,
        at=MOMENTS,
        revision=st.integers(0, 9),
        verdict=st.sampled_from(["benign", "unknown", "suspicious", "malicious"]),
        decisions=st.lists(decided, max_size=2).map(tuple),
        skipped=st.booleans(),
    )
    return st.one_of(
        judged,
        st.builds(Attempted, queue_id=one, started=MOMENTS, at=MOMENTS, hop=HOPS, outcomes=several),
        st.builds(ScanStarted, queue_id=one, at=MOMENTS),
        st.builds(Quarantined, queue_id=one, at=MOMENTS, recipients=NUMBERS, quarantine_class=WORDS, why=TEXT),
        by,
        st.builds(Noted, queue_id=one, at=MOMENTS, text=TEXT),
    )


@st.composite
def lives(draw: st.DrawFn) -> Batches:
    """What an outbox gives: the lives of some messages, mixed, and refusals; now and then a beginning is missing."""
    events: list[Event] = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        life: list[Event] = [
            Accepted(
                message=message(
                    number,
                    to=draw(
                        st.lists(st.sampled_from(["bob@dest.test", "carol@x.test", "ü@y.test"]), min_size=1, max_size=3)
                    ),
                    sender=draw(st.sampled_from([None, "alice@source.test", "postmaster@a.b-c.test"])),
                    subject=draw(TEXT),
                    from_=draw(TEXT),
                    message_id=draw(st.sampled_from(["<a1@b.test>", "", "<X.Y@z.test>"])),
                    at=NOON + number * 100,
                    size=draw(st.sampled_from([10, 2_000_000])),
                    ip=draw(st.sampled_from(["192.0.2.7", "192.0.25.1", "2001:db8::7"])),
                    system=draw(st.sampled_from(["default", "shop"])),
                    session=draw(st.sampled_from(["S1", "S2"])),
                )
            )
        ]
        life += draw(st.lists(later(QueueId(number)), max_size=4))
        events += life[draw(st.sampled_from([0, 0, 0, 1])) :]
    if draw(st.booleans()):
        events += [refusal(count) for count in draw(st.sampled_from([(1,), (1, 7)]))]
    order = draw(st.permutations(range(len(events))))
    mixed = [event for _, event in sorted(zip(_in_turn(events, order), events, strict=True), key=lambda pair: pair[0])]
    cut = draw(st.lists(st.integers(1, 3), min_size=len(mixed), max_size=len(mixed)))
    batches: Batches = []
    while mixed:
        size = cut.pop()
        batches.append((10 * len(batches) + 5, mixed[:size]))
        mixed = mixed[size:]
    return batches


def _in_turn(events: Sequence[Event], order: Sequence[int]) -> list[int]:
    """Places in a mixture that keeps the order of each message's own events."""
    places: dict[int, list[int]] = {}
    for event, place in zip(events, order, strict=True):
        places.setdefault(subject_of(event), []).append(place)
    for own in places.values():
        own.sort(reverse=True)
    return [places[subject_of(event)].pop() for event in events]


def refusal(count: int) -> Refused:
    """A refusal, or its repeats."""
    return Refused(
        refusal_id=QueueId(99),
        at=NOON,
        until=NOON + count,
        count=count,
        source_ip="203.0.113.9",
        untrusted_helo="x",
        listener="main",
        sender="x@spam.test",
        recipient="bob@dest.test",
        reply="550 5.1.1 no",
        why="unknown",
    )


@contextmanager
def a_log() -> Iterator[tuple[TrackLog, Path]]:
    """A log in a folder of its own."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "track.db"
        log = TrackLog(path)
        try:
            yield log, path
        finally:
            log.close()


def rows(path: Path) -> list[tuple[object, ...]]:
    """What stands in a log, by message."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return list(
            connection.execute("SELECT queue_id, mask, updated, arrival, size, system, story FROM record ORDER BY 1")
        )
    finally:
        connection.close()


def expected(batches: Batches) -> dict[int, Record]:
    """What the log has to hold: for each message, the fold of its own events."""
    events: dict[int, list[Event]] = {}
    for _, some in batches:
        for event in some:
            events.setdefault(subject_of(event), []).append(event)
    return {queue_id: fold(own) for queue_id, own in events.items()}


def pieces(batches: Batches, sizes: Sequence[int]) -> Iterator[Batches]:
    """The batches in calls of these sizes, and the rest in one."""
    at = 0
    for size in sizes:
        if batches[at : at + size]:
            yield batches[at : at + size]
        at += size
    if batches[at:]:
        yield batches[at:]


SIZES = st.lists(st.integers(1, 4), max_size=6)


@given(lives())
def test_a_story_comes_back_as_it_went(batches: Batches) -> None:
    for _, events in batches:
        back = events_of(chunk(events))
        assert back == events


@settings(max_examples=40)
@given(lives(), SIZES)
def test_in_whatever_pieces_it_comes_the_same_is_kept(batches: Batches, sizes: list[int]) -> None:
    with a_log() as (log, path):
        for piece in pieces(batches, sizes):
            log.write(piece)
        with TrackReader(path) as reader:
            found = {record.queue_id: record for record in reader.find(Query(), limit=100)}
    assert found == expected(batches)


@settings(max_examples=40)
@given(lives(), SIZES, st.data())
def test_what_was_written_is_not_written_again(batches: Batches, sizes: list[int], data: st.DataObject) -> None:
    """After a crash the outbox gives again what the log has already, from any place on, to a log opened anew."""
    with a_log() as (log, path):
        for piece in pieces(batches, sizes):
            log.write(piece)
            before = rows(path)
            if data.draw(st.booleans()):
                log.close()
            done = [batch for batch in batches if batch[0] <= piece[-1][0]]
            log.write(done[data.draw(st.integers(0, len(done) - 1)) :])
            assert rows(path) == before
        with TrackReader(path) as reader:
            found = {record.queue_id: record for record in reader.find(Query(), limit=100)}
    assert found == expected(batches)


TERMS = st.builds(
    Term,
    st.sampled_from(Where),
    WORDS
    | st.sampled_from(["inv", "ali", "gru", "192.0.2", "2001:db8::", "benign", "0000000000002", "S1", "<>", "b.test"]),
)
QUERIES = st.builds(
    Query,
    terms=st.lists(TERMS.filter(lambda term: term.text != "<>" or term.where is Where.FROM), max_size=2).map(tuple),
    statuses=st.frozensets(st.sampled_from(Status), max_size=2),
    larger_than=st.sampled_from([None, None, 5, 1_500_000]),
    smaller_than=st.sampled_from([None, None, 500]),
    since=st.sampled_from([None, None, NOON + 150, NOON + 9_000]),
    until=st.sampled_from([None, None, NOON + 250, NOON - 9_000]),
    virtual_system=st.sampled_from([None, None, "shop"]),
)


@settings(max_examples=80)
@given(lives(), SIZES, st.lists(QUERIES, min_size=1, max_size=6), st.data())
def test_all_that_matches_is_found_however_far_the_index_is(
    batches: Batches, sizes: list[int], queries: list[Query], data: st.DataObject
) -> None:
    with a_log() as (log, path):
        for piece in pieces(batches, sizes):
            log.write(piece)
            for _ in range(data.draw(st.integers(0, 2))):
                log.tidy(NOON, rows=data.draw(st.sampled_from([1, 3, 100])))
        with TrackReader(path) as reader:
            everything = reader.find(Query(), limit=100)
            for query in queries:
                matcher = Matcher(query)
                assert reader.find(query, limit=100) == [record for record in everything if matcher.matches(record)]
