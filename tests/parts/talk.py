"""An SMTP client that says exactly what a test tells it to, octet for octet, and hears what comes back."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Said:
    """One reply. `text` holds its lines without the code; `code` is 0 where the connection ended instead."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines as one."""
        return "\n".join(self.lines)

    @property
    def enhanced(self) -> str:
        """The enhanced status code; empty where there is none."""
        found = re.match(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)", self.lines[-1]) if self.lines else None
        return found[0] if found else ""

    @property
    def reference(self) -> str:
        """The code by which `mailock show` finds a refusal."""
        found = re.search(r"\(ref ([0-9A-Z]+)\)", self.text)
        assert found is not None, self
        return found[1]


class Talk:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def say(self, line: str | bytes) -> Said:
        """Says one line, and hears the reply to it."""
        self.send((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return await self.hear()

    def send(self, octets: bytes) -> None:
        """Sends octets as they are, and waits for nothing."""
        self._writer.write(octets)

    async def settle(self) -> None:
        """Lets what was sent leave by itself, so that what follows comes in another read."""
        await self._writer.drain()
        await asyncio.sleep(0.001)

    async def hear(self, within: float = SECONDS) -> Said:
        """The next reply, with all its lines."""
        lines: list[str] = []
        while True:
            line = await asyncio.wait_for(self._line(), within)
            if not line:
                return Said(code=0, lines=tuple(lines))
            lines.append(line[4:])
            if line[3:4] != "-":
                return Said(code=int(line[:3]), lines=tuple(lines))

    async def hear_all(self, within: float = SECONDS) -> list[Said]:
        """Every reply until the other side closes."""
        heard: list[Said] = []
        while (said := await self.hear(within)).code:
            heard.append(said)
        return heard

    async def hello(self, name: str = "client.test") -> Said:
        """EHLO; the lines are the extensions, behind the host's name."""
        said = await self.say(f"EHLO {name}")
        assert said.code == 250, said
        return said

    async def envelope(self, sender: str, *recipients: str) -> list[Said]:
        """MAIL and RCPT for each; the replies to the recipients."""
        given = await self.say(f"MAIL FROM:<{sender}>")
        assert given.code == 250, given
        return [await self.say(f"RCPT TO:<{recipient}>") for recipient in recipients]

    async def data(self, content: bytes) -> Said:
        """DATA with a body (CRLF line ends, dots as they are to stand on the wire), and the reply to it."""
        go = await self.say("DATA")
        if go.code != 354:
            return go
        self.send(content + b".\r\n")
        return await self.hear()

    async def message(
        self, sender: str, recipients: Sequence[str], content: bytes = b"Subject: x\r\n\r\nx\r\n"
    ) -> Said:
        """One whole transaction; every recipient has to be taken."""
        taken = await self.envelope(sender, *recipients)
        assert all(said.code == 250 for said in taken), taken
        return await self.data(content)

    async def start_tls(self, context: ssl.SSLContext | None = None, *, host: str | None = None) -> None:
        """STARTTLS and the handshake; without a context nothing has to be proven. `host` is what SNI asks for."""
        said = await self.say("STARTTLS")
        assert said.code == 220, said
        await self.shake_hands(context, host=host)

    async def shake_hands(self, context: ssl.SSLContext | None = None, *, host: str | None = None) -> None:
        """The handshake alone, once the other side waits for it."""
        await self._writer.start_tls(context or trusting(), server_hostname=host)

    @property
    def tls(self) -> ssl.SSLObject:
        """The TLS of the connection."""
        found: ssl.SSLObject = self._writer.get_extra_info("ssl_object")
        return found

    def hang_up(self) -> None:
        """Ends the connection at once, as a machine that dies."""
        self._writer.transport.abort()

    def say_nothing_more(self) -> None:
        """Closes our side only."""
        self._writer.write_eof()

    async def ended(self, within: float = SECONDS) -> bool:
        """Whether the other side closes the connection in this time, and says nothing before."""
        try:
            return not await asyncio.wait_for(self._line(), within)
        except TimeoutError:
            return False

    async def _line(self) -> str:
        try:
            return (await self._reader.readline()).decode("utf-8", "backslashreplace").rstrip("\r\n")
        except ConnectionError:
            return ""


@asynccontextmanager
async def talk(
    to: tuple[str, int],
    *,
    source: str | None = None,
    tls: ssl.SSLContext | None = None,
    host: str | None = None,
    before: bytes = b"",
    greeted: bool = True,
) -> AsyncIterator[Talk]:
    """Connects, from the address `source` where it is named; with `tls` encrypted from the first byte.

    `before` is sent before anything is heard. With `greeted` the greeting has to be 220.
    """
    reader, writer = await asyncio.open_connection(
        *to,
        local_addr=None if source is None else (source, 0),
        ssl=tls,
        server_hostname=host if tls is not None else None,
    )
    client = Talk(reader, writer)
    try:
        if before:
            client.send(before)
        if greeted:
            said = await client.hear()
            assert said.code == 220, said
        yield client
    finally:
        client.hang_up()


def trusting(**versions: ssl.TLSVersion) -> ssl.SSLContext:
    """A context for a client to which nothing has to be proven; `maximum_version=…` and the like narrow it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for name, version in versions.items():
        setattr(context, name, version)
    return context
