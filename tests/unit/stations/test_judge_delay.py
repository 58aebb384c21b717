"""The maximum delay counts from acceptance, and from the moment a person sent a message back (DECISIONS 8)."""

from dataclasses import replace

import pytest

from mailock.core.lifecycle.changes import Entry, Planned
from mailock.core.lifecycle.copies import Copy, Parcel
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.policy.installed import Installed, WhenExceeded
from mailock.ports.alerts import Alert
from mailock.ports.queue import Waiting
from mailock.stations.judge import Judge
from mailock.stations.turn.capacity import Capacity
from mailock.stations.turn.loop import Worked
from mailock.stations.turn.offers import Offers
from mailock.storage.memory.queue import MemoryQueue
from tests.contract.spool import EPOCH, message
from tests.unit.operations.hands import INSTALLED, HandClock

DAY = 86_400.0


async def no_copies(*_: object) -> tuple[Entry, ...]:
    """Nobody watches."""
    return ()


class Untold:
    """Nobody is told."""

    def tell(self, alert: Alert) -> None:
        """Takes an alert."""
        raise AssertionError(alert)


def judged(waiting: Waiting, installed: Installed = INSTALLED, capacity: Capacity | None = None) -> Copy:
    """The copy that is made of a message a day after its acceptance."""
    handed: list[Parcel] = []
    judge = Judge(
        standing=lambda: installed,
        clock=HandClock(EPOCH + DAY),
        alerts=Untold(),
        outages=(),
        capacity=capacity or Capacity(),
        hand_over=handed.append,
        late=lambda waiting, timeliness: None,
        send_back=lambda waiting, planned: None,
        copies=no_copies,
        again=lambda: None,
        duties=dict,
        country=lambda ip: None,
        write=lambda examination, judgement: b"",
        signs=lambda message: False,
        offers=Offers(worklist=MemoryQueue(), seconds=lambda: 1.0, hand_on=lambda _: True, missed=lambda: None),
    )
    worked = judge.work(waiting)
    assert isinstance(worked, Worked)
    (planned,) = [change for change in worked.commit.changes if isinstance(change, Planned)]
    return planned.copies[0]


def test_what_waited_for_a_day_is_late() -> None:
    copy = judged(Waiting(message=message(1), stage=MessageStage.ACCEPTED))
    assert (copy.stage, copy.quarantine_class) == (CopyStage.QUARANTINED, "late")


def test_what_a_person_sent_back_a_minute_ago_is_not() -> None:
    moment = EPOCH + DAY - 60
    copy = judged(Waiting(message=message(1), stage=MessageStage.ACCEPTED, counted_from=moment))
    assert (copy.stage, copy.counted_from) == (CopyStage.READY, moment)


@pytest.mark.parametrize(("counted_from", "stage"), [(None, CopyStage.READY), (EPOCH + 60, CopyStage.QUARANTINED)])
def test_what_a_person_sent_back_never_passes_by_allow(counted_from: float | None, stage: CopyStage) -> None:
    allow = replace(INSTALLED, mail_settings=replace(INSTALLED.mail_settings, when_exceeded=WhenExceeded.ALLOW))
    copy = judged(Waiting(message=message(1), stage=MessageStage.ACCEPTED, counted_from=counted_from), allow)
    assert copy.stage is stage


def test_where_storage_is_short_mail_may_go_on_unprocessed_but_not_what_a_person_sent_back() -> None:
    capacity = Capacity()
    capacity.crowded = True
    fresh = judged(Waiting(message=message(1), stage=MessageStage.ACCEPTED), capacity=capacity)
    assert (fresh.stage, fresh.skipped) == (CopyStage.READY, True)
    assert fresh.prefix.startswith(b"X-Mailock-Skipped: storage")
    moment = EPOCH + DAY - 60
    again = judged(Waiting(message=message(1), stage=MessageStage.ACCEPTED, counted_from=moment), capacity=capacity)
    assert (again.stage, again.skipped) == (CopyStage.READY, False)
