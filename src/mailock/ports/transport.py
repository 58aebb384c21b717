"""Connections, as the stations see them: bytes come in by call, go out by call, and nobody awaits a socket.

`net` owns the sockets. It tells a `Conversation` what happened, and gives it a `Link` to act with. All calls are made
on the event loop and none may block. After `lost`, nothing more is called and the link is dead. An accepted connection
that is encrypted from the first byte and fails in its handshake is told `lost` without `connected`.
"""

from collections.abc import Awaitable
from typing import Protocol

from mailock.core.mail.origin import Tls
from mailock.core.mail.value import value


@value(frozen=True, slots=True, kw_only=True)
class Peer:
    """The two ends of a connection. Addresses are plain text, an IPv4 address mapped into IPv6 shown as IPv4."""

    ip: str
    port: int
    local_ip: str
    local_port: int


class Link(Protocol):
    """A connection that can be acted with."""

    def write(self, data: bytes) -> None:
        """Queues bytes for the peer."""
        ...

    @property
    def backlog(self) -> int:
        """Bytes written and not yet taken by the system."""
        ...

    def drained(self) -> Awaitable[None]:
        """Returns once the backlog is small, or the connection is lost."""
        ...

    def pause(self) -> None:
        """Stops reading from the peer."""
        ...

    def resume(self) -> None:
        """Goes on reading."""
        ...

    def start_tls(self) -> None:
        """Begins a handshake in the role and with the settings that the link has; then `tls_started`, or `lost`.

        What was received before stays with the conversation, which has to forget it (CVE-2011-0411); it never reaches
        the handshake.
        """
        ...

    def close(self) -> None:
        """Sends what was written, then closes."""
        ...

    def abort(self) -> None:
        """Closes at once."""
        ...


class Conversation(Protocol):
    """One side of a protocol over a Link."""

    def connected(self, link: Link, peer: Peer, tls: Tls | None) -> None:
        """The connection stands; `tls` for one that was encrypted from the first byte."""
        ...

    def received(self, data: bytes) -> None:
        """Bytes came."""
        ...

    def tls_started(self, tls: Tls) -> None:
        """The handshake that `start_tls` began is done."""
        ...

    def ended(self) -> bool:
        """The peer will send nothing more. Returns whether an answer is still owed.

        If so, the link stays open for it, and asks again after each write; otherwise it closes now, and `lost` follows.
        """
        ...

    def lost(self, why: str) -> None:
        """The connection is gone; `why` is a sentence for the log, empty for an orderly end."""
        ...


@value(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom to connect to, and what TLS with him would have to prove.

    DANE (RFC 7672) and MTA-STS (RFC 8461) will add here what they learnt before the dial: TLSA records, or the names
    that a policy allows; REQUIRETLS (RFC 8689) only picks `verify` and needs no field.
    """

    host: str
    """The name that a certificate has to match, and that the log shows."""
    ip: str
    port: int
    implicit_tls: bool = False
    verify: bool = False
    """Whether a TLS handshake must prove the host's name against the trusted authorities."""


class Dialer(Protocol):
    """Opens connections to next hops."""

    def dial(self, target: Target, conversation: Conversation, *, seconds: float) -> Awaitable[None]:
        """Returns once `connected` was called. Raises OSError (a sentence) where no connection stands in time."""
        ...
