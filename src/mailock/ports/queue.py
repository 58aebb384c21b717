"""The durable truth about every message, cut by who uses it.

Receivers have `Intake`; stations have `Worklist`; people read through `Archive`, and act through `operations`, which
use `Worklist.commit` like everybody else; the log drains `Outbox`. A store implements all four in one class. What is
committed survives everything that the disk survives; leases do not survive the process, and need not.

A store is built with a callback that it calls with the BodyRefs in files which no row names any more, after their
rows are gone.

What a lease is on: a message that waits at a station, or one delivery; who has all pending deliveries of a PLANNED copy
makes its changes. `commit` ends the leases of what its changes name (of a CopyMoved or CopyRemade, those of all
deliveries of the copy; of a Staged back to ACCEPTED, all of the message) unless `keep_lease`; an Opened never ends any.
With `keep_lease` a Planned leases its deliveries of READY and PLANNED copies, because its caller hands them on in
memory. So whoever changes what somebody else may have in hand (a person who holds a copy that send is sending) passes
`keep_lease`. What is closed is leased no more.
"""

from collections.abc import Awaitable, Iterable, Sequence
from typing import Protocol

from mailock.core.lifecycle.changes import Commit
from mailock.core.lifecycle.copies import Copy, Delivery, Parcel
from mailock.core.lifecycle.events import Event
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.message import BodyRef, Message, QueueId
from mailock.core.mail.value import value


class StoreFailed(Exception):
    """The store refused a commit and nothing of it was kept (disk full), or nobody can say before a restart whether
    it was (`in_doubt`: a failed sync).

    The text says what and the mend.
    """

    def __init__(self, text: str, *, in_doubt: bool = False) -> None:
        super().__init__(text)
        self.in_doubt = in_doubt


@value(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that waits at a station; `content` as in Parcel."""

    message: Message
    stage: MessageStage
    content: bytes | None = None
    counted_from: float | None = None
    """From when its delay counts, where a person sent it back; None: from acceptance."""


@value(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much waits where; cheap to ask."""

    messages: dict[MessageStage, int]
    copies: dict[CopyStage, int]
    pending: int
    """Deliveries that are pending, held and quarantined ones not counted."""
    deferred: int
    """Pending deliveries that were tried before."""
    oldest: float | None
    """When the oldest message that is neither quarantined nor held was accepted."""


@value(frozen=True, slots=True, kw_only=True)
class Item:
    """One message in the queue as people see it: itself, where it stands, and its copies and deliveries."""

    message: Message
    stage: MessageStage
    copies: tuple[Copy, ...]
    deliveries: tuple[Delivery, ...]
    why: str = ""
    """Of a shunted message: what we failed on."""


@value(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which messages a person means; what is None selects nothing away.

    Addresses match whole, or a domain as `@example.com`.
    """

    ids: tuple[QueueId, ...] | None = None
    sender: str | None = None
    recipient: str | None = None
    lane: str | None = None
    message_stages: tuple[MessageStage, ...] | None = None
    copy_stages: tuple[CopyStage, ...] | None = None
    virtual_system: str | None = None
    accepted_before: float | None = None
    quarantined_before: float | None = None


def address_matches(pattern: str, address: str) -> bool:
    """Whether an address is the one meant, or in the domain meant (`@example.com`); `<>` is the null sender."""
    wanted, address = pattern.strip("<>").lower(), address.lower()
    return address.endswith(wanted) if wanted.startswith("@") else address == wanted


class Intake(Protocol):
    """Taking custody."""

    def enter(self, commit: Commit, *, leased: bool) -> Awaitable[None]:
        """Returns once the entries are durable; only then may 250 be said. Raises StoreFailed, and then nothing is
        kept.

        `leased`: the caller hands the messages on in memory, so no `lease` returns them until `put_back`.
        """
        ...


class Worklist(Protocol):
    """What stations take work from and put outcomes into."""

    def lease(self, stage: MessageStage, limit: int) -> Awaitable[Sequence[Waiting]]:
        """Up to `limit` messages of a stage that nobody has leased, oldest first; small bodies come with their
        content.
        """
        ...

    def lanes(self) -> Awaitable[Sequence[tuple[str, float]]]:
        """Every lane with pending deliveries of READY copies that nobody has leased, and the earliest due time among
        them.

        Cheap with a million rows.
        """
        ...

    def next_due(self, lane: str) -> Awaitable[float | None]:
        """The earliest due time of a delivery of the lane that nobody has leased; None where there is none."""
        ...

    def parcels(self, lane: str, now: float, limit: int) -> Awaitable[Sequence[Parcel]]:
        """Leases up to `limit` deliveries of a lane that are due, as parcels, earliest first."""
        ...

    def planned(self, limit: int) -> Awaitable[Sequence[Parcel]]:
        """Leases up to `limit` PLANNED copies of which nobody has a delivery, oldest first, each with all of its
        pending deliveries; `content` is that of the message, where it is small.
        """
        ...

    def commit(self, commit: Commit, *, keep_lease: bool = False) -> Awaitable[None]:
        """Makes a change durable, and ends the leases of what it names unless they are to be kept.

        Raises MovedMeanwhile where a stage has changed meanwhile, IllegalMove for what nobody may ask for (nothing is
        changed then), StoreFailed where the disk refuses. An `Opened` alone returns at once and is written with the
        next commit.
        """
        ...

    def put_back(self, queue_id: QueueId, copy: int | None = None, numbers: Sequence[int] = ()) -> None:
        """Ends a lease without an outcome; the work is there for the next `lease`."""
        ...

    def leased(self) -> int:
        """How many leases are out."""
        ...

    def claim_message(self, queue_id: QueueId) -> bool:
        """Leases a message that waits at a station, and says whether it could be had; see `claim`."""
        ...

    def claim(self, queue_id: QueueId, copy: int, numbers: Iterable[int]) -> frozenset[int]:
        """Leases those of a copy's deliveries that nobody has, and returns which; the others may be on their way.

        Whoever changes deliveries by hand claims them first, and puts them back after it.
        """
        ...


class Archive(Protocol):
    """What people read of the queue."""

    def counts(self) -> Awaitable[Counts]:
        """How much waits where."""
        ...

    def find(self, selection: Selection, *, limit: int, after: QueueId | None = None) -> Awaitable[Sequence[Item]]:
        """The messages that a selection means, oldest first, from behind `after`."""
        ...

    def used(self) -> int:
        """Bytes that the store's own files take, small bodies among them."""
        ...

    def reusable(self) -> int:
        """Bytes of the store's own files that hold nothing: the file system does not get them back, new mail does."""
        ...

    def body_names(self) -> Awaitable[set[int]]:
        """The names of all bodies in files that a row names: what the sweep at start keeps."""
        ...

    def small_body(self, ref: BodyRef) -> Awaitable[bytes]:
        """The content of an inline body. Raises KeyError where it is gone."""
        ...


class Outbox(Protocol):
    """Events on their way from the queue to the log (DECISIONS 4)."""

    def pending(self, limit: int) -> Awaitable[Sequence[tuple[int, Sequence[Event]]]]:
        """The oldest batches of events with their sequence numbers, which only grow."""
        ...

    def drop(self, through: int) -> Awaitable[None]:
        """Deletes batches up to a sequence number, once the log has them durably."""
        ...

    def trim(self, keep: int) -> Awaitable[int]:
        """Deletes the oldest batches beyond `keep`, for a log that is broken; returns how many events were lost."""
        ...


class Queue(Intake, Worklist, Archive, Outbox, Protocol):
    """The whole of a store."""

    def close(self) -> Awaitable[None]:
        """Writes what is pending and closes."""
        ...
