"""Station 3, judge: turns a message into copies and deliveries, as the installed revision says.

It thinks nothing itself: `core.policy.plan` decides, this file takes messages from the queue, asks it, commits, and
hands on to send. A message that waited longer than the maximum delay is late: it goes on unprocessed, is quarantined,
or is returned (DECISIONS 8).
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import assert_never

from mailock.core.lifecycle.changes import Commit
from mailock.core.lifecycle.copies import Parcel
from mailock.core.policy.installed import Installed, Timeliness, WhenExceeded
from mailock.core.policy.plan import Plan, plan
from mailock.core.routing.limits import Lateness, lateness, waited
from mailock.ports.clock import Clock
from mailock.ports.queue import Waiting
from mailock.stations.turn.capacity import Capacity
from mailock.stations.turn.loop import Worked


class Judge:
    """The work of the station; `Turn` runs it. `hand_over` gives a parcel to send."""

    def __init__(
        self,
        *,
        standing: Callable[[], Installed],
        clock: Clock,
        outages: Sequence[tuple[float, float]],
        capacity: Capacity,
        hand_over: Callable[[Parcel], None],
        late: Callable[[Waiting, Timeliness], None],
        send_back: Callable[[Waiting, Plan], None],
    ) -> None:
        self._standing = standing
        self._clock = clock
        self._outages = outages
        self._capacity = capacity
        self._hand_over = hand_over
        self._late = late
        self._send_back = send_back

    def work(self, waiting: Waiting) -> Worked | None:
        """Judges one message. None where it goes back to its sender, which takes a notice first."""
        now = self._clock.now()
        installed = self._standing()
        timeliness = self._timeliness(waiting, installed, now)
        if timeliness not in (Timeliness.IN_TIME, Timeliness.CROWDED):
            self._late(waiting, timeliness)
        planned = plan(waiting.message, waiting.stage, installed, now, now, timeliness, waiting.counted_from)
        if timeliness is Timeliness.RETURN and planned.parcels:
            self._send_back(waiting, planned)
            return None
        commit = Commit(changes=planned.changes, events=planned.events)
        if not planned.parcels:
            return Worked(commit=commit)
        return Worked(commit=commit, then=lambda: self._hand_on(planned, waiting.content))

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
