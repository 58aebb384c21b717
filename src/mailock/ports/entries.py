"""What people wrote into the allow and block lists while the gateway ran: a journal that outlives it."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from mailock.core.reputation.entries import Effect


class Did(Enum):
    """What somebody did with an entry."""

    ADDED = "added"
    """Added, or said anew: the last word on one thing in one list of one system counts."""
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One line of the journal."""

    at: float
    by: str
    did: Did
    effect: Effect
    what: str
    """In the spelling of `Entry.what`."""
    system: str | None = None
    because: str = ""
    until: float | None = None
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the journal holds."""

    acts: tuple[Act, ...]
    """The oldest first."""
    unreadable: tuple[str, ...] = ()
    """A sentence for each line that cannot be read: what it ordered does not count until somebody mends it."""


class Journal(Protocol):
    """Keeps acts in their order. Both block; called off the event loop."""

    def read(self) -> "Written":
        """All acts. Raises OSError."""
        ...

    def add(self, act: Act) -> None:
        """Keeps one more, durably. Raises OSError, and then it is not kept."""
        ...
