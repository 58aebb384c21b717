"""What is done about one copy: the jail asked, its answer checked, the new body stored, the commit made up."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, assert_never

from mailock.core.authentication.sealing import without_seal
from mailock.core.lifecycle.changes import Change, Commit, CopyMoved, CopyRemade
from mailock.core.lifecycle.copies import Copy, Disposition, Parcel
from mailock.core.lifecycle.events import Discarded, Event, Noted, Quarantined, Remade
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.message import BodyRef
from mailock.core.rewriting.carry import Unfit
from mailock.core.rewriting.edits import GuardLink, ReplaceLink, ToSevenBit
from mailock.core.rewriting.fields import IllegalField, added_fields
from mailock.core.rewriting.orders import Orders, read_orders, write_orders
from mailock.core.rewriting.receipt import Garbled, Receipt, read_receipt, write_receipt
from mailock.ports.bodies import Bodies, Kept, in_memory
from mailock.ports.clock import Clock
from mailock.ports.ids import Ids
from mailock.ports.jail import End, Ended, Jail, Job
from mailock.ports.signer import CannotSign, Leaving, Signer
from mailock.stations.remake.check import Distrusted, check, pieces, subject_stands
from mailock.stations.remake.inside import TASK, Made, read_outcome

SECONDS: Final = 60.0
Guard = Callable[[GuardLink, str], ReplaceLink | None]
"""Makes a link of a virtual system's mail ask us first; None where it stays as it is."""
_THREAD: Final = 1 << 20
"""Octets from which on a body is checked in a thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A copy's outcome: what to commit, and what then is sent."""

    commit: Commit
    parcel: Parcel | None = None
    """What goes to send; None where nothing does."""
    stored: BodyRef | None = None
    """The new body, to be dropped where the commit is refused."""


@dataclass(frozen=True, slots=True)
class _Body:
    """What leaves: a new body, or (None) the one that came; and what was changed."""

    kept: Kept | None
    prefix: bytes
    receipt: Receipt | None
    unsealed: str = ""
    """Why it goes without a signature or a seal that it should have."""


class Maker:
    """Makes copies. Called for one at a time or for several."""

    def __init__(
        self,
        *,
        bodies: Bodies,
        jail: Jail,
        signer: Signer,
        clock: Clock,
        ids: Ids,
        guard: Guard,
        seconds: float = SECONDS,
    ) -> None:
        """`guard` makes a link ask us first; None: it stays as it is."""
        self._bodies = bodies
        self._jail = jail
        self._signer = signer
        self._clock = clock
        self._ids = ids
        self._guard = guard
        self._seconds = seconds

    async def make(self, parcel: Parcel) -> Finished:
        """Makes one copy. Raises NoJail, and OSError where a body cannot be read or written, or a key not be had."""
        orders = self._guarded(read_orders(parcel.copy.orders), parcel.message.virtual_system)
        if parcel.copy.orders == b"":
            return await self._unchanged(parcel)
        # What is converted for its next hop may have a body of its own already.
        source = parcel.copy.body
        content = parcel.content if source == parcel.message.body else None
        original = in_memory(content) if content is not None else await self._bodies.descriptor(source)
        try:
            made = await self._made(parcel, orders, original)
        finally:
            os.close(original)
        return self._unfit(parcel, orders, made.why) if isinstance(made, Unfit) else self._ready(parcel, made)

    def gave_up(self, parcel: Parcel, why: str) -> Finished:
        """What becomes of a copy that we failed on: it is kept, whole, for a person."""
        return self._kept(parcel, "unfit", f"it could not be changed as policy orders: {why}")

    def _guarded(self, orders: Orders, system: str) -> Orders:
        """With links that ask us first as they are to stand there; those without a portal stay as they are."""
        made = ((self._guard(one, system) if isinstance(one, GuardLink) else one) for one in orders.edits)
        return replace(orders, edits=tuple(one for one in made if one is not None))

    async def _made(self, parcel: Parcel, orders: Orders, original: int) -> _Body | Unfit:
        """The copy but for its commit."""
        try:
            fields = added_fields(orders.edits, subject=subject_stands(original, orders.edits))
        except IllegalField as fault:
            return Unfit(why=str(fault))
        ended = await self._asked(write_orders(orders), original)
        try:
            outcome = _said(ended)
            if isinstance(outcome, Unfit):
                return outcome
            output = ended.untrusted_output if outcome.changed else None
            await self._checked(original, output, outcome.receipt, orders)
            prefix = fields + without_seal(parcel.copy.prefix)
            leaving = Leaving(
                message=parcel.message,
                copy=parcel.copy,
                prefix=prefix,
                body=original if output is None else output,
                changed=output is not None,
            )
            seal, why = await self._sealed(leaving)
            kept = None if output is None else await self._stored(output, outcome.receipt)
            return _Body(kept, seal + prefix, outcome.receipt, why)
        except (Distrusted, Garbled) as fault:
            return Unfit(why=f"what the jail made of it cannot be trusted: {fault}")
        finally:
            if ended.untrusted_output is not None:
                os.close(ended.untrusted_output)

    async def _unchanged(self, parcel: Parcel) -> Finished:
        """A copy without orders: it goes as it is, but for the signature that mail of ours gets.

        One that was made before has its signature already, over the body that it was given then.
        """
        copy, message = parcel.copy, parcel.message
        made_before = copy.body != message.body or without_seal(copy.prefix) != copy.prefix
        if made_before or not self._signer.signs(message):
            return self._as_it_is(parcel)
        content = parcel.content
        body = in_memory(content) if content is not None else await self._bodies.descriptor(copy.body)
        try:
            leaving = Leaving(message=message, copy=copy, prefix=copy.prefix, body=body, changed=False)
            seal, why = await self._sealed(leaving)
        finally:
            os.close(body)
        if not seal and not why:
            return self._as_it_is(parcel)
        prefix = seal + copy.prefix
        events = self._unsealed(copy, why)
        remade = CopyRemade(
            queue_id=copy.queue_id, number=copy.number, body=copy.body, content=None, prefix=prefix, receipt=b""
        )
        ready = replace(copy, stage=CopyStage.READY, prefix=prefix)
        return self._let_go(parcel, ready, (remade,), events, content, None)

    async def _sealed(self, leaving: Leaving) -> tuple[bytes, str]:
        """What goes on top; or why there is nothing, where there should be. Raises OSError."""
        try:
            return await self._signer.sign(leaving), ""
        except CannotSign as why:
            return b"", str(why)

    def _unsealed(self, copy: Copy, why: str) -> tuple[Event, ...]:
        if not why:
            return ()
        text = f"Goes without a signature of ours: {why}"
        return (Noted(queue_id=copy.queue_id, at=self._clock.now(), text=text),)

    async def _asked(self, order: bytes, original: int) -> Ended:
        """What comes of the job; a death is tried once more, for it may have been the machine's fault."""
        job = Job(task=TASK, order=order, body=original, seconds=self._seconds, output=True)
        ended = await self._jail.run(job)
        if ended.end is not End.DIED:
            return ended
        if ended.untrusted_output is not None:
            os.close(ended.untrusted_output)
        return await self._jail.run(job)

    async def _checked(self, original: int, output: int | None, receipt: Receipt, orders: Orders) -> None:
        if receipt.size_before + receipt.size_after < _THREAD:
            check(original, output, receipt, orders.edits)
        else:
            await asyncio.to_thread(check, original, output, receipt, orders.edits)

    async def _stored(self, output: int, receipt: Receipt) -> Kept:
        """The new body, durable unless it is small: then the commit makes it so. Raises Distrusted, OSError."""
        draft = self._bodies.draft(self._ids.queue_id())
        try:
            for piece in pieces(output, 0, receipt.size_after):
                draft.write(piece)
                await draft.drained()
            kept = draft.finish_small() or await draft.finish()
        except BaseException:
            draft.abandon()
            raise
        if kept.ref.sha256 != receipt.sha256_after:
            # The output is sealed, so this is a fault of ours or of the memory; either way it is not what was checked.
            self._bodies.drop([kept.ref])
            raise Distrusted("it changed while it was stored")
        return kept

    def _ready(self, parcel: Parcel, body: _Body) -> Finished:
        copy, now = parcel.copy, self._clock.now()
        kept, receipt = body.kept, body.receipt
        converted = _converts(parcel)
        if kept is None and converted:
            # It was declared 8-bit and is not.
            return self._converted(parcel, "")
        ref = parcel.message.body if kept is None else kept.ref
        document = b"" if receipt is None else write_receipt(receipt)
        remade = CopyRemade(
            queue_id=copy.queue_id,
            number=copy.number,
            body=ref,
            content=None if kept is None else kept.content,
            prefix=body.prefix,
            receipt=document,
            conversion="" if converted else None,
        )
        event = Remade(
            queue_id=copy.queue_id,
            at=now,
            recipients=_numbers(parcel),
            changes=(*_told_before(copy), *(receipt.sentences if receipt is not None else ())),
            sha256=ref.sha256,
            size=ref.size,
        )
        ready = replace(
            copy,
            stage=CopyStage.READY,
            body=ref,
            prefix=body.prefix,
            orders=b"",
            receipt=document,
            conversion="" if converted else copy.conversion,
        )
        content = parcel.content if kept is None else kept.content
        events = (event, *self._unsealed(copy, body.unsealed))
        return self._let_go(parcel, ready, (remade,), events, content, None if kept is None else kept.ref)

    def _converted(self, parcel: Parcel, conversion: str) -> Finished:
        """A copy that goes as it is: it is 7bit already (empty), or cannot be, which its courier tells its sender."""
        copy = parcel.copy
        move = CopyMoved(
            queue_id=copy.queue_id,
            number=copy.number,
            before=CopyStage.PLANNED,
            after=CopyStage.READY,
            orders=b"",
            conversion=conversion,
        )
        ready = replace(copy, stage=CopyStage.READY, orders=b"", conversion=conversion)
        content = parcel.content if copy.body == parcel.message.body else None
        return self._let_go(parcel, ready, (move,), (), content, None)

    def _as_it_is(self, parcel: Parcel) -> Finished:
        """A copy without orders: it was released whole, or its orders were carried out before."""
        copy = parcel.copy
        move = CopyMoved(
            queue_id=copy.queue_id, number=copy.number, before=CopyStage.PLANNED, after=CopyStage.READY, orders=b""
        )
        same = copy.body == parcel.message.body
        ready = replace(copy, stage=CopyStage.READY, orders=b"")
        return self._let_go(parcel, ready, (move,), (), parcel.content if same else None, None)

    def _let_go(
        self,
        parcel: Parcel,
        ready: Copy,
        changes: tuple[Change, ...],
        events: tuple[Event, ...],
        content: bytes | None,
        stored: BodyRef | None,
    ) -> Finished:
        """To send, or, where policy holds it, to whoever lets it go."""
        if ready.disposition is Disposition.HOLD:
            held = CopyMoved(queue_id=ready.queue_id, number=ready.number, before=CopyStage.READY, after=CopyStage.HELD)
            return Finished(commit=Commit(changes=(*changes, held), events=events), stored=stored)
        going = replace(parcel, copy=ready, content=content)
        return Finished(commit=Commit(changes=changes, events=events), parcel=going, stored=stored)

    def _unfit(self, parcel: Parcel, orders: Orders, why: str) -> Finished:
        if _converts(parcel):
            return self._converted(parcel, why)
        sentence = f"it could not be changed as policy orders: {why}"
        match orders.if_unfit:
            case Disposition.DELIVER:
                plain = self._as_it_is(parcel)
                noted = Noted(queue_id=parcel.copy.queue_id, at=self._clock.now(), text=f"Goes unchanged: {sentence}")
                return replace(plain, commit=replace(plain.commit, events=(noted,)))
            case Disposition.DISCARD:
                return self._discarded(parcel, sentence)
            case Disposition.QUARANTINE | Disposition.HOLD | Disposition.REJECT:
                # There is no content that could be held, and after 250 what was to be rejected is kept (DECISIONS 13).
                return self._kept(parcel, orders.quarantine_class, sentence)
            case never:
                assert_never(never)

    def _kept(self, parcel: Parcel, quarantine_class: str, why: str) -> Finished:
        copy, now = parcel.copy, self._clock.now()
        moved = CopyMoved(
            queue_id=copy.queue_id,
            number=copy.number,
            before=CopyStage.PLANNED,
            after=CopyStage.QUARANTINED,
            quarantine_class=quarantine_class,
            quarantined_at=now,
        )
        event = Quarantined(
            queue_id=copy.queue_id,
            at=now,
            recipients=_numbers(parcel),
            quarantine_class=quarantine_class,
            why=why,
        )
        return Finished(commit=Commit(changes=(moved,), events=(event,)))

    def _discarded(self, parcel: Parcel, why: str) -> Finished:
        copy = parcel.copy
        moved = CopyMoved(queue_id=copy.queue_id, number=copy.number, before=CopyStage.PLANNED, after=CopyStage.CLOSED)
        event = Discarded(
            queue_id=copy.queue_id,
            at=self._clock.now(),
            recipients=_numbers(parcel),
            by=f"rule {copy.rule}",
            why=why,
        )
        return Finished(commit=Commit(changes=(moved,), events=(event,)))


Make = Callable[[Parcel], Awaitable[Finished]]


def _said(ended: Ended) -> Made | Unfit:
    """What the jail said. Raises Garbled."""
    if ended.end is not End.DONE:
        return Unfit(why=f"the jail ended it ({ended.end.value}): {ended.detail}")
    if len(ended.untrusted_frames) != 1:
        raise Garbled("the jail said more or less than one remake says")
    made = read_outcome(ended.untrusted_frames[0])
    if isinstance(made, Made) and made.changed and ended.untrusted_output is None:
        raise Garbled("the jail gave no body")
    return made


def _converts(parcel: Parcel) -> bool:
    """Whether a copy is made for a next hop without 8BITMIME."""
    return any(isinstance(edit, ToSevenBit) for edit in read_orders(parcel.copy.orders).edits)


def _told_before(copy: Copy) -> tuple[str, ...]:
    """What was changed in it when it was made before."""
    return read_receipt(copy.receipt).sentences if copy.receipt else ()


def _numbers(parcel: Parcel) -> tuple[int, ...]:
    return tuple(delivery.number for delivery in parcel.deliveries)
