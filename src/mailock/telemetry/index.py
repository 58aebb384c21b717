"""The index over the words of the log: what of a record can be searched for, and how it comes into the index.

The index is made behind the writer, in the order of the rows. A row that changes after that is noted as stale and taken
again. A record's texts are made in one place (`texts`), for the index and for checking what the index offers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

import apsw

from mailock.core.lifecycle.apply import fold
from mailock.core.lifecycle.record import Record
from mailock.core.mail.shown import cleaned, header
from mailock.telemetry.story import events_of
from mailock.telemetry.words import address_key, indexable

_PUT: Final = (
    "INSERT OR REPLACE INTO word(rowid, subject, sender, recipient, id, ip, session, hop, reason, fact) VALUES {}"
)
_ROWS: Final = 64
"""Rows a statement: each one that runs gives the interpreter away, and has to wait to get it back."""
_FEW: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What of a record can be searched for, field by field, decoded and cleaned."""

    subject: str
    sender: str
    recipient: str
    id: str
    session: str
    hop: str
    reason: str


def texts(record: Record) -> Texts:
    """The texts of a record."""
    recipients, glimpse = record.recipients, record.glimpse
    hops = {f"{r.hop.name} {r.hop.ip}" for r in recipients if r.hop is not None}
    reasons = {part for r in recipients for part in (r.why, str(r.reply or ""), r.quarantine_class or "", *r.because)}
    if record.refused is not None:
        reasons.add(record.refused.reply)
    addresses = " ".join(r.address for r in recipients)
    return Texts(
        subject=header(glimpse.subject),
        sender=f"{cleaned(record.sender)} {header(glimpse.from_)}",
        recipient=f"{cleaned(addresses)} {header(glimpse.to)} {header(glimpse.cc)}",
        id=cleaned(glimpse.message_id),
        session=cleaned(record.message.session_id) if record.message is not None else "",
        hop=cleaned(" ".join(sorted(hops))),
        reason=cleaned(" ".join(sorted(reasons))),
    )


def facts(record: Record) -> str:
    """Words for what has no text: the verdict, the virtual system, the null sender."""
    null = " null" if record.sender == "<>" else ""
    verdict = f" v{indexable(record.verdict)}" if record.verdict else ""
    return f"{system_fact(record.virtual_system)}{verdict}{null}"


def system_fact(name: str) -> str:
    """The word for a virtual system."""
    return f"s{name.encode(errors='replace').hex()}"


def index_rows(connection: apsw.Connection, indexed: int, last: int, rows: int) -> tuple[int, bool]:
    """Takes the next rows into the index. Returns how far it has come, and whether there is more to do."""
    new = _stories(
        connection, "SELECT n, story FROM record WHERE n > ? AND n <= ? ORDER BY n LIMIT ?", (indexed, last, rows)
    )
    if new:
        run(connection, _PUT, [_row(n, fold(events_of(story))) for n, story in new])
        reached = new[-1][0] if len(new) == rows else last
        connection.execute("UPDATE meta SET value = ? WHERE name = 'indexed'", (reached,))
        return reached, True
    stale = _stories(
        connection, "SELECT n, story FROM record WHERE n IN (SELECT n FROM stale ORDER BY n LIMIT ?)", (rows,)
    )
    run(connection, _PUT, [_row(n, fold(events_of(story))) for n, story in stale])
    connection.executemany("DELETE FROM stale WHERE n = ?", [(n,) for n, _ in stale])
    return indexed, len(stale) == rows


def run(connection: apsw.Connection, statement: str, rows: Sequence[tuple[int | float | str | bytes, ...]]) -> None:
    """Runs a statement over rows, many at a time; `{}` stands for where the rows go."""
    at = 0
    while at < len(rows):
        count = _ROWS if len(rows) - at >= _ROWS else 1 if len(rows) - at < _FEW else _FEW
        marks = ",".join(["(" + ",".join("?" * len(rows[at])) + ")"] * count)
        connection.execute(statement.format(marks), [value for row in rows[at : at + count] for value in row])
        at += count


def _stories(connection: apsw.Connection, select: str, bindings: tuple[int, ...]) -> list[tuple[int, bytes]]:
    return cast("list[tuple[int, bytes]]", connection.execute(select, bindings).fetchall())


def _row(n: int, record: Record) -> tuple[int | str, ...]:
    found = texts(record)
    return (
        n,
        indexable(found.subject),
        indexable(found.sender),
        indexable(found.recipient),
        indexable(found.id),
        address_key(record.source_ip),
        indexable(found.session),
        indexable(found.hop),
        indexable(found.reason),
        facts(record),
    )
