"""What the door asks others about a source, and what it remembers of sources. Nothing of it holds mail up for long."""

from collections.abc import Sequence
from typing import Protocol

from mailock.core.reputation.dns_lists import DnsList, Repute
from mailock.core.reputation.greylist import Seen
from mailock.core.reputation.history import Record


class Listings(Protocol):
    """Asks lists in the DNS."""

    async def source(self, lists: Sequence[DnsList], ip: str) -> Repute:
        """What lists of sources say of an address. Never raises for what they do."""
        ...

    async def domains(self, lists: Sequence[DnsList], names: Sequence[str]) -> Repute:
        """What lists of domains say of some names, in lower case. Likewise."""
        ...


class Remembrance(Protocol):
    """Remembers sources and triplets, in memory and bounded; what it writes down it writes beside mail's path."""

    def record(self, source: str) -> Record | None:
        """The history of a network or a domain."""
        ...

    def keep_record(self, source: str, record: Record) -> None:
        """Remembers one."""
        ...

    def seen(self, key: str) -> Seen | None:
        """When a triplet, or a network that passed, was seen."""
        ...

    def keep_seen(self, key: str, seen: Seen) -> None:
        """Remembers that."""
        ...
