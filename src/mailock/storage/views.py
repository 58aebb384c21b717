"""Views that people made: who owns each, whether it is shared, and its revision, so that nobody overwrites unseen.

They stand in `console.db`, as documents that only the console reads. All calls block.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

MOST: Final = 50
"""Views of one person."""
_COLUMNS: Final = "number, owner, shared, revision, document"


class Overtaken(ValueError):
    """Somebody changed the view meanwhile; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A view as it is kept. `revision` grows with each change."""

    number: int
    owner: str
    shared: bool
    revision: int
    document: bytes


class StoredViews:
    """The views of everybody."""

    def __init__(self, rows: Callable[..., list[tuple[Any, ...]]]) -> None:
        """`rows` runs a statement."""
        self._rows = rows

    def add(self, owner: str, document: bytes) -> int:
        """Keeps a new view; returns its number. Raises ValueError where its owner has too many."""
        (count,) = self._rows("SELECT count(*) FROM view WHERE owner = ?", owner)[0]
        if count >= MOST:
            raise ValueError(f"a person has at most {MOST} views: remove one first")
        found = self._rows("INSERT INTO view(owner, document) VALUES(?, ?) RETURNING number", owner, document)
        return int(found[0][0])

    def change(self, number: int, owner: str, revision: int, document: bytes, *, shared: bool) -> None:
        """Changes a view of one's own. Raises Overtaken where it is no longer the revision that was looked at."""
        found = self._rows(
            "UPDATE view SET document = ?, shared = ?, revision = revision + 1 "
            "WHERE number = ? AND owner = ? AND revision = ? RETURNING 1",
            document,
            int(shared),
            number,
            owner,
            revision,
        )
        if not found:
            raise Overtaken("this view was changed or removed meanwhile, in another window: load it and try again")

    def remove(self, number: int, owner: str) -> bool:
        """Removes a view of one's own; whether there was one."""
        return bool(self._rows("DELETE FROM view WHERE number = ? AND owner = ? RETURNING 1", number, owner))

    def seen_by(self, person: str) -> Sequence[Stored]:
        """A person's own views, and those that others share."""
        return [
            Stored(number, owner, bool(shared), revision, document)
            for number, owner, shared, revision, document in self._rows(
                f"SELECT {_COLUMNS} FROM view WHERE owner = ? OR shared ORDER BY number", person
            )
        ]

    def one(self, number: int, person: str) -> Stored | None:
        """One of them."""
        return next((view for view in self.seen_by(person) if view.number == number), None)
