"""Whether a message came before: the same octets from the same sender under the same Message-ID.

It is looked for when a record is shown, not when it is written, so mail pays nothing for it, and everything that the
log still has is looked through. What was split at accept, so that each virtual system has its own, came once.
"""

from collections.abc import Iterable, Sequence
from typing import Final, cast

import apsw

from mailock.core.lifecycle.record import Record
from mailock.core.mail.message import Message, QueueId
from mailock.core.mail.shown import cleaned
from mailock.telemetry.story import ACCEPTED, packed_of
from mailock.telemetry.words import tokens

_MOST: Final = 50
"""Earlier messages of the same words and size that are compared; the newest first."""
_Key = tuple[tuple[str, str] | None, str, str]
_Coming = tuple[str, int]
"""The session and the place in it: what came at once has the same."""


def repeated(connection: apsw.Connection, records: Sequence[Record]) -> dict[QueueId, bool]:
    """For each message whether it came before. Refusals, and records without a beginning, are left out."""
    answers: dict[QueueId, bool] = {}
    messages = [record.message for record in records if record.message is not None]
    if not messages:
        return answers
    indexed = int(connection.execute("SELECT value FROM meta WHERE name = 'indexed'").get)
    places = {message.queue_id: _place(connection, message.queue_id) for message in messages}
    recent = _recent(connection, indexed, max(places.values(), default=0))
    for message in messages:
        n, key, coming = places[message.queue_id], _key(message), (message.session_id, message.ordinal)
        others = recent.get(key, [])
        answers[message.queue_id] = any(m < n and came != coming for m, came in others) or _before(
            connection, message, min(n, indexed + 1)
        )
    return answers


def _before(connection: apsw.Connection, message: Message, below: int) -> bool:
    match = _match(message)
    if match is None:
        return False
    rows = connection.execute(
        "SELECT story FROM word CROSS JOIN record ON n = word.rowid "
        "WHERE word.rowid < ? AND size = ? AND word MATCH ? ORDER BY word.rowid DESC LIMIT ?",
        (below, message.body.size, match, _MOST),
    )
    key, coming = _key(message), (message.session_id, message.ordinal)
    stories = cast("Iterable[tuple[bytes]]", rows)
    return any(_of(story) == key and _coming(story) != coming for (story,) in stories)


def _match(message: Message) -> str | None:
    """Words that an earlier one has in the index too; None where there are none to look for."""
    column, words = "id", tokens(cleaned(message.glimpse.message_id))
    if not words:
        sender = message.envelope.sender
        column, words = "sender", tokens(cleaned(str(sender))) if sender is not None else []
    return " AND ".join(f'{column} : "{word}"' for word in words) or None


def _recent(connection: apsw.Connection, above: int, last: int) -> dict[_Key, list[tuple[int, _Coming]]]:
    """The messages that the index over words does not have yet."""
    found: dict[_Key, list[tuple[int, _Coming]]] = {}
    rows = connection.execute("SELECT n, story FROM record WHERE n > ? AND n <= ?", (above, last))
    for n, story in cast("Iterable[tuple[int, bytes]]", rows):
        key, coming = _of(story), _coming(story)
        if key is not None and coming is not None:
            found.setdefault(key, []).append((n, coming))
    return found


def _place(connection: apsw.Connection, queue_id: QueueId) -> int:
    return int(connection.execute("SELECT ifnull(max(n), 0) FROM record WHERE queue_id = ?", (queue_id,)).get)


def _key(message: Message) -> _Key:
    sender = message.envelope.sender
    of = None if sender is None else (sender.local, sender.domain)
    return of, message.glimpse.message_id, message.body.sha256


def _of(story: bytes) -> _Key | None:
    first = packed_of(story)[0]
    if first[0] != ACCEPTED:
        return None
    return None if first[28] is None else (first[28][0], first[28][1]), first[14], first[11]


def _coming(story: bytes) -> _Coming | None:
    first = packed_of(story)[0]
    return (first[2], first[3]) if first[0] == ACCEPTED else None
