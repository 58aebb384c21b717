"""Counts what the log writes, so that the stations need not: each event that the drain copied is seen here once."""

from typing import Final, assert_never

from mailock.core.evidence.coverage import NOT_DUE
from mailock.core.evidence.examination import Examination
from mailock.core.evidence.report import Incomplete
from mailock.core.lifecycle.copies import Deferred, Failed, NotForwarded, Outcome, Sent
from mailock.core.lifecycle.events import (
    Accepted,
    Attempted,
    Discarded,
    Event,
    Held,
    Judged,
    Noted,
    Quarantined,
    Refused,
    Released,
    Remade,
    Returned,
    ScanStarted,
)
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.ports.queue import Counts
from mailock.telemetry.metrics import Metrics

_OUTCOMES: Final[dict[type[Outcome], str]] = {
    Sent: "sent",
    Failed: "failed",
    Deferred: "deferred",
    NotForwarded: "not_forwarded",
}
OURSELVES: Final = "mailock"
"""Who holds what Mailock failed on; a person is called by name."""


class Tally:
    """Adds events to the numbers. Called by one thread."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._recipients = metrics.recipients.of()
        self._bytes = metrics.bytes_in.of()
        self._examine = metrics.examine_seconds.of()
        self._deliver = metrics.deliver_seconds.of()

    def see(self, event: Event) -> None:
        """Counts one event. One that is copied twice, after a crash, is counted twice."""
        metrics = self._metrics
        match event:
            case Accepted():
                message = event.message
                self._bytes.add(message.body.size)
                self._recipients.add(len(message.envelope.recipients))
                for direction in {recipient.direction for recipient in message.envelope.recipients}:
                    metrics.accepted.of(direction.value).add()
            case Judged():
                metrics.verdicts.of(event.verdict).add()
                self._examine.observe(max(0.0, event.at - event.started))
                for decided in event.decisions:
                    metrics.decisions.of(decided.disposition.value).add(len(decided.recipients))
            case Attempted():
                self._deliver.observe(max(0.0, event.at - event.started))
                for outcome in event.outcomes:
                    metrics.outcomes.of(_OUTCOMES[type(outcome)]).add()
            case Refused():
                # The first of a window was counted when it was told; the event that ends it says how many there were.
                metrics.refused.of(event.reply[:3]).add(event.count - 1 if event.count > 1 else 1)
            case Quarantined() | Held() | Released() | Discarded() | Returned():
                metrics.endings.of(type(event).__name__.lower()).add(len(event.recipients))
                if isinstance(event, Held) and event.by == OURSELVES:
                    metrics.shunted.of().add()
            case ScanStarted() | Noted() | Remade():
                return
            case _:
                assert_never(event)


def observe_examination(metrics: Metrics, examination: Examination) -> None:
    """Adds what the engines said of one message, and how long each took."""
    spent: dict[str, float] = {}
    missed: dict[str, str] = {}
    for report in examination.coverage.reports:
        spent[report.engine] = spent.get(report.engine, 0.0) + report.milliseconds
        if isinstance(report, Incomplete) and report.why not in NOT_DUE:
            missed.setdefault(report.engine, report.why.value)
    for engine, milliseconds in spent.items():
        metrics.engine_seconds.of(engine).observe(milliseconds / 1000)
    for engine, why in missed.items():
        metrics.engine_incomplete.of(engine, why).add()


def observe_queue(metrics: Metrics, counts: Counts, *, used: int, now: float) -> None:
    """Puts down how much waits where. `used`: octets that the queue and its bodies take."""
    for stage in MessageStage:
        metrics.messages.of(stage.name.lower()).set(counts.messages.get(stage, 0))
    for copy_stage in CopyStage:
        metrics.copies.of(copy_stage.name.lower()).set(counts.copies.get(copy_stage, 0))
    metrics.pending.of().set(counts.pending)
    metrics.deferred.of().set(counts.deferred)
    metrics.oldest.of().set(0.0 if counts.oldest is None else max(0.0, now - counts.oldest))
    metrics.storage.of().set(used)
