"""The log of messages: one record each, updated at every change of status."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from mailock.core.lifecycle.events import Event
from mailock.core.lifecycle.query import Query
from mailock.core.lifecycle.record import Record
from mailock.core.lifecycle.timeline import Line
from mailock.core.mail.message import QueueId


class LogWriter(Protocol):
    """Takes the outbox's batches. Idempotent: a batch with a sequence number that it has already is passed over."""

    def write(self, batches: Sequence[tuple[int, Sequence[Event]]]) -> None:
        """Makes batches durable.

        Blocks; called off the event loop. Raises OSError or a store's error where it cannot.
        """
        ...


class LogReader(Protocol):
    """What people read. Blocks; every call takes a snapshot of at most a second."""

    def find(self, query: Query, *, limit: int) -> Sequence[Record]:
        """The newest records that match."""
        ...

    def recipient_domains(self, since: float) -> Sequence[str]:
        """The domains of recipients to whom mail came since a moment, for at most a month back."""
        ...

    def repeated(self, records: Sequence[Record]) -> Mapping[QueueId, bool]:
        """For each message whether the same came before; what it would take too long to find out is left out."""
        ...

    def show(self, queue_id: QueueId) -> tuple[Record, Sequence[Line]] | None:
        """One record with its timeline; None where there is none."""
        ...
