"""From the door to the road:

a message that nothing is due to be examined of is judged as it comes in, and goes on to send at once.
"""

from collections.abc import Callable
from dataclasses import replace

from mailock.core.lifecycle.changes import Entry
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.mail.message import Message
from mailock.core.policy.installed import Installed, Timeliness
from mailock.core.policy.plan import Plan, plan
from mailock.ports.clock import Clock
from mailock.stations.send.dispatch import Dispatcher
from mailock.stations.turn.capacity import Capacity


class DirectRoad:
    """The Onward of custody."""

    def __init__(
        self, *, standing: Callable[[], Installed], clock: Clock, capacity: Capacity, dispatcher: Dispatcher
    ) -> None:
        self._standing = standing
        self._capacity = capacity
        self._clock = clock
        self._dispatcher = dispatcher

    def judge(self, message: Message) -> Plan:
        """What the installed policy makes of a message that has just come."""
        at = message.accepted_at
        timeliness = Timeliness.CROWDED if self._capacity.crowded else Timeliness.IN_TIME
        return plan(message, MessageStage.ACCEPTED, self._standing(), at, at, timeliness)

    def may_wait(self, judged: Plan) -> bool:
        """Whether the judgement need not be written with the message: its one parcel can set out now."""
        return len(judged.parcels) == 1 and self._dispatcher.can_set_out(judged.parcels[0])

    def go(self, entry: Entry, judged: Plan, *, written: bool) -> None:
        """Hands what is to be sent to send. The message is durable."""
        for parcel in judged.parcels:
            whole = parcel if entry.content is None else replace(parcel, content=entry.content)
            if written:
                self._dispatcher.hand_over(whole)
            else:
                self._dispatcher.hand_over_unwritten(whole, judged)
