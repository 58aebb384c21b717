"""How long a client waits for its 250 when messages come at a rate of their own, whether or not the server keeps up.

A closed loop (send, wait, send the next) slows down together with the server and so hides the waiting. Here the moments
of sending are fixed beforehand, at random around the rate (Poisson, seeded), and a latency runs from that moment until
the 250, the wait for a free connection included.
"""

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import cast

import uvloop

from mailock.testing.bench.programs import LOOPBACK, CannotMeasureError
from mailock.testing.bench.talk import DOMAIN, SENDER, message

_GREETING_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`rate` messages a second of `size` bytes for `seconds`, over `connections` that stay open."""

    rate: float
    seconds: float
    size: int
    connections: int


def latencies(pace: Pace, port: int, *, within: float) -> list[float]:
    """The wait of every message in seconds, sorted. Raises CannotMeasureError on an unexpected reply, or when late."""
    try:
        return uvloop.run(asyncio.wait_for(_run(pace, port), within))
    except TimeoutError as late:
        raise CannotMeasureError(f"the open loop of {pace.rate:.0f} msg/s was not done in {within:.0f} s") from late
    except OSError as failure:
        raise CannotMeasureError(f"the open loop lost its connection: {failure}") from failure


@dataclass(slots=True, kw_only=True)
class _Traffic:
    """What all connections share: which are free, which messages wait, what was measured."""

    body: bytes
    free: "deque[_Connection]" = field(default_factory=deque)
    waiting: deque[float] = field(default_factory=deque)
    waits: list[float] = field(default_factory=list)
    failed: asyncio.Future[None]

    def fail(self, why: str) -> None:
        """The first failure ends the run."""
        if not self.failed.done():
            self.failed.set_exception(CannotMeasureError(why))


class _Connection(asyncio.Protocol):
    """Sends one message at a time: MAIL, RCPT and DATA in one write, the data when the 354 came."""

    def __init__(self, traffic: _Traffic) -> None:
        self._traffic = traffic
        self._due: list[bytes] = [b"220"]
        self._unread = b""
        self._scheduled: float | None = None
        self._count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not descend from asyncio's.
        self._transport = cast(asyncio.WriteTransport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._due or self._scheduled is not None:
            self._traffic.fail(f"the server closed the connection: {exc}")

    def send(self, scheduled: float) -> None:
        """Begin the message that was to be sent at `scheduled`, in steady seconds."""
        self._scheduled = scheduled
        self._count += 1
        self._due = [b"250", b"250", b"354"]
        recipient = f"{self._count}-{id(self)}@{DOMAIN}"
        self._transport.write(f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode())

    def close(self) -> None:
        """Without a QUIT: the figures are taken."""
        self._due, self._scheduled = [], None
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        lines = (self._unread + data).split(b"\r\n")
        self._unread = lines.pop()
        for line in lines:
            if line[3:4] == b"-":
                continue
            if not self._due or not line.startswith(self._due[0]):
                self._traffic.fail(f"the server said {line[:200]!r} where {self._due[:1]} was due")
                return
            self._replied(self._due.pop(0))

    def _replied(self, code: bytes) -> None:
        if code == b"220":
            self._due = [b"250"]
            self._transport.write(b"EHLO client.bench.test\r\n")
        elif code == b"354":
            self._due = [b"250"]
            self._transport.write(self._traffic.body)
        elif not self._due:
            self._finished()

    def _finished(self) -> None:
        """The EHLO's reply, or the 250 of a message: free for the next."""
        if self._scheduled is not None:
            self._traffic.waits.append(time.monotonic() - self._scheduled)
            self._scheduled = None
        if self._traffic.waiting:
            self.send(self._traffic.waiting.popleft())
        else:
            self._traffic.free.append(self)


async def _run(pace: Pace, port: int) -> list[float]:
    loop = asyncio.get_running_loop()
    traffic = _Traffic(body=message(pace.size), failed=loop.create_future())
    loop.set_exception_handler(lambda _, context: traffic.fail(f"the open loop broke: {context}"))
    connections = []
    for _ in range(pace.connections):
        _, connection = await loop.create_connection(lambda: _Connection(traffic), LOOPBACK, port)
        connections.append(connection)
    while len(traffic.free) < pace.connections:
        await _pause(0.01, traffic)
    due = moments(pace, begin=time.monotonic() + 0.1)
    for scheduled in due:
        # The loop's timers are good to a millisecond; what fell due meanwhile is sent at once, its wait running.
        if (ahead := scheduled - time.monotonic()) > 0:
            await _pause(ahead, traffic)
        if traffic.free:
            traffic.free.popleft().send(scheduled)
        else:
            traffic.waiting.append(scheduled)
    while len(traffic.waits) < len(due):
        await _pause(0.01, traffic)
    for connection in connections:
        connection.close()
    return sorted(traffic.waits)


def moments(pace: Pace, *, begin: float) -> list[float]:
    """When each message is to be sent, in steady seconds: the same for every side."""
    chance, moments, at = random.Random(pace.connections), [], begin
    while (at := at + chance.expovariate(pace.rate)) < begin + pace.seconds:
        moments.append(at)
    return moments


async def _pause(seconds: float, traffic: _Traffic) -> None:
    await asyncio.sleep(seconds)
    if traffic.failed.done():
        traffic.failed.result()
