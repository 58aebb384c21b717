"""`track.db`, written: the log of messages in a file of its own, apart from the queue (DECISIONS 4).

Everything here is made to cost little, since it shares a processor with the mail itself. What one call of `write`
says of a message is brought together first, so a message that came and went between two calls is one new row. A
statement carries many rows: each one that runs gives the interpreter away and has to wait to get it back. The index
over words is not made here but by `tidy`, later, when there is time; until then a search reads the newest rows
themselves.

The sums of minutes, hours and days are written with the events (telemetry/rollup.py).

Nothing is written twice: a row knows the last batch of the outbox that it has. A fault of the file closes it and is
raised as OSError; the next call opens it again, so a log that is mended goes on by itself.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, cast

import apsw

from mailock.core.lifecycle.events import Accepted, Event, Noted, Refused, Released, ScanStarted
from mailock.core.lifecycle.standing import NOTHING, Standing, follow
from mailock.core.lifecycle.timeline import moment_of
from mailock.core.lifecycle.volume import Counted, Sums, count, settle
from mailock.core.mail.message import QueueId
from mailock.core.mail.status import Status
from mailock.telemetry import columns
from mailock.telemetry.domains import SeenDomains
from mailock.telemetry.index import facet_rows, index_rows, run
from mailock.telemetry.rollup import add, recounted, trim
from mailock.telemetry.schema import first_since, mask_of, migrate
from mailock.telemetry.story import chunk, events_of

_UNDER_WAY: Final = frozenset({Status.NEW, Status.SCAN_STARTED, Status.SCAN_ENDED, Status.RELEASED})
"""Statuses that change within moments: such messages are kept at hand and need not be read again."""
_AT_HAND: Final = 20_000
_UNFINISHED: Final = mask_of(
    (Status.NEW, Status.SCAN_STARTED, Status.HOLD, Status.DEFERRED, Status.QUARANTINED, Status.RELEASED)
)
_WORDLESS: Final = (Noted, ScanStarted, Released)
"""Events that add nothing that can be searched for."""
_FORGET_EVERY: Final = 60.0
_INSERT: Final = "INSERT INTO record(n, queue_id, sequence, arrival, updated, mask, size, system, story) VALUES {}"
# What `||` gives is text, even of two blobs.
_UPDATE: Final = (
    "WITH new(n, sequence, updated, mask, story) AS (VALUES {}) UPDATE record SET sequence = new.sequence, updated = "
    "new.updated, mask = new.mask, story = CAST(record.story || new.story AS BLOB) FROM new WHERE record.n = new.n"
)


class _Message:
    """What one call of `write` brings together of a message."""

    __slots__ = (
        "arrival",
        "counted",
        "events",
        "fresh",
        "n",
        "queue_id",
        "sequence",
        "size",
        "standing",
        "stored",
        "system",
    )

    def __init__(
        self, queue_id: int, n: int, standing: Standing, counted: Counted, stored: int, *, fresh: bool
    ) -> None:
        self.queue_id = queue_id
        self.n = n
        self.standing = standing
        self.counted = counted
        self.stored = stored
        """The last batch that its row has; 0 where it need not be compared."""
        self.fresh = fresh
        """Whether it has no row yet."""
        self.sequence = 0
        self.events: list[Event] = []
        self.arrival = 0.0
        self.size = 0
        self.system = ""

    def take(self, sequence: int, event: Event, sums: Sums) -> None:
        """Adds an event."""
        self.sequence = sequence
        self.events.append(event)
        count(sums, self.counted, event, skipped=self.standing.skipped)
        self.standing = follow(self.standing, event)
        if type(event) is Accepted:
            message = event.message
            self.arrival, self.size, self.system = message.accepted_at, message.body.size, message.virtual_system
        elif not self.arrival:
            self.arrival = moment_of(event)


class TrackLog:
    """Writes the log. Used by one thread at a time; made without touching the disk."""

    def __init__(self, path: Path, *, keep_seconds: float | None = None) -> None:
        """`keep_seconds`: how long finished messages stay in the log; None keeps them for ever."""
        self._path = path
        self._keep_seconds = keep_seconds
        self._connection: apsw.Connection | None = None
        self._sequence = 0
        self._indexed = 0
        self._next = 1
        self._forget_at = 0.0
        self._trim_at = 0.0
        self._at_hand: dict[int, tuple[int, Standing, Counted]] = {}
        self._domains = SeenDomains()

    def write(self, batches: Sequence[tuple[int, Sequence[Event]]]) -> None:
        """Makes batches durable. Raises OSError (a sentence) where it cannot, and then nothing of them is kept."""
        try:
            try:
                self._write(batches, careful=False)
            except apsw.ConstraintError:
                # A message that was taken for new has a row. That costs a look at every row, and happens to nobody.
                self.close()
                self._write(batches, careful=True)
        except apsw.Error as error:
            raise self._failed(error) from error
        except BaseException:
            self.close()
            raise

    def _write(self, batches: Sequence[tuple[int, Sequence[Event]]], *, careful: bool) -> None:
        connection = self._open()
        connection.pragma("synchronous", "FULL")
        with connection:
            sums: Sums = {}
            messages = self._gathered(connection, batches, sums, careful=careful)
            self._store(connection, messages)
            for message in messages:
                settle(sums, message.counted, message.standing.status)
            add(connection, sums)
            self._domains.note(connection, (event for message in messages for event in message.events))
        self._sequence = max(self._sequence, *(sequence for sequence, _ in batches), 0)
        self._remember(messages)

    def tidy(self, now: float, *, rows: int = 500) -> bool:
        """Does a little of what can wait: the index over words, forgetting, columns. Returns whether there is more."""
        try:
            connection = self._open()
            # What is done here can be done again: it needs no sync of its own.
            connection.pragma("synchronous", "NORMAL")
            with connection:
                self._indexed, more = index_rows(connection, self._indexed, self._next - 1, rows)
                more = more or facet_rows(connection, rows)
                if not more and self._keep_seconds is not None and now >= self._forget_at:
                    more = self._forget(connection, now - self._keep_seconds, rows)
                    self._forget_at = now if more else now + _FORGET_EVERY
                if not more and now >= self._trim_at:
                    more = trim(connection, now, self._keep_seconds)
                    self._trim_at = now if more else now + _FORGET_EVERY
                if not more:
                    more = columns.make(connection, now)
            return more
        except apsw.Error as error:
            raise self._failed(error) from error

    def gap(self, *, at: float, since: float, events: int) -> None:
        """Records that events were lost while the log was broken. Raises OSError where it cannot."""
        try:
            self._open().execute("INSERT INTO gap(at, since, events) VALUES (?, ?, ?)", (at, since, events))
        except apsw.Error as error:
            raise self._failed(error) from error

    @property
    def unindexed(self) -> int:
        """How many rows the index over words does not have yet."""
        return max(0, self._next - 1 - self._indexed)

    def close(self) -> None:
        """Closes the file, if it is open."""
        connection, self._connection = self._connection, None
        self._at_hand.clear()
        self._domains.forget()
        if connection is not None:
            connection.close()

    def _open(self) -> apsw.Connection:
        if self._connection is not None:
            return self._connection
        connection = apsw.Connection(str(self._path))
        try:
            connection.set_busy_timeout(5000)
            connection.pragma("journal_mode", "WAL")
            connection.pragma("wal_autocheckpoint", 4000)
            connection.pragma("cache_size", -65536)
            migrate(connection)
            meta = dict(connection.execute("SELECT name, value FROM meta"))
            self._sequence, self._indexed = int(meta["sequence"]), int(meta["indexed"])
            self._next = int(connection.execute("SELECT ifnull(max(n), 0) + 1 FROM record").get)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _failed(self, error: apsw.Error) -> OSError:
        self.close()
        mend = "make room" if isinstance(error, apsw.FullError) else "see `mailock doctor`"
        if isinstance(error, apsw.CorruptError | apsw.NotADBError):
            mend = "move the file away and a new one is made"
        return OSError(f"the log {self._path} cannot be written ({error}): {mend}; mail goes on meanwhile")

    def _gathered(
        self, connection: apsw.Connection, batches: Sequence[tuple[int, Sequence[Event]]], sums: Sums, *, careful: bool
    ) -> list[_Message]:
        """Every message that the batches name and that has news, with its new events and where it stands after them.

        What they are worth is added to the sums.
        """
        messages: dict[int, _Message] = {}
        for sequence, events in batches:
            again = careful or sequence <= self._sequence
            for event in events:
                queue_id = subject_of(event)
                message = messages.get(queue_id)
                if message is None:
                    message = messages[queue_id] = self._found(connection, queue_id, event, again=again)
                if sequence > message.stored:
                    message.take(sequence, event, sums)
        return [message for message in messages.values() if message.events]

    def _found(self, connection: apsw.Connection, queue_id: int, event: Event, *, again: bool) -> _Message:
        if not again:
            known = self._at_hand.get(queue_id)
            if known is not None:
                return _Message(queue_id, *known, 0, fresh=False)
        if again or not _opens(event):
            row = connection.execute("SELECT n, sequence, story FROM record WHERE queue_id = ?", (queue_id,)).get
            if row is not None:
                n, stored, story = row
                events = events_of(story)
                counted = recounted({}, events)
                return _Message(queue_id, n, _standing(events), counted, stored if again else 0, fresh=False)
        n, self._next = self._next, self._next + 1
        return _Message(queue_id, n, NOTHING, Counted(), 0, fresh=True)

    def _store(self, connection: apsw.Connection, messages: Sequence[_Message]) -> None:
        fresh, changed, stale = [], [], []
        for m in messages:
            updated, mask, story = moment_of(m.events[-1]), mask_of(m.standing.statuses), chunk(m.events)
            if m.fresh:
                fresh.append((m.n, m.queue_id, m.sequence, m.arrival, updated, mask, m.size, m.system, story))
            else:
                changed.append((m.n, m.sequence, updated, mask, story))
                if m.n <= self._indexed and not all(isinstance(event, _WORDLESS) for event in m.events):
                    stale.append((m.n,))
        run(connection, _INSERT, fresh)
        run(connection, _UPDATE, changed)
        run(connection, "INSERT OR IGNORE INTO stale(n) VALUES {}", stale)
        columns.amended(connection, (one[0] for one in changed))
        last = max((m.sequence for m in messages), default=0)
        connection.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'sequence'", (last,))

    def _remember(self, messages: Iterable[_Message]) -> None:
        at_hand = self._at_hand
        for m in messages:
            if _UNDER_WAY.isdisjoint(m.standing.statuses):
                at_hand.pop(m.queue_id, None)
            else:
                at_hand[m.queue_id] = (m.n, m.standing, m.counted)
        while len(at_hand) > _AT_HAND:
            del at_hand[next(iter(at_hand))]

    def _forget(self, connection: apsw.Connection, before: float, rows: int) -> bool:
        """Deletes the oldest finished messages without news since a moment. Returns whether there are more."""
        oldest = connection.execute(
            "SELECT n FROM record WHERE n < ? AND updated < ? AND NOT mask & ? ORDER BY n LIMIT ?",
            (first_since(connection, before), before, _UNFINISHED, rows),
        )
        numbers = cast("list[tuple[int]]", oldest.fetchall())
        for table, key in (("record", "n"), ("stale", "n"), ("word", "rowid")):
            connection.executemany(f"DELETE FROM {table} WHERE {key} = ?", numbers)
        if numbers:
            columns.forgotten(connection, numbers[-1][0])
        connection.execute("DELETE FROM gap WHERE at < ?", (before,))
        return len(numbers) == rows


def subject_of(event: Event) -> QueueId:
    """The message that an event is about, or the refusal's own id."""
    match event:
        case Accepted():
            return event.message.queue_id
        case Refused():
            return event.refusal_id
        case _:
            return event.queue_id


def _opens(event: Event) -> bool:
    """Whether an event is the first of its message, so that there is no row to look for."""
    return isinstance(event, Accepted) or (isinstance(event, Refused) and event.count == 1)


def _standing(events: Iterable[Event]) -> Standing:
    standing = NOTHING
    for event in events:
        standing = follow(standing, event)
    return standing
