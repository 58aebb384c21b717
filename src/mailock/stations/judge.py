"""Station 3, judge: turns a message into copies and deliveries, as the installed revision says.

It thinks nothing itself: `core.policy` decides from what was seen and what is known of the recipients; this file asks
it, commits, and hands on to remake what is to be changed, and to send what goes as it is. A message that waited longer
than the maximum delay is late: it goes on unprocessed, is quarantined, or is returned (DECISIONS 8).
"""

import dataclasses
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import assert_never

from mailock.core.evidence.examination import Examination, nothing_due
from mailock.core.evidence.manifest import Duty
from mailock.core.lifecycle.changes import Commit, Entry
from mailock.core.lifecycle.copies import Parcel
from mailock.core.lifecycle.events import Accepted
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.mail.message import Message, show_id
from mailock.core.policy.case import Case, parties_of
from mailock.core.policy.copies import Ordered, Passed, copies, passed
from mailock.core.policy.decide import Judgement, judge
from mailock.core.policy.installed import Installed, Timeliness, WhenExceeded
from mailock.core.policy.plan import Plan, plan
from mailock.core.policy.refusing import is_refused, refusal
from mailock.core.policy.track import Track
from mailock.core.routing.limits import Lateness, lateness, waited
from mailock.ports.alerts import Alert, Alerts
from mailock.ports.clock import Clock
from mailock.ports.queue import Waiting
from mailock.stations.turn.capacity import Capacity
from mailock.stations.turn.loop import Wait, Worked
from mailock.stations.turn.offers import Offer, Offers, kept, refused, to_accepted

log = logging.getLogger(__name__)


class Judge:
    """The work of the station. `hand_over` gives a parcel to send, or to remake where its copy is PLANNED.

    `copies` writes the copies that policy orders for those who watch and whom it adds, and `again` is told that the
    queue has messages to be judged. `duties` says what each engine is for, `country` where an address is; `write` makes
    the document that the log keeps of what was seen and decided; `signs` says whether a message is signed before it
    goes out, and `offers` has the clients that wait.
    """

    def __init__(
        self,
        *,
        standing: Callable[[], Installed],
        clock: Clock,
        alerts: Alerts,
        outages: Sequence[tuple[float, float]],
        capacity: Capacity,
        hand_over: Callable[[Parcel], None],
        late: Callable[[Waiting, Timeliness], None],
        send_back: Callable[[Waiting, Plan], None],
        copies: Callable[[Message, Sequence[Ordered | Passed], bytes | None], Awaitable[tuple[Entry, ...]]],
        again: Callable[[], None],
        duties: Callable[[], Mapping[str, Duty]],
        country: Callable[[str], str | None],
        write: Callable[[Case, Judgement], bytes],
        signs: Callable[[Message], bool],
        offers: Offers,
    ) -> None:
        self._standing = standing
        self._clock = clock
        self._alerts = alerts
        self._outages = outages
        self._capacity = capacity
        self._hand_over = hand_over
        self._late = late
        self._send_back = send_back
        self._copies = copies
        self._again = again
        self._duties = duties
        self._country = country
        self._write = write
        self._signs = signs
        self._offers = offers

    def in_time(self, waiting: Waiting) -> bool:
        """Whether there is still time to examine a message, and room."""
        return self._timeliness(waiting, self._standing(), self._clock.now()) is Timeliness.IN_TIME

    def work(
        self, waiting: Waiting, examination: Examination | None = None
    ) -> Worked | Awaitable[Worked | None] | None:
        """Judges one message. None where it goes back to its sender, which takes a notice first."""
        if waiting.stage is not MessageStage.OFFERED:
            return self._judge(waiting, examination, None)
        if not self.in_time(waiting) and not self._capacity.crowded:
            self._offers.expire(waiting.message.queue_id)
        offer = self._offers.take(waiting.message.queue_id)
        if offer is None:
            # Its client was answered when its time was over: it is ours, and judged like any other.
            return self._judge(dataclasses.replace(waiting, stage=MessageStage.ACCEPTED), examination, None)
        try:
            worked = self._judge(waiting, examination, offer)
        except Exception:
            self._offers.accept(offer)
            raise
        return self._answered(worked, offer) if isinstance(worked, Awaitable) else worked

    async def _answered(self, working: Awaitable[Worked | None], offer: Offer) -> Worked | None:
        try:
            return await working
        except Exception:
            self._offers.accept(offer)
            raise

    def _judge(
        self, waiting: Waiting, examination: Examination | None, offer: Offer | None
    ) -> Worked | Awaitable[Worked | None] | None:
        now = self._clock.now()
        installed = self._standing()
        timeliness = self._timeliness(waiting, installed, now)
        if timeliness not in (Timeliness.IN_TIME, Timeliness.CROWDED):
            self._late(waiting, timeliness)
        judgement, document, started = None, b"", now
        ordered: tuple[Ordered | Passed, ...] = ()
        if examination is None and timeliness is Timeliness.IN_TIME and _rules_decide(waiting, installed):
            examination = nothing_due(now)
        if examination is not None:
            case = self._case(waiting, examination, installed, now, in_session=offer is not None)
            judgement, started = judge(case, installed.rulebase), examination.started
            document = self._write(case, judgement)
            self._track(case, judgement)
            watched = copies(case, judgement, installed.rulebase.default.malicious.copy_text)
            ordered = (*watched, *passed(case, judgement))
        if offer is not None and judgement is not None and is_refused(judgement):
            reply = refused(waiting.message)
            closed, told = refusal(waiting.message, installed.revision, judgement, started, now, document, str(reply))
            worked = Worked(commit=Commit(changes=(closed,), events=told), tell=lambda: offer.answer(reply))
            return self._finished(waiting, ordered, worked, offer)
        planned = plan(
            waiting.message,
            MessageStage.ACCEPTED if offer is not None else waiting.stage,
            installed,
            started,
            now,
            timeliness,
            waiting.counted_from,
            judgement,
            document,
            signed=self._signs(waiting.message),
        )
        if timeliness is Timeliness.RETURN and planned.parcels:
            self._send_back(waiting, planned)
            return None
        commit = Commit(changes=planned.changes, events=planned.events)
        then = (lambda: self._hand_on(planned, waiting.content)) if planned.parcels else None
        worked = Worked(commit=commit, then=then)
        return self._finished(waiting, ordered, worked if offer is None else _taking(worked, offer), offer)

    def _finished(
        self, waiting: Waiting, ordered: Sequence[Ordered | Passed], worked: Worked, offer: Offer | None
    ) -> Worked | Awaitable[Worked | None]:
        if offer is not None:
            worked = dataclasses.replace(worked, failed=lambda: self._offers.fail(offer))
        return self._with_copies(waiting, ordered, worked) if ordered else worked

    async def _with_copies(self, waiting: Waiting, ordered: Sequence[Ordered | Passed], worked: Worked) -> Worked:
        """The judgement together with the copies that it orders: in one commit, so neither is without the other."""
        try:
            entries = await self._copies(waiting.message, ordered, waiting.content)
        except (OSError, KeyError) as fault:
            raise Wait(f"a copy of it cannot be written: {fault}") from fault
        commit = worked.commit
        events = (*commit.events, *(Accepted(message=entry.message) for entry in entries))

        def go_on() -> None:
            if worked.then is not None:
                worked.then()
            self._again()

        whole = dataclasses.replace(commit, entries=entries, events=events)
        return dataclasses.replace(worked, commit=whole, then=go_on)

    def _case(
        self, waiting: Waiting, examination: Examination, installed: Installed, now: float, *, in_session: bool
    ) -> Case:
        message = waiting.message
        return Case(
            message=message,
            examination=examination,
            duties=self._duties(),
            parties=parties_of(message, installed.routes),
            now=now,
            offset=float(time.localtime(now).tm_gmtoff),
            proven=examination.proven,
            country=self._country(message.origin.ip),
            in_session=in_session,
        )

    def _track(self, case: Case, judgement: Judgement) -> None:
        """Tells of unwanted mail, as the sections of [anti_spam] say; alerts of one class within a while are one."""
        track = max((one.track for one in judgement.decisions), key=tuple(Track).index, default=Track.NONE)
        if track is Track.NONE:
            return
        told = max(judgement.decisions, key=lambda one: tuple(Track).index(one.track))
        mail_class = judgement.verdict.mail_class.value
        text = (
            f"message {show_id(case.message.queue_id)} is {mail_class}: {told.disposition.value}, by rule {told.rule}"
        )
        if track is Track.ALERT:
            self._alerts.tell(Alert(kind="spam", about=mail_class, at=case.now, text=text))
        else:
            log.info(text)

    def _timeliness(self, waiting: Waiting, installed: Installed, now: float) -> Timeliness:
        settings, message = installed.mail_settings, waiting.message
        if self._capacity.crowded and waiting.counted_from is None and message.own is None:
            return Timeliness.CROWDED
        if settings.maximum_delay is None or message.own is not None:
            return Timeliness.IN_TIME
        late = lateness(
            waited(waiting.counted_from or message.accepted_at, now, self._outages),
            settings.maximum_delay,
            allow_unjudged=settings.when_exceeded is WhenExceeded.ALLOW,
            judged=False,
            incriminated=False,
            # What a person had to send back never passes by Allow.
            crashed=waiting.counted_from is not None,
        )
        match late:
            case Lateness.IN_TIME:
                return Timeliness.IN_TIME
            case Lateness.ALLOW:
                return Timeliness.SKIP
            case Lateness.BLOCK:
                return settings.late_action
            case never:
                assert_never(never)

    def _hand_on(self, planned: Plan, content: bytes | None) -> None:
        for parcel in planned.parcels:
            self._hand_over(parcel if content is None else dataclasses.replace(parcel, content=content))


def _taking(worked: Worked, offer: Offer) -> Worked:
    """The judgement of a message whose client waits: it becomes ours in the same commit, and then he is told."""
    staged, accepted = to_accepted(offer.message)
    commit = dataclasses.replace(
        worked.commit, changes=(staged, *worked.commit.changes), events=(accepted, *worked.commit.events)
    )
    return dataclasses.replace(worked, commit=commit, tell=lambda: offer.answer(kept(offer.message)))


def _rules_decide(waiting: Waiting, installed: Installed) -> bool:
    """Whether there are rules for mail of which nothing was due to be examined; for our own there are none."""
    return installed.rulebase.decides_unseen and waiting.message.own is None
