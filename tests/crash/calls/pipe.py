"""Connections without sockets: what one conversation writes, the other receives, a turn of the loop later."""

import asyncio
from collections.abc import Awaitable, Callable

from mailock.ports.transport import Conversation, Peer

GATEWAY = "192.0.2.1"


class PipeLink:
    """One end. `crossed` is told of every write before it leaves."""

    def __init__(self, conversation: Conversation, crossed: Callable[[], None] | None = None) -> None:
        self._conversation = conversation
        self._crossed = crossed
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._paused = False
        self._held: list[bytes] = []
        self.other: PipeLink

    def write(self, data: bytes) -> None:
        """Queues bytes for the peer."""
        if self._crossed is not None:
            self._crossed()
        if self._open:
            self._loop.call_soon(self.other.deliver, data)

    @property
    def backlog(self) -> int:
        """Nothing ever waits."""
        return 0

    def drained(self) -> Awaitable[None]:
        """At once."""
        done = self._loop.create_future()
        done.set_result(None)
        return done

    def pause(self) -> None:
        """Holds back what comes."""
        self._paused = True

    def resume(self) -> None:
        """Hands on what was held back."""
        self._paused = False
        while self._held and not self._paused and self._open:
            self._conversation.received(self._held.pop(0))

    def start_tls(self) -> None:
        """Nobody offers it here."""
        raise AssertionError("TLS was never offered")

    def close(self) -> None:
        """Sends what was written, then closes."""
        if self._open:
            self._open = False
            self._loop.call_soon(self._lose, "")
            self._loop.call_soon(self.other.end)

    def abort(self) -> None:
        """Closes at once."""
        self.close()

    def deliver(self, data: bytes) -> None:
        """Bytes arrive."""
        if self._paused:
            self._held.append(data)
        elif self._open:
            self._conversation.received(data)

    def end(self) -> None:
        """The peer is gone."""
        if self._open:
            self._open = False
            self._lose("the peer closed the connection")

    def _lose(self, why: str) -> None:
        self._conversation.lost(why)


def connect(
    here: Conversation, there: Conversation, *, ip: str, port: int, crossed: Callable[[], None] | None = None
) -> None:
    """Joins two conversations; `here` is the gateway's, whose writes are told of. Both are `connected` in turn."""
    ours, theirs = PipeLink(here, crossed), PipeLink(there)
    ours.other, theirs.other = theirs, ours
    loop = asyncio.get_running_loop()
    here.connected(ours, Peer(ip=ip, port=port, local_ip=GATEWAY, local_port=25), None)
    loop.call_soon(there.connected, theirs, Peer(ip=GATEWAY, port=25, local_ip=ip, local_port=port), None)
