"""Telling senders what became of their mail (DECISIONS 14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mailock.core.lifecycle.changes import Entry
from mailock.core.mail.message import Message
from mailock.core.notices.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """What came of telling: notices to enter, and the failures that nobody may be told of, with the reason."""

    entries: tuple[Entry, ...] = ()
    undeliverable: tuple[Report, ...] = ()
    why: str = ""


class Notices(Protocol):
    """Writes notices. They count only once they are committed, together with what they tell of."""

    async def tell(self, message: Message, reports: Sequence[Report], content: bytes | None) -> Letters:
        """The notices that follow from these reports. `content` is the message's body where it is at hand.

        Raises OSError or KeyError where the body is needed and cannot be read.
        """
        ...
