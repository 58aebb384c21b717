"""The installed revisions of the policy. The newest one that was not withdrawn is what runs (DECISIONS 27).

A revision never changes and its number is never given again, for messages name the revision that judged them. All calls
block and sync; they are made off the event loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class InstalledFrom(Enum):
    """How a revision came to be."""

    FILE = "file"
    """From the administrator's file."""
    CONSOLE = "console"
    ROLLBACK = "rollback"
    """An older revision's text, installed again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One installed policy: its text, and who installed it, when (Unix time) and why."""

    number: int
    """From 1."""
    text: str
    by: str
    at: float
    note: str
    base: int
    """The revision that ran before; 0 for the first one."""
    origin: InstalledFrom
    rolled_back_to: int | None = None
    file_sha256: str | None = None
    """Of the text that was last installed from the file, now or earlier: what the file is compared with."""
    withdrawn: bool = False
    """Whether it could not be put into force, so that nothing was judged by it."""


class Conflict(Exception):
    """Another revision runs than the one that the installer had seen."""

    def __init__(self, *, base: int, current: int) -> None:
        self.base = base
        self.current = current
        super().__init__(
            f"revision {current} runs, and this was made from revision {base}: look at the difference first"
        )


class Revisions(Protocol):
    """The store of revisions. Raises OSError, with a sentence, where it cannot be read or written."""

    def current(self) -> Revision | None:
        """What runs; None before the first install."""
        ...

    def get(self, number: int) -> Revision:
        """One revision. Raises KeyError where there is none."""
        ...

    def history(self, limit: int = 100) -> Sequence[Revision]:
        """The newest revisions, newest first, withdrawn ones too."""
        ...

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
        """Makes a text the revision that runs, durably, and returns its number.

        Raises Conflict where `base` does not run (0: nothing does); OSError where the disk refuses, and then nothing
        changed.
        """
        ...

    def withdraw(self, number: int) -> None:
        """Makes the base of the revision that runs run again, because the switch to it failed."""
        ...
