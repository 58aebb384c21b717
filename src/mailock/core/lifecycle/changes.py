"""What a station hands to the queue: changes of stage, new messages and events, made together or not at all.

A `Commit` is one transaction. So a message is never marked as failed without the notice to its sender being queued,
and never moves without the log being told.
"""

from mailock.core.lifecycle.copies import Copy, Delivery, Ending
from mailock.core.lifecycle.events import Event
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.message import BodyRef, Message, QueueId
from mailock.core.mail.value import value


@value(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message to take custody of.

    `content` holds the body where `message.body.inline`; a file is already on disk, synced.
    """

    message: Message
    content: bytes | None
    stage: MessageStage = MessageStage.ACCEPTED


@value(frozen=True, slots=True, kw_only=True)
class Staged:
    """The message itself goes on.

    Going to CLOSED drops it with all that it has; going back to ACCEPTED drops its copies, and from JUDGED it may go
    back only as long as every recipient of it is pending: nobody gets a message twice.
    """

    queue_id: QueueId
    before: MessageStage
    after: MessageStage
    why: str = ""
    """Going to SHUNTED: what we failed on."""
    counted_from: float | None = None
    """Going back to ACCEPTED: from when its delay counts anew."""


@value(frozen=True, slots=True, kw_only=True)
class Planned:
    """Copies that judging made, with their deliveries. Stands behind the Staged that takes the message to JUDGED."""

    queue_id: QueueId
    copies: tuple[Copy, ...]
    deliveries: tuple[Delivery, ...]


@value(frozen=True, slots=True, kw_only=True)
class CopyMoved:
    """A copy goes on. Going to CLOSED drops its deliveries; when it was the last open copy, the message closes with
    it.
    """

    queue_id: QueueId
    number: int
    before: CopyStage
    after: CopyStage
    quarantine_class: str | None = None
    quarantined_at: float | None = None
    counted_from: float | None = None
    """Let go by a person: from when its time in the queue counts anew. None leaves that as it was."""
    orders: bytes | None = None
    """Other changes than were ordered before; empty: it goes as it is. None leaves them as they were."""
    conversion: str | None = None
    """See Copy. None leaves it as it was."""
    added: tuple[str, ...] | None = None
    """See Copy; empty: they have it now. None leaves it as it was."""


@value(frozen=True, slots=True, kw_only=True)
class CopyRemade:
    """The changes that a PLANNED copy waited for are made: it is READY, and has no orders any more.

    `content` holds the body where `body.inline` and it is not the message's own; a file is already on disk, synced.
    The body that it had before goes, unless somebody else names it.
    """

    queue_id: QueueId
    number: int
    body: BodyRef
    content: bytes | None
    prefix: bytes
    receipt: bytes
    conversion: str | None = None
    """See Copy. None leaves it as it was."""


@value(frozen=True, slots=True, kw_only=True)
class Opened:
    """An attempt was opened: its final dot may be on its way. Needs no sync of its own."""

    queue_id: QueueId
    copy: int
    numbers: tuple[int, ...]
    at: float


@value(frozen=True, slots=True, kw_only=True)
class Settled:
    """An attempt was closed.

    When no delivery of the copy is pending the copy closes, and with the last copy the message.
    """

    queue_id: QueueId
    copy: int
    outcomes: tuple[Ending, ...]


@value(frozen=True, slots=True, kw_only=True)
class Rescheduled:
    """Pending deliveries get another date or lane, without a try: retry now, flush, requeue."""

    queue_id: QueueId
    copy: int
    numbers: tuple[int, ...]
    due: float
    lane: str | None = None


Change = Staged | Planned | CopyMoved | CopyRemade | Opened | Settled | Rescheduled


@value(frozen=True, slots=True, kw_only=True)
class Commit:
    """One transaction: all of it, or nothing."""

    entries: tuple[Entry, ...] = ()
    changes: tuple[Change, ...] = ()
    events: tuple[Event, ...] = ()
