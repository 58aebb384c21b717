"""Commits as SQL: what each change does to the rows, checked against the transitions before it is written.

The ledger runs inside the transaction that the group has begun. A message's row is loaded once for a commit, every
change works on it, and it is written at the end; the rows of a message that closed are deleted instead, so the common
life (one copy, one recipient) costs a handful of statements.
"""

from collections.abc import Sequence
from typing import assert_never

import apsw

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
from mailock.core.lifecycle.events import Event, Refused
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.lifecycle.transitions import IllegalMove, MovedMeanwhile, check_message
from mailock.storage.codec import encode_message
from mailock.storage.event_codec import Pair, WrittenEvents, encode_events, event_pair
from mailock.storage.sqlite.copying import move, plan, remake
from mailock.storage.sqlite.rows import ACTIVE, MessageRow, Rows, shown
from mailock.storage.sqlite.settling import reschedule, settle
from mailock.storage.sqlite.tally import Tally


class Ledger:
    """Writes the commits of one transaction after the other."""

    def __init__(self, connection: apsw.Connection, tally: Tally) -> None:
        self.rows = Rows(connection)
        self.rows.tally = self._before = tally
        self._do = self.rows.do
        self.written: WrittenEvents | None = None
        """The events of the transaction, in order, once it is finished; None where there are none."""
        self._events: list[Event] = []
        self._pairs: list[Pair] = []

    def begin(self) -> None:
        """Starts a transaction."""
        self._do("BEGIN IMMEDIATE")
        rows = self.rows
        self._before = rows.tally.branch()
        rows.closed, rows.unreferenced, rows.let_go = [], [], []
        self.written, self._events, self._pairs = None, [], []

    def finish(self) -> None:
        """Writes what the transaction's commits have in common, their events and the tally. COMMIT is the caller's."""
        tally = self.rows.tally
        if self._pairs:
            tally.sequence += 1
            document = encode_events(self._pairs)
            self._do("INSERT INTO outbox VALUES (?, ?, ?)", (tally.sequence, len(self._pairs), document))
            self.written = WrittenEvents.of(self._events, document)
        self._do("UPDATE tally SET doc = ? WHERE one = 1", (tally.encoded(),))

    def undo(self) -> None:
        """Takes the counters back to where they stood at `begin`. ROLLBACK is the caller's."""
        self.rows.tally = self._before

    def apply(self, commit: Commit) -> None:
        """One commit. Raises IllegalMove or apsw.Error, and then the transaction has to be rolled back."""
        rows = self.rows
        rows.start_commit()
        documents: dict[int, bytes] = {}
        try:
            for entry in commit.entries:
                document = documents[entry.message.queue_id] = encode_message(entry.message)
                rows.enter(entry, document)
            for change in commit.changes:
                self._change(change)
            rows.finish_commit()
        except apsw.ConstraintError as fault:
            raise IllegalMove(f"what was to be added is there already ({fault})") from fault
        self._note(commit.events, documents)

    def open_attempt(self, change: Opened) -> None:
        """Writes down that an attempt began, for those of its deliveries that are pending."""
        for number in change.numbers:
            self._do(
                "UPDATE delivery SET opened = ? WHERE message = ? AND copy = ? AND number = ? AND stage = 0",
                (change.at, change.queue_id, change.copy, number),
            )

    def drop_batches(self, through: int) -> None:
        """Deletes batches of events up to a sequence number."""
        self._do("DELETE FROM outbox WHERE sequence <= ?", (through,))

    def trim_batches(self, keep: int) -> tuple[int, int]:
        """Deletes the oldest batches of events beyond `keep`; returns up to which, and how many events they had."""
        newest_surplus = "SELECT sequence FROM outbox ORDER BY sequence DESC LIMIT 1 OFFSET ?"
        past = self._do(newest_surplus, (keep,)).fetchone()
        if past is None:
            return 0, 0
        (lost,) = self._do("SELECT sum(count) FROM outbox WHERE sequence <= ?", past).fetchone()
        self.drop_batches(past[0])
        return past[0], lost

    def _note(self, events: Sequence[Event], documents: dict[int, bytes]) -> None:
        tally = self.rows.tally
        self._events += events
        for event in events:
            if isinstance(event, Refused) and event.refusal_id > tally.last_id:
                tally.last_id = event.refusal_id
        self._pairs += [event_pair(event, documents) for event in events]

    def _change(self, change: Change) -> None:
        match change:
            case Staged():
                self._stage(change)
            case Planned():
                plan(self.rows, change)
            case Settled():
                settle(self.rows, change)
            case CopyMoved():
                move(self.rows, change)
            case CopyRemade():
                remake(self.rows, change)
            case Rescheduled():
                reschedule(self.rows, change)
            case Opened():
                self.open_attempt(change)
            case _:
                assert_never(change)

    def _stage(self, change: Staged) -> None:
        check_message(change.before, change.after)
        row = self.rows.message(change.queue_id)
        if row.stage is not change.before:
            raise MovedMeanwhile(f"message {shown(row.queue_id)} is {row.stage.name}, not {change.before.name}")
        if change.before is MessageStage.JUDGED and change.after is MessageStage.ACCEPTED:
            self._check_nobody_served(row)
        if change.after in (MessageStage.CLOSED, MessageStage.ACCEPTED):
            self.rows.drop_copies(row)
            self.rows.let_go.append(row.queue_id)
        elif change.after is MessageStage.SHUNTED and row.deliveries:
            self._take_off_the_road(row)
        tally = self.rows.tally.messages
        tally[change.before] -= 1
        if change.after is not MessageStage.CLOSED:
            tally[change.after] += 1
        row.stage, row.why, row.changed = change.after, change.why, True
        if change.counted_from is not None:
            self._do("UPDATE message SET counted_from = ? WHERE id = ?", (change.counted_from, row.queue_id))

    def _check_nobody_served(self, row: MessageRow) -> None:
        query = (
            "SELECT 1 FROM delivery d WHERE message = ? AND NOT EXISTS (SELECT 1 FROM delivery p"
            " WHERE p.message = d.message AND p.number = d.number AND p.stage = 0)"
        )
        if self._do(query, (row.queue_id,)).fetchone() is not None:
            raise MovedMeanwhile(f"message {shown(row.queue_id)} has ended for some of its recipients already")

    def _take_off_the_road(self, row: MessageRow) -> None:
        """Nothing of a shunted message is sent, or counted as on its way."""
        for number, stage, _ in self.rows.copies(row.queue_id):
            if stage in ACTIVE:
                self.rows.count_pending(row.queue_id, number, -1)
        self._do("UPDATE delivery SET ready = 0 WHERE message = ?", (row.queue_id,))
