"""The shape of `track.db`, and how an older file becomes one of today's.

A record is one row: a few columns that searches select by, and its story (`story`). Rows are numbered (`n`) in the
order in which the log first heard of their messages, which is the order in which custody was taken; so "newest first"
is `n` downwards, and the index over words can be made later, in order, by a number that says how far it has come.

`mask` has a bit for each status that any recipient has. For each status there is an index over only those rows that
show it: a few octets a row, always added to at its end, and the rare statuses that people look for are found without
reading others.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import apsw

from mailock.core.mail.status import Status

BITS: Final = {
    Status.NEW: 1,
    Status.SCAN_STARTED: 2,
    Status.HOLD: 4,
    Status.DEFERRED: 8,
    Status.QUARANTINED: 16,
    Status.RELEASED: 32,
    Status.SCAN_ENDED: 64,
    Status.BOUNCED: 128,
    Status.REJECTED: 256,
    Status.DISCARDED: 512,
    Status.SKIPPED: 1024,
    Status.DELIVERED: 2048,
}
"""The bit of each status. They stand in files: none may change, a new status takes a new one."""

LARGE: Final = 1 << 20
"""Octets from which on a message is in the index by size; below it, enough match for a scan to find them soon."""

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """CREATE TABLE record(
            n INTEGER PRIMARY KEY,
            queue_id INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            arrival REAL NOT NULL,
            updated REAL NOT NULL,
            mask INTEGER NOT NULL,
            size INTEGER NOT NULL,
            system TEXT NOT NULL,
            story BLOB NOT NULL)""",
        "CREATE UNIQUE INDEX record_queue_id ON record(queue_id)",
        *(f"CREATE INDEX record_{status.value} ON record(n) WHERE mask & {bit}" for status, bit in BITS.items()),
        f"CREATE INDEX record_large ON record(size) WHERE size >= {LARGE}",
        """CREATE VIRTUAL TABLE word USING fts5(
            subject, sender, recipient, id, ip, session, hop, reason, fact,
            content='', contentless_delete=1, detail=column, prefix='2 3', tokenize='ascii')""",
        # Rows that the index over words has, and that have changed since.
        "CREATE TABLE stale(n INTEGER PRIMARY KEY)",
        # What the log lost while it was broken.
        "CREATE TABLE gap(at REAL NOT NULL, since REAL NOT NULL, events INTEGER NOT NULL)",
        "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
        # sequence: the last of the outbox's batches that is here; indexed: the last row that the index over words has.
        "INSERT INTO meta VALUES ('sequence', 0), ('indexed', 0)",
    ),
    (
        # The domains of recipients to whom mail came, and when it last did (telemetry/domains.py).
        "CREATE TABLE domain(name TEXT PRIMARY KEY, seen REAL NOT NULL) WITHOUT ROWID",
    ),
    (
        # The sums of each minute and of each hour (telemetry/rollup.py); step is their length in seconds.
        """CREATE TABLE volume(
            step INTEGER NOT NULL,
            measure TEXT NOT NULL,
            at INTEGER NOT NULL,
            system TEXT NOT NULL,
            key TEXT NOT NULL,
            count INTEGER NOT NULL,
            amount INTEGER NOT NULL,
            PRIMARY KEY(step, measure, at, system, key)) WITHOUT ROWID""",
        # From which moment on there are sums of minutes, and up to which moment only the largest keys are kept.
        "INSERT INTO meta VALUES ('minutes', 0), ('trimmed_60', 0), ('trimmed_3600', 0)",
    ),
    (
        # Up to which row the index over words has no facets (telemetry/index.py): it is made again from there down.
        "INSERT INTO meta SELECT 'faceted', value FROM meta WHERE name = 'indexed'",
    ),
    (
        # Up to which day the sums of hours stand as sums of days as well; the roll-up makes those that are missing.
        "INSERT INTO meta VALUES ('days', 0)",
    ),
    (
        # The columns of blocks of rows (telemetry/columns.py), and the rows that changed since theirs were made.
        "CREATE TABLE base(block INTEGER PRIMARY KEY, data BLOB NOT NULL)",
        "CREATE TABLE field(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        "CREATE TABLE cell(place INTEGER PRIMARY KEY, data BLOB NOT NULL)",
        "CREATE TABLE amended(n INTEGER PRIMARY KEY)",
        # Up to which block, left out, there are columns; the tidying makes those that are missing.
        "INSERT INTO meta VALUES ('columned', 0)",
    ),
)
"""What each version of the schema adds to the one before, in order. None that was released is ever edited."""


def mask_of(statuses: Iterable[Status]) -> int:
    """The bits of the statuses that the recipients of a message have."""
    mask = 0
    for status in statuses:
        mask |= BITS[status]
    return mask


def migrate(connection: apsw.Connection) -> None:
    """Brings a file to today's schema, each step in a transaction. Raises OSError for a file of a newer Mailock."""
    version = version_of(connection)
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        with connection:
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")


def version_of(connection: apsw.Connection) -> int:
    """The schema version of a file, 0 for an empty one. Raises OSError for one that only a newer Mailock can read."""
    found = connection.pragma("user_version")
    version = found if isinstance(found, int) else 0
    if version > len(MIGRATIONS):
        raise OSError(
            f"track.db was written by a newer Mailock (schema {version}, known are {len(MIGRATIONS)}): update"
        )
    return version


def opened_for_reading(path: Path) -> apsw.Connection:
    """The file, opened for reading. Raises OSError, and apsw's errors."""
    if not path.exists():
        raise FileNotFoundError(f"there is no log at {path} yet: `mailock run` makes it")
    try:
        return _checked(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY))
    except (apsw.CantOpenError, apsw.ReadOnlyError):
        if path.with_name(f"{path.name}-wal").exists():
            raise
    # A folder where nothing may be written, and nobody who writes: then the file does not change.
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    return _checked(apsw.Connection(f"{path.absolute().as_uri()}?immutable=1", flags=flags))


def _checked(connection: apsw.Connection) -> apsw.Connection:
    connection.set_busy_timeout(2000)
    version_of(connection)
    return connection


def first_since(connection: apsw.Connection, moment: float) -> int:
    """The lowest number whose row arrived at a moment or later, if rows arrived in order; else one past the end."""
    low, high = 1, int(connection.execute("SELECT ifnull(max(n), 0) + 1 FROM record").get)
    while low < high:
        middle = (low + high) // 2
        row = connection.execute("SELECT n, arrival FROM record WHERE n >= ? ORDER BY n LIMIT 1", (middle,)).get
        if row is None or row[1] >= moment:
            high = middle
        else:
            low = row[0] + 1
    return low
