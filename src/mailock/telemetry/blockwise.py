"""Counting by columns: what of the log is read from blocks, what from stories, and which rows a query means.

`parts` goes through a query's time downwards. A block that has the columns that are wanted comes as one `Batch`; rows
between blocks, and those that changed since their block was made, come one by one with their stories. So the same
messages are counted as without columns, whatever state the tidying is in.

A query's words are sought in the columns too where one value of a field decides (`matching.COLUMNED`): each different
value of a block is compared once. Any other words are the business of the index.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import apsw

from mailock.core.lifecycle.query import Query, Term
from mailock.core.mail.shown import cleaned
from mailock.telemetry import columns
from mailock.telemetry.columns import Cell, Marks
from mailock.telemetry.fields import FIELDS, Row
from mailock.telemetry.matching import COLUMNED, fits
from mailock.telemetry.schema import mask_of
from mailock.telemetry.search import TrackReader
from mailock.telemetry.words import folded

_QUARTER: Final = 900
"""Seconds within which the time of day says the same in every zone."""
_ALIKE: Final[Mapping[str, Callable[[Marks], Sequence[int]]]] = {
    "status": lambda base: base.masks,
    "size": lambda base: base.sizes,
    **dict.fromkeys(("hour", "weekday", "day"), lambda base: [int(at // _QUARTER) for at in base.arrivals]),
}
"""For the fields that no story tells: what rows have in common that have the same value."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of a block that are meant: of each which of `keys` it has, when it arrived, and its size."""

    keys: Sequence[Sequence[str]]
    codes: Sequence[int]
    arrivals: Sequence[float]
    sizes: Sequence[int]


def parts(log: TrackReader, query: Query, name: str) -> Iterator[Batch | tuple[Row, bytes]]:
    """All that match, the newest first, for counting a field. Raises OSError, and ValueError where it is damaged."""
    if any(term.where not in COLUMNED for term in query.terms):
        yield from log.rows(query)
        return
    above, below = log.span(query)
    names = _wanted(query, name)
    for block in columns.blocks(log.connection, above, below):
        first = block * columns.ROWS
        try:
            found = columns.read(log.connection, block, names)
        except apsw.Error as error:
            raise OSError(f"the log cannot be read: {error}") from error
        if found is None:
            continue
        base, cells, changed = found
        yield from log.rows(query, (first + columns.ROWS - 1, below))
        own = range(max(first, above + 1), min(first + columns.ROWS, below))
        yield _batch(query, name, base, dict(zip(names, cells, strict=True)), own, changed)
        yield from log.those(query, changed.intersection(own))
        below = first
    yield from log.rows(query, (above, below))


def _wanted(query: Query, name: str) -> list[str]:
    fields = [name] if FIELDS[name].places else []
    return list(dict.fromkeys([*fields, *(one for term in query.terms for one in COLUMNED[term.where])]))


def _batch(
    query: Query, name: str, base: Marks, cells: Mapping[str, Cell], own: range, changed: frozenset[int]
) -> Batch:
    cell = cells[name] if name in cells else _told_by_rows(name, base)
    rows = _selected(query, base, cells, own, changed)
    if len(rows) == len(base.numbers):
        return Batch(cell.keys, cell.codes, base.arrivals, base.sizes)
    codes, arrivals, sizes = cell.codes, base.arrivals, base.sizes
    return Batch(cell.keys, [codes[n] for n in rows], [arrivals[n] for n in rows], [sizes[n] for n in rows])


def _told_by_rows(name: str, base: Marks) -> Cell:
    codes: dict[int, int] = {}
    keys: list[Sequence[str]] = []
    alike = _ALIKE[name](base)
    for at, mark in enumerate(alike):
        if mark not in codes:
            codes[mark] = len(keys)
            row = Row(base.arrivals[at], base.masks[at], base.sizes[at])
            keys.append([str(value) for value in FIELDS[name].read(row)])
    return Cell(keys, [codes[mark] for mark in alike])


def _selected(
    query: Query, base: Marks, cells: Mapping[str, Cell], own: range, changed: frozenset[int]
) -> Sequence[int]:
    """The places in the block of the rows that are meant."""
    rows: Sequence[int] = range(len(base.numbers))
    first = own.start // columns.ROWS * columns.ROWS
    if changed or len(own) < columns.ROWS:
        rows = [n for n in rows if (number := first + base.numbers[n]) in own and number not in changed]
    since, until = query.since, query.until
    if since is not None and min(base.arrivals) < since:
        rows = [n for n in rows if base.arrivals[n] >= since]
    if until is not None and max(base.arrivals) > until:
        rows = [n for n in rows if base.arrivals[n] <= until]
    if query.virtual_system is not None and list(base.systems) != [query.virtual_system]:
        rows = [n for n in rows if base.systems[base.system[n]] == query.virtual_system]
    if query.statuses:
        wanted = mask_of(query.statuses)
        rows = [n for n in rows if base.masks[n] & wanted]
    if query.larger_than is not None:
        rows = [n for n in rows if base.sizes[n] > query.larger_than]
    if query.smaller_than is not None:
        rows = [n for n in rows if base.sizes[n] < query.smaller_than]
    for term in query.terms:
        rows = _fitting(term, [cells[name] for name in COLUMNED[term.where]], rows)
    return rows


def _fitting(term: Term, cells: Sequence[Cell], rows: Sequence[int]) -> Sequence[int]:
    text = folded(cleaned(term.text))
    found: set[int] = set()
    for cell in cells:
        good = {code for code, values in enumerate(cell.keys) if any(fits(term, text, value) for value in values)}
        if good:
            codes: Any = cell.codes
            found.update(n for n in rows if codes[n] in good)
    return [n for n in rows if n in found]
