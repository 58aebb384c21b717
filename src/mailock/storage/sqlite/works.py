"""What is put into a group: commits, and the deletion of events that the log has."""

import asyncio
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, assert_never

from mailock.core.lifecycle.changes import (
    Change,
    Commit,
    CopyMoved,
    CopyRemade,
    Opened,
    Planned,
    Rescheduled,
    Settled,
    Staged,
)
from mailock.core.lifecycle.stages import CopyStage, DeliveryStage, MessageStage
from mailock.storage.leases import Leases
from mailock.storage.sqlite.ledger import Ledger


class Afterwards(Enum):
    """What becomes of leases once a commit is durable."""

    TAKEN = "its entries are leased"
    KEPT = "what was leased stays so, and what it planned is leased too"
    ENDED = "nothing that it names is leased any more"


class CommitWork:
    """A commit on its way to the disk."""

    __slots__ = ("_afterwards", "_commit", "_leases", "_taken", "future", "intake")

    future: "asyncio.Future[Any]"

    def __init__(self, commit: Commit, leases: Leases, afterwards: Afterwards, *, intake: bool) -> None:
        self._commit = commit
        self._leases = leases
        self._afterwards = afterwards
        self._taken = False
        self.intake = intake

    def write(self, ledger: Ledger) -> None:
        """Writes it into the transaction, and takes the leases on what that will show.

        A reader may see the rows as soon as they are committed, which is before we are told of it.
        """
        ledger.apply(self._commit)
        self._taken = True
        if self._afterwards is Afterwards.TAKEN:
            for entry in self._commit.entries:
                self._leases.take_message(entry.message.queue_id)
        if self._afterwards is not Afterwards.ENDED:
            for queue_id, copy, numbers in self._planned():
                self._leases.take_deliveries(queue_id, copy, numbers)

    def refused(self) -> None:
        """Lets go of what it would have shown; of nothing where it was never written: that may be somebody else's."""
        if not self._taken:
            return
        if self._afterwards is Afterwards.TAKEN:
            for entry in self._commit.entries:
                self._leases.put_back(entry.message.queue_id, None, ())
        if self._afterwards is not Afterwards.ENDED:
            for queue_id, copy, numbers in self._planned():
                if numbers:
                    self._leases.put_back(queue_id, copy, numbers)

    def durable(self) -> None:
        """Settles the leases. Those on messages that closed are ended by the queue, for all works of a group."""
        leases = self._leases
        match self._afterwards:
            case Afterwards.TAKEN | Afterwards.KEPT:
                for change in self._commit.changes:
                    if isinstance(change, Planned):
                        leases.end_message(change.queue_id)
            case Afterwards.ENDED:
                for change in self._commit.changes:
                    _end(leases, change)
            case _:
                assert_never(self._afterwards)

    def _planned(self) -> Iterator[tuple[int, int, list[int]]]:
        """What is planned and will be handed on in memory: message, copy, deliveries."""
        for change in self._commit.changes:
            if not isinstance(change, Planned):
                continue
            for copy in change.copies:
                if copy.stage in (CopyStage.READY, CopyStage.PLANNED):
                    waiting = [
                        one.number
                        for one in change.deliveries
                        if one.copy == copy.number and one.stage is DeliveryStage.PENDING
                    ]
                    yield change.queue_id, copy.number, waiting


class LedgerWork:
    """Anything else that the ledger writes; its future gets what the writing returned."""

    __slots__ = ("_result", "_write", "future", "intake")

    future: "asyncio.Future[Any]"

    def __init__(self, write: Callable[[Ledger], object]) -> None:
        self._write = write
        self._result: object = None
        self.intake = False

    def write(self, ledger: Ledger) -> None:
        """Writes it into the transaction."""
        self._result = self._write(ledger)

    def refused(self) -> None:
        """Nothing was taken for it."""

    def durable(self) -> object:
        """What the writing returned."""
        return self._result


def _end(leases: Leases, change: Change) -> None:
    match change:
        case Staged(after=MessageStage.ACCEPTED):
            leases.end_all(change.queue_id)
        case Staged() | Planned():
            leases.end_message(change.queue_id)
        case CopyMoved() | CopyRemade():
            leases.end_deliveries(change.queue_id, change.number, None)
        case Settled():
            leases.end_deliveries(change.queue_id, change.copy, [outcome.number for outcome in change.outcomes])
        case Rescheduled():
            leases.end_deliveries(change.queue_id, change.copy, change.numbers)
        case Opened():
            pass
        case _:
            assert_never(change)
