"""Clients that put the gateway under load, and know exactly which messages it has answered with 250.

Each speaks SMTP by hand over one connection after another, and comes again when the gateway is gone. Before a message
leaves it is noted as sent; after its 250 was read, as acknowledged. Between the two it is in doubt: it may arrive, and
then must be whole, and need not.
"""

import asyncio
import contextlib
import random
from dataclasses import dataclass, field

from tests.crash.marked import Marked, Mint
from tests.parts.ports import LOOPBACK

PATIENCE = 60.0
"""Seconds for one reply: a gateway that takes longer hangs, and the client breaks off with AssertionError."""
DOMAINS = ("a.test", "b.test")
"""The first belongs to the default system, the second to another."""


class Refused(Exception):
    """The gateway answered, and not with what was hoped for."""


@dataclass(slots=True)
class Book:
    """What all clients together sent, by number."""

    sent: dict[str, Marked] = field(default_factory=dict)
    acknowledged: dict[str, float] = field(default_factory=dict)
    """Numbers that got 250, with the moment on the loop's clock."""
    refused: dict[str, str] = field(default_factory=dict)
    """What was answered otherwise, with the reply."""
    disconnections: int = 0


@dataclass(slots=True)
class Call:
    """One connection to the gateway, past EHLO."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, port: int, host: str = LOOPBACK) -> "Call":
        """Connects, and says hello. Raises OSError, EOFError or Refused."""
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), PATIENCE)
        call = cls(reader, writer)
        try:
            await call.expect(b"220")
            await call.say(b"EHLO load.test\r\n", b"250")
        except BaseException:
            writer.close()
            raise
        return call

    async def reply(self) -> bytes:
        """The next reply, its last line. Raises OSError or EOFError where the gateway is gone."""
        while True:
            try:
                line = await asyncio.wait_for(self.reader.readline(), PATIENCE)
            except TimeoutError as silence:
                raise AssertionError(f"no reply within {PATIENCE:.0f} s: the gateway hangs") from silence
            if not line.endswith(b"\n"):
                raise EOFError("the gateway closed the connection")
            if line[3:4] != b"-":
                return line

    async def expect(self, code: bytes) -> bytes:
        """The next reply, which has to begin with this. Raises Refused besides."""
        reply = await self.reply()
        if not reply.startswith(code):
            raise Refused(reply.decode().strip())
        return reply

    async def say(self, words: bytes, code: bytes) -> bytes:
        """Says a command, or several; the reply to the last."""
        self.writer.write(words)
        return await self.expect(code)

    async def send(self, message: Marked, *, pipelined: bool) -> bytes:
        """One transaction, up to the reply to its final dot."""
        commands = [b"MAIL FROM:<%b> BODY=8BITMIME\r\n" % message.sender.encode()]
        commands += [b"RCPT TO:<%b>\r\n" % one.encode() for one in message.recipients]
        if pipelined:
            self.writer.write(b"".join(commands) + b"DATA\r\n")
            for _ in commands:
                await self.expect(b"250")
            await self.expect(b"354")
        else:
            for command in commands:
                await self.say(command, b"250")
            await self.say(b"DATA\r\n", b"354")
        self.writer.write(message.stuffed)
        await self.writer.drain()
        return await self.expect(b"250")

    async def quit(self) -> None:
        """Says goodbye, if anybody is there to hear it."""
        with contextlib.suppress(OSError, EOFError, Refused):
            await self.say(b"QUIT\r\n", b"221")
        self.close()

    def close(self) -> None:
        """Hangs up."""
        self.writer.close()


class Load:
    """Several clients at once."""

    def __init__(self, port: int, *, clients: int, seed: int, pause: float = 0.0, mint: Mint | None = None) -> None:
        self.book = Book()
        self.port = port
        self.going = True
        self._mint = mint or Mint(seed)
        self._chance = random.Random(seed + 1)
        self._pause = pause
        self._tasks = [asyncio.create_task(self._client(f"c{seed}-{number}")) for number in range(clients)]

    async def end(self) -> Book:
        """Lets every client finish what it is at, and gives the book."""
        self.going = False
        await asyncio.gather(*self._tasks)
        return self.book

    async def __aenter__(self) -> "Load":
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _client(self, name: str) -> None:
        count = 0
        while self.going:
            try:
                call = await Call.open(self.port)
            except (OSError, EOFError, Refused):
                await asyncio.sleep(0.02)
                continue
            try:
                # Some connections carry one message, some many.
                for _ in range(self._chance.choice((1, 1, 5, 50))):
                    if self._is_over():
                        break
                    count += 1
                    await self._send(call, f"{name}-{count}")
                    if self._pause:
                        await asyncio.sleep(self._pause * self._chance.random())
                await call.quit()
            except (OSError, EOFError):
                self.book.disconnections += 1
                call.close()
            except Refused:
                call.close()

    def _is_over(self) -> bool:
        return not self.going

    async def _send(self, call: Call, number: str) -> None:
        chance, book = self._chance, self.book
        count = chance.choice((1, 1, 1, 2, 3, 7))
        recipients = tuple(f"r{place}.{number}@{chance.choice(DOMAINS)}" for place in range(count))
        message = self._mint.message(number, recipients, self._mint.size())
        book.sent[number] = message
        try:
            await call.send(message, pipelined=chance.random() < 0.5)
        except Refused as refusal:
            book.refused[number] = str(refusal)
            raise
        book.acknowledged[number] = asyncio.get_running_loop().time()
