"""The index over the words of the log: what of a record can be searched for, and how it comes into the index.

The index is made behind the writer, in the order of the rows. A row that changes after that is noted as stale and taken
again. A record's texts are made in one place (`texts`), for the index and for checking what the index offers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import apsw

from mailock.core.lifecycle.query import Where
from mailock.core.lifecycle.record import Record
from mailock.core.mail.address import Address
from mailock.core.mail.shown import cleaned, header
from mailock.telemetry import story as story_format
from mailock.telemetry.story import packed_of
from mailock.telemetry.words import address_key, indexable, tokens

COLUMNS: Final = ("subject", "sender", "recipient", "id", "ip", "session", "hop", "reason", "fact")
"""Of the index; they stand in its schema."""
_PUT: Final = f"INSERT OR REPLACE INTO word(rowid, {', '.join(COLUMNS)}) VALUES {{}}"
_ROWS: Final = (256, 32, 4, 1)
"""Rows a statement: each one that runs gives the interpreter away, and has to wait to get it back."""


FACETS: Final = {
    Where.CLASS: "c",
    Where.FINDING: "k",
    Where.RULE: "r",
    Where.FILE: "f",
    Where.HASH: "h",
    Where.URL: "u",
}
"""What stands in the column of facts, and the letter that its words begin with."""


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
    reasons = {
        part
        for r in recipients
        for part in (r.why, str(r.reply or ""), r.quarantine_class or "", *r.because, *r.changes)
    }
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


def system_fact(name: str) -> str:
    """The word for a virtual system."""
    return f"s{name.encode(errors='replace').hex()}"


def facet(kind: Where, word: str) -> str:
    """The word of the index for a word of a facet: class, finding, rule, file, hash or URL."""
    return f"{FACETS[kind]}0{word}"


def faceted(kind: Where, texts: Iterable[str]) -> str:
    """The words of the index for the texts of a facet."""
    return " ".join(dict.fromkeys(facet(kind, word) for text in texts for word in tokens(text)))


def index_rows(connection: apsw.Connection, indexed: int, last: int, rows: int) -> tuple[int, bool]:
    """Takes the next rows into the index. Returns how far it has come, and whether there is more to do."""
    new = _stories(
        connection, "SELECT n, story FROM record WHERE n > ? AND n <= ? ORDER BY n LIMIT ?", (indexed, last, rows)
    )
    if new:
        run(connection, _PUT, [indexed_row(n, story) for n, story in new])
        reached = new[-1][0] if len(new) == rows else last
        connection.execute("UPDATE meta SET value = ? WHERE name = 'indexed'", (reached,))
        if len(new) == rows:
            return reached, True
        # Where mail never pauses there are always a few new ones: what else is to be done must not wait for none.
        indexed = reached
    stale = _stories(
        connection, "SELECT n, story FROM record WHERE n IN (SELECT n FROM stale ORDER BY n LIMIT ?)", (rows,)
    )
    run(connection, _PUT, [indexed_row(n, story) for n, story in stale])
    connection.executemany("DELETE FROM stale WHERE n = ?", [(n,) for n, _ in stale])
    return indexed, len(stale) == rows


def facet_rows(connection: apsw.Connection, rows: int) -> bool:
    """Takes rows again that an earlier Mailock indexed without facets, the newest first. Whether there are more."""
    below = int(connection.execute("SELECT value FROM meta WHERE name = 'faceted'").get)
    if not below:
        return False
    old = _stories(connection, "SELECT n, story FROM record WHERE n <= ? ORDER BY n DESC LIMIT ?", (below, rows))
    run(connection, _PUT, [indexed_row(n, story) for n, story in old])
    reached = old[-1][0] - 1 if len(old) == rows else 0
    connection.execute("UPDATE meta SET value = ? WHERE name = 'faceted'", (reached,))
    return reached > 0


def run(connection: apsw.Connection, statement: str, rows: Sequence[tuple[int | float | str | bytes, ...]]) -> None:
    """Runs a statement over rows, many at a time; `{}` stands for where the rows go."""
    at = 0
    while at < len(rows):
        count = next(count for count in _ROWS if count <= len(rows) - at)
        marks = ",".join(["(" + ",".join("?" * len(rows[at])) + ")"] * count)
        connection.execute(statement.format(marks), [value for row in rows[at : at + count] for value in row])
        at += count


def _stories(connection: apsw.Connection, select: str, bindings: tuple[int, ...]) -> list[tuple[int, bytes]]:
    return cast("list[tuple[int, bytes]]", connection.execute(select, bindings).fetchall())


def indexed_row(n: int, story: bytes) -> tuple[int | str, ...]:
    """A row of the index, its number first: what `texts` gives, and gave at any time before, from the packed events.

    Making the record would cost five times as much. That words stay here which the record shows no more does no harm:
    what the index offers is checked.
    """
    subject = sender = recipient = name = ip = session = fact = ""
    hops: list[str] = []
    reasons: list[str] = []
    for event in packed_of(story):
        match event[0]:
            case story_format.ACCEPTED:
                envelope_sender, recipients = event[28], event[29]
                subject = header(event[15])
                sender = f"{cleaned(_address(envelope_sender))} {header(event[16])}"
                addresses = " ".join([_address(one) for one in recipients])
                recipient = f"{cleaned(addresses)} {header(event[17])} {header(event[18])}"
                name, session, ip = cleaned(event[14]), cleaned(event[2]), event[19]
                fact = f"{system_fact(event[4])} {facet(Where.HASH, event[11])}"
                fact += " null" if envelope_sender is None else ""
            case story_format.JUDGED:
                fact += f" v{indexable(event[5])} {_facets(event)}"
                reasons += [part for decided in event[6] for part in (*decided[3], decided[4] or "")]
            case story_format.ATTEMPTED:
                hops += event[4:6]
                # Of an outcome without a response nothing stands there.
                reasons += [str(part) for outcome in event[8] for part in outcome[2:5]]
            case story_format.REFUSED:
                sender, recipient, ip = cleaned(event[8]), cleaned(event[9]), event[5]
                reasons += event[10:12]
                fact = system_fact("") + (" null" if event[8] == "<>" else "")
            case story_format.NOTED | story_format.SCAN_STARTED | story_format.REMADE:
                # What was changed is no reason for anything; the decision that ordered it is above.
                pass
            case _:
                reasons += [part for part in event[4:] if part]
    return (
        n,
        indexable(subject),
        indexable(sender),
        indexable(recipient),
        indexable(name),
        address_key(ip),
        indexable(session),
        indexable(cleaned(" ".join(hops))),
        indexable(cleaned(" ".join(reasons))),
        fact or system_fact(""),
    )


def _facets(judged: Sequence[Any]) -> str:
    """The facets of a packed judgement."""
    words = [faceted(Where.RULE, (decided[2] for decided in judged[6]))]
    scan = judged[8]
    if scan is not None:
        words.append(faceted(Where.CLASS, (scan[1],)))
        if len(scan) > 4:
            outline = scan[4]
            words.append(faceted(Where.FINDING, outline[3]))
            words += [faceted(kind, texts) for kind, texts in zip(_OUTLINED, outline[5:8], strict=False)]
    return " ".join(words)


_OUTLINED: Final = (Where.FILE, Where.HASH, Where.URL)


def _address(packed: Sequence[str] | None) -> str:
    return str(Address(packed[0], packed[1])) if packed is not None else ""
