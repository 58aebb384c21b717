"""The log knows for which domains mail came lately."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailock.core.lifecycle.events import Accepted
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import Message
from mailock.telemetry.search import TrackReader
from mailock.telemetry.track import TrackLog
from tests.parts.stories import NOON, message

DAY = 86_400.0


@pytest.fixture
def log(tmp_path: Path) -> Iterator[TrackLog]:
    """An empty log."""
    made = TrackLog(tmp_path / "track.db")
    yield made
    made.close()


def domains(path: Path, since: float) -> list[str]:
    """What is told."""
    with TrackReader(path / "track.db") as reader:
        return sorted(reader.recipient_domains(since))


def test_each_domain_is_known_by_when_it_last_had_mail(log: TrackLog, tmp_path: Path) -> None:
    events = [
        Accepted(message=message(1, to=("a@one.test", "b@two.test"), at=NOON)),
        Accepted(message=message(2, to=("a@one.test",), at=NOON + 3 * DAY)),
        Accepted(message=outgoing(message(3, to=("a@elsewhere.test",), at=NOON))),
    ]
    log.write([(1, events[:1]), (2, events[1:])])
    assert domains(tmp_path, NOON) == ["one.test", "two.test"]
    assert domains(tmp_path, NOON + 2 * DAY) == ["one.test"]


def test_what_had_no_mail_for_a_month_is_forgotten(log: TrackLog, tmp_path: Path) -> None:
    log.write([(1, [Accepted(message=message(1, to=("a@old.test",), at=NOON))])])
    log.write([(2, [Accepted(message=message(2, to=("a@new.test",), at=NOON + 32 * DAY))])])
    assert domains(tmp_path, 0.0) == ["new.test"]


def test_a_domain_is_known_again_after_a_restart(log: TrackLog, tmp_path: Path) -> None:
    log.write([(1, [Accepted(message=message(1, to=("a@one.test",), at=NOON))])])
    log.close()
    log.write([(2, [Accepted(message=message(2, to=("a@one.test",), at=NOON + 10))])])
    assert domains(tmp_path, NOON + 5) == ["one.test"]


def outgoing(given: Message) -> Message:
    """The same, for somebody outside."""
    recipients = tuple(replace(one, direction=Direction.OUTGOING) for one in given.envelope.recipients)
    return replace(given, envelope=replace(given.envelope, recipients=recipients))
