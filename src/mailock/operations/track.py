"""Track a message: what people and scripts are shown of the log.

The shapes here are what `--json` prints and others build on: a name is never given another meaning, and all of them
stand in docs/log.md. Times are UTC (ISO 8601). What came from outside is decoded and cleaned before it is shown.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, TypeAlias

from mailock.core.lifecycle.query import BadQuery, Query, parse_query, read_status, read_time
from mailock.core.lifecycle.record import RecipientRecord, Record
from mailock.core.lifecycle.timeline import Line
from mailock.core.mail.message import Message, read_id, show_id
from mailock.core.mail.shown import cleaned, header
from mailock.ports.log import LogReader

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
_NO_ORIGIN: Final[dict[str, Json]] = {
    "session": "",
    "ordinal": 0,
    "parent": None,
    "own": None,
    "node": "",
    "source_port": 0,
    "protocol": "",
    "internal": False,
    "authenticated_as": None,
    "proxy_ip": None,
    "tls_in": "",
    "tls_client": "",
    "sha256": "",
    "accept_revision": None,
}
LIMIT: Final = 100
"""How many records a search gives."""


def asked(text: str, *, since: str | None, status: str | None, now: float) -> Query:
    """The query that a person typed, with what he gave beside it. Raises BadQuery."""
    query = parse_query(text, now=now)
    if since is not None:
        query = replace(query, since=read_time(since, now=now))
    if status is not None:
        query = replace(query, statuses=query.statuses | {read_status(part) for part in status.split(",")})
    return query


def search(reader: LogReader, query: Query, *, limit: int = LIMIT) -> Sequence[Record]:
    """The newest records that match."""
    return _marked(reader, reader.find(query, limit=limit))


def story(reader: LogReader, name: str) -> tuple[Record, Sequence[Line]] | None:
    """What became of a message, or of a refusal, by its id or by the code that its reply carried.

    Raises BadQuery for what is neither; None where the log has nothing of it.
    """
    try:
        found = reader.show(read_id(name))
    except ValueError as error:
        hint = " (look for other things with `mailock track`)"
        raise BadQuery(f"{error}{hint}") from None
    if found is None:
        return None
    (record,) = _marked(reader, [found[0]])
    return record, found[1]


def _marked(reader: LogReader, records: Sequence[Record]) -> list[Record]:
    """The records, each with whether it came before."""
    repeated = reader.repeated(records)
    return [replace(record, duplicate=repeated.get(record.queue_id)) for record in records]


def record_json(record: Record) -> dict[str, Json]:
    """A record as others read it: docs/log.md says what each field means."""
    glimpse, least = record.glimpse, record.least
    hop = least.hop if least is not None else None
    shown: dict[str, Json] = {
        "id": show_id(record.queue_id),
        "status": record.status.value,
        "arrival": moment(record.arrival),
        "updated": moment(record.updated),
        "delivered": moment(record.delivered_at),
        "direction": [direction.value for direction in record.directions],
        "subject": header(glimpse.subject),
        "from": header(glimpse.from_),
        "to": header(glimpse.to),
        "cc": header(glimpse.cc),
        "message_id": cleaned(glimpse.message_id),
        "sender": cleaned(record.sender),
        "recipients_number": len(record.recipients),
        "size": record.size,
        "source_ip": record.source_ip,
        "helo": cleaned(record.untrusted_helo),
        "listener": record.listener,
        "virtual_system": record.virtual_system,
        "verdict": record.verdict,
        "confidence": record.scan.confidence if record.scan is not None else "",
        "class": record.scan.mail_class if record.scan is not None else "",
        "score": record.scan.score if record.scan is not None else None,
        "skipped": record.skipped,
        "scan_started": moment(record.scan_started),
        "scan_ended": moment(record.scan_ended),
        "judge_revision": record.judge_revision,
        "rule": least.rule if least is not None else "",
        "because": [cleaned(reason) for reason in least.because] if least is not None else [],
        "quarantine_class": least.quarantine_class if least is not None else None,
        "attempts": max((r.attempts for r in record.recipients), default=0),
        "next_hop": cleaned(hop.name) if hop is not None else "",
        "next_hop_ip": hop.ip if hop is not None else "",
        "tls_out": hop.tls if hop is not None else "",
        "reason": cleaned(least.why) if least is not None else "",
        "duplicate": record.duplicate,
        "gap": record.gap,
    }
    return shown | _outline_json(record) | _origin_json(record.message) | _told(record)


def _told(record: Record) -> dict[str, Json]:
    recipients: list[Json] = [_recipient_json(recipient) for recipient in record.recipients]
    return {"refused": _refused_json(record), "recipients": recipients}


def _outline_json(record: Record) -> dict[str, Json]:
    outline = record.scan.outline if record.scan is not None else None
    if outline is None:
        empty: dict[str, Json] = {name: [] for name in ("detections", "unfinished", "files", "hashes", "urls")}
        return {"content": "", "attachments": None, "links": None} | empty
    return {
        "content": outline.kind,
        "attachments": outline.attachments,
        "links": outline.links,
        "detections": list(outline.detections),
        "unfinished": list(outline.unfinished),
        "files": list(outline.files),
        "hashes": list(outline.hashes),
        "urls": list(outline.urls),
    }


def _origin_json(message: Message | None) -> dict[str, Json]:
    """What was known when custody was taken; the same fields, empty, where there is no message."""
    if message is None:
        return dict(_NO_ORIGIN)
    origin, tls = message.origin, message.origin.tls
    return {
        "session": message.session_id,
        "ordinal": message.ordinal,
        "parent": show_id(message.parent) if message.parent is not None else None,
        "own": message.own,
        "node": message.node,
        "source_port": origin.port,
        "protocol": origin.protocol,
        "internal": origin.internal,
        "authenticated_as": cleaned(origin.authenticated_as) if origin.authenticated_as is not None else None,
        "proxy_ip": origin.proxy_ip,
        "tls_in": f"{tls.version} {tls.cipher}" if tls is not None else "",
        "tls_client": cleaned(tls.client_name or "") if tls is not None else "",
        "sha256": message.body.sha256,
        "accept_revision": message.revision,
    }


def _refused_json(record: Record) -> Json:
    refused = record.refused
    if refused is None:
        return None
    return {
        "count": refused.count,
        "until": moment(refused.until),
        "reply": cleaned(refused.reply),
        "why": cleaned(refused.why),
        "reference": refused.reference,
    }


def _recipient_json(recipient: RecipientRecord) -> Json:
    hop, disposition, direction = recipient.hop, recipient.disposition, recipient.direction
    return {
        "address": cleaned(recipient.address),
        "direction": direction.value if direction is not None else None,
        "status": recipient.status.value,
        "status_since": moment(recipient.status_at),
        "disposition": disposition.value if disposition is not None else None,
        "rule": recipient.rule,
        "because": [cleaned(reason) for reason in recipient.because],
        "changes": [cleaned(change) for change in recipient.changes],
        "quarantine_class": recipient.quarantine_class,
        "attempts": recipient.attempts,
        "last_attempt": moment(recipient.last_attempt),
        "next_try": moment(recipient.next_try),
        "next_hop": cleaned(hop.name) if hop is not None else "",
        "next_hop_ip": hop.ip if hop is not None else "",
        "next_hop_port": hop.port if hop is not None else 0,
        "tls": hop.tls if hop is not None else "",
        "reply": cleaned(str(recipient.reply)) if recipient.reply is not None else "",
        "delivered": moment(recipient.delivered_at),
        "by": cleaned(recipient.by),
        "reason": cleaned(recipient.why),
    }


def line_json(line: Line) -> dict[str, Json]:
    """An entry of a message's history."""
    return {
        "at": moment(line.at),
        "status": line.status.value if line.status is not None else None,
        "text": cleaned(line.untrusted_text),
    }


def moment(at: float | None) -> str | None:
    """A moment in UTC, to the millisecond (ISO 8601); None for None."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
