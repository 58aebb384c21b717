"""Messages for spam filters, whole and with their envelope, and spam filters that do as a test says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.report import Unfinished
from mailock.core.mail.address import Address
from mailock.ports.engine import Exhibit, External
from tests.parts.exhibits import exhibit
from tests.parts.scripted import Handler, Scripted, scripted
from tests.parts.stories import message

HEAD = b"From: Anna <anna@source.test>\r\nTo: bob@dest.test\r\nSubject: hay\r\n\r\n"

TRACE = (
    b"Received: from mx.source.test ([198.51.100.7])\r\n\tby mx.gateway.test with ESMTPS id 1;\r\n"
    b"\tTue, 24 Nov 2026 10:00:00 +0000\r\n"
)


def letter(text: bytes, *, sender: str | None = "anna@source.test") -> Exhibit:
    """A message with this text."""
    of = message(to=("bob@dest.test", "carol@dest.test"))
    from_ = None if sender is None else Address(*sender.rpartition("@")[::2])
    of = replace(of, envelope=replace(of.envelope, sender=from_), trace=TRACE)
    return replace(exhibit(HEAD + text + b"\r\n"), part=ROOT, message=of)


async def refused(asked: External, of: Exhibit) -> Unfinished:
    """Why a message could not be looked at."""
    with pytest.raises(Unfinished) as raised:
        await asked.scan(of)
    return raised.value


def answering(*pieces: bytes) -> Handler:
    """Reads a whole question, by its Content-Length, then says these octets and closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
        await reader.readexactly(int(length.partition(b":")[2]))
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)

    return handle


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes everything and never says a word."""
    while await reader.read(65_536):
        pass


@asynccontextmanager
async def pretended(handler: Handler, made: Callable[[int], External]) -> AsyncIterator[tuple[Scripted, External]]:
    """A filter that does what the test says, and a forwarder to it, made for its port."""
    async with scripted(handler) as server:
        yield server, made(server.port)
