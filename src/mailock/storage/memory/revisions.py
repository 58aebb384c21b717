"""Policy revisions in memory: the reference that says what the others have to do."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from mailock.ports.revisions import Conflict, InstalledFrom, Revision


class MemoryRevisions:
    """Revisions that end with the process."""

    def __init__(self) -> None:
        self._all: list[Revision] = []
        self._current = 0

    def current(self) -> Revision | None:
        """What runs."""
        return self._all[self._current - 1] if self._current else None

    def get(self, number: int) -> Revision:
        """One revision."""
        if not 0 < number <= len(self._all):
            raise KeyError(f"there is no revision {number}")
        return self._all[number - 1]

    def history(self, limit: int = 100) -> Sequence[Revision]:
        """The newest revisions, newest first."""
        return self._all[::-1][:limit]

    def install(
        self,
        text: str,
        *,
        by: str,
        at: float,
        note: str,
        base: int,
        origin: InstalledFrom,
        rolled_back_to: int | None = None,
    ) -> int:
        """Makes a text the revision that runs."""
        if base != self._current:
            raise Conflict(base=base, current=self._current)
        before = self.current()
        from_file = before.file_sha256 if before else None
        if origin is InstalledFrom.FILE:
            from_file = hashlib.sha256(text.encode("utf-8")).hexdigest()
        revision = Revision(
            number=len(self._all) + 1,
            text=text,
            by=by,
            at=at,
            note=note,
            base=base,
            origin=origin,
            rolled_back_to=rolled_back_to,
            file_sha256=from_file,
        )
        self._all.append(revision)
        self._current = revision.number
        return revision.number

    def withdraw(self, number: int) -> None:
        """Makes the base of the revision that runs run again."""
        if number != self._current:
            raise Conflict(base=number, current=self._current)
        self._all[number - 1] = replace(self._all[number - 1], withdrawn=True)
        self._current = self._all[number - 1].base
