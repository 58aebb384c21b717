"""Examine and judge, put together: one loop takes what the door hands on, or what a restart left in the queue."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from mailock.core.evidence.examination import Examination
from mailock.core.lifecycle.copies import Parcel
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.message import Message, show_id
from mailock.core.policy.case import Case
from mailock.core.policy.decide import Judgement
from mailock.core.policy.installed import Timeliness
from mailock.core.policy.remembered import remember
from mailock.core.policy.track import Track
from mailock.ports.alerts import Alert, Alerts
from mailock.ports.bodies import Bodies
from mailock.ports.clock import Clock
from mailock.ports.queue import Waiting, Worklist
from mailock.ports.verdicts import Verdicts
from mailock.processes.home import Home
from mailock.processes.scanning import Scanning
from mailock.processes.standing import Standing
from mailock.stations.examine.outside import Examiner
from mailock.stations.examine.station import Examine
from mailock.stations.judge import Judge
from mailock.stations.remake.station import Remake
from mailock.stations.send.station import Send
from mailock.stations.turn.capacity import Capacity
from mailock.stations.turn.hints import Hints
from mailock.stations.turn.loop import Turn
from mailock.stations.turn.offers import Offers
from mailock.stations.turn.postmaster import Postmaster
from mailock.storage.examination_codec import encode_judged

log = logging.getLogger(__name__)
AHEAD: Final = 4
"""Messages a worker that are under way at once: one in the jail, the others asked about outside or being written."""


def examining(
    home: Home,
    *,
    scanning: Scanning,
    verdicts: Verdicts,
    standing: Standing,
    clock: Clock,
    alerts: Alerts,
    capacity: Capacity,
    queue: Worklist,
    bodies: Bodies,
    hints: Hints[Waiting],
    send: Send,
    remake: Remake,
    postmaster: Postmaster,
    signs: Callable[[Message], bool],
    examined: Callable[[Examination], None],
    offers: Offers,
    learn: Callable[[Case, Judgement], None],
) -> Turn:
    """The loop. `examined` sees what was seen of each message, and `learn` is told of every judgement."""
    judge = Judge(
        standing=standing,
        clock=clock,
        alerts=alerts,
        outages=home.outages,
        capacity=capacity,
        hand_over=_onward(remake, send),
        late=partial(_tell_late, standing=standing, clock=clock, alerts=alerts),
        send_back=send.send_back,
        copies=postmaster.copies,
        again=hints.miss,
        duties=scanning.duties,
        country=standing.country,
        write=_writing(learn, examined),
        signs=signs,
        offers=offers,
    )
    work = _examine(scanning, judge, bodies, clock, verdicts).work
    accepted, width = MessageStage.ACCEPTED, AHEAD * home.means.workers
    return Turn(stage=accepted, hints=hints, worklist=queue, work=work, clock=clock, alerts=alerts, width=width)


def _examine(scanning: Scanning, judge: Judge, bodies: Bodies, clock: Clock, verdicts: Verdicts) -> Examine:
    return Examine(
        examiner=Examiner(crew=scanning.engaged, clock=clock, verdicts=verdicts),
        bodies=bodies,
        due=lambda waiting: scanning.is_for(waiting.message) and judge.in_time(waiting),
        judge=judge.work,
    )


def _writing(
    learn: Callable[[Case, Judgement], None], examined: Callable[[Examination], None]
) -> Callable[[Case, Judgement], bytes]:
    """Makes the document of a judgement, and tells whoever counts and learns from it."""

    def write(case: Case, judgement: Judgement) -> bytes:
        examined(case.examination)
        learn(case, judgement)
        return encode_judged(remember(case, judgement))

    return write


def _onward(remake: Remake, send: Send) -> Callable[[Parcel], None]:
    """Hands what is to be changed or signed to remake, and the rest to send."""

    def hand_over(parcel: Parcel) -> None:
        (remake if parcel.copy.stage is CopyStage.PLANNED else send).hand_over(parcel)

    return hand_over


def _tell_late(waiting: Waiting, timeliness: Timeliness, *, standing: Standing, clock: Clock, alerts: Alerts) -> None:
    """What the settings want to be told of mail that was late before it was judged."""
    shown = show_id(waiting.message.queue_id)
    text = f"message {shown} exceeded the maximum delay before it was judged: {timeliness.value}"
    match standing().mail_settings.track:
        case Track.NONE:
            pass
        case Track.LOG:
            log.warning(text)
        case Track.ALERT:
            alerts.tell(Alert(kind="late", about=shown, at=clock.now(), text=text))
