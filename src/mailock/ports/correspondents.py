"""Who corresponds with whom, by virtual system: remembered across restarts, bounded, and never in the way of mail."""

from collections.abc import Sequence
from typing import Protocol

from mailock.core.impersonation.acquaintance import Contact, Mark


class Correspondents(Protocol):
    """What one virtual system learns no other knows. Neither call waits for a disk longer than a look-up takes, and
    neither raises for what the disk does: what cannot be read is not known.
    """

    def find(self, system: str, marks: Sequence[Mark]) -> dict[Mark, Contact]:
        """What is remembered of some marks; those of which nothing is are left out."""
        ...

    def alike(self, system: str, site: str) -> Sequence[str]:
        """Known registrable domains that a domain may be taken for, up to 200; who asks compares them."""
        ...

    def note(self, system: str, marks: Sequence[Mark], now: float, *, wrote: bool) -> None:
        """One message more: one of ours (`wrote`), or one of theirs. `now`: Unix seconds."""
        ...
