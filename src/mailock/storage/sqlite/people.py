"""What people read of the queue: selections as SQL, counts, and what is kept where."""

import json
from collections.abc import Callable
from typing import Final

from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.message import Message, QueueId
from mailock.ports.queue import Item, Selection
from mailock.storage.codec import decode_message
from mailock.storage.sqlite.reads import COPY, DELIVERY, copy_from, delivery_from
from mailock.storage.sqlite.rows import MESSAGE_STAGE, Execute

Condition = tuple[str, tuple[object, ...]]
KEPT: Final = frozenset({CopyStage.PLANNED, CopyStage.HELD, CopyStage.QUARANTINED})
"""The stages for which there is an index of copies."""


def find(selection: Selection, limit: int, after: QueueId | None) -> Callable[[Execute], list[Item]]:
    """The messages that a selection means, oldest first."""
    conditions = _conditions(selection)
    if after is not None:
        conditions.append(("m.id > ?", (after,)))
    where = " AND ".join(sql for sql, _ in conditions) or "1"
    values = tuple(value for _, given in conditions for value in given)
    query = f"SELECT m.id, m.stage, m.why, m.doc FROM message m WHERE {where} ORDER BY m.id"

    def read(do: Execute) -> list[Item]:
        chosen = []
        for queue_id, stage, why, document in do(query, values):
            message = decode_message(document)
            if _envelope_matches(selection, MESSAGE_STAGE[stage], message):
                chosen.append((queue_id, stage, why, message))
                if len(chosen) >= limit:
                    break
        return [_item(do, *row) for row in chosen]

    return read


def oldest(start: int) -> Callable[[Execute], tuple[int, float] | None]:
    """The oldest message, from a queue id on, that is on its way: not shunted, held or quarantined."""
    query = """
        SELECT m.id, m.accepted_at FROM message m
        WHERE m.id >= ? AND (m.stage < 3 OR (m.stage = 3 AND EXISTS
            (SELECT 1 FROM copy c WHERE c.message = m.id AND c.stage IN (0, 1))))
        ORDER BY m.id LIMIT 1
    """
    return lambda do: do(query, (start,)).fetchone()


def names_of_files(do: Execute) -> set[int]:
    """The names of bodies in files."""
    return {name for (name,) in do("SELECT name FROM body WHERE sha256 IS NOT NULL")}


def _item(do: Execute, queue_id: int, stage: int, why: str, message: Message) -> Item:
    copies = do(f"SELECT {COPY} FROM copy WHERE message = ? ORDER BY number", (queue_id,)).fetchall()
    query = f"SELECT {DELIVERY} FROM delivery WHERE message = ? ORDER BY copy, number"
    return Item(
        message=message,
        stage=MESSAGE_STAGE[stage],
        copies=tuple(copy_from(message.queue_id, row) for row in copies),
        deliveries=tuple(delivery_from(row) for row in do(query, (queue_id,)).fetchall()),
        why=why,
    )


def _conditions(selection: Selection) -> list[Condition]:
    found: list[Condition] = []
    if selection.ids is not None:
        found.append(("m.id IN (SELECT value FROM json_each(?))", (json.dumps(selection.ids),)))
    if selection.sender is not None:
        found.append(_address("m.sender", selection.sender))
    if selection.message_stages is not None:
        # Constants, because only then may the partial index serve.
        listed = ", ".join(str(int(stage)) for stage in selection.message_stages)
        waiting = "" if MessageStage.JUDGED in selection.message_stages else " AND m.stage <> 3"
        found.append((f"m.stage IN ({listed}){waiting}", ()))
    if selection.virtual_system is not None:
        found.append(("m.virtual_system = ?", (selection.virtual_system,)))
    if selection.accepted_before is not None:
        found.append(("m.accepted_at < ?", (selection.accepted_before,)))
    if selection.copy_stages is not None or selection.quarantined_before is not None:
        found.append(_of_a_copy(selection))
    if selection.lane is not None or selection.recipient is not None:
        found.append(_of_a_delivery(selection))
    return found


def _of_a_copy(selection: Selection) -> Condition:
    terms, values = [], []
    stages = frozenset(CopyStage) if selection.copy_stages is None else frozenset(selection.copy_stages)
    if selection.quarantined_before is not None:
        terms.append("c.quarantined_at < ?")
        values.append(selection.quarantined_before)
        stages &= {CopyStage.QUARANTINED}
    terms.append(f"c.stage IN ({', '.join(str(int(stage)) for stage in stages)})")
    if stages <= KEPT:
        terms.append("c.stage IN (0, 2, 3)")
        return f"m.id IN (SELECT c.message FROM copy c WHERE {' AND '.join(terms)})", tuple(values)
    return f"EXISTS (SELECT 1 FROM copy c WHERE c.message = m.id AND {' AND '.join(terms)})", tuple(values)


def _of_a_delivery(selection: Selection) -> Condition:
    terms: list[Condition] = []
    if selection.lane is not None:
        terms.append(("d.stage = 0 AND d.lane = ?", (selection.lane,)))
    if selection.recipient is not None:
        terms.append(_address("d.recipient", selection.recipient))
    sql = " AND ".join(term for term, _ in terms)
    values = tuple(value for _, given in terms for value in given)
    exists = f"EXISTS (SELECT 1 FROM delivery d WHERE d.message = m.id AND {sql})"
    # A message that has no deliveries yet is judged by its envelope, which is read when it is decoded.
    return (exists if selection.lane is not None else f"({exists} OR m.deliveries = 0)"), values


def _address(column: str, pattern: str) -> Condition:
    wanted = pattern.strip("<>").lower()
    if wanted.startswith("@"):
        return f"substr({column}, ?) = ?", (-len(wanted), wanted)
    return f"{column} = ?", (wanted,)


def _envelope_matches(selection: Selection, stage: MessageStage, message: Message) -> bool:
    if selection.recipient is None or stage is MessageStage.JUDGED:
        return True
    wanted = selection.recipient.strip("<>").lower()
    addresses = [str(recipient.address).lower() for recipient in message.envelope.recipients]
    return any(a.endswith(wanted) if wanted.startswith("@") else a == wanted for a in addresses)
