"""`correspondents.db`: who corresponds with whom, by virtual system.

Addresses and names stand in it as keyed digests: with the file alone nobody reads off who wrote to whom, though
who has it can test a guess. Domains stand in the clear, since what looks like one is found by its letters. It is
written by a thread every few seconds; a crash loses those. A file that cannot be used is told of once, and what is
learnt stays in memory: mail waits for none of it.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

import apsw

from mailock.core.impersonation.acquaintance import KEPT_FOR, Contact, Kind, Mark, alike_keys, keys_to_ask
from mailock.storage.memory.correspondents import MOST, MOST_ALIKE

FILE: Final = "correspondents.db"
WRITE_EVERY: Final = 5.0
TIDY_EVERY_ROUNDS: Final = 720
_BUSY_MS: Final = 2_000
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS secret(key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS contact(
    system TEXT NOT NULL, mark BLOB NOT NULL, first REAL NOT NULL, last REAL NOT NULL, wrote INTEGER NOT NULL,
    heard INTEGER NOT NULL, site TEXT NOT NULL, PRIMARY KEY(system, mark)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS contact_age ON contact(last);
CREATE TABLE IF NOT EXISTS alike(
    system TEXT NOT NULL, key TEXT NOT NULL, site TEXT NOT NULL, last REAL NOT NULL, PRIMARY KEY(system, key, site)
) WITHOUT ROWID;
"""
log = logging.getLogger(__name__)


class FileCorrespondents:
    """Implements `ports.correspondents.Correspondents`. Belongs to the loop that uses it."""

    def __init__(self, directory: Path, most: int = MOST) -> None:
        self._path = directory / FILE
        self._most = most
        self._key = b""
        self._unwritten: dict[tuple[str, bytes], Contact] = {}
        self._new_sites: dict[tuple[str, str], float] = {}
        self._reading: apsw.Connection | None = None
        self._writing: apsw.Connection | None = None
        self._turn = asyncio.Lock()

    def open(self) -> None:
        """Opens the file, or goes on without it."""
        try:
            self._path.touch(mode=0o600)
            self._writing = _connected(self._path)
            self._writing.execute(_SCHEMA)
            self._writing.execute(
                "INSERT INTO secret SELECT ? WHERE NOT EXISTS (SELECT 1 FROM secret)", (secrets.token_bytes(32),)
            )
            self._reading = _connected(self._path)
            (told,) = self._reading.execute("SELECT key FROM secret LIMIT 1").fetchall()[0]
            assert isinstance(told, bytes)
            self._key = told
        except (apsw.Error, OSError) as fault:
            self._break(fault)

    def find(self, system: str, marks: Sequence[Mark]) -> dict[Mark, Contact]:
        """See the port."""
        found = ((mark, self._contact(system, self._digest(mark))) for mark in marks)
        return {mark: contact for mark, contact in found if contact is not None}

    def alike(self, system: str, site: str) -> Sequence[str]:
        """See the port."""
        keys = keys_to_ask(site)
        found = {one for (of, one) in self._new_sites if of == system and not set(alike_keys(one)).isdisjoint(keys)}
        if self._reading is not None and keys:
            asked = f"SELECT DISTINCT site FROM alike WHERE system = ? AND key IN ({','.join('?' * len(keys))}) LIMIT ?"
            try:
                found.update(row[0] for row in self._reading.execute(asked, (system, *keys, MOST_ALIKE)))
            except apsw.Error as fault:
                self._break(fault)
        return tuple(sorted(found))[:MOST_ALIKE]

    def note(self, system: str, marks: Sequence[Mark], now: float, *, wrote: bool) -> None:
        """See the port."""
        if len(self._unwritten) >= self._most:
            return  # the disk is gone, and memory is no place for all of them
        for mark in marks:
            digest = self._digest(mark)
            before = self._contact(system, digest) or Contact(first=now, last=now, wrote=0, heard=0)
            self._unwritten[system, digest] = before.with_one(now, wrote=wrote, site=mark.site)
            if mark.kind is Kind.SITE:
                self._new_sites[system, mark.text] = now

    async def run(self) -> None:
        """Writes down what is new, now and then, and tidies up. For ever."""
        rounds = 0
        while True:
            await asyncio.sleep(WRITE_EVERY)
            await self.write()
            if rounds % TIDY_EVERY_ROUNDS == 0:
                await self.tidy(time.time())
            rounds += 1

    async def write(self) -> None:
        """Writes down what is new."""
        async with self._turn:
            contacts, sites = dict(self._unwritten), dict(self._new_sites)
            if self._writing is None or not contacts:
                return
            try:
                await asyncio.to_thread(_written, self._writing, contacts, sites)
            except apsw.Error as fault:
                self._break(fault)
                return
            # What was noted meanwhile is newer than what was written.
            self._unwritten = {key: one for key, one in self._unwritten.items() if contacts.get(key) is not one}
            self._new_sites = {key: at for key, at in self._new_sites.items() if sites.get(key) != at}

    async def tidy(self, now: float) -> None:
        """Forgets what is out of date, and the oldest of what is too much."""
        async with self._turn:
            if self._writing is None:
                return
            try:
                await asyncio.to_thread(_tidied, self._writing, now, self._most)
            except apsw.Error as fault:
                self._break(fault)

    async def close(self) -> None:
        """Writes down the rest, and closes the file."""
        await self.write()
        for connection in (self._reading, self._writing):
            if connection is not None:
                connection.close()
        self._reading = self._writing = None

    def _contact(self, system: str, digest: bytes) -> Contact | None:
        near = self._unwritten.get((system, digest))
        if near is not None or self._reading is None:
            return near
        try:
            row = self._reading.execute(
                "SELECT first, last, wrote, heard, site FROM contact WHERE system = ? AND mark = ?", (system, digest)
            ).fetchone()
        except apsw.Error as fault:
            self._break(fault)
            return None
        if row is None:
            return None
        first, last, wrote, heard, site = row
        return Contact(first=first, last=last, wrote=wrote, heard=heard, site=site)

    def _digest(self, mark: Mark) -> bytes:
        told = f"{mark.kind.value}\0{mark.text}".encode("utf-8", "surrogatepass")
        return blake2b(told, digest_size=16, key=self._key).digest()

    def _break(self, fault: Exception) -> None:
        """Goes on without the file."""
        if self._reading is not None or self._writing is not None or not self._key:
            log.warning("who corresponds with whom is kept in memory only: %s: %s", self._path, fault)
        self._reading = self._writing = None


def _written(
    writing: apsw.Connection, contacts: dict[tuple[str, bytes], Contact], sites: dict[tuple[str, str], float]
) -> None:
    rows = [
        (system, digest, one.first, one.last, one.wrote, one.heard, one.site)
        for (system, digest), one in contacts.items()
    ]
    alike = [(system, key, site, at) for (system, site), at in sites.items() for key in alike_keys(site)]
    with writing:
        writing.executemany("INSERT OR REPLACE INTO contact VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        writing.executemany("INSERT OR REPLACE INTO alike VALUES (?, ?, ?, ?)", alike)


def _tidied(writing: apsw.Connection, now: float, most: int) -> None:
    with writing:
        writing.execute("DELETE FROM contact WHERE last < ?", (now - KEPT_FOR,))
        writing.execute(
            "DELETE FROM contact WHERE last <= (SELECT last FROM contact ORDER BY last DESC LIMIT 1 OFFSET ?)", (most,)
        )
        writing.execute("DELETE FROM alike WHERE last < coalesce((SELECT min(last) FROM contact), ?)", (now,))


def _connected(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(_BUSY_MS)
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY")
    return connection
