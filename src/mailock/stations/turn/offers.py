"""Messages whose clients wait for the verdict (DECISIONS 12): durable, examined, and not ours yet.

Such a message stands in the queue as OFFERED, from which neither remake nor send takes anything. Three things may
become of it, and each is committed before the client hears of it: it is judged, and refused for all of its recipients
(550); it is judged, and accepted for those for whom it is not refused (250); or the deadline comes first, and it is
accepted as it is (250) and judged afterwards, like any other. Whoever decides first decides alone: `take` ends the
deadline, and a deadline that has come leaves nothing to take. Where the store refuses, the client is told to come
again. What is still OFFERED at the next start is dropped, for nobody was told that it is ours.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mailock.core.lifecycle.changes import Commit, Entry, Staged
from mailock.core.lifecycle.events import Accepted
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.mail.message import Message, QueueId, show_id
from mailock.core.smtp.reply import Reply
from mailock.ports.queue import Archive, Selection, Waiting, Worklist

NOT_KEPT: Final = Reply.of(451, "4.3.0", "The message could not be stored, try again later")
DROPPED_AT_ONCE: Final = 500
log = logging.getLogger(__name__)


def kept(message: Message) -> Reply:
    """What the client is told of a message that is ours."""
    return Reply(250, "2.0.0", ("Kept as " + show_id(message.queue_id),))


def refused(message: Message) -> Reply:
    """What it is told of one that is not taken; `mailock show` tells the rest by the code (DECISIONS 18)."""
    return Reply.of(550, "5.7.1", f"The message is refused by policy (ref {show_id(message.queue_id)})")


def to_accepted(message: Message) -> tuple[Staged, Accepted]:
    """What makes an offered message ours: the change, and the first event of its story."""
    staged = Staged(queue_id=message.queue_id, before=MessageStage.OFFERED, after=MessageStage.ACCEPTED)
    return staged, Accepted(message=message)


@dataclass(slots=True)
class Offer:
    """One message whose client waits."""

    message: Message
    answer: Callable[[Reply], None]
    timer: asyncio.TimerHandle


class Offers:
    """The offers of the process."""

    def __init__(
        self,
        *,
        worklist: Worklist,
        seconds: Callable[[], float],
        hand_on: Callable[[Waiting], bool],
        missed: Callable[[], None],
    ) -> None:
        """`seconds`: how long a client waits at most. `hand_on` gives a message to examine, or says that there is no
        room; `missed` says that the queue holds one that was not handed on.
        """
        self._worklist = worklist
        self._seconds = seconds
        self._hand_on = hand_on
        self._missed = missed
        self._open: dict[QueueId, Offer] = {}
        self._ending = False

    def open(self, entry: Entry, answer: Callable[[Reply], None]) -> None:
        """Has a message examined, which is durable, OFFERED and leased; `answer` is called once, with the reply."""
        message = entry.message
        timer = asyncio.get_running_loop().call_later(self._seconds(), self.expire, message.queue_id)
        self._open[message.queue_id] = Offer(message, answer, timer)
        if not self._hand_on(Waiting(message=message, stage=MessageStage.OFFERED, content=entry.content)):
            self._worklist.put_back(message.queue_id)
            self.expire(message.queue_id)
        elif self._ending:
            self.expire(message.queue_id)

    def take(self, queue_id: QueueId) -> Offer | None:
        """The offer, for whoever has decided on it; None where its client was answered already."""
        offer = self._open.pop(queue_id, None)
        if offer is not None:
            offer.timer.cancel()
        return offer

    def expire(self, queue_id: QueueId) -> None:
        """Its time is over: it is ours, and is judged when it is examined. Nothing where it was decided on."""
        offer = self.take(queue_id)
        if offer is not None:
            self.accept(offer)

    def accept(self, offer: Offer) -> None:
        """Makes a message ours that was taken, and could not be decided on."""
        staged, accepted = to_accepted(offer.message)
        # Whoever examines it at this moment goes on with it, and keeps the lease.
        commit = self._worklist.commit(Commit(changes=(staged,), events=(accepted,)), keep_lease=True)
        asyncio.ensure_future(commit).add_done_callback(lambda future: self._accepted(offer, future))

    def expire_all(self) -> None:
        """No client is to wait any longer: we are about to end."""
        self._ending = True
        for queue_id in list(self._open):
            self.expire(queue_id)

    def fail(self, offer: Offer) -> None:
        """What was decided on it could not be stored: the client is to come again, and the message goes."""
        offer.answer(NOT_KEPT)
        closed = Staged(queue_id=offer.message.queue_id, before=MessageStage.OFFERED, after=MessageStage.CLOSED)
        dropping = asyncio.ensure_future(self._worklist.commit(Commit(changes=(closed,))))
        dropping.add_done_callback(lambda future: _dropped(offer, future))

    def _accepted(self, offer: Offer, future: "asyncio.Future[None]") -> None:
        if future.cancelled():
            return
        fault = future.exception()
        if fault is None:
            offer.answer(kept(offer.message))
            self._missed()
            return
        log.error("message %s was not accepted: %s", show_id(offer.message.queue_id), fault)
        offer.answer(NOT_KEPT)


def _dropped(offer: Offer, future: "asyncio.Future[None]") -> None:
    if not future.cancelled() and (fault := future.exception()) is not None:
        log.warning("message %s is dropped at the next start: %s", show_id(offer.message.queue_id), fault)


async def drop_offered(queue: Archive, worklist: Worklist) -> int:
    """At start: drops what was offered and never answered, and says how much. Its clients will come again.

    Raises StoreFailed.
    """
    dropped = 0
    while items := await queue.find(Selection(message_stages=(MessageStage.OFFERED,)), limit=DROPPED_AT_ONCE):
        changes = tuple(
            Staged(queue_id=item.message.queue_id, before=MessageStage.OFFERED, after=MessageStage.CLOSED)
            for item in items
        )
        await worklist.commit(Commit(changes=changes))
        dropped += len(items)
    return dropped
