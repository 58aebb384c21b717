"""The columns of the log: what each field holds, apart from the stories, so that counting reads only what it counts.

Rows whose numbers have the same quotient by `ROWS` are a block. Once a block is full and has rested for some hours,
`tidy` makes its columns: `base` has what selects rows (arrival, statuses, size, virtual system), and for each field of
`fields` that a story tells there is a cell of the different values and, row by row, which of them it has. A column is
some tens of octets a message where a story is a thousand, and nothing of a story is parsed when it is read.

A row that changes after that is noted in `amended` and read from its story instead, until its block is made again,
which is when it has more than `_AMENDED` of those. What has no column (the newest rows, a field that a later Mailock
added, rows that were left when others of their block were forgotten) is read from the stories too: columns make
counting quick, and never change what is counted.
"""

import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final, cast

import apsw
import msgspec

from mailock.telemetry.fields import FIELDS, SCAN, Field, scanned
from mailock.telemetry.story import ACCEPTED, ATTEMPTED, JUDGED, REFUSED, packed_of

ROWS: Final = 2048
"""Numbers of rows a block. It stands in files."""
_RESTED: Final = 4 * 3600.0
"""Seconds after its last arrival from which on a block is made: by then most mail has come to its end."""
_AMENDED: Final = 40
"""Rows of a block that may be read from their stories."""
_LEVEL: Final = 1
"""Of zlib."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode
Keys = tuple[str, ...]
_Events = dict[int, list[list[Any]]]
_PLAIN: Final = frozenset((str, int, bool))
_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Marks:
    """What selects rows of a block; each sequence has an element a row, in the order of their numbers."""

    numbers: Sequence[int]
    """From the first number of the block on."""
    arrivals: Sequence[float]
    masks: Sequence[int]
    sizes: Sequence[int]
    systems: Sequence[str]
    system: Sequence[int]
    """Which of `systems`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a block: the different sets of values, and which of them each row has."""

    keys: Sequence[Sequence[str]]
    codes: Sequence[int]


def make(connection: apsw.Connection, now: float) -> bool:
    """Makes the columns of a block, if one is due. Part of the caller's transaction. Returns whether one was."""
    block = _next(connection, now)
    if block is not None:
        _make(connection, block)
        connection.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'columned'", (block + 1,))
        return True
    crowded = connection.execute(
        f"SELECT n / {ROWS} FROM amended GROUP BY 1 HAVING count(*) > {_AMENDED} ORDER BY 1 LIMIT 1"
    ).get
    if crowded is None:
        return False
    _make(connection, int(crowded))
    return True


def amended(connection: apsw.Connection, numbers: Iterable[int]) -> None:
    """Notes rows that changed, of those that have columns."""
    below = ROWS * _columned(connection)
    connection.executemany("INSERT OR IGNORE INTO amended VALUES (?)", [(n,) for n in numbers if n < below])


def forgotten(connection: apsw.Connection, last: int) -> None:
    """Drops the columns of the blocks up to that of a row that was forgotten."""
    block = last // ROWS
    gone = cast("list[tuple[int]]", connection.execute("SELECT block FROM base WHERE block <= ?", (block,)).fetchall())
    if gone:
        fields = [id_ for (id_,) in cast("list[tuple[int]]", connection.execute("SELECT id FROM field").fetchall())]
        connection.executemany(
            "DELETE FROM cell WHERE place = ?", [(_place(id_, one),) for (one,) in gone for id_ in fields]
        )
        connection.execute("DELETE FROM base WHERE block <= ?", (block,))
        connection.execute("DELETE FROM amended WHERE n < ?", ((block + 1) * ROWS,))


def blocks(connection: apsw.Connection, above: int, below: int) -> list[int]:
    """The blocks that have columns and rows between two numbers, both left out, the newest first."""
    if not _has_columns(connection):
        return []
    select = "SELECT block FROM base WHERE block BETWEEN ? AND ? ORDER BY block DESC"
    rows = connection.execute(select, ((above + 1) // ROWS, (below - 1) // ROWS)).fetchall()
    return [block for (block,) in cast("list[tuple[int]]", rows)]


def read(
    connection: apsw.Connection, block: int, names: Sequence[str]
) -> tuple[Marks, Sequence[Cell], frozenset[int]] | None:
    """A block's base, its cells of some fields, and the numbers of rows that changed since; None where one is missing.

    Raises ValueError where what stands there is damaged.
    """
    ids = [_id(connection, name) for name in names]
    if None in ids:
        return None
    cells = ", ".join(f"(SELECT data FROM cell WHERE place = {_place(cast('int', id_), block)})" for id_ in ids)
    first = block * ROWS
    row = connection.execute(
        f"SELECT data, (SELECT group_concat(n) FROM amended WHERE n BETWEEN {first} AND {first + ROWS - 1})"
        f"{', ' if ids else ''}{cells} FROM base WHERE block = ?",
        (block,),
    ).get
    if row is None or None in row[2:]:
        return None
    changed = frozenset(map(int, row[1].split(","))) if row[1] else frozenset[int]()
    return _base(row[0]), [_cell(data) for data in row[2:]], changed


def _columned(connection: apsw.Connection) -> int:
    """Up to which block, left out, there are columns."""
    return int(connection.execute("SELECT value FROM meta WHERE name = 'columned'").get)


def _has_columns(connection: apsw.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'cell'").get is not None


def _next(connection: apsw.Connection, now: float) -> int | None:
    """The oldest block that has no columns yet and is to have them."""
    first = connection.execute(
        "SELECT n FROM record WHERE n >= ? ORDER BY n LIMIT 1", (ROWS * _columned(connection),)
    ).get
    if first is None:
        return None
    block = int(first) // ROWS
    end = connection.execute("SELECT arrival FROM record WHERE n >= ? ORDER BY n LIMIT 1", ((block + 1) * ROWS,)).get
    return block if end is not None and end < now - _RESTED else None


def _make(connection: apsw.Connection, block: int) -> None:
    first = block * ROWS
    select = "SELECT n, arrival, mask, size, system, story FROM record WHERE n BETWEEN ? AND ? ORDER BY n"
    rows = cast(
        "list[tuple[int, float, int, int, str, bytes]]",
        connection.execute(select, (first, first + ROWS - 1)).fetchall(),
    )
    systems: dict[str, int] = {}
    system = [systems.setdefault(row[4], len(systems)) for row in rows]
    base = (
        _packed("H", [row[0] - first for row in rows]),
        _packed("d", [row[1] for row in rows]),
        _packed("I", [row[2] for row in rows]),
        _packed("Q", [row[3] for row in rows]),
        list(systems),
        _packed("H", system),
    )
    connection.execute("INSERT OR REPLACE INTO base VALUES (?, ?)", (block, _squeezed(base)))
    turned = _Block([row[5] for row in rows])
    made = []
    for name, field in FIELDS.items():
        if field.places:
            id_ = _id(connection, name)
            if id_ is None:
                connection.execute("INSERT INTO field(name) VALUES (?)", (name,))
                id_ = connection.last_insert_rowid()
            made.append((_place(id_, block), turned.column(field)))
    connection.executemany("INSERT OR REPLACE INTO cell VALUES (?, ?)", made)
    connection.execute("DELETE FROM amended WHERE n BETWEEN ? AND ?", (first, first + ROWS - 1))


def _events(story: bytes) -> _Events:
    """The packed events of a story that fields are read from, by kind. Of judgements the last one counts."""
    events: _Events = {}
    for event in packed_of(story):
        if event[0] == JUDGED:
            events[JUDGED] = [event]
        elif event[0] in (ACCEPTED, ATTEMPTED, REFUSED):
            events.setdefault(event[0], []).append(event)
    for event in events.get(JUDGED, ()):
        event[SCAN] = scanned(event[SCAN])
    return events


class _Block:
    """The events of the rows of a block, turned, so that the values at one place lie side by side."""

    def __init__(self, stories: Sequence[bytes]) -> None:
        self._events = [_events(story) for story in stories]
        self._turned = {kind: self._turn(kind) for kind in (ACCEPTED, JUDGED, ATTEMPTED, REFUSED)}
        self._others = [
            n
            for n, events in enumerate(self._events)
            if len(events.get(ATTEMPTED, ())) > 1
            or len(events.get(REFUSED, ())) > 1
            or (REFUSED in events and ACCEPTED in events)
        ]
        """Rows of which more than one event has a place."""

    def _turn(self, kind: int) -> Sequence[Sequence[Any]]:
        found = [events[kind][0] if kind in events else (kind,) for events in self._events]
        return list(zip_longest(*found, fillvalue=_MISSING))

    def column(self, field: Field) -> bytes:
        """The cell of a field."""
        codes = _Codes(field)
        values: Sequence[Any] = [_MISSING] * len(self._events)
        for kind, place in field.places.items():
            turned = self._turned[kind]
            if place < len(turned):
                values = [
                    one if one is not _MISSING else before for one, before in zip(turned[place], values, strict=True)
                ]
        row = [codes.of(value) for value in values]
        for n in self._others:
            row[n] = codes.of_all(
                [event[place] for kind, place in field.places.items() for event in self._events[n].get(kind, ())]
            )
        return _squeezed((list(codes.known), _packed("B" if len(codes.known) <= 256 else "H", row)))


class _Codes:
    """The different values of a field so far; what is plain and alike is read once."""

    def __init__(self, field: Field) -> None:
        self.known: dict[Keys, int] = {}
        self._read = field.read
        self._plain: dict[Any, int] = {}

    def of(self, value: Any) -> int:
        """The code of what stands at the field's place in the one event that has it, if any has."""
        if value.__class__ not in _PLAIN:
            return self._code(self._read(value) if value is not _MISSING else ())
        code = self._plain.get(value)
        if code is None:
            code = self._plain[value] = self._code(self._read(value))
        return code

    def of_all(self, values: Sequence[Any]) -> int:
        """The same of several events."""
        return self._code([one for value in values for one in self._read(value)])

    def _code(self, values: Iterable[object]) -> int:
        texts = [str(value) for value in values]
        return self.known.setdefault(tuple(sorted(set(texts)) if len(texts) > 1 else texts), len(self.known))


def _place(id_: int, block: int) -> int:
    """Where the cell of a field and block is: the cells of a field lie side by side."""
    return id_ << 40 | block


def _id(connection: apsw.Connection, name: str) -> int | None:
    found = connection.execute("SELECT id FROM field WHERE name = ?", (name,)).get
    return None if found is None else int(found)


def _packed(code: str, values: Sequence[float]) -> tuple[str, bytes]:
    return code, array(code, values).tobytes()


def _squeezed(value: object) -> bytes:
    return zlib.compress(_encode(value), _LEVEL)


def _opened(data: bytes) -> Any:
    try:
        return _decode(zlib.decompress(data))
    except (zlib.error, msgspec.DecodeError) as error:
        raise ValueError(f"a column of the log is damaged ({error}); see `mailock doctor`") from error


def _sequence(packed: Sequence[Any]) -> "array[Any]":
    found = array(packed[0])
    found.frombytes(packed[1])
    return found


def _base(data: bytes) -> Marks:
    numbers, arrivals, masks, sizes, systems, system = _opened(data)
    return Marks(
        _sequence(numbers), _sequence(arrivals), _sequence(masks), _sequence(sizes), systems, _sequence(system)
    )


def _cell(data: bytes) -> Cell:
    keys, codes = _opened(data)
    return Cell(keys, _sequence(codes))
