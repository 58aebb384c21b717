"""The forwarder to spamd: each message goes over a connection of its own, and is answered by a report.

SpamAssassin reads who brought a message, and its envelope's sender, from the fields that its own mail server put in
front. So it gets those that we put in front of what we deliver, before the message as it came.
"""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from mailock.config.filters import SpamAssassin as Settings
from mailock.config.filters import SpamdAddress
from mailock.core.evidence.finding import Finding
from mailock.core.evidence.health import Health
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.report import Unfinished, Why
from mailock.engines.spamassassin.replies import KINDS, LONGEST_HEAD, NAME, read_head, read_pong, read_report
from mailock.engines.wellbeing import Wellbeing
from mailock.ports.clock import Clock
from mailock.ports.engine import Exhibit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

UNKNOWN: Final = "unknown"
CONNECT_SECONDS: Final = 5.0
PROBE_SECONDS: Final = 5.0
DIED: Final = "spamd closed the connection without a whole answer: see its log"


class _Closed(Exception):
    """It closed the connection before it had answered."""


class SpamAssassin:
    """Implements `ports.engine.External` and `Watched`."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        if settings.server is None:
            raise ValueError("SpamAssassin without an address")
        self._settings = settings
        self._server: SpamdAddress = settings.server
        self._slots = asyncio.Semaphore(settings.connections)
        self._being = Wellbeing(NAME, clock, slow_after=30.0)

    @property
    def manifest(self) -> Manifest:
        """What it is, with the version of the protocol: spamd does not tell that of its rules."""
        return Manifest(
            name=NAME,
            version=self._being.health.version or UNKNOWN,
            where=Where.EXTERNAL,
            scope=Scope.MESSAGE,
            duty=Duty.SPAM,
            largest=self._settings.largest.bytes,
            # Waiting for one of the connections counts for the host, and not for spamd.
            seconds=2 * self._settings.timeout.seconds + CONNECT_SECONDS,
            kinds=KINDS,
        )

    @property
    def health(self) -> Health:
        """How it does, as far as is known."""
        return self._being.health

    async def scan(self, exhibit: Exhibit) -> Sequence[Finding]:
        """What SpamAssassin says of a message. Raises Unfinished where that is not known."""
        largest = self._settings.largest.bytes
        if exhibit.size > largest:
            raise Unfinished(Why.TOO_LARGE, f"{exhibit.size} octets, and SpamAssassin is sent {largest}")
        async with self._slots:
            return await self._being.asked(lambda: self._shown(exhibit))

    async def probe(self) -> Health:
        """Asks whether it is there."""
        try:
            await self._being.probed(self._pinged)
        except Unfinished:
            pass  # the health keeps what it says
        return self._being.health

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _shown(self, exhibit: Exhibit) -> Sequence[Finding]:
        """Twice where the connection ends: spamd may have been restarted, or this message ends it."""
        try:
            return await self._once(exhibit)
        except _Closed:
            pass
        try:
            return await self._once(exhibit)
        except _Closed:
            raise Unfinished(Why.DIED, DIED) from None

    async def _once(self, exhibit: Exhibit) -> Sequence[Finding]:
        seconds = self._settings.timeout.seconds
        async with self._connected() as (reader, writer):
            try:
                async with asyncio.timeout(seconds):
                    await _send(writer, exhibit)
                    head = read_head(await _head(reader))
                    report = await _exactly(reader, head.length)
            except TimeoutError:
                raise Unfinished(Why.TIMED_OUT, f"spamd did not answer within {seconds:g} s") from None
        return read_report(head, report, self._settings.weight)

    async def _pinged(self) -> None:
        async with self._connected() as (reader, writer):
            try:
                async with asyncio.timeout(PROBE_SECONDS):
                    writer.write(b"PING SPAMC/1.5\r\n\r\n")
                    self._being.hear(read_pong(await reader.read(LONGEST_HEAD)))
            except TimeoutError:
                raise Unfinished(Why.TIMED_OUT, f"spamd did not answer within {PROBE_SECONDS:g} s") from None
            except OSError:
                raise Unfinished(Why.DIED, DIED) from None

    @asynccontextmanager
    async def _connected(self) -> "AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]":
        server = self._server
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                if server.path:
                    reader, writer = await asyncio.open_unix_connection(server.path)
                else:
                    reader, writer = await asyncio.open_connection(server.host, server.port)
        except TimeoutError:
            text = f"{server} cannot be reached: no connection within {CONNECT_SECONDS:g} s"
            raise Unfinished(Why.UNREACHABLE, text) from None
        except OSError as fault:
            raise Unfinished(Why.UNREACHABLE, f"{server} cannot be reached: {_short(fault)}") from None
        try:
            yield reader, writer
        finally:
            writer.transport.abort()


async def _send(writer: asyncio.StreamWriter, exhibit: Exhibit) -> None:
    """The message. Where spamd listens no more it may have said why, and that is read next."""
    before = _before(exhibit)
    writer.write(b"REPORT SPAMC/1.5\r\nContent-length: %d\r\n\r\n" % (len(before) + exhibit.size) + before)
    try:
        for chunk in exhibit.chunks:
            writer.write(chunk)
            await writer.drain()
    except OSError:
        return


def _before(exhibit: Exhibit) -> bytes:
    """The fields that stand before a message that is delivered: who sent it (RFC 5321 section 4.4), and our trace."""
    if exhibit.message is None:
        return b""
    sender = str(exhibit.message.envelope.sender or "")
    plain = "".join(one for one in sender if one.isprintable())
    return f"Return-Path: <{plain}>\r\n".encode() + exhibit.message.trace


async def _head(reader: asyncio.StreamReader) -> bytes:
    """The head of the response, with its empty line; all of it where it ends without one."""
    octets = b""
    while b"\r\n\r\n" not in octets and b"\n\n" not in octets:
        try:
            line = await reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as ended:
            octets += ended.partial
            break
        except (asyncio.LimitOverrunError, ValueError):
            return b"a line without an end"
        except OSError:
            break
        octets += line
        if len(octets) > LONGEST_HEAD:
            return octets
        if not octets.startswith(b"SPAMD/") or octets.split(b" ")[1:2] not in ([], [b"0"]):
            # A refusal is one line, and no spamd says anything else.
            return octets
    if not octets.strip():
        raise _Closed
    if b"\n\r\n" not in octets and b"\n\n" not in octets:
        raise _Closed
    return octets


async def _exactly(reader: asyncio.StreamReader, length: int) -> bytes:
    try:
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, OSError):
        raise _Closed from None


def _short(fault: OSError) -> str:
    """What went wrong, in a few words; asyncio's own sentences repeat the address."""
    text = str(fault.strerror or fault)
    return text if not text.startswith(("Multiple", "[Errno")) else "connection refused"
