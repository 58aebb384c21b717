"""What is remembered of recipients, besides their mail: when each was told, what he wishes, what he asked for."""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol


class Wish(Enum):
    """How often somebody wants to be told what is kept from him."""

    DAILY = "daily"
    """As often as the policy has digests."""
    WEEKLY = "weekly"
    NEVER = "never"


class Mailboxes(Protocol):
    """A small memory, asked for one recipient at a time. Times are Unix seconds. Raises OSError."""

    def looked(self) -> float | None:
        """Until when it was looked whether digests are due; None: never."""
        ...

    def look(self, at: float) -> None:
        """Notes that it was looked until then."""
        ...

    def told(self, system: str, address: str) -> tuple[float, Wish]:
        """When somebody was told last (0: never), and how often he wants to be."""
        ...

    def tell(self, system: str, address: str, at: float) -> None:
        """Notes that somebody was told."""
        ...

    def wish(self, system: str, address: str, wish: Wish) -> None:
        """Notes what somebody wishes."""
        ...

    def requested(self, queue_id: int, address: str) -> bool:
        """Whether somebody asked for a message already."""
        ...

    def requesters(self, queue_id: int) -> Sequence[str]:
        """Who asked for a message."""
        ...

    def request(self, queue_id: int, address: str, at: float) -> None:
        """Notes that somebody asked for a message."""
        ...

    def forget(self, before: float) -> None:
        """Deletes requests that are older: their messages have ended."""
        ...
