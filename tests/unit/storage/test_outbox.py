"""The beginning of the outbox that is kept in memory has no gap."""

from mailock.core.lifecycle.events import Event, Noted
from mailock.core.mail.message import QueueId
from mailock.storage.event_codec import WrittenEvents, decode_events, document_of, encode_events, event_pair
from mailock.storage.sqlite.outbox import MOST_EVENTS, RecentEvents


def batch(text: str, count: int = 1) -> list[Event]:
    """Events of one group."""
    return [Noted(queue_id=QueueId(1), at=0.0, text=text)] * count


def test_batches_are_known_until_they_are_dropped() -> None:
    recent = RecentEvents(last=0, empty=True)
    assert recent.oldest(5) == []
    for sequence in (1, 2, 3):
        recent.add(sequence, batch(str(sequence)))
    assert recent.oldest(2) == [(1, batch("1")), (2, batch("2"))]
    recent.drop(2)
    assert recent.oldest(2) == [(3, batch("3"))]


def test_what_was_there_before_is_read_from_the_table_until_it_is_gone() -> None:
    recent = RecentEvents(last=4, empty=False)
    recent.add(5, batch("5"))
    assert recent.oldest(1) is None
    recent.drop(4)
    assert recent.oldest(1) is None
    recent.drop(5)
    recent.add(6, batch("6"))
    assert recent.oldest(9) == [(6, batch("6"))]


def test_too_many_are_left_in_the_table() -> None:
    recent = RecentEvents(last=0, empty=True)
    recent.add(1, batch("1", MOST_EVENTS))
    recent.add(2, batch("2"))
    recent.add(3, batch("3"))
    assert recent.oldest(1) == [(1, batch("1", MOST_EVENTS))]
    assert recent.oldest(2) is None
    recent.drop(1)
    assert recent.oldest(1) is None
    recent.drop(3)
    recent.add(4, batch("4"))
    assert recent.oldest(1) == [(4, batch("4"))]


def test_events_that_were_written_are_not_written_again() -> None:
    events = batch("one", 2)
    document = encode_events([event_pair(one) for one in events])
    written = WrittenEvents.of(events, document)
    assert written == tuple(events)
    assert document_of(written) is document
    assert document_of(events) == document
    assert decode_events(document_of(written)) == written
