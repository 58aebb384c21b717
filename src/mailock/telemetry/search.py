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
from mailock.core.lifecycle.query import Query, Where
from mailock.core.lifecycle.record import Record
from mailock.core.lifecycle.timeline import Line, timeline
from mailock.core.mail.message import QueueId
from mailock.telemetry.clauses import Clause, cheap, clauses, match
from mailock.telemetry.fields import Row
from mailock.telemetry.index import FACETS
from mailock.telemetry.matching import Matcher, as_id
from mailock.telemetry.repeats import repeated
from mailock.telemetry.schema import BITS, LARGE, first_since, mask_of, opened_for_reading
from mailock.telemetry.story import events_of

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
_COMMON, _COMMON_BEGINNING = 16, 3
"""From this many matches in a stretch on, the next one is looked through as well; fewer do where the index would gather
all rows of every beginning first."""
_TRIED: Final = 1000
"""Candidates that are looked at before a dear clause is asked for."""
_SAMPLE: Final = 48


class TooSlow(Exception):
    """A search took longer than it may; the text tells how to ask for less."""


class TrackReader:
    """Reads the log."""

    def __init__(self, path: Path, *, seconds: float = 10.0) -> None:
        """Opens the file for reading. `seconds`: the most that a search takes. Raises OSError where there is none."""
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        try:
            self.connection = opened_for_reading(path)
            self.connection.set_progress_handler(self._late, 100_000)
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
        self.connection.close()

    def find(self, query: Query, *, limit: int) -> list[Record]:
        """The newest records that match. Raises TooSlow, and OSError where the file cannot be read."""
        return list(islice(self.newest(query), limit))

    def newest(self, query: Query) -> Iterator[Record]:
        """The records that match, newest first, as far as somebody wants them. Raises as `find` does, on the way."""
        return (record for record, _ in self._matching(query))

    def rows(self, query: Query, span: tuple[int, int] | None = None) -> Iterator[tuple[Row, bytes]]:
        """Rows and stories of all that match, newest first, for counting them. Raises as `find` does, on the way.

        What only names columns is read straight, without making a record of each. `span`: between which numbers, both
        left out; all of the query's times without it.
        """
        if query.terms:
            for record, story in self._matching(query, span):
                yield _row_of(record), story
            return
        where, bindings = _filters(query)
        if query.statuses:
            where += f" AND mask & {mask_of(query.statuses)}"
        above, below = span or self.span(query)
        select = f"SELECT n, arrival, mask, size, story FROM record WHERE n < ? AND n > ? AND {where}"
        while below - above > 1:
            try:
                page = self.connection.execute(
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

    def those(self, query: Query, numbers: Iterable[int]) -> Iterator[tuple[Row, bytes]]:
        """Rows and stories of those of some numbers that match. Raises OSError where the file cannot be read."""
        matcher = Matcher(query)
        named = ",".join(map(str, numbers))
        try:
            page = self.connection.execute(f"SELECT story FROM record WHERE n IN ({named})").fetchall()
        except apsw.Error as error:
            raise OSError(f"the log cannot be read: {error}") from error
        for (story,) in cast("list[tuple[bytes]]", page):
            record = fold(events_of(story))
            if matcher.matches(record):
                yield _row_of(record), story

    def _matching(self, query: Query, span: tuple[int, int] | None = None) -> Iterator[tuple[Record, bytes]]:
        self._deadline = time.monotonic() + self._seconds
        try:
            yield from self._found(query, Matcher(query), span)
        except apsw.InterruptError:
            raise TooSlow(
                f"the search took more than {self._seconds:.0f} s: narrow it with since:, or with longer words"
            ) from None
        except apsw.Error as error:
            raise OSError(f"the log cannot be read: {error}") from error

    def _found(self, query: Query, matcher: Matcher, span: tuple[int, int] | None) -> Iterator[tuple[Record, bytes]]:
        where, bindings = _filters(query)
        above, below = span or self.span(query)
        wanted = clauses(query, facets=True)
        if not wanted or self._few(query):
            yield from self._checked(matcher, self._of_status(query, where, bindings, (above, below)))
            return
        if query.statuses:
            where += f" AND mask & {mask_of(query.statuses)}"
        below = min(below, int(self.connection.execute("SELECT ifnull(max(n), 0) + 1 FROM record").get))
        found = common = _COMMON_BEGINNING if all(clause.goes_on for clause in wanted) else _COMMON
        while found >= common and below - above > 1:
            stretch = (max(above, below - _STRETCH - 1), below)
            found = 0
            rows = self._rows("", where, bindings, stretch)
            for found, pair in enumerate(self._checked(matcher, rows), start=1):  # noqa: B007 - used when it has ended
                yield pair
            below = stretch[0] + 1
        yield from self._checked(matcher, self._candidates(wanted, query, where, bindings, (above, below)))

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
            story = self.connection.execute("SELECT story FROM record WHERE queue_id = ?", (queue_id,)).get
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
            rows = self.connection.execute("SELECT name FROM domain WHERE seen >= ?", (since,)).fetchall()
        except apsw.Error as error:
            raise OSError(f"the log cannot be read: {error}") from error
        return [str(name) for (name,) in rows]

    def repeated(self, records: Sequence[Record]) -> dict[QueueId, bool]:
        """Which of them came before; one that it would take too long to find out of is left out."""
        self._deadline = time.monotonic() + self._seconds
        try:
            return repeated(self.connection, records)
        except apsw.InterruptError:
            return {}
        except apsw.Error as error:
            raise OSError(f"the log cannot be read: {error}") from error

    def gaps(self) -> list[tuple[float, float, int]]:
        """What the log lost while it was broken: from when, until when, how many events."""
        rows = self.connection.execute("SELECT since, at, events FROM gap ORDER BY at").fetchall()
        return cast("list[tuple[float, float, int]]", rows)

    def _late(self) -> bool:
        return time.monotonic() > self._deadline

    def _candidates(
        self, wanted: Sequence[Clause], query: Query, where: str, bindings: Sequence[float | str], span: tuple[int, int]
    ) -> Iterator[tuple[int, bytes]]:
        """Rows that may match, newest first; every one that does is among them."""
        above, below = span
        indexed = int(self.connection.execute("SELECT value FROM meta WHERE name = 'indexed'").get)
        yield from self._rows("", where, bindings, (max(indexed, above), below))
        faceted = self._faceted(query)
        yield from self._indexed(wanted, query, where, bindings, (max(above, faceted), min(indexed + 1, below)))
        if faceted <= above:
            return
        unfaceted = (above, min(faceted + 1, below))
        older = clauses(query, facets=False)
        if not older:
            yield from self._of_status(query, where, bindings, unfaceted)
        else:
            yield from self._indexed(older, query, where, bindings, unfaceted)

    def _faceted(self, query: Query) -> int:
        """Up to which row the index does not have what is asked for, since an earlier Mailock made it."""
        if all(term.where not in FACETS for term in query.terms):
            return 0
        found = self.connection.execute("SELECT value FROM meta WHERE name = 'faceted'").get
        return _END if found is None else int(found)

    def _indexed(
        self, wanted: Sequence[Clause], query: Query, where: str, bindings: Sequence[float | str], old: tuple[int, int]
    ) -> Iterator[tuple[int, bytes]]:
        """Rows that the index has, with those that changed since, newest first."""
        asked = (as_id(term.text) for term in query.terms if term.where in (Where.ANYWHERE, Where.ID))
        named = ",".join(str(number) for number in asked if number is not None)
        rows = heapq.merge(
            self._rows("", f"{where} AND n IN (SELECT n FROM stale)", bindings, old),
            self._rows("", f"{where} AND queue_id IN ({named})", bindings, old),
            self._worded(wanted, where, bindings, old),
            key=_newest_first,
        )
        return _each_once(rows)

    def span(self, query: Query) -> tuple[int, int]:
        """Between which numbers, both left out, the rows of the query's times are."""
        above = 0 if query.since is None else first_since(self.connection, query.since - _DISORDER) - 1
        below = _END if query.until is None else first_since(self.connection, query.until + _DISORDER)
        return above, below

    def _few(self, query: Query) -> bool:
        """Whether the statuses that are asked for are so rare that their rows are best read one by one."""
        count = 0
        for status in query.statuses:
            select = (
                f"SELECT 1 FROM record INDEXED BY record_{status.value} WHERE mask & {BITS[status]} LIMIT {_RARE + 1}"
            )
            count += int(self.connection.execute(f"SELECT count(*) FROM ({select})").get)
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
        self, wanted: Sequence[Clause], where: str, bindings: Sequence[float | str], span: tuple[int, int]
    ) -> Iterator[tuple[int, bytes]]:
        select = (
            "SELECT n, story FROM word CROSS JOIN record ON n = word.rowid "
            f"WHERE word.rowid < ? AND word.rowid > ? AND {where} AND word MATCH ?"
        )
        easy = cheap(wanted, self._sample(span))
        if len(easy) < len(wanted):
            number = 0
            for number, row in enumerate(self._pages(select, (*bindings, match(easy)), span), start=1):
                yield row
                if number == _TRIED:
                    span = (span[0], row[0])
                    break
            if number < _TRIED:
                return
        yield from self._pages(select, (*bindings, match(wanted)), span)

    def _sample(self, span: tuple[int, int]) -> Iterator[bytes]:
        """Stories from all over a span."""
        above, below = span
        step = max(1, (below - above) // _SAMPLE)
        for n in range(above + 1, below, step):
            story = self.connection.execute("SELECT story FROM record WHERE n >= ? ORDER BY n LIMIT 1", (n,)).get
            if isinstance(story, bytes):
                yield story

    def _pages(
        self, select: str, bindings: Sequence[float | str], span: tuple[int, int]
    ) -> Iterator[tuple[int, bytes]]:
        """Rows downwards, some at a time: no statement stays open while a reader thinks."""
        order = "word.rowid" if "MATCH" in select else "n"
        above, below = span
        while True:
            page = self.connection.execute(
                f"{select} ORDER BY {order} DESC LIMIT {_PAGE}", (below, above, *bindings)
            ).fetchall()
            rows = cast("list[tuple[int, bytes]]", page)
            yield from rows
            if len(rows) < _PAGE:
                return
            below = rows[-1][0]


def _row_of(record: Record) -> Row:
    return Row(record.arrival, mask_of(one.status for one in record.recipients), record.size)


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
