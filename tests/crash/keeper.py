"""A next hop that keeps account of what it acknowledged, and behaves as badly as a test wants.

It reads SMTP with code of its own, so that a fault of ours cannot hide behind itself. What it takes is kept as a hash
of the bytes that the client wrote, with the recipients and the generation of the gateway that brought it. At every
moment of a transaction its `manner` may make it say something else, go silent, or go away.
"""

import asyncio
import hashlib
import re
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from tests.crash.marked import MARK
from tests.parts.ports import LOOPBACK

_END = b"\r\n.\r\n"
_RECEIVED = re.compile(rb"\AReceived: [^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*\Z")

KEPT = b"250 2.0.0 kept\r\n"


class Moment(Enum):
    """When a manner is asked."""

    CONNECTED = auto()
    HELLO = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    MID_BODY = auto()
    """Some of the body came, and not yet its end; asked once a body."""
    FINAL_DOT = auto()
    """The body is whole; what is not let go on here is not kept."""
    KEPT = auto()
    """The body is kept, and 250 not yet said."""


@dataclass(frozen=True, slots=True)
class Say:
    """Says this instead; `leave` closes after it, `reset` resets, so that what was said may never be read."""

    words: bytes
    leave: bool = False
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """Closes without a word."""

    reset: bool = False


@dataclass(frozen=True, slots=True)
class Stall:
    """Says nothing for so many seconds, then goes on as if nothing had been."""

    seconds: float


Deed = Say | Leave | Stall


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message that was kept. `told` is False where the manner kept the 250 back or may have torn it up."""

    number: str
    """As its client marked it; empty for mail without a mark, such as notices."""
    sender: str
    recipients: tuple[str, ...]
    sha256: str
    """Of the bytes from the mark on."""
    content: bytes
    """The message where it bears no mark or is short, else its head."""
    framed: bool
    """Whether exactly one Received field stands before the mark."""
    generation: int
    port: int
    at: float
    told: bool


Manner = Callable[[Moment, str], Deed | None]
"""Given the moment and the command or mark that it is about."""


def well_behaved(moment: Moment, what: str) -> Deed | None:
    """Takes everything."""
    return None


class Keeper:
    """One listening socket, whose port stays the same over `close` and `open`."""

    def __init__(self, manner: Manner = well_behaved, *, shown: int = 4096) -> None:
        self.manner = manner
        self.shown = shown
        self.generation = 0
        """Counted up by the test at every kill; stamped on connections."""
        self.arrivals: list[Arrival] = []
        self.connections = 0
        self._visits: set[Visit] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> "Keeper":
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def hop(self) -> str:
        """Where it listens, as a next hop is written."""
        return f"{LOOPBACK}:{self.port}"

    async def open(self) -> None:
        """Begins to listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Visit(self), LOOPBACK, self.port, backlog=256)
        # Little fits on the way, so that a large message has not all left when something is said in the middle of it.
        self._server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listens no more, and resets who is there: as a host that dies."""
        if self._server is not None:
            self._server.close()
        self.drop()

    def drop(self) -> None:
        """Resets every connection that there is."""
        for visit in list(self._visits):
            visit.depart(reset=True)

    def entered(self, visit: "Visit") -> None:
        """A connection begins."""
        self._visits.add(visit)
        self.connections += 1

    def left(self, visit: "Visit") -> None:
        """A connection ended."""
        self._visits.discard(visit)

    def keep(self, arrival: Arrival) -> None:
        """Takes a message. After that 250 is said."""
        self.arrivals.append(arrival)


class Visit(asyncio.Protocol):
    """One connection."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._input = bytearray()
        self._searched = 0
        self._in_body = False
        self._asked_mid_body = False
        self._waiting = False
        self._gone = False
        self._sender = ""
        self._recipients: list[str] = []
        self._generation = keeper.generation

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greets."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._keeper.entered(self)
        self._react(Moment.CONNECTED, "", b"220 keeper.test ESMTP\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._gone = True
        self._keeper.left(self)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._input += data
        self._read()

    def depart(self, *, reset: bool) -> None:
        """Goes away."""
        self._gone = True
        if reset:
            linger = struct.pack("ii", 1, 0)
            bare = self._transport.get_extra_info("socket")
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._transport.abort()
        else:
            self._transport.close()

    def _read(self) -> None:
        while not (self._waiting or self._gone):
            if self._in_body:
                if not self._read_body():
                    return
                continue
            end = self._input.find(b"\r\n")
            if end < 0:
                return
            line = bytes(self._input[:end]).decode("utf-8", "surrogateescape")
            del self._input[: end + 2]
            self._command(line)

    def _command(self, line: str) -> None:
        verb = line[:4].upper()
        address = line.partition("<")[2].partition(">")[0]
        match verb:
            case "EHLO":
                words = b"250-keeper.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 0\r\n"
                self._react(Moment.HELLO, line, words)
            case "MAIL":
                self._sender, self._recipients = address, []
                self._react(Moment.MAIL, address, b"250 2.1.0 so it is from you\r\n")
            case "RCPT":
                if self._react(Moment.RCPT, address, b"250 2.1.5 known\r\n"):
                    self._recipients.append(address)
            case "DATA" if not self._recipients:
                self._transport.write(b"554 5.5.1 nobody is to get it\r\n")
            case "DATA":
                if self._react(Moment.DATA, self._sender, b"354 go on\r\n"):
                    self._in_body, self._searched, self._asked_mid_body = True, 0, False
            case "RSET" | "NOOP":
                self._transport.write(b"250 2.0.0 as you wish\r\n")
            case "QUIT":
                self._transport.write(b"221 2.0.0 farewell\r\n")
                self.depart(reset=False)
            case _:
                self._transport.write(b"500 5.5.2 not known here\r\n")

    def _read_body(self) -> bool:
        """Whether the body is whole."""
        # An empty body begins with the dot itself.
        end = -2 if self._input.startswith(b".\r\n") else self._input.find(_END, max(0, self._searched - len(_END)))
        if end == -1:
            self._searched = len(self._input)
            if self._input and not self._asked_mid_body:
                self._asked_mid_body = True
                self._do(self._keeper.manner(Moment.MID_BODY, self._sender))
            return False
        stuffed = bytes(self._input[: end + 2])
        del self._input[: end + len(_END)]
        self._in_body = False
        self._take((b"\r\n" + stuffed).replace(b"\r\n..", b"\r\n.")[2:])
        return True

    def _take(self, content: bytes) -> None:
        # A notice may quote the mark of what it is about, further down.
        start = content.find(MARK, 0, content.find(b"\r\n\r\n"))
        number = content[start + len(MARK) :].partition(b"\r\n")[0].decode() if start >= 0 else ""
        deed = self._keeper.manner(Moment.FINAL_DOT, number)
        if deed is not None and not isinstance(deed, Stall):
            self._do(deed)
            return
        if deed is not None:
            # Kept only once the silence is over, if the client is still there.
            self._pause(deed.seconds, lambda: self._keep(content, start, number))
        else:
            self._keep(content, start, number)

    def _keep(self, content: bytes, start: int, number: str) -> None:
        keeper = self._keeper
        deed = keeper.manner(Moment.KEPT, number)
        arrival = Arrival(
            number=number,
            sender=self._sender,
            recipients=tuple(self._recipients),
            sha256=hashlib.sha256(memoryview(content)[max(start, 0) :]).hexdigest(),
            content=content[: keeper.shown] if number else content,
            framed=bool(_RECEIVED.match(content[:start])) if start >= 0 else False,
            generation=self._generation,
            port=keeper.port,
            at=asyncio.get_running_loop().time(),
            told=deed is None,
        )
        keeper.keep(arrival)
        if deed is None:
            self._transport.write(KEPT)
        elif isinstance(deed, Stall):
            self._pause(deed.seconds, lambda: self._transport.write(KEPT))
        else:
            self._do(deed)

    def _react(self, moment: Moment, what: str, words: bytes) -> bool:
        """Says the usual words, unless the manner wants otherwise. Whether they were, or will be, said."""
        deed = self._keeper.manner(moment, what)
        if isinstance(deed, Stall):
            self._pause(deed.seconds, lambda: self._transport.write(words))
            return True
        if deed is None:
            self._transport.write(words)
            return True
        self._do(deed)
        return False

    def _do(self, deed: Deed | None) -> None:
        match deed:
            case None:
                pass
            case Say(words=words, leave=leave, reset=reset):
                self._transport.write(words)
                if leave or reset:
                    self.depart(reset=reset)
            case Leave(reset=reset):
                self.depart(reset=reset)
            case Stall(seconds=seconds):
                self._pause(seconds, lambda: None)

    def _pause(self, seconds: float, then: Callable[[], None]) -> None:
        self._waiting = True

        def go_on() -> None:
            self._waiting = False
            if not self._gone:
                then()
                self._read()

        asyncio.get_running_loop().call_later(seconds, go_on)
