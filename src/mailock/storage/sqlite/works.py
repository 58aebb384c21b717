"""What is put into a group: commits, and the deletion of events that the log has."""

import asyncio
from collections.abc import Callable
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

    __slots__ = ("_afterwards", "_commit", "_leases", "future", "intake")

    future: "asyncio.Future[Any]"

    def __init__(self, commit: Commit, leases: Leases, afterwards: Afterwards, *, intake: bool) -> None:
        self._commit = commit
        self._leases = leases
        self._afterwards = afterwards
        self.intake = intake

    def write(self, ledger: Ledger) -> None:
        """Writes it into the transaction."""
        ledger.apply(self._commit)

    def durable(self) -> None:
        """Settles the leases. Those on messages that closed are ended by the queue, for all works of a group."""
        leases = self._leases
        match self._afterwards:
            case Afterwards.TAKEN:
                for entry in self._commit.entries:
                    leases.take_message(entry.message.queue_id)
                for change in self._commit.changes:
                    if isinstance(change, Planned):
                        _take_planned(leases, change)
            case Afterwards.KEPT:
                for change in self._commit.changes:
                    if isinstance(change, Planned):
                        _take_planned(leases, change)
            case Afterwards.ENDED:
                for change in self._commit.changes:
                    _end(leases, change)
            case _:
                assert_never(self._afterwards)


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

    def durable(self) -> object:
        """What the writing returned."""
        return self._result


def _take_planned(leases: Leases, change: Planned) -> None:
    leases.end_message(change.queue_id)
    for copy in change.copies:
        if copy.stage in (CopyStage.READY, CopyStage.PLANNED):
            numbers = [
                d.number for d in change.deliveries if d.copy == copy.number and d.stage is DeliveryStage.PENDING
            ]
            leases.take_deliveries(change.queue_id, copy.number, numbers)


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
