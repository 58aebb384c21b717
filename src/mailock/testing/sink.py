"""A next hop that keeps what it gets, readable as a Maildir: for the demo, and for whoever wants to see mail arrive.

It speaks through the same SMTP core as the gateway, takes everything, and does nothing with it.
"""

import asyncio
import os
import socket
import time
from pathlib import Path
from typing import assert_never

from mailock.core.mail.origin import Tls
from mailock.core.smtp import phrases
from mailock.core.smtp.effects import (
    Attacked,
    AuthGiven,
    Chunk,
    Close,
    ConnectionGiven,
    DataGiven,
    DropBody,
    HelloGiven,
    MailGiven,
    RcptGiven,
    Refused,
    Send,
    ServerEffect,
    StartTls,
    TakeMessage,
    Transaction,
    XclientGiven,
)
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.server import Server
from mailock.core.smtp.settings import ServerSettings
from mailock.net.listener import Listener
from mailock.ports.transport import Link, Peer


class Maildir:
    """A folder with `tmp`, `new` and `cur` (the format that qmail's author described)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept = asyncio.Event()
        """Set whenever a message was written."""
        self._count = 0
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def keep(self, transaction: Transaction, content: bytes) -> None:
        """Writes one message, with its envelope in front."""
        self._count += 1
        name = f"{time.time():.6f}.{os.getpid()}_{self._count}.mailock"
        sender = transaction.mail.sender
        head = [f"Return-Path: <{sender or ''}>", *(f"Delivered-To: {one.address}" for one in transaction.recipients)]
        (self.folder / "tmp" / name).write_bytes("\r\n".join([*head, ""]).encode() + content)
        (self.folder / "tmp" / name).rename(self.folder / "new" / name)
        self.kept.set()


class SinkSession:
    """One connection to the sink."""

    def __init__(self, settings: ServerSettings, maildir: Maildir) -> None:
        self._server = Server(settings)
        self._maildir = maildir
        self._body = bytearray()

    def connected(self, link: Link, peer: Peer, tls: Tls | None) -> None:
        """The connection stands."""
        self._link = link
        self._carry_out(self._server.connected())

    def received(self, data: bytes) -> None:
        """Bytes came."""
        self._carry_out(self._server.receive(data))

    def tls_started(self, tls: Tls) -> None:
        """Not offered."""

    def ended(self) -> bool:
        """Nothing is owed."""
        return False

    def lost(self, why: str) -> None:
        """The connection is gone."""

    def _carry_out(self, effects: list[ServerEffect]) -> None:
        while effects:
            reply: Reply | None = None
            for effect in effects:
                reply = self._effect(effect)
            effects = [] if reply is None else self._server.answer(reply)

    def _effect(self, effect: ServerEffect) -> Reply | None:
        match effect:
            case Send(data=data):
                self._link.write(data)
            case Chunk(data=data):
                self._body += data
            case TakeMessage(transaction=transaction):
                self._maildir.keep(transaction, bytes(self._body))
                return phrases.OK
            case DataGiven():
                self._body.clear()
                return phrases.GO_AHEAD
            case ConnectionGiven() | HelloGiven() | MailGiven() | RcptGiven() | AuthGiven() | XclientGiven():
                return phrases.OK
            case Close():
                self._link.close()
            case StartTls() | DropBody() | Refused() | Attacked():
                pass
            case never:
                assert_never(never)
        return None


class Sink:
    """The next hop, listening on a loopback port that the system picks."""

    def __init__(self, folder: Path) -> None:
        self.maildir = Maildir(folder)
        self._settings = ServerSettings(hostname="next-hop.example", size_limit=0)
        bound = socket.socket()
        bound.bind(("127.0.0.1", 0))
        self.port: int = bound.getsockname()[1]
        self._listener = Listener([bound], self._greet, None, implicit_tls=False)

    async def start(self) -> None:
        """Begins to take mail."""
        await self._listener.start()

    def stop(self) -> None:
        """Takes no more."""
        self._listener.stop()

    def messages(self) -> list[bytes]:
        """Everything that arrived, oldest first."""
        return [path.read_bytes() for path in sorted((self.maildir.folder / "new").iterdir())]

    async def arrived(self, count: int, *, seconds: float) -> bool:
        """Whether so many messages arrived within a time."""

        async def enough() -> None:
            while len(self.messages()) < count:
                self.maildir.kept.clear()
                await self.maildir.kept.wait()

        try:
            await asyncio.wait_for(enough(), seconds)
        except TimeoutError:
            return False
        return True

    def _greet(self, peer: Peer) -> SinkSession:
        return SinkSession(self._settings, self.maildir)
