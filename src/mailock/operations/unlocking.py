"""Before a recipient lets something go, it is looked at again: what was unwanted this morning may be known as dangerous
by now (DECISIONS 29). And what was kept because nobody knew its password is opened with the one that he types.

A password is used for this one look, and kept nowhere. What is found then counts: mail that is clean goes to him, as
policy of today has it; the rest stays, and he is told why.
"""

from dataclasses import dataclass
from typing import Final

from mailock.core.lifecycle.changes import Commit
from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.events import Noted, Released
from mailock.core.lifecycle.parting import TooManyParts
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.message import QueueId, show_id
from mailock.core.policy.decide import Judgement
from mailock.core.policy.decision import Decision
from mailock.core.rewriting.orders import Orders, write_orders
from mailock.core.verdict.verdict import Threat
from mailock.operations.acting import Decide, Done, Held, Order, Result
from mailock.operations.desk import Desk
from mailock.operations.filtering import Meant, parts
from mailock.operations.quarantine import KEPT, NOT_HERE
from mailock.operations.queue_acts import moved, numbers
from mailock.ports.alerts import Alert
from mailock.ports.commands import Refused, Speaker
from mailock.ports.queue import Item
from mailock.ports.reexaminer import CannotExamine, Reexaminer

LOCKED: Final = "encrypted"
"""The class of what is kept because a password protects it."""
TRIES: Final = 5
PER: Final = 3600.0
"""Seconds in which somebody may try so many passwords on one message: each is an examination."""
_REMEMBERED: Final = 10_000
DANGEROUS: Final = "it was found to be dangerous, so it stays where it is; an administrator was told"
NOT_NOW: Final = "it could not be examined just now: try again in a minute"
TOO_MANY: Final = "too many passwords were tried on it: try again in an hour"
STILL_LOCKED: Final = "this password does not open it, or not all of it"


@dataclass(slots=True)
class _Tried:
    since: float
    count: int = 0


class Unlocking:
    """Looks again, by `look`."""

    def __init__(self, desk: Desk, look: Reexaminer) -> None:
        self._desk = desk
        self._look = look
        self._tried: dict[tuple[QueueId, str], _Tried] = {}

    async def must_be_harmless(self, item: Item, who: str) -> None:
        """Raises Refused where a message is known to be dangerous by now, or cannot be looked at."""
        judgement = await self._judged(item, ())
        if judgement is not None and judgement.verdict.threat is Threat.MALICIOUS:
            await self._tell(item, who, judgement)
            raise Refused(DANGEROUS)

    async def opened(self, item: Item, number: int, who: str, password: str) -> Decision:
        """What is decided for a recipient of a message once its password is known. Raises Refused where it stays."""
        self._count(item.message.queue_id, who)
        judgement = await self._judged(item, (password,))
        if judgement is None:
            raise Refused(NOT_NOW)
        if judgement.verdict.threat is Threat.MALICIOUS:
            await self._tell(item, who, judgement)
            raise Refused(DANGEROUS)
        decision = judgement.decisions[number]
        if decision.disposition is Disposition.DELIVER:
            return decision
        if decision.quarantine_class == LOCKED:
            raise Refused(STILL_LOCKED)
        raise Refused(f"it could be opened, and is kept all the same: {decision.because[0]}")

    def release(self, meant: Meant, decision: Decision, speaker: Speaker) -> Decide:
        """Lets go what was decided to be delivered, with the changes that were decided with it."""

        async def decide(held: Held) -> Order | Result:
            item, now = held.item, self._desk.clock.now()
            found = parts(item, meant, KEPT)
            if not found:
                return Result(item.message.queue_id, Done.ABSENT, NOT_HERE)
            orders = write_orders(Orders(edits=decision.edits, sealed=decision.sealed, if_unfit=decision.if_unfit))
            stages = (CopyStage.PLANNED,) if orders else (CopyStage.PLANNED, CopyStage.READY)
            event = Released(
                queue_id=item.message.queue_id,
                at=now,
                recipients=numbers(found),
                by=speaker.name,
                why="it was opened with its password, and nothing was found that keeps it",
            )
            try:
                changes = moved(item, found, *stages, due=now, orders=orders)
            except TooManyParts as why:
                return Result(item.message.queue_id, Done.REFUSED, f"cannot be parted: {why}")
            return Order(commit=Commit(changes=changes, events=(event,)), text="released")

        return decide

    async def _judged(self, item: Item, passwords: tuple[str, ...]) -> Judgement | None:
        try:
            return await self._look(item.message, passwords)
        except CannotExamine:
            raise Refused(NOT_NOW) from None

    async def _tell(self, item: Item, who: str, judgement: Judgement) -> None:
        queue_id, now = item.message.queue_id, self._desk.clock.now()
        because = judgement.verdict.because[0] if judgement.verdict.because else "it is malicious"
        text = f"Not released to {who}: looked at again, it is malicious: {because}"
        await self._desk.queue.commit(Commit(events=(Noted(queue_id=queue_id, at=now, text=text),)), keep_lease=True)
        if self._desk.alerts is not None:
            name = show_id(queue_id)
            told = f"{name} in quarantine is malicious by now: {because}"
            self._desk.alerts.tell(Alert(kind="request", about=name, text=told, at=now))

    def _count(self, queue_id: QueueId, who: str) -> None:
        """Raises Refused where too many passwords were tried."""
        now = self._desk.clock.now()
        if len(self._tried) >= _REMEMBERED:
            self._tried = {key: one for key, one in self._tried.items() if now - one.since < PER}
        tried = self._tried.setdefault((queue_id, who.lower()), _Tried(since=now))
        if now - tried.since >= PER:
            tried.since, tried.count = now, 0
        if tried.count >= TRIES or len(self._tried) > _REMEMBERED:
            raise Refused(TOO_MANY)
        tried.count += 1
