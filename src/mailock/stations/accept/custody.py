"""Taking custody: from the bytes of a transaction to a message in the queue, and only then the reply.

A transaction whose recipients belong to several virtual systems becomes one message for each, in one commit
(DECISIONS 19). The body is kept once.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from mailock.core.lifecycle.changes import Change, Commit, Entry
from mailock.core.lifecycle.events import Accepted, Event
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.mail.envelope import Envelope, Recipient
from mailock.core.mail.message import Message, show_id
from mailock.core.mail.origin import Origin
from mailock.core.mime.headers import glimpse, header_block, received_count
from mailock.core.notices.received import received
from mailock.core.policy.installed import Installed
from mailock.core.policy.plan import Plan
from mailock.core.routing.direction import Placed
from mailock.core.smtp.effects import RcptGiven, Transaction
from mailock.core.smtp.reply import Reply
from mailock.ports.bodies import Bodies, Draft, Kept
from mailock.ports.clock import Clock
from mailock.ports.ids import Ids
from mailock.ports.queue import Intake, StoreFailed
from mailock.stations.accept.gate import No, too_large
from mailock.stations.turn.offers import NOT_KEPT
from mailock.stations.turn.offers import kept as kept_as

LOOPING = Reply.of(554, "5.4.6", "Too many hops: the message is in a loop")
log = logging.getLogger(__name__)


class Depositor(Protocol):
    """Whoever hands a message in: a session."""

    id: str
    ordinal: int

    def origin(self) -> Origin:
        """Where the message comes from."""
        ...

    def answer(self, reply: Reply) -> None:
        """Gives the final reply."""
        ...


class Onward(Protocol):
    """Where messages go from here."""

    def judge(self, message: Message) -> Plan:
        """What policy makes of a message that has just come."""
        ...

    def may_wait(self, judged: Plan) -> bool:
        """Whether the judgement may be written with its outcome instead of now."""
        ...

    def is_offered(self, message: Message) -> bool:
        """Whether its client is to wait for the verdict."""
        ...

    def offer(self, entry: Entry, answer: Callable[[Reply], None]) -> None:
        """Has a message examined that is durable, OFFERED and leased; `answer` is called with the reply."""
        ...

    def go(self, entry: Entry, judged: Plan, *, written: bool) -> None:
        """Takes over a message that is durable."""
        ...


class Custody:
    """Takes messages for all sessions of the process."""

    def __init__(
        self,
        *,
        intake: Intake,
        bodies: Bodies,
        onward: Onward,
        clock: Clock,
        ids: Ids,
        node: str,
        standing: Callable[[], Installed],
    ) -> None:
        self._intake = intake
        self._bodies = bodies
        self._onward = onward
        self._clock = clock
        self._ids = ids
        self._node = node
        self._standing = standing
        self._finishing: set[asyncio.Task[None]] = set()

    def take(
        self, depositor: Depositor, transaction: Transaction, placed: tuple[Placed, ...], draft: Draft, head: bytes
    ) -> No | None:
        """Takes a message whose bytes are all there. None: the depositor is answered later."""
        block = header_block(head)
        count, limit = received_count(block), self._standing().limits.received_fields
        if count > limit:
            draft.abandon()
            return No(LOOPING, f"it has {count} Received fields, and the limit is {limit}: it is in a loop")
        large = too_large(self._standing(), placed, draft.size)
        if large is not None:
            draft.abandon()
            return large
        kept = draft.finish_small()
        if kept is not None:
            self._enter(depositor, transaction, placed, kept, block)
            return None
        finishing = asyncio.get_running_loop().create_task(self._finish(depositor, transaction, placed, draft, block))
        self._finishing.add(finishing)
        finishing.add_done_callback(self._finishing.discard)
        return None

    async def finish(self) -> None:
        """Returns once no body of a message is on its way to the disk any more."""
        while self._finishing:
            await asyncio.wait(self._finishing)

    async def _finish(
        self, depositor: Depositor, transaction: Transaction, placed: tuple[Placed, ...], draft: Draft, block: bytes
    ) -> None:
        try:
            kept = await draft.finish()
        except OSError as fault:
            log.error("a message was refused with 451: its body could not be stored: %s", fault)
            draft.abandon()
            depositor.answer(NOT_KEPT)
            return
        self._enter(depositor, transaction, placed, kept, block)

    def _enter(
        self, depositor: Depositor, transaction: Transaction, placed: tuple[Placed, ...], kept: Kept, block: bytes
    ) -> None:
        entries = self._entries(depositor, transaction, placed, kept, block)
        if len(entries) == 1 and self._onward.is_offered(entries[0].message):
            self._offer(depositor, replace(entries[0], stage=MessageStage.OFFERED))
            return
        onward: list[tuple[Entry, Plan, bool]] = []
        changes: list[Change] = []
        events: list[Event] = []
        for entry in entries:
            judged = self._onward.judge(entry.message)
            written = not self._onward.may_wait(judged)
            onward.append((entry, judged, written))
            events.append(Accepted(message=entry.message))
            if written:
                changes += judged.changes
                events += judged.events
        commit = Commit(entries=entries, changes=tuple(changes), events=tuple(events))
        entering = asyncio.ensure_future(self._intake.enter(commit, leased=True))
        entering.add_done_callback(lambda future: self._entered(depositor, onward, future))

    def _entered(
        self, depositor: Depositor, onward: Sequence[tuple[Entry, Plan, bool]], future: "asyncio.Future[None]"
    ) -> None:
        if self._has_failed(depositor, [entry for entry, _, _ in onward], future):
            return
        depositor.answer(kept_as(onward[0][0].message))
        for entry, judged, written in onward:
            self._onward.go(entry, judged, written=written)

    def _has_failed(self, depositor: Depositor, entries: Sequence[Entry], future: "asyncio.Future[None]") -> bool:
        """Whether messages could not be entered, and then their client is told."""
        fault = future.exception()
        if isinstance(fault, StoreFailed):
            log.error("a message was refused with 451: %s", fault)
            depositor.answer(NOT_KEPT)
            if not fault.in_doubt:
                # No row names the body. Where that is not certain the next start knows better.
                self._bodies.drop({entry.message.body for entry in entries})
            return True
        if fault is not None:
            log.error("a message was refused with 451: %r", fault)
            depositor.answer(NOT_KEPT)
            raise fault
        return False

    def _offer(self, depositor: Depositor, entry: Entry) -> None:
        """Its client waits for the verdict. Until it is told, nothing is said to the log of it (DECISIONS 12)."""

        def entered(future: "asyncio.Future[None]") -> None:
            if not self._has_failed(depositor, (entry,), future):
                self._onward.offer(entry, depositor.answer)

        asyncio.ensure_future(self._intake.enter(Commit(entries=(entry,)), leased=True)).add_done_callback(entered)

    def _entries(
        self, depositor: Depositor, transaction: Transaction, placed: tuple[Placed, ...], kept: Kept, block: bytes
    ) -> tuple[Entry, ...]:
        systems: dict[str, list[Recipient]] = {}
        for given, place in zip(transaction.recipients, placed, strict=True):
            systems.setdefault(place.virtual_system, []).append(_recipient(given, place))
        origin = depositor.origin()
        seen = glimpse(block)
        now, installed = self._clock.now(), self._standing()
        entries = []
        for system, recipients in systems.items():
            mail, queue_id = transaction.mail, self._ids.queue_id()
            envelope = Envelope(
                sender=mail.sender,
                recipients=tuple(recipients),
                body_type=mail.body_type,
                smtputf8=mail.smtputf8,
                ret=mail.ret,
                envid=mail.envid,
            )
            message = Message(
                queue_id=queue_id,
                session_id=depositor.id,
                ordinal=depositor.ordinal,
                virtual_system=system,
                node=self._node,
                origin=origin,
                envelope=envelope,
                body=kept.ref,
                trace=received(
                    origin,
                    by=installed.hostname,
                    shown_id=show_id(queue_id),
                    recipient=recipients[0].address if len(transaction.recipients) == 1 else None,
                    at=now,
                ),
                glimpse=seen,
                accepted_at=now,
                revision=installed.revision,
            )
            entries.append(Entry(message=message, content=kept.content))
        return tuple(entries)


def _recipient(given: RcptGiven, placed: Placed) -> Recipient:
    return Recipient(placed.address, placed.direction, given.notify, given.orcpt)
