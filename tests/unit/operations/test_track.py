"""Track a message: the shapes that others build on."""

from collections.abc import Mapping, Sequence

import pytest

from mailock.core.lifecycle.apply import fold
from mailock.core.lifecycle.copies import Disposition, Sent
from mailock.core.lifecycle.events import Accepted
from mailock.core.lifecycle.query import BadQuery, Query
from mailock.core.lifecycle.record import Record
from mailock.core.lifecycle.timeline import Line, timeline
from mailock.core.mail.message import QueueId
from mailock.core.mail.status import Status
from mailock.operations.track import asked, line_json, record_json, story
from tests.parts.stories import NOON, OK, attempted, deferred, delivered, judged, message, refused


class OneMessage:
    """A log that holds one message."""

    def find(self, query: Query, *, limit: int) -> Sequence[Record]:
        return [fold(delivered(1))][:limit]

    def recipient_domains(self, since: float) -> Sequence[str]:
        return ()

    def repeated(self, records: Sequence[Record]) -> Mapping[QueueId, bool]:
        """Nothing came twice."""
        return {record.queue_id: False for record in records}

    def show(self, queue_id: QueueId) -> tuple[Record, Sequence[Line]] | None:
        return (fold(delivered(1)), timeline(delivered(1))) if queue_id == 1 else None


def test_options_add_to_what_was_typed() -> None:
    query = asked("invoice status:hold", since="1h", status="deferred", now=NOON)
    assert query.since == NOON - 3600
    assert query.statuses == {Status.HOLD, Status.DEFERRED}


@pytest.mark.parametrize(("since", "status"), [("soon", None), (None, "sent")])
def test_a_bad_option_is_told(since: str | None, status: str | None) -> None:
    with pytest.raises(BadQuery, match="is not a"):
        asked("", since=since, status=status, now=NOON)


def test_a_story_is_found_by_the_id_as_people_type_it() -> None:
    found = story(OneMessage(), " 000000000000l ")
    assert found is not None
    assert found[0].status is Status.DELIVERED
    assert story(OneMessage(), "0000000000002") is None


def test_what_is_no_id_is_told_with_the_way_out() -> None:
    with pytest.raises(BadQuery, match=r"is not a queue id.*mailock track"):
        story(OneMessage(), "invoice")


def test_a_record_shows_its_least_finished_recipient() -> None:
    of = message(2, to=("a@dest.test", "b@dest.test"), subject="=?utf-8?q?Gr=C3=BC=C3=9Fe=1B?=")
    shown = record_json(
        fold([Accepted(message=of), judged(of), attempted(of, Sent(number=0, response=OK), deferred(1))])
    )
    assert (shown["id"], shown["status"], shown["subject"]) == ("0000000000002", "deferred", "Grüße\ufffd")
    assert (shown["reason"], shown["next_hop_ip"]) == ("451 4.7.1 Greylisted, try again", "192.0.2.25")
    assert (shown["arrival"], shown["delivered"]) == ("2026-09-21T14:13:20.000Z", "2026-09-21T14:13:20.500Z")
    recipients = shown["recipients"]
    assert isinstance(recipients, list)
    assert [r["status"] for r in recipients if isinstance(r, dict)] == ["delivered", "deferred"]


def test_a_refusal_and_a_gap_have_the_same_fields_as_a_message() -> None:
    whole = record_json(fold(delivered(1)))
    refusal = record_json(fold([refused()]))
    gap = record_json(fold([judged(message(), Disposition.HOLD)]))
    assert list(whole) == list(refusal) == list(gap)
    assert (refusal["sha256"], refusal["status"], gap["gap"]) == ("", "rejected", True)
    assert isinstance(refusal["refused"], dict)
    assert refusal["refused"]["why"] == "the directory does not know nobody@dest.test"


def test_a_line_of_the_timeline() -> None:
    line = Line(NOON + 0.25, Status.DEFERRED, "said \x1b[31m451")
    assert line_json(line) == {
        "at": "2026-09-21T14:13:20.250Z",
        "status": "deferred",
        "text": "said \ufffd[31m451",
    }
