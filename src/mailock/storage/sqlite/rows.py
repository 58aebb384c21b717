"""The rows of a message, loaded once for a commit, changed in place, and written or deleted at its end."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import apsw

from mailock.core.lifecycle.changes import Entry
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.lifecycle.transitions import IllegalMove, MovedMeanwhile, check_message
from mailock.core.mail.message import BodyRef, QueueId, show_id
from mailock.storage.sqlite.tally import Tally

Execute: TypeAlias = Callable[..., Any]
"""A cursor's `execute`. What a column holds is known to the statement, not to the types."""
MESSAGE_STAGE: Final = tuple(MessageStage)
COPY_STAGE: Final = tuple(CopyStage)
ACTIVE: Final = frozenset({CopyStage.PLANNED, CopyStage.READY})
"""Copies whose pending deliveries are on their way: neither held nor quarantined."""


@dataclass(slots=True)
class MessageRow:
    """Where a message stands."""

    queue_id: int
    stage: MessageStage
    open: int
    """Copies that are not closed."""
    deliveries: int
    """Rows of deliveries, pending or not."""
    own: int
    """Copies with a body of their own."""
    body: int
    why: str = ""
    changed: bool = False


class Rows:
    """The rows of the messages that one commit names. The lists gather over a whole transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.do: Final[Execute] = connection.cursor().execute
        self._changes: Final = connection.changes
        self.tally = Tally()
        self.closed: list[int] = []
        self.unreferenced: list[BodyRef] = []
        self.let_go: list[int] = []
        """Messages that were shunted, held or quarantined and are on their way again."""
        self._messages: dict[int, MessageRow] = {}

    def start_commit(self) -> None:
        """Forgets the rows of the commit before."""
        self._messages = {}

    def finish_commit(self) -> None:
        """Writes the rows that changed. Raises IllegalMove for a message that was judged and has no copy."""
        for row in self._messages.values():
            if row.stage is MessageStage.CLOSED:
                self._delete(row)
            elif row.changed:
                if row.stage is MessageStage.JUDGED and not row.open:
                    raise IllegalMove(f"message {shown(row.queue_id)} was judged and got no copies")
                self.do(
                    "UPDATE message SET stage = ?, open = ?, deliveries = ?, own = ?, why = ? WHERE id = ?",
                    (row.stage, row.open, row.deliveries, row.own, row.why, row.queue_id),
                )

    def message(self, queue_id: int) -> MessageRow:
        """Where a message stands. Raises IllegalMove where there is none."""
        row = self._messages.get(queue_id)
        if row is None:
            query = "SELECT stage, open, deliveries, own, body, why FROM message WHERE id = ?"
            found = self.do(query, (queue_id,)).fetchone()
            if found is None:
                raise MovedMeanwhile(f"there is no message {shown(queue_id)}")
            stage, copies, deliveries, own, body, why = found
            row = MessageRow(queue_id, MESSAGE_STAGE[stage], copies, deliveries, own, body, why)
            self._messages[queue_id] = row
        return row

    def open_copy(self, queue_id: int, number: int) -> tuple[CopyStage, int]:
        """The stage and the pending deliveries of a copy that is not closed. Raises IllegalMove where it is."""
        found = self.do("SELECT stage, open FROM copy WHERE message = ? AND number = ?", (queue_id, number)).fetchone()
        if found is None or found[0] == CopyStage.CLOSED:
            raise MovedMeanwhile(f"message {shown(queue_id)} has no open copy {number}")
        return COPY_STAGE[found[0]], found[1]

    def enter(self, entry: Entry, document: bytes) -> None:
        """The rows of a message that we take custody of."""
        message, ref, tally = entry.message, entry.message.body, self.tally
        sender = message.envelope.sender
        self.do(
            "INSERT INTO message VALUES (?, ?, 0, 0, 0, ?, ?, ?, ?, '', NULL, ?)",
            (
                message.queue_id,
                entry.stage,
                ref.name,
                message.accepted_at,
                message.virtual_system,
                "" if sender is None else str(sender).lower(),
                document,
            ),
        )
        self.name_body(ref, entry.content)
        # What the same commit does to it need not be read back.
        self._messages[message.queue_id] = MessageRow(message.queue_id, entry.stage, 0, 0, 0, ref.name, "")
        tally.messages[entry.stage] += 1
        if message.queue_id > tally.last_id:
            tally.last_id = message.queue_id

    def name_body(self, ref: BodyRef, content: bytes | None) -> None:
        """One more row names a body. Raises IllegalMove for an inline body that comes without its content."""
        row = (ref.name, ref.size, None if ref.inline else bytes.fromhex(ref.sha256), content)
        if content is None and ref.inline:
            raise IllegalMove(f"body {shown(ref.name)} is to be kept inline and its content is missing")
        self.do("INSERT INTO body VALUES (?, 1, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET refs = refs + 1", row)

    def name_again(self, ref: BodyRef) -> None:
        """One more row names a body that may be here already. Raises IllegalMove for an inline one that is not."""
        self.do("UPDATE body SET refs = refs + 1 WHERE name = ?", (ref.name,))
        if not self._changes():
            self.name_body(ref, None)

    def unname_of_copy(self, row: MessageRow, number: int) -> None:
        """A copy names its own body no more, where it has one."""
        query = "SELECT body FROM copy WHERE message = ? AND number = ?"
        found = self.do(query, (row.queue_id, number)).fetchone() if row.own else (None,)
        if found[0] is not None:
            self.do("UPDATE copy SET body = NULL WHERE message = ? AND number = ?", (row.queue_id, number))
            row.own -= 1
            row.changed = True
            self._unname((found[0],))

    def close_message(self, row: MessageRow) -> None:
        """The last copy is closed, so the message is."""
        check_message(row.stage, MessageStage.CLOSED)
        self.tally.messages[row.stage] -= 1
        row.stage = MessageStage.CLOSED

    def settle_copy(self, row: MessageRow, number: int, stage: CopyStage) -> None:
        """A copy has no pending delivery left, so it is closed; its deliveries have been counted out."""
        self.tally.copies[stage] -= 1
        row.open -= 1
        row.changed = True
        if not row.open:
            self.close_message(row)
            return
        self.unname_of_copy(row, number)
        self.do(
            "UPDATE copy SET stage = 4, open = 0, quarantine_class = NULL, quarantined_at = NULL"
            " WHERE message = ? AND number = ?",
            (row.queue_id, number),
        )

    def close_copy(self, row: MessageRow, number: int, stage: CopyStage) -> None:
        """A copy is closed with deliveries that are pending: they are dropped."""
        if stage in ACTIVE:
            self.count_pending(row.queue_id, number, -1)
        drop = "UPDATE delivery SET stage = 4, ready = 0, opened = NULL WHERE message = ? AND copy = ? AND stage = 0"
        self.do(drop, (row.queue_id, number))
        self.settle_copy(row, number, stage)

    def drop_copies(self, row: MessageRow) -> None:
        """Deletes the copies of a message, and what was counted of them."""
        if not row.deliveries and not row.open:
            return
        for number, stage, _ in self.copies(row.queue_id):
            self.count_out(row, number, stage)
        bodies = self._own_bodies(row)
        self._delete_copies(row)
        self._unname(bodies)
        row.open = row.deliveries = row.own = 0

    def copies(self, queue_id: int) -> list[tuple[int, CopyStage, int]]:
        """Number, stage and pending deliveries of every copy that is not closed."""
        query = "SELECT number, stage, open FROM copy WHERE message = ? AND stage <> 4"
        return [
            (number, COPY_STAGE[stage], pending) for number, stage, pending in self.do(query, (queue_id,)).fetchall()
        ]

    def count_out(self, row: MessageRow, number: int, stage: CopyStage) -> None:
        """A copy counts no more, nor do its pending deliveries."""
        self.tally.copies[stage] -= 1
        if stage in ACTIVE and row.stage is MessageStage.JUDGED:
            self.count_pending(row.queue_id, number, -1)

    def count_pending(self, queue_id: int, copy: int, sign: int) -> None:
        """Counts the pending deliveries of a copy in (1) or out (-1)."""
        query = "SELECT count(*), total(attempts > 0) FROM delivery WHERE message = ? AND copy = ? AND stage = 0"
        pending, deferred = self.do(query, (queue_id, copy)).fetchone()  # an aggregate always gives one row
        self.tally.pending += sign * pending
        self.tally.deferred += sign * int(deferred)

    def _delete(self, row: MessageRow) -> None:
        """Deletes what a closed message has. Its body goes when nobody else names it."""
        bodies = [row.body, *self._own_bodies(row)]
        if row.deliveries:
            self._delete_copies(row)
        self.do("DELETE FROM message WHERE id = ?", (row.queue_id,))
        self._unname(bodies)
        self.closed.append(row.queue_id)

    def _own_bodies(self, row: MessageRow) -> list[int]:
        if not row.own:
            return []
        query = "SELECT body FROM copy WHERE message = ? AND body IS NOT NULL"
        return [body for (body,) in self.do(query, (row.queue_id,)).fetchall()]

    def _delete_copies(self, row: MessageRow) -> None:
        self.do("DELETE FROM delivery WHERE message = ?", (row.queue_id,))
        self.do("DELETE FROM copy WHERE message = ?", (row.queue_id,))

    def _unname(self, names: Iterable[int]) -> None:
        for name in names:
            # Nearly every body is a small one that nobody else names.
            self.do("DELETE FROM body WHERE name = ? AND refs = 1 AND sha256 IS NULL", (name,))
            if not self._changes():
                self._unname_counted(name)

    def _unname_counted(self, name: int) -> None:
        refs, size, sha256 = self.do("SELECT refs, size, sha256 FROM body WHERE name = ?", (name,)).fetchone()
        if refs > 1:
            self.do("UPDATE body SET refs = refs - 1 WHERE name = ?", (name,))
            return
        self.do("DELETE FROM body WHERE name = ?", (name,))
        self.unreferenced.append(BodyRef(name, sha256.hex(), size, inline=False))


def shown(number: int) -> str:
    """A queue id, or the name of a body, as people see it."""
    return show_id(QueueId(number))
