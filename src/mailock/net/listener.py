"""Takes connections on sockets that are bound already, and gives each to a conversation.

Binding and listening are apart because only the supervisor may bind low ports (DECISIONS 28): it binds, and passes the
sockets on.
"""

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Sequence
from typing import Final

from mailock.net.link import SocketLink
from mailock.net.tls import ServerTls
from mailock.ports.transport import Conversation, Peer

BACKLOG: Final = 4096
"""Connections that the kernel may hold ready for us; it cuts this down to net.core.somaxconn."""
HANDSHAKE_SECONDS: Final = 60.0


class Listener:
    """A set of listening sockets with one purpose. `make` is asked before anything else is done for a peer.

    It returns the conversation, or the words to send before the connection is closed (`b"421 …\\r\\n"`; sent in the
    clear only). `tls` is what STARTTLS uses, and with `implicit_tls` every connection from its first byte.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        make: Callable[[Peer], Conversation | bytes],
        tls: ServerTls | None,
        implicit_tls: bool,
        *,
        handshake_seconds: float = HANDSHAKE_SECONDS,
    ) -> None:
        if implicit_tls and tls is None:
            raise ValueError("a listener with implicit TLS needs TLS settings; give it a certificate")
        self._sockets = list(sockets)
        self._make = make
        self._tls = tls
        self._implicit_tls = implicit_tls
        self._handshake_seconds = handshake_seconds
        self._servers: list[asyncio.Server] = []

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Address and port of each socket; empty once stopped."""
        return [tuple(one.getsockname()[:2]) for one in self._sockets if one.fileno() >= 0]

    def copies(self) -> list[socket.socket]:
        """The same sockets under other descriptors: who listens on them next takes over without losing a connection."""
        return [one.dup() for one in self._sockets]

    def share_port(self, *, shared: bool) -> None:
        """Whether another socket of this user may listen at the same port and another address that meets ours."""
        for one in self._sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(shared))

    async def start(self) -> None:
        """Begins to accept."""
        loop = asyncio.get_running_loop()
        channel = self._tls.channel if self._tls is not None else None

        def link() -> SocketLink:
            return SocketLink(
                loop,
                self._make,
                channel=channel,
                implicit_tls=self._implicit_tls,
                handshake_seconds=self._handshake_seconds,
            )

        for one in self._sockets:
            self._servers.append(await loop.create_server(link, sock=one, backlog=BACKLOG))

    def stop(self) -> None:
        """Stops accepting at once and closes the sockets; connections that stand go on."""
        for server in self._servers:
            server.close()
        self._servers.clear()


def bind(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """One bound socket for each address, IPv4 or IPv6. Raises OSError with a sentence, and then none stays bound."""
    bound: list[socket.socket] = []
    try:
        for address in addresses:
            bound.append(_bind_one(address, port))
    except OSError:
        for one in bound:
            one.close()
        raise
    return bound


def _bind_one(address: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST | socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise OSError(errno.EINVAL, f"cannot listen on {address}: that is not an IP address of this machine") from error
    one = socket.socket(family, kind, protocol)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # IPv4 has its own socket, so that `0.0.0.0` and `::` can be had together.
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(where)
    except OSError as error:
        one.close()
        raise OSError(error.errno, _why_not_bound(error, address, port)) from error
    one.settimeout(0)
    return one


def _why_not_bound(error: OSError, address: str, port: int) -> str:
    place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"cannot listen on {place}: another program has that port; stop it"
                f" (`ss -ltnp sport = :{port}` names it) or choose another port"
            )
        case errno.EACCES | errno.EPERM:
            return (
                f"cannot listen on {place}: ports under 1024 need root or CAP_NET_BIND_SERVICE;"
                " start mailock as root (it drops its rights) or choose another port"
            )
        case errno.EADDRNOTAVAIL:
            return f"cannot listen on {place}: this machine has no such address; correct the interfaces setting"
        case errno.EAFNOSUPPORT:
            return f"cannot listen on {place}: IPv6 is switched off on this machine; name IPv4 addresses only"
        case _:
            return f"cannot listen on {place}: {os.strerror(error.errno or 0)}"
