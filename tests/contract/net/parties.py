"""The two sides of the conversations in these tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mailock.core.mail.origin import Tls
from mailock.net.listener import Listener, bind
from mailock.net.tls import Identity, ServerTls
from mailock.ports.transport import Conversation, Link, Peer, Target
from tests.parts.certificates import Certificate

HERE = "127.0.0.1"


@dataclass
class Party:
    """A conversation that notes what it hears; `react` is called with every piece that it receives."""

    react: Callable[["Party", bytes], None] = lambda party, data: None
    owes: bool = False
    events: list[str] = field(default_factory=list)
    heard: bytearray = field(default_factory=bytearray)
    tls: Tls | None = None
    why: str | None = None
    peer: Peer | None = None

    def connected(self, link: Link, peer: Peer, tls: Tls | None) -> None:
        self.link, self.peer, self.tls = link, peer, tls
        self._note("connected")

    def received(self, data: bytes) -> None:
        self.heard += data
        self._note("received")
        self.react(self, data)

    def tls_started(self, tls: Tls) -> None:
        self.tls = tls
        self._note("tls")

    def ended(self) -> bool:
        self._note("ended")
        return self.owes

    def lost(self, why: str) -> None:
        self.why = why
        self._note("lost")

    def _note(self, event: str) -> None:
        if not self.events or self.events[-1] != event:
            self.events.append(event)

    async def until(self, condition: Callable[["Party"], bool], *, seconds: float = 5.0) -> None:
        """Waits until something is so; AssertionError with what happened when it does not come."""
        end = asyncio.get_running_loop().time() + seconds
        while not condition(self):
            assert asyncio.get_running_loop().time() < end, f"waited in vain: {self}"
            await asyncio.sleep(0.005)

    async def until_lost(self) -> str:
        """Waits for the end and says why."""
        await self.until(lambda party: party.why is not None)
        assert self.why is not None
        return self.why


def starts_tls(party: Party, data: bytes) -> None:
    """A server's reaction: the first line is taken for STARTTLS; what comes encrypted is echoed."""
    if party.tls is not None:
        party.link.write(data)
    elif b"\r\n" in party.heard:
        party.heard.clear()
        party.link.write(b"220 go\r\n")
        party.link.start_tls()


def identity(certificate: Certificate, *names: str) -> Identity:
    """What a ServerTls takes."""
    return Identity(chain=certificate.chain, key=certificate.key, names=names)


@dataclass
class Station:
    """A listener with the parties that it made, in the order of their connections."""

    listener: Listener
    port: int
    parties: list[Party]

    async def party(self, index: int = 0) -> Party:
        """The server's side of a connection, once it was accepted."""
        end = asyncio.get_running_loop().time() + 5
        while len(self.parties) <= index:
            assert asyncio.get_running_loop().time() < end, "nobody came"
            await asyncio.sleep(0.005)
        return self.parties[index]

    def target(self, host: str = "mx.test", *, implicit_tls: bool = False, verify: bool = False) -> Target:
        """Where to dial."""
        return Target(host=host, ip=HERE, port=self.port, implicit_tls=implicit_tls, verify=verify)


@asynccontextmanager
async def station(
    make: Callable[[], Conversation | bytes] = Party,
    *,
    tls: ServerTls | None = None,
    implicit_tls: bool = False,
    handshake_seconds: float = 5.0,
) -> AsyncIterator[Station]:
    """A listener on loopback whose connections are handled by what `make` makes."""
    parties: list[Party] = []

    def admit(peer: Peer) -> Conversation | bytes:
        made = make()
        if isinstance(made, Party):
            parties.append(made)
        return made

    listener = Listener(bind([HERE], 0), admit, tls, implicit_tls, handshake_seconds=handshake_seconds)
    await listener.start()
    try:
        yield Station(listener, listener.addresses[0][1], parties)
    finally:
        listener.stop()
        for party in parties:
            if party.why is None and hasattr(party, "link"):
                party.link.abort()
        await asyncio.sleep(0)
