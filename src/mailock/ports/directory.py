"""Who exists: recipient verification."""

from enum import Enum
from typing import Protocol

from mailock.core.mail.address import Address


class Known(Enum):
    """What a directory says of an address."""

    YES = "yes"
    NO = "no"
    CANNOT_SAY = "cannot say"
    """It could not be asked, or does not hold that domain: the recipient is answered 4yz where verification is required."""


class Directory(Protocol):
    """Answers for the recipients of one or more domains."""

    async def knows(self, recipient: Address) -> Known:
        """Whether the mailbox exists. Never raises for a directory that is down: that is CANNOT_SAY."""
        ...
