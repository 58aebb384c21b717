"""What people type to find messages: `from:alice subject:invoice status:deferred since:2d`.

Words are sought by their beginnings: `from:ali` finds `alice@example.com`. Everything that is said must hold, except
that several statuses mean any of them.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from mailock.core.mail.status import Status


class BadQuery(ValueError):
    """What a person typed is no query; the text is one sentence for him."""


class Where(Enum):
    """Where a term is sought."""

    ANYWHERE = ""
    """A word without a field: the subject, every address, the names of the message."""
    FROM = "from"
    TO = "to"
    SUBJECT = "subject"
    VERDICT = "verdict"
    CLASS = "class"
    """The class of mail: ham, bulk, suspected_spam, spam, phishing."""
    FINDING = "finding"
    """A kind of finding that was suspicious or worse, by its beginning."""
    RULE = "rule"
    """The rule that decided for a recipient."""
    FILE = "file"
    """The name of a file in it, also of one inside another."""
    HASH = "hash"
    """SHA-256 of the message or of a file in it, or its beginning."""
    URL = "url"
    """Where it leads to."""
    IP = "ip"
    ID = "id"
    SESSION = "session"
    HOP = "hop"
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that has to be found."""

    where: Where
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which records are meant. Times are Unix seconds, sizes bytes; what is None or empty selects nothing away."""

    terms: tuple[Term, ...] = ()
    statuses: frozenset[Status] = frozenset()
    """Any recipient that has one of them matches."""
    larger_than: int | None = None
    smaller_than: int | None = None
    since: float | None = None
    until: float | None = None
    virtual_system: str | None = None


NULL_SENDER: Final = "<>"
"""`from:<>` finds what came with the null reverse-path."""
_PIECE: Final = re.compile(r'(?:(?P<name>[a-z_]+)(?P<sign>[:<>]))?(?:"(?P<quoted>[^"]*)"|(?P<bare>\S+))', re.IGNORECASE)
_FIELDS: Final = {f"{where.value}:" if where.value else "": where for where in Where}
_SIZE: Final = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([kmg]?)(i?)b?", re.IGNORECASE)
_AGO: Final = re.compile(r"(\d{1,9})\s*([smhdw])", re.IGNORECASE)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_POWERS: Final = {"": 0, "k": 1, "m": 2, "g": 3}
_SAID: Final = (
    "from: to: subject: status: verdict: class: finding: rule: file: hash: url: ip: size> size< since: until: id: "
    "session: hop: reason: system:"
)


def parse_query(text: str, *, now: float) -> Query:
    """The query that a person typed. Raises BadQuery."""
    query = Query()
    for piece in _PIECE.finditer(text):
        value = piece["quoted"] if piece["quoted"] is not None else piece["bare"]
        query = _narrowed(query, (piece["name"] or "").lower() + (piece["sign"] or ""), value, now)
    if query.since is not None and query.until is not None and query.since > query.until:
        raise BadQuery("since: is later than until:, so nothing can match")
    return query


def _narrowed(query: Query, field: str, value: str, now: float) -> Query:
    match field:
        case "status:":
            return replace(query, statuses=query.statuses | {read_status(part) for part in value.split(",")})
        case "size>":
            return replace(query, larger_than=read_size(value))
        case "size<":
            return replace(query, smaller_than=read_size(value))
        case "since:":
            return replace(query, since=read_time(value, now=now))
        case "until:":
            return replace(query, until=read_time(value, now=now))
        case "system:":
            return replace(query, virtual_system=value)
        case _:
            return replace(query, terms=(*query.terms, _term(field, value)))


def _term(field: str, value: str) -> Term:
    where = _FIELDS.get(field)
    if where is None:
        raise BadQuery(f'there is no field {field} (there are {_SAID}); put words that hold {field[-1]} in "quotes"')
    if not any(character.isalnum() for character in value) and (where, value) != (Where.FROM, NULL_SENDER):
        raise BadQuery(f"{field or 'a word'} needs at least one letter or digit to look for, not {value!r}")
    return Term(where, value)


def read_status(text: str) -> Status:
    """A status by its name. Raises BadQuery."""
    try:
        return Status(text.strip().lower())
    except ValueError:
        raise BadQuery(f"{text!r} is not a status: there are {', '.join(s.value for s in Status)}") from None


def read_size(text: str) -> int:
    """A size such as `20000`, `10k`, `1.5MB` (powers of 1000) or `64KiB` (of 1024), in bytes. Raises BadQuery."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise BadQuery(f"{text!r} is not a size: write it as 20000, 10k or 1.5MB")
    return int(float(found[1]) * (1024 if found[3] else 1000) ** _POWERS[found[2].lower()])


def read_time(text: str, *, now: float) -> float:
    """A moment, as Unix time: `30m` or `2d` ago, `2026-11-24`, `2026-11-24T08:00` (UTC if silent). Raises BadQuery."""
    text = text.strip()
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now - int(ago[1]) * _SECONDS[ago[2].lower()]
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise BadQuery(f"{text!r} is not a time: write 30m, 2d, 2026-11-24 or 2026-11-24T08:00") from None
