"""Signing what goes out, once nothing of it changes any more (DECISIONS 25).

The order is fixed: signatures are verified as the message came, the result is frozen in a field of its own, the message
is changed, and only then it is sealed (ARC, for what passes through) or signed (DKIM, for what is ours). So the seal is
the last thing that is made of a message, over the very octets that leave. Private keys stay with the signer, and never
come near a jail.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from mailock.core.lifecycle.copies import Copy
from mailock.core.mail.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A copy that is ready but for its seal."""

    message: Message
    copy: Copy
    prefix: bytes
    """The fields that go before the body, each with its CRLF: frozen results and the trace header are among them."""
    body: int
    """A descriptor, open for reading, of the body that leaves, from its first octet; it is only lent."""
    changed: bool
    """Whether the body is another than came."""


class CannotSign(Exception):
    """This message cannot be signed or sealed, now or later; the sentence says why. It goes as it is."""


class Signer(Protocol):
    """Makes the seal."""

    def signs(self, message: Message) -> bool:
        """Whether a message is ours, and there is a key for it: then it is signed, even where nothing was changed.

        True where that could not be found out, so that nothing leaves without a signature that it should have.
        """
        ...

    def sign(self, leaving: Leaving) -> Awaitable[bytes]:
        """Fields that go on top of everything, each with its CRLF; empty where nothing is to be signed.

        Raises OSError where a key cannot be had: the copy then waits. Raises CannotSign.
        """
        ...


class NoSigner:
    """Seals nothing: no key is configured."""

    def signs(self, message: Message) -> bool:
        """Never."""
        return False

    async def sign(self, leaving: Leaving) -> bytes:
        """Nothing."""
        return b""
