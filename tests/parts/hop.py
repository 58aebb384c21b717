"""A next hop whose every answer a test may choose, and which remembers each octet that it was sent.

Real servers stand behind the gateway in most tests. This one is for what they cannot be made to do: to grow slow, to
break off in the middle of a message, to be greylisting for one recipient, to know exactly which commands came together.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.parts.ports import LOOPBACK, free_port

EXTENSIONS = ("PIPELINING", "SIZE 100000000", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8")
HANG_UP = ""
"""Instead of a reply: close the connection without a word."""

Answer = Callable[["HopSession", str], "str | Awaitable[str | None] | None"]


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One message that was acknowledged, with its commands as they were written. `content` is unstuffed."""

    session: int
    mail: str
    rcpts: tuple[str, ...]
    content: bytes


@dataclass(kw_only=True)
class HopSession:
    """One connection. `reads` holds what came together in one read, so pipelining shows."""

    number: int
    commands: list[str] = field(default_factory=list)
    reads: list[bytes] = field(default_factory=list)
    mail: str = ""
    rcpts: list[str] = field(default_factory=list)
    content: bytes = b""


@dataclass(kw_only=True)
class Hop:
    """The running server. Set `answer` to choose replies: it gets each command line, and "." at the end of a body; it
    returns the reply, `HANG_UP`, or None for the usual one. It cannot do TLS: what follows 220 to STARTTLS is none.
    """

    host: str
    port: int
    extensions: tuple[str, ...] = EXTENSIONS
    answer: Answer | None = None
    sessions: list[HopSession] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    open: int = 0
    most_open: int = 0

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self.host, self.port

    def __str__(self) -> str:
        """As a next hop is written."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    async def arrived(self, count: int = 1, *, within: float = 20.0) -> list[Taken]:
        """Waits until at least `count` messages were taken; AssertionError when they do not come."""
        await until(lambda: len(self.taken) >= count, within, lambda: f"{len(self.taken)} of {count} messages")
        return list(self.taken)

    async def connected(self, count: int = 1, *, within: float = 20.0) -> None:
        """Waits until so many connections were made."""
        await until(lambda: len(self.sessions) >= count, within, lambda: f"{len(self.sessions)} of {count} connections")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from greeting to end."""
        session = HopSession(number=len(self.sessions))
        self.sessions.append(session)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await self._converse(session, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away, as clients may
        finally:
            self.open -= 1
            writer.close()

    async def _converse(self, session: HopSession, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, waiting = "CONNECT", b""
        while True:
            reply = await self._reply(session, line)
            if reply == HANG_UP:
                return
            writer.write(reply.encode() + b"\r\n")
            if line == "QUIT" or reply.startswith("421"):
                return
            if line == "STARTTLS" and reply.startswith("220"):
                writer.write(b"and this is not TLS\r\n")
                return
            if line == "DATA" and reply.startswith("354"):
                waiting, line = await self._body(session, reader, waiting), "."
                continue
            while b"\r\n" not in waiting:
                read = await reader.read(1 << 16)
                if not read:
                    return
                session.reads.append(read)
                waiting += read
            octets, _, waiting = waiting.partition(b"\r\n")
            line = octets.decode("utf-8", "backslashreplace")
            session.commands.append(line)

    async def _body(self, session: HopSession, reader: asyncio.StreamReader, waiting: bytes) -> bytes:
        wire = b"\r\n" + waiting
        while b"\r\n.\r\n" not in wire:
            read = await reader.read(1 << 16)
            if not read:
                raise ConnectionError("the client went away in the body")
            wire += read
        content, _, rest = wire.partition(b"\r\n.\r\n")
        session.content = (content[2:] + b"\r\n").replace(b"\r\n.", b"\r\n")
        return rest

    async def _reply(self, session: HopSession, line: str) -> str:
        chosen = self.answer(session, line) if self.answer is not None else None
        reply = chosen if isinstance(chosen, str) or chosen is None else await chosen
        usual = self._usual(session, line, reply)
        return usual if reply is None else reply

    def _usual(self, session: HopSession, line: str, chosen: str | None) -> str:
        verb = line.partition(" ")[0].upper()
        good = chosen is None or chosen.startswith("2")
        match verb:
            case "CONNECT":
                return "220 hop.test ESMTP"
            case "EHLO" | "LHLO":
                lines = ["hop.test", *self.extensions]
                return "\r\n".join(f"250{' ' if n == len(lines) - 1 else '-'}{one}" for n, one in enumerate(lines))
            case "MAIL":
                session.mail, session.rcpts = line, []
            case "RCPT" if good:
                session.rcpts.append(line)
            case "DATA":
                return "354 go on" if session.rcpts else "554 5.5.1 nobody to send it to"
            case "." if good:
                self.taken.append(
                    Taken(
                        session=session.number, mail=session.mail, rcpts=tuple(session.rcpts), content=session.content
                    )
                )
                return "250 2.0.0 taken"
            case "QUIT":
                return "221 2.0.0 bye"
            case _:
                pass
        return "250 2.0.0 fine"


@asynccontextmanager
async def hop(
    *,
    host: str = LOOPBACK,
    port: int | None = None,
    extensions: tuple[str, ...] = EXTENSIONS,
    answer: Answer | None = None,
) -> AsyncIterator[Hop]:
    """Starts one; it ends with the block, and its connections with it."""
    made = Hop(host=host, port=port or free_port(host), extensions=extensions, answer=answer)
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await made.serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the block has ended; asyncio's own callback would report a task that was cancelled
        finally:
            serving.discard(task)

    server = await asyncio.start_server(serve, made.host, made.port)
    try:
        yield made
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)


async def until(done: Callable[[], bool], within: float, otherwise: Callable[[], str]) -> None:
    """Waits for something to be so; AssertionError with what there is instead."""
    end = asyncio.get_running_loop().time() + within
    while not done():
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"{otherwise()} after {within} s")
        await asyncio.sleep(0.02)
