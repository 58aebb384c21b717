"""`verdicts.db`: the verdict cache of a node, which outlives a restart.

It is a cache: what is in it can be learnt again. So it is written without waiting for the disk, a few answers at a
time, by a thread; a file that cannot be used is told of once and done without; and nothing in mail's way waits for it
longer than a look-up by key takes. Newer answers of an engine take the place of older ones, what is out of date goes,
and of the rest the oldest when there is too much.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import apsw
import msgspec

from mailock.core.evidence.finding import Finding
from mailock.ports.verdicts import Asked, Remembered
from mailock.storage.memory.verdicts import MemoryVerdicts, remembered

FILE: Final = "verdicts.db"
MOST: Final = 500_000
WRITE_EVERY: Final = 1.0
TIDY_EVERY_ROUNDS: Final = 600
_BUSY_MS: Final = 2_000
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS verdict(
    sha256 BLOB NOT NULL, engine TEXT NOT NULL, inputs BLOB NOT NULL, version TEXT NOT NULL, findings BLOB NOT NULL,
    since REAL NOT NULL, until REAL NOT NULL, PRIMARY KEY(sha256, engine, inputs)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS verdict_age ON verdict(since);
"""
_COLUMNS: Final = "sha256, engine, inputs, version, findings, since, until"
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(tuple[Finding, ...]).decode
_Row = tuple[bytes, str, bytes, str, bytes, float, float]
T = TypeVar("T")
log = logging.getLogger(__name__)


class VerdictFile:
    """Implements `ports.verdicts.Verdicts` and `VerdictDesk`. Belongs to the loop that uses it."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE
        self._near = MemoryVerdicts()
        self._unwritten: list[Remembered] = []
        self._reading: apsw.Connection | None = None
        self._writing: apsw.Connection | None = None
        self._is_broken = False
        self._turn = asyncio.Lock()

    def open(self) -> None:
        """Opens the file, or goes on without it."""
        try:
            self._writing = _connected(self._path)
            self._writing.execute(_SCHEMA)
            self._reading = _connected(self._path)
        except apsw.Error as fault:
            self._break(fault)

    def get(self, asked: Asked, now: float) -> tuple[Finding, ...] | None:
        """See the port."""
        near = self._near.get(asked, now)
        if near is not None or self._reading is None:
            return near
        try:
            found = self._reading.execute(
                f"SELECT {_COLUMNS} FROM verdict WHERE sha256 = ? AND engine = ? AND inputs = ? AND version = ?"
                " AND until > ?",
                (asked.sha256, asked.engine, asked.inputs, asked.version, now),
            ).fetchone()
        except apsw.Error as fault:
            self._break(fault)
            return None
        one = None if found is None else _read(found)
        if one is None:
            return None
        self._near.keep(one)
        return one.findings

    def put(self, asked: Asked, findings: Sequence[Finding], now: float) -> None:
        """See the port."""
        one = remembered(asked, findings, now)
        self._near.keep(one)
        if not self._is_broken:
            self._unwritten.append(one)

    async def find(self, *, sha256: bytes | None, engine: str | None, now: float, limit: int) -> Sequence[Remembered]:
        """See the port."""
        await self.write()
        where, values = _meant(sha256, engine)
        wanted = f"SELECT {_COLUMNS} FROM verdict{where} AND until > ? ORDER BY since DESC LIMIT ?"
        rows = await self._in_thread(lambda writing: list(writing.execute(wanted, (*values, now, limit))))
        return [one for one in map(_read, rows) if one is not None]

    async def purge(self, *, sha256: bytes | None, engine: str | None) -> int:
        """See the port."""
        await self.write()
        self._near.forget(sha256=sha256, engine=engine)
        where, values = _meant(sha256, engine)
        statement = f"DELETE FROM verdict{where} RETURNING 1"
        return len(await self._in_thread(lambda writing: list(writing.execute(statement, values))))

    async def run(self) -> None:
        """Writes down what is new, now and then, and tidies up. For ever."""
        rounds = 0
        while True:
            await asyncio.sleep(WRITE_EVERY)
            try:
                await self.write()
                if rounds % TIDY_EVERY_ROUNDS == 0:
                    await self.tidy(time.time())
            except OSError as fault:
                self._break(fault)
            rounds += 1

    async def write(self) -> None:
        """Writes down what is new. Raises OSError."""
        rows, self._unwritten = [_row(one) for one in self._unwritten], []
        if rows and not self._is_broken:
            insert = f"INSERT OR REPLACE INTO verdict({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
            await self._in_thread(lambda writing: writing.executemany(insert, rows))

    async def tidy(self, now: float) -> None:
        """Forgets what is out of date, and the oldest of what is too much. Raises OSError."""
        if not self._is_broken:
            await self._in_thread(lambda writing: _tidied(writing, now))

    async def close(self) -> None:
        """Writes down the rest, and closes the file."""
        try:
            await self.write()
        except OSError as fault:
            self._break(fault)
        for connection in (self._reading, self._writing):
            if connection is not None:
                connection.close()
        self._reading = self._writing = None

    async def _in_thread(self, work: Callable[[apsw.Connection], T]) -> T:
        async with self._turn:
            writing = self._writing
            if writing is None:
                raise OSError(f"{self._path} is not used: see the log")
            try:
                return await asyncio.to_thread(_in_one, writing, work)
            except apsw.Error as fault:
                raise OSError(f"{self._path}: {fault}") from fault

    def _break(self, fault: Exception) -> None:
        """Goes on without the file: mail needs it for nothing but speed."""
        if not self._is_broken:
            log.warning("the verdict cache goes on in memory only: %s: %s", self._path, fault)
        self._is_broken = True
        self._reading = None
        self._unwritten = []


def _in_one(writing: apsw.Connection, work: Callable[[apsw.Connection], T]) -> T:
    writing.execute("BEGIN IMMEDIATE")
    try:
        done = work(writing)
    except BaseException:
        writing.execute("ROLLBACK")
        raise
    writing.execute("COMMIT")
    return done


def _tidied(writing: apsw.Connection, now: float) -> None:
    writing.execute("DELETE FROM verdict WHERE until <= ?", (now,))
    writing.execute(
        "DELETE FROM verdict WHERE since < (SELECT since FROM verdict ORDER BY since DESC LIMIT 1 OFFSET ?)", (MOST,)
    )


def _connected(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(_BUSY_MS)
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY")
    return connection


def _meant(sha256: bytes | None, engine: str | None) -> tuple[str, tuple[bytes | str, ...]]:
    """A condition, and the values in it."""
    where, values = " WHERE TRUE", []
    for column, value in (("sha256", sha256), ("engine", engine)):
        if value is not None:
            where += f" AND {column} = ?"
            values.append(value)
    return where, tuple(values)


def _row(one: Remembered) -> _Row:
    asked = one.asked
    return asked.sha256, asked.engine, asked.inputs, asked.version, _encode(one.findings), one.since, one.until


def _read(row: _Row) -> Remembered | None:
    """An answer; None for what this version cannot read, which is as good as forgotten."""
    sha256, engine, inputs, version, findings, since, until = row
    try:
        found = _decode(findings)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    asked = Asked(sha256=sha256, engine=engine, version=version, inputs=inputs)
    return Remembered(asked=asked, findings=found, since=since, until=until)
