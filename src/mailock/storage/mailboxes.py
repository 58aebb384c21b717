"""`mailboxes.db`: what is remembered of recipients: when each was told, what he wishes, what he asked for.

Small, written one row at a time by mailflow alone. Addresses are kept in lower case.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import apsw

from mailock.ports.mailboxes import Wish

FILE: Final = "mailboxes.db"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mailbox(
    system TEXT NOT NULL, address TEXT NOT NULL, told REAL NOT NULL DEFAULT 0, wish TEXT NOT NULL DEFAULT 'daily',
    PRIMARY KEY(system, address)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS request(
    queue_id INTEGER NOT NULL, address TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY(queue_id, address)
) WITHOUT ROWID;
"""
_RUN: Final = "digests"
_BUSY_MS: Final = 2_000


class MailboxFile:
    """Implements `ports.mailboxes.Mailboxes`. Belongs to the loop that uses it; a call takes little."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE
        self._connection: apsw.Connection | None = None

    def open(self) -> None:
        """Opens the file, or makes it. Raises OSError, apsw.Error."""
        self._path.touch(mode=0o600)
        connection = apsw.Connection(str(self._path))
        connection.set_busy_timeout(_BUSY_MS)
        connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL")
        connection.execute(_SCHEMA)
        self._connection = connection

    def close(self) -> None:
        """Closes it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def looked(self) -> float | None:
        """Until when it was looked whether digests are due, Unix seconds; None: never."""
        rows = self._all("SELECT at FROM meta WHERE name = ?", _RUN)
        return _time(rows[0][0]) if rows else None

    def look(self, at: float) -> None:
        """Notes that it was looked until then."""
        self._all("INSERT INTO meta VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET at = excluded.at", _RUN, at)

    def told(self, system: str, address: str) -> tuple[float, Wish]:
        """When somebody was told last (0: never), and how often he wants to be."""
        rows = self._all("SELECT told, wish FROM mailbox WHERE system = ? AND address = ?", system, address.lower())
        return (_time(rows[0][0]), Wish(rows[0][1])) if rows else (0.0, Wish.DAILY)

    def tell(self, system: str, address: str, at: float) -> None:
        """Notes that somebody was told."""
        self._all(
            "INSERT INTO mailbox(system, address, told) VALUES (?, ?, ?) "
            "ON CONFLICT(system, address) DO UPDATE SET told = excluded.told",
            system,
            address.lower(),
            at,
        )

    def wish(self, system: str, address: str, wish: Wish) -> None:
        """Notes what somebody wishes."""
        self._all(
            "INSERT INTO mailbox(system, address, wish) VALUES (?, ?, ?) "
            "ON CONFLICT(system, address) DO UPDATE SET wish = excluded.wish",
            system,
            address.lower(),
            wish.value,
        )

    def requested(self, queue_id: int, address: str) -> bool:
        """Whether somebody asked for a message already."""
        return bool(self._all("SELECT 1 FROM request WHERE queue_id = ? AND address = ?", queue_id, address.lower()))

    def requesters(self, queue_id: int) -> Sequence[str]:
        """Who asked for a message."""
        rows = self._all("SELECT address FROM request WHERE queue_id = ? ORDER BY address", queue_id)
        return [str(address) for (address,) in rows]

    def request(self, queue_id: int, address: str, at: float) -> None:
        """Notes that somebody asked for a message."""
        self._all("INSERT OR IGNORE INTO request VALUES (?, ?, ?)", queue_id, address.lower(), at)

    def forget(self, before: float) -> None:
        """Deletes requests that are older: their messages have ended."""
        self._all("DELETE FROM request WHERE at < ?", before)

    def _all(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        assert self._connection is not None, "the file was not opened"
        try:
            return list(self._connection.execute(statement, values))
        except apsw.Error as fault:
            raise OSError(f"{self._path}: {fault}") from fault


def _time(value: object) -> float:
    assert isinstance(value, float | int)
    return float(value)
