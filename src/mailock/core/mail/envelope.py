"""The envelope: who a transaction is from and for, and what its sender asked of delivery (RFC 5321, RFC 3461).

Direction and virtual system are facts of a *recipient*: one transaction may carry a recipient who is outside and one
who is inside. Accept settles both when it answers RCPT; from then on nobody guesses.
"""

from enum import Enum

from mailock.core.mail.address import Address
from mailock.core.mail.value import value


class Direction(Enum):
    """Which way a recipient's mail goes, seen from the organisation."""

    INCOMING = "incoming"
    """From outside to one of our domains."""
    OUTGOING = "outgoing"
    """From an internal or authenticated source to somebody else's domain; also all mail that we write ourselves."""
    INTERNAL = "internal"
    """From an internal or authenticated source to one of our domains."""


class Notify(Enum):
    """One value of the NOTIFY parameter (RFC 3461 section 4.1)."""

    NEVER = "NEVER"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    DELAY = "DELAY"


class Ret(Enum):
    """The RET parameter (RFC 3461 section 4.3): how much of a message a failure notice returns."""

    FULL = "FULL"
    HDRS = "HDRS"


class BodyType(Enum):
    """The BODY parameter (RFC 6152)."""

    SEVEN_BIT = "7BIT"
    EIGHT_BIT = "8BITMIME"


@value(frozen=True, slots=True)
class Recipient:
    """One accepted forward-path.

    `notify` is empty where the client said nothing (failures and delays are then told).
    """

    address: Address
    direction: Direction
    notify: frozenset[Notify] = frozenset()
    orcpt: str | None = None

    def wants(self, notice: Notify) -> bool:
        """Whether the sender asked for this notice, or, silent, expects it (RFC 3461 section 4.1)."""
        if not self.notify:
            return notice in (Notify.FAILURE, Notify.DELAY)
        return notice in self.notify


@value(frozen=True, slots=True, kw_only=True)
class Envelope:
    """From whom, for whom, and how the bytes may be carried. `sender` is None for the null reverse-path."""

    sender: Address | None
    recipients: tuple[Recipient, ...]
    body_type: BodyType = BodyType.SEVEN_BIT
    smtputf8: bool = False
    ret: Ret | None = None
    envid: str | None = None
