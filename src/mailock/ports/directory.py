"""Who exists: recipient verification."""

from enum import Enum
from typing import Protocol

from mailock.core.mail.address import Address
from mailock.core.routing.rules import ForwardingRule


class Known(Enum):
    """What a directory says of an address."""

    YES = "yes"
    NO = "no"
    CANNOT_SAY = "cannot say"
    """It could not be asked: the recipient is answered 4yz."""


class Directory(Protocol):
    """Answers for the recipients of a forwarding rule, in the way that the rule says."""

    async def knows(self, recipient: Address, rule: ForwardingRule) -> Known:
        """Whether the mailbox exists. Never raises for a directory that is down: that is CANNOT_SAY."""
        ...
