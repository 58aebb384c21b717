"""Opening queue.db: how SQLite is set, and how the schema is brought up to date."""

from importlib import resources
from pathlib import Path
from typing import Final

import apsw

from mailock.storage.sqlite.tally import Tally

PAGE_SIZE: Final = 8192
"""A body of 10 KiB fits in one page and a bit: less is written to the log than with pages of 4 KiB or of 16."""
WRITER_CACHE: Final = 16 * 1024 * 1024
READER_CACHE: Final = 2 * 1024 * 1024
BUSY_MS: Final = 10_000


class NewerSchema(Exception):
    """queue.db was written by a newer Mailock."""


def connect(path: Path, *, cache: int, vfs: str | None = None) -> apsw.Connection:
    """A connection to queue.db with the settings that all of ours have. Raises apsw.Error."""
    connection = apsw.Connection(str(path), vfs=vfs)
    connection.set_busy_timeout(BUSY_MS)
    # Without it SQLite plans some statements anew for every value that is bound, which costs six times the statement.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    for setting in (
        f"PRAGMA page_size = {PAGE_SIZE}",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        f"PRAGMA cache_size = {-cache // 1024}",
        # Checkpoints are made by the writer's thread at moments of its own choice (sqlite/writer.py).
        "PRAGMA wal_autocheckpoint = 0",
        "PRAGMA temp_store = MEMORY",
        "PRAGMA foreign_keys = OFF",
    ):
        connection.execute(setting)
    return connection


def reading(path: Path, *, vfs: str | None = None) -> apsw.Connection:
    """A connection that cannot write."""
    connection = connect(path, cache=READER_CACHE, vfs=vfs)
    connection.execute("PRAGMA query_only = 1")
    return connection


def bring_up_to_date(connection: apsw.Connection) -> None:
    """Runs the steps that the file has not had yet, each in a transaction. Raises NewerSchema, apsw.Error."""
    steps = _steps()
    version = connection.pragma("user_version")
    if version > len(steps):
        raise NewerSchema(
            f"queue.db has schema {version} and this version knows {len(steps)}: start the newer Mailock that wrote it"
        )
    for number, statements in list(enumerate(steps, start=1))[version:]:
        with connection:
            connection.execute(statements)
            if number == 1:
                connection.execute("INSERT INTO tally VALUES (1, ?)", (Tally().encoded(),))
            connection.pragma("user_version", number)


def _steps() -> list[str]:
    folder = resources.files("mailock.storage.sqlite.migrations")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return [folder.joinpath(name).read_text("utf-8") for name in names]
