"""From the door to the road: a message that is due to be examined goes to examine; one of which nothing is due is
judged as it comes in, and goes on to send at once.
"""

from collections.abc import Callable
from typing import Final

from mailock.core.lifecycle.changes import Entry
from mailock.core.lifecycle.copies import Parcel
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.mail.message import Message
from mailock.core.policy.installed import Installed, Timeliness
from mailock.core.policy.plan import Plan, plan
from mailock.core.smtp.reply import Reply
from mailock.ports.clock import Clock
from mailock.ports.queue import Waiting, Worklist
from mailock.stations.send.dispatch import Dispatcher
from mailock.stations.turn.capacity import Capacity
from mailock.stations.turn.hints import Hints
from mailock.stations.turn.offers import Offers

NOTHING_YET: Final = Plan((), (), ())


class Crossing:
    """The Onward of custody. `due` says whether a message is to be examined, `hand_on` gives it to examine and judge.
    Where there are rules, they decide on every message. What is signed (`signs`) waits for that, and is handed on too.
    """

    def __init__(
        self,
        *,
        standing: Callable[[], Installed],
        clock: Clock,
        capacity: Capacity,
        dispatcher: Dispatcher,
        due: Callable[[Message], bool],
        hand_on: Callable[[Waiting], None],
        signs: Callable[[Message], bool],
        offers: Offers,
    ) -> None:
        self._standing = standing
        self._due = due
        self._hand_on = hand_on
        self._signs = signs
        self._offers = offers
        self._capacity = capacity
        self._clock = clock
        self._dispatcher = dispatcher

    def judge(self, message: Message) -> Plan:
        """What the installed policy makes of a message that has just come."""
        installed = self._standing()
        if self._decides(message, installed) or self._signs(message):
            return NOTHING_YET
        at = message.accepted_at
        timeliness = Timeliness.CROWDED if self._capacity.crowded else Timeliness.IN_TIME
        return plan(message, MessageStage.ACCEPTED, installed, at, at, timeliness)

    def may_wait(self, judged: Plan) -> bool:
        """Whether the judgement need not be written with the message: its one parcel can set out now."""
        return len(judged.parcels) == 1 and self._dispatcher.can_set_out(judged.parcels[0])

    def is_offered(self, message: Message) -> bool:
        """Whether its client is to wait for the verdict: policy says so, and there is something to wait for."""
        installed = self._standing()
        waits = installed.in_session.is_for(message) and not self._capacity.crowded
        return waits and self._decides(message, installed)

    def offer(self, entry: Entry, answer: Callable[[Reply], None]) -> None:
        """Has it examined while its client waits."""
        self._offers.open(entry, answer)

    def _decides(self, message: Message, installed: Installed) -> bool:
        return self._due(message) or (installed.rulebase.decides_unseen and message.own is None)

    def go(self, entry: Entry, judged: Plan, *, written: bool) -> None:
        """Hands the message to examine, or what is to be sent to send. It is durable."""
        if judged is NOTHING_YET:
            self._hand_on(fresh(entry))
            return
        for parcel in judged.parcels:
            whole = parcel if entry.content is None else _whole(parcel, entry.content)
            if written:
                self._dispatcher.hand_over(whole)
            else:
                self._dispatcher.hand_over_unwritten(whole, judged)


def _whole(parcel: Parcel, content: bytes) -> Parcel:
    """The parcel with its body at hand. Written out, as `dataclasses.replace` takes several times as long."""
    return Parcel(message=parcel.message, copy=parcel.copy, deliveries=parcel.deliveries, content=content)


def fresh(entry: Entry) -> Waiting:
    """A message that was just taken, as the first station gets it."""
    return Waiting(message=entry.message, stage=MessageStage.ACCEPTED, content=entry.content)


def new_offers(queue: Worklist, standing: Callable[[], Installed], hints: Hints[Waiting]) -> Offers:
    """The clients that wait for the verdict: their messages go the way of all others to examine."""
    return Offers(worklist=queue, seconds=lambda: standing().in_session.seconds, hand_on=hints.offer, missed=hints.miss)
