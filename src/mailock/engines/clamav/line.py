"""One connection to clamd: made, written and read to the octet.

Plain sockets, not asyncio's streams: when clamd has had enough it says so and closes, and what it said has to be read
although our writing failed. A stream would have thrown it away.
"""

import asyncio
import socket
from collections.abc import Iterable
from typing import Any, Final

from mailock.config.antivirus import ClamdAddress
from mailock.engines.clamav.replies import LONGEST, nonsense

PIECE: Final = 1 << 20
"""Octets that are sent as one chunk at most."""
READ: Final = 4096


class Closed(Exception):
    """clamd closed the connection before it had answered."""


class Line:
    """A connection. Whoever opened it closes it."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._loop = asyncio.get_running_loop()
        self._unread = b""

    @classmethod
    async def open(cls, address: ClamdAddress) -> "Line":
        """Connects. Raises OSError where nobody answers."""
        loop = asyncio.get_running_loop()
        if address.path:
            return cls(await _connected(loop, socket.AF_UNIX, address.path))
        found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        fault: OSError = OSError(f"{address.host} has no address")
        for family, _, _, _, place in found:
            try:
                return cls(await _connected(loop, family, place))
            except OSError as failed:
                fault = failed
        raise fault

    async def send(self, octets: bytes) -> bool:
        """Sends all of it; False where clamd listens no more. It may have said why."""
        try:
            await self._loop.sock_sendall(self._socket, octets)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    async def stream(self, before: bytes, chunks: Iterable[bytes]) -> None:
        """Sends commands and a stream of chunks, until clamd listens no more."""
        waiting = bytearray(before)
        for chunk in chunks:
            for start in range(0, len(chunk), PIECE):
                piece = chunk[start : start + PIECE]
                waiting += len(piece).to_bytes(4, "big")
                waiting += piece
            if len(waiting) >= PIECE:
                if not await self.send(bytes(waiting)):
                    return
                waiting.clear()
        await self.send(bytes(waiting) + bytes(4))

    async def reply(self) -> bytes:
        """The next reply, without its end. Raises Closed, and Unfinished for one that does not end."""
        while b"\0" not in self._unread:
            if len(self._unread) > LONGEST:
                raise nonsense(self._unread.decode("utf-8", "replace"))
            try:
                received = await self._loop.sock_recv(self._socket, READ)
            except ConnectionResetError:
                received = b""
            if not received:
                raise Closed
            self._unread += received
        reply, _, self._unread = self._unread.partition(b"\0")
        return reply

    def close(self) -> None:
        """Ends it."""
        self._socket.close()


async def _connected(loop: asyncio.AbstractEventLoop, family: int, place: Any) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        await loop.sock_connect(connection, place)
    except BaseException:
        connection.close()
        raise
    return connection
