"""Numbers: what they count, and the text that Prometheus reads."""

import re

import pytest

from mailock.core.lifecycle.copies import Disposition, NotForwarded
from mailock.core.lifecycle.events import Accepted, Event, Noted, Quarantined, Remade, ScanStarted
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.message import QueueId
from mailock.ports.queue import Counts
from mailock.telemetry.metrics import Family, Gauge, Metrics
from mailock.telemetry.tally import Tally, observe_queue
from tests.parts.stories import NOON, attempted, deferred, failed, judged, message, refused

SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? (-?[0-9.e+-]+|\+Inf)')


def test_the_text_is_what_prometheus_reads() -> None:
    metrics = Metrics()
    metrics.accepted.of("incoming").add(3)
    metrics.messages.of("accepted").set(7)
    metrics.pending.of().read = lambda: 12.5
    metrics.deliver_seconds.of().observe(0.02)
    lines = metrics.render().splitlines()
    assert "# TYPE mailock_messages_accepted_total counter" in lines
    assert 'mailock_messages_accepted_total{direction="incoming"} 3' in lines
    assert 'mailock_queue_messages{stage="accepted"} 7' in lines
    assert "mailock_queue_pending_deliveries 12.5" in lines
    assert 'mailock_deliver_seconds_bucket{le="0.01"} 0' in lines
    assert 'mailock_deliver_seconds_bucket{le="0.025"} 1' in lines
    assert 'mailock_deliver_seconds_bucket{le="+Inf"} 1' in lines
    assert "mailock_deliver_seconds_sum 0.02" in lines
    assert "mailock_deliver_seconds_count 1" in lines
    for line in lines:
        assert line.startswith("# ") or SAMPLE.fullmatch(line), line


def test_every_number_says_what_it_is() -> None:
    for family in Metrics().families():
        assert family.name.startswith("mailock_")
        assert family.means.endswith(".")


def test_label_values_are_escaped() -> None:
    family = Family(Gauge, "x", "X.", ("a",))
    family.of('say "hi"\n\\').set(1)
    assert list(family.lines())[-1] == 'mailock_x{a="say \\"hi\\"\\n\\\\"} 1'


def test_a_number_needs_the_labels_of_its_family() -> None:
    with pytest.raises(ValueError, match="labels"):
        Metrics().messages.of()


def test_a_histogram_counts_a_bound_as_below_it() -> None:
    metrics = Metrics()
    metrics.deliver_seconds.of().observe(0.05)
    metrics.deliver_seconds.of().observe(1e9)
    text = metrics.render()
    assert 'mailock_deliver_seconds_bucket{le="0.05"} 1\n' in text
    assert 'mailock_deliver_seconds_bucket{le="3600.0"} 1\n' in text
    assert 'mailock_deliver_seconds_bucket{le="+Inf"} 2\n' in text


def test_events_are_tallied() -> None:
    metrics = Metrics()
    tally = Tally(metrics)
    two = message(to=("a@dest.test", "b@dest.test"), size=100)
    events: list[Event] = [
        Accepted(message=two),
        ScanStarted(queue_id=two.queue_id, at=NOON),
        judged(two),
        judged(two, Disposition.QUARANTINE, verdict="malicious"),
        attempted(two),
        attempted(two, deferred(0), failed(1)),
        attempted(two, NotForwarded(number=0)),
        Quarantined(queue_id=QueueId(1), at=NOON, recipients=(0, 1), quarantine_class="spam", why="bulk"),
        Remade(queue_id=QueueId(1), at=NOON, recipients=(0,), changes=("it was",), sha256="ab" * 32, size=7),
        Noted(queue_id=QueueId(1), at=NOON, text="late"),
        refused(),
        refused(count=311),
    ]
    for event in events:
        tally.see(event)
    text = metrics.render()
    for line in (
        'mailock_messages_accepted_total{direction="incoming"} 1',
        "mailock_message_bytes_total 100",
        'mailock_verdicts_total{verdict="malicious"} 1',
        'mailock_decisions_total{disposition="quarantine"} 2',
        'mailock_delivery_outcomes_total{outcome="sent"} 2',
        'mailock_delivery_outcomes_total{outcome="deferred"} 1',
        'mailock_delivery_outcomes_total{outcome="failed"} 1',
        'mailock_delivery_outcomes_total{outcome="not_forwarded"} 1',
        'mailock_endings_total{what="quarantined"} 2',
        'mailock_refusals_total{code="550"} 311',
        "mailock_examine_seconds_count 2",
        "mailock_deliver_seconds_count 3",
    ):
        assert f"{line}\n" in text


@pytest.mark.parametrize(("oldest", "age"), [(NOON - 90, "90"), (None, "0"), (NOON + 5, "0")])
def test_the_queue_is_put_down(oldest: float | None, age: str) -> None:
    metrics = Metrics()
    counts = Counts(
        messages={MessageStage.ACCEPTED: 3},
        copies={CopyStage.QUARANTINED: 2},
        pending=7,
        deferred=4,
        oldest=oldest,
    )
    observe_queue(metrics, counts, used=1000, now=NOON)
    text = metrics.render()
    for line in (
        'mailock_queue_messages{stage="accepted"} 3',
        'mailock_queue_copies{stage="quarantined"} 2',
        "mailock_queue_pending_deliveries 7",
        "mailock_queue_deferred_deliveries 4",
        f"mailock_queue_oldest_seconds {age}",
        "mailock_storage_bytes 1000",
    ):
        assert f"{line}\n" in text
