"""Reports that people ordered: what is sent to whom, when it is due next, and what came of it last.

They stand in `console.db`, as documents that only the console reads. All calls block.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

MOST: Final = 20
"""Reports of one person."""
_COLUMNS: Final = "number, owner, document, due, sent, outcome"


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report as it is kept. Times are Unix time; `outcome` is a sentence, empty before the first time."""

    number: int
    owner: str
    document: bytes
    due: float
    sent: float | None
    outcome: str


class StoredReports:
    """The reports of everybody."""

    def __init__(self, rows: Callable[..., list[tuple[Any, ...]]]) -> None:
        """`rows` runs a statement."""
        self._rows = rows

    def add(self, owner: str, document: bytes, due: float) -> int:
        """Keeps a new report; returns its number. Raises ValueError where its owner has too many."""
        (count,) = self._rows("SELECT count(*) FROM report WHERE owner = ?", owner)[0]
        if count >= MOST:
            raise ValueError(f"a person has at most {MOST} reports: remove one first")
        found = self._rows(
            "INSERT INTO report(owner, document, due) VALUES(?, ?, ?) RETURNING number", owner, document, due
        )
        return int(found[0][0])

    def remove(self, number: int) -> bool:
        """Removes a report; whether there was one."""
        return bool(self._rows("DELETE FROM report WHERE number = ? RETURNING 1", number))

    def all(self) -> Sequence[StoredReport]:
        """Everybody's, in the order in which they were made."""
        return [StoredReport(*row) for row in self._rows(f"SELECT {_COLUMNS} FROM report ORDER BY number")]

    def due(self, now: float) -> Sequence[StoredReport]:
        """Those whose time has come."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM report WHERE due <= ? ORDER BY due, number", now)
        return [StoredReport(*row) for row in rows]

    def settle(self, number: int, *, due: float, outcome: str, sent: float | None) -> None:
        """Writes down what came of one, and when it is due next. `sent` is None where it was not sent."""
        self._rows(
            "UPDATE report SET due = ?, outcome = ?, sent = coalesce(?, sent) WHERE number = ?",
            due,
            outcome,
            sent,
            number,
        )
