"""Messages as people look for them: the search, and all that is known of one.

Who belongs to virtual systems finds only what belongs to them. Refusals happen before a system is known, so they are
shown to those who see everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from mailock.console.means import Means, NotThere, Visitor
from mailock.core.lifecycle.query import BadQuery, Query
from mailock.core.lifecycle.record import Record
from mailock.core.lifecycle.timeline import Line
from mailock.operations.scanned import engines, scanned
from mailock.operations.track import LIMIT, Json, asked, line_json, record_json, search, story
from mailock.storage.codec import Unreadable
from mailock.storage.examination_codec import decode_judged
from mailock.telemetry.search import TrackReader

MOST: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search came to. `gaps`: sentences on what the log lost while it was broken."""

    records: Sequence[Record]
    limit: int
    gaps: tuple[tuple[float, float, int], ...] = ()

    @property
    def rows(self) -> list[dict[str, Json]]:
        """The records as others read them."""
        return [record_json(record) for record in self.records]


def found(means: Means, visitor: Visitor, text: str, *, limit: int = LIMIT, until: float | None = None) -> Found:
    """The newest messages that a typed query means, for these eyes.

    Raises BadQuery, OSError where there is no log, TooSlow.
    """
    query = asked(text, since=None, status=None, now=means.clock.now())
    if until is not None:
        query = replace(query, until=until if query.until is None else min(until, query.until))
    limit = max(1, min(limit, MOST))
    with means.log() as reader:
        records = [one for part in _seen_by(visitor, query) for one in search(reader, part, limit=limit)]
        gaps = _gaps(reader, query)
    records.sort(key=lambda record: record.queue_id, reverse=True)
    return Found(records=records[:limit], limit=limit, gaps=gaps)


def one(means: Means, visitor: Visitor, name: str) -> tuple[Record, Sequence[Line]]:
    """One message with its history. Raises NotThere for what is not there, or not for these eyes; OSError."""
    with means.log() as reader:
        try:
            told = story(reader, name)
        except BadQuery:
            told = None
    if told is None or not visitor.sees(told[0].virtual_system):
        raise NotThere(f"the log has nothing of {name}: it may be older than the log, or not here yet (a moment)")
    return told


def one_json(record: Record, lines: Sequence[Line]) -> dict[str, Json]:
    """Everything known of a message, as `mailock show --json` prints it."""
    return record_json(record) | {"scan": seen(record), "timeline": [line_json(line) for line in lines]}


def seen(record: Record) -> dict[str, Json] | None:
    """What the examination saw, as `mailock scan` tells it; None where nothing was examined."""
    if record.scan is None or record.message is None:
        return None
    try:
        judged = decode_judged(record.scan.document)
    except Unreadable as fault:
        return {"unreadable": str(fault)}
    told = scanned(record.message, judged.examination, judged.judgement, judged.sender)
    return told | {"engines": engines(judged.examination)}


def may_touch(means: Means, visitor: Visitor, names: Sequence[str]) -> None:
    """Raises NotThere unless each of these messages is for these eyes. The queue itself is asked, not the log."""
    if not visitor.person.systems:
        return
    for name in names:
        told = means.ask(visitor, "queue.show", {"id": name})
        if not isinstance(told, dict) or not visitor.sees(told.get("virtual_system")):
            raise NotThere(f"there is no message {name}")


def _seen_by(visitor: Visitor, query: Query) -> list[Query]:
    """The query for each virtual system that the visitor may see; none where he asks for another."""
    systems = visitor.person.systems
    if not systems:
        return [query]
    return [replace(query, virtual_system=system) for system in systems if query.virtual_system in (None, system)]


def _gaps(reader: TrackReader, query: Query) -> tuple[tuple[float, float, int], ...]:
    return tuple(
        gap
        for gap in reader.gaps()
        if (query.since is None or gap[1] >= query.since) and (query.until is None or gap[0] <= query.until)
    )
