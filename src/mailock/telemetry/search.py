"""`track.db`, read: the messages that a query means, and the whole story of one.

A reader opens the file for reading only and holds no transaction between two statements, so it never keeps the writer
from tidying up, and works whether Mailock runs or not. Newest first means last taken into custody first.

The index over words offers candidates, never too few; `Matcher` then checks each against its record. What the index
does not have yet (the newest rows, and rows that changed) is read and checked one by one. So are the newest rows as
long as what is looked for is common in them: what every message has is in the index ten million times, and all of
those would be gathered to show a hundred.
"""

import heapq
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import apsw

from mailock.core.lifecycle.apply import fold
from mailock.core.lifecycle.query import Query, Term, Where
from mailock.core.lifecycle.record import Record
from mailock.core.lifecycle.timeline import Line, timeline
from mailock.core.mail.message import QueueId
from mailock.core.mail.shown import cleaned
from mailock.telemetry.fields import Row
from mailock.telemetry.index import FACETS, facet, system_fact
from mailock.telemetry.matching import Matcher, as_id
from mailock.telemetry.repeats import repeated
from mailock.telemetry.schema import BITS, LARGE, first_since, mask_of, opened_for_reading
from mailock.telemetry.story import events_of
from mailock.telemetry.words import address_key, ends_inside, tokens

_PAGE: Final = 200
"""Rows a statement."""
_COUNTED: Final = 1000
"""Rows a statement where all are read."""
_END: Final = 1 << 62
_DISORDER: Final = 3600.0
"""By how many seconds rows may be out of the order of their arrival, as after a clock was set."""
_RARE: Final = 3000
"""Up to this many rows of a status are read one by one rather than sought by their words."""
_STRETCH: Final = 64
"""Numbers of rows that are looked through before the index is asked."""
_COMMON: Final = 16
"""From this many matches in a stretch on, the next one is looked through as well."""
_COLUMNS: Final = {
    Where.ANYWHERE: "subject sender recipient id",
    Where.FROM: "sender",
    Where.TO: "recipient",
    Where.SUBJECT: "subject",
    Where.VERDICT: "fact",
    Where.IP: "ip",
    Where.ID: "id",
    Where.SESSION: "session",
    Where.HOP: "hop",
    Where.REASON: "reason",
}


class TooSlow(Exception):
    """A search took longer than it may; the text tells how to ask for less."""


class TrackReader:
    """Reads the log."""

    def __init__(self, path: Path, *, seconds: float = 10.0) -> None:
        """Opens the file for reading. `seconds`: the most that a search takes. Raises OSError where there is none."""
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        try:
            self._connection = opened_for_reading(path)
            self._connection.set_progress_handler(self._late, 100_000)
        except apsw.Error as error:
            raise OSError(f"the log {path} cannot be read: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def find(self, query: Query, *, limit: int) -> list[Record]:
        """The newest records that match. Raises TooSlow, and OSError where the file cannot be read."""
        return list(islice(self.newest(query), limit))

    def newest(self, query: Query) -> Iterator[Record]:
        """The records that match, newest first, as far as somebody wants them. Raises as `find` does, on the way."""
        return (record for record, _ in self._matching(query))

    def rows(self, query: Query) -> Iterator[tuple[Row, bytes]]:
        """Rows and stories of all that match, newest first, for counting them. Raises as `find` does, on the way.

        What only names columns is read straight, without making a record of each.
        """
        if query.terms:
            for record, story in self._matching(query):
                yield Row(record.arrival, mask_of(one.status for one in record.recipients), record.size), story
            return
        where, bindings = _filters(query)
        if query.statuses:
            where += f" AND mask & {mask_of(query.statuses)}"
        above, below = self._span(query)
        select = f"SELECT n, arrival, mask, size, story FROM record WHERE n < ? AND n > ? AND {where}"
        while True:
            try:
                page = self._connection.execute(
                    f"{select} ORDER BY n DESC LIMIT {_COUNTED}", (below, above, *bindings)
                ).fetchall()
            except apsw.Error as error:
                raise OSError(f"the log cannot be read: {error}") from error
            rows = cast("list[tuple[int, float, int, int, bytes]]", page)
            for _, arrival, mask, size, story in rows:
                yield Row(arrival, mask, size), story
            if len(rows) < _COUNTED:
                return
            below = rows[-1][0]

    def _matching(self, query: Query) -> Iterator[tuple[Record, bytes]]:
        self._deadline = time.monotonic() + self._seconds
        try:
            yield from self._found(query, Matcher(query))
        except apsw.InterruptError:
            raise TooSlow(
                f"the search took more than {self._seconds:.0f} s: narrow it with since:, or with longer words"
            ) from None
        except apsw.Error as error:
            raise OSError(f"the log cannot be read: {error}") from error

    def _found(self, query: Query, matcher: Matcher) -> Iterator[tuple[Record, bytes]]:
        where, bindings = _filters(query)
        above, below = self._span(query)
        match = _match(query, facets=True)
        if match is None or self._few(query):
            yield from self._checked(matcher, self._of_status(query, where, bindings, (above, below)))
            return
        if query.statuses:
            where += f" AND mask & {mask_of(query.statuses)}"
        below = min(below, int(self._connection.execute("SELECT ifnull(max(n), 0) + 1 FROM record").get))
        found = _COMMON
        while found >= _COMMON and below - above > 1:
            stretch = (max(above, below - _STRETCH - 1), below)
            found = 0
            rows = self._rows("", where, bindings, stretch)
            for found, pair in enumerate(self._checked(matcher, rows), start=1):  # noqa: B007 - used when it has ended
                yield pair
            below = stretch[0] + 1
        yield from self._checked(matcher, self._candidates(match, query, where, bindings, (above, below)))

    def _checked(self, matcher: Matcher, rows: Iterable[tuple[int, bytes]]) -> Iterator[tuple[Record, bytes]]:
        """Those of the rows that match, as records. Raises apsw.InterruptError when the time is over."""
        for _, story in rows:
            record = fold(events_of(story))
            if matcher.matches(record):
                yield record, story
            if self._late():
                raise apsw.InterruptError

    def show(self, queue_id: QueueId) -> tuple[Record, Sequence[Line]] | None:
        """One record with its timeline; None where there is none. Raises OSError where the file cannot be read."""
        self._deadline = time.monotonic() + self._seconds
        try:
            story = self._connection.execute("SELECT story FROM record WHERE queue_id = ?", (queue_id,)).get
        except apsw.Error as error:
            raise OSError(f"the log cannot be read: {error}") from error
        if story is None:
            return None
        events = events_of(story)
        return fold(events), timeline(events)

    def recipient_domains(self, since: float) -> list[str]:
        """The domains for which mail came since a moment. Raises OSError where the file cannot be read."""
        self._deadline = time.monotonic() + self._seconds
        try:
            rows = self._connection.execute("SELECT name FROM domain WHERE seen >= ?", (since,)).fetchall()
        except apsw.Error as error:
            raise OSError(f"the log cannot be read: {error}") from error
        return [str(name) for (name,) in rows]

    def repeated(self, records: Sequence[Record]) -> dict[QueueId, bool]:
        """Which of them came before; one that it would take too long to find out of is left out."""
        self._deadline = time.monotonic() + self._seconds
        try:
            return repeated(self._connection, records)
        except apsw.InterruptError:
            return {}
        except apsw.Error as error:
            raise OSError(f"the log cannot be read: {error}") from error

    def gaps(self) -> list[tuple[float, float, int]]:
        """What the log lost while it was broken: from when, until when, how many events."""
        rows = self._connection.execute("SELECT since, at, events FROM gap ORDER BY at").fetchall()
        return cast("list[tuple[float, float, int]]", rows)

    def _late(self) -> bool:
        return time.monotonic() > self._deadline

    def _candidates(
        self, match: str, query: Query, where: str, bindings: Sequence[float | str], span: tuple[int, int]
    ) -> Iterator[tuple[int, bytes]]:
        """Rows that may match, newest first; every one that does is among them."""
        above, below = span
        indexed = int(self._connection.execute("SELECT value FROM meta WHERE name = 'indexed'").get)
        yield from self._rows("", where, bindings, (max(indexed, above), below))
        faceted = self._faceted(query)
        yield from self._indexed(match, query, where, bindings, (max(above, faceted), min(indexed + 1, below)))
        if faceted <= above:
            return
        unfaceted = (above, min(faceted + 1, below))
        older = _match(query, facets=False)
        if older is None:
            yield from self._of_status(query, where, bindings, unfaceted)
        else:
            yield from self._indexed(older, query, where, bindings, unfaceted)

    def _faceted(self, query: Query) -> int:
        """Up to which row the index does not have what is asked for, since an earlier Mailock made it."""
        if all(term.where not in FACETS for term in query.terms):
            return 0
        found = self._connection.execute("SELECT value FROM meta WHERE name = 'faceted'").get
        return _END if found is None else int(found)

    def _indexed(
        self, match: str, query: Query, where: str, bindings: Sequence[float | str], old: tuple[int, int]
    ) -> Iterator[tuple[int, bytes]]:
        """Rows that the index has, with those that changed since, newest first."""
        asked = (as_id(term.text) for term in query.terms if term.where in (Where.ANYWHERE, Where.ID))
        named = ",".join(str(number) for number in asked if number is not None)
        rows = heapq.merge(
            self._rows("", f"{where} AND n IN (SELECT n FROM stale)", bindings, old),
            self._rows("", f"{where} AND queue_id IN ({named})", bindings, old),
            self._worded(match, where, bindings, old),
            key=_newest_first,
        )
        return _each_once(rows)

    def _span(self, query: Query) -> tuple[int, int]:
        """Between which numbers, both left out, the rows of the query's times are."""
        above = 0 if query.since is None else first_since(self._connection, query.since - _DISORDER) - 1
        below = _END if query.until is None else first_since(self._connection, query.until + _DISORDER)
        return above, below

    def _few(self, query: Query) -> bool:
        """Whether the statuses that are asked for are so rare that their rows are best read one by one."""
        count = 0
        for status in query.statuses:
            select = (
                f"SELECT 1 FROM record INDEXED BY record_{status.value} WHERE mask & {BITS[status]} LIMIT {_RARE + 1}"
            )
            count += int(self._connection.execute(f"SELECT count(*) FROM ({select})").get)
        return len(query.statuses) > 0 and count <= _RARE

    def _of_status(
        self, query: Query, where: str, bindings: Sequence[float | str], span: tuple[int, int]
    ) -> Iterator[tuple[int, bytes]]:
        if not query.statuses:
            large = query.larger_than is not None and query.larger_than >= LARGE
            return self._rows("INDEXED BY record_large" if large else "", where, bindings, span)
        each = [
            self._rows(f"INDEXED BY record_{status.value}", f"mask & {BITS[status]} AND {where}", bindings, span)
            for status in query.statuses
        ]
        return _each_once(heapq.merge(*each, key=_newest_first))

    def _rows(
        self, by: str, where: str, bindings: Sequence[float | str], span: tuple[int, int]
    ) -> Iterator[tuple[int, bytes]]:
        return self._pages(f"SELECT n, story FROM record {by} WHERE n < ? AND n > ? AND {where}", bindings, span)

    def _worded(
        self, match: str, where: str, bindings: Sequence[float | str], span: tuple[int, int]
    ) -> Iterator[tuple[int, bytes]]:
        select = (
            "SELECT n, story FROM word CROSS JOIN record ON n = word.rowid "
            f"WHERE word.rowid < ? AND word.rowid > ? AND {where} AND word MATCH ?"
        )
        return self._pages(select, (*bindings, match), span)

    def _pages(
        self, select: str, bindings: Sequence[float | str], span: tuple[int, int]
    ) -> Iterator[tuple[int, bytes]]:
        """Rows downwards, some at a time: no statement stays open while a reader thinks."""
        order = "word.rowid" if "MATCH" in select else "n"
        above, below = span
        while True:
            page = self._connection.execute(
                f"{select} ORDER BY {order} DESC LIMIT {_PAGE}", (below, above, *bindings)
            ).fetchall()
            rows = cast("list[tuple[int, bytes]]", page)
            yield from rows
            if len(rows) < _PAGE:
                return
            below = rows[-1][0]


def _newest_first(row: tuple[int, bytes]) -> int:
    return -row[0]


def _each_once(rows: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    last = 0
    for row in rows:
        if row[0] != last:
            yield row
        last = row[0]


def _filters(query: Query) -> tuple[str, list[float | str]]:
    """What of a query the columns can tell besides statuses, as SQL."""
    clauses = ["1"]
    bindings: list[float | str] = []
    told = (
        ("size >", query.larger_than),
        ("size <", query.smaller_than),
        ("arrival >=", query.since),
        ("arrival <=", query.until),
        ("system =", query.virtual_system),
    )
    for column, value in told:
        if value is not None:
            clauses.append(f"{column} ?")
            bindings.append(value)
    if query.larger_than is not None and query.larger_than >= LARGE:
        clauses.append(f"size >= {LARGE}")
    return " AND ".join(clauses), bindings


def _match(query: Query, *, facets: bool) -> str | None:
    """What of a query the index over words can tell, in its own language; None where that is nothing.

    `facets`: whether the rows are meant of which it has these.
    """
    terms = (term for term in query.terms if facets or term.where not in FACETS)
    parts = [part for term in terms for part in _term_match(term)]
    if query.virtual_system is not None:
        parts.append(f'fact : "{system_fact(query.virtual_system)}"')
    return " AND ".join(parts) or None


def _term_match(term: Term) -> Iterator[str]:
    match term.where, term.text:
        case Where.FROM, "<>":
            yield 'fact : "null"'
        case Where.VERDICT, verdict:
            yield from (f'fact : "v{word}"' for word in tokens(verdict))
        case ((Where.CLASS | Where.RULE) as kind, text):
            yield from (f'fact : "{facet(kind, word)}"' for word in tokens(text))
        case ((Where.FINDING | Where.FILE | Where.HASH | Where.URL) as kind, text):
            words = [facet(kind, word) for word in tokens(cleaned(text))]
            yield from (f'fact : "{word}"' for word in words[:-1])
            yield f'fact : "{words[-1]}"' + (" *" if ends_inside(text) else "")
        case Where.IP, address:
            yield f'ip : "{address_key(address)}" *'
        case where, text:
            words = tokens(cleaned(text))
            yield from (f'{{{_COLUMNS[where]}}} : "{word}"' for word in words[:-1])
            yield f'{{{_COLUMNS[where]}}} : "{words[-1]}"' + (" *" if ends_inside(text) else "")
