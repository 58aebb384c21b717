"""The way to a server: dialled, greeted, and encrypted as the rule wants it.

TLS that fails where it is only opportunistic means another try in the clear (RFC 7435); where it is required, the
server counts as one that could not be reached. DANE, MTA-STS and REQUIRETLS will say here what a server has to prove.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from mailock.core.policy.installed import Installed
from mailock.core.routing.nexthop import Protocol
from mailock.core.routing.rules import TlsDemand
from mailock.core.routing.servers import Server
from mailock.core.smtp.client_effects import Done, Unsendable
from mailock.core.smtp.client_table import ClientSettings
from mailock.ports.clock import Clock
from mailock.ports.transport import Dialer, Target
from mailock.stations.road.wire import Wire
from mailock.stations.turn.deadlines import Deadlines

ENCRYPTED_ONLY = frozenset({TlsDemand.REQUIRED, TlsDemand.VERIFIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Roads:
    """What the way needs of the process."""

    dialer: Dialer
    clock: Clock
    deadlines: Deadlines
    standing: Callable[[], Installed]


@dataclass(frozen=True, slots=True)
class NotReached:
    """There is no connection that mail may go over. `why` is a sentence.

    `dead`: the server cannot be reached or takes no mail from anybody; else it only lacks what this rule demands, and
    may be good enough for another.
    """

    why: str
    dead: bool


class Arrival:
    """The Rider of a connection until it is ready for mail."""

    def __init__(self, *, encrypt: bool) -> None:
        self.wire: Wire | None = None
        self.settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Empty once it is ready, else why not."""
        self.tls_failed = False
        self._encrypt = encrypt

    def ready(self) -> None:
        """Greeted, or encrypted."""
        wire = self.wire
        assert wire is not None
        if self._encrypt and wire.tls is None and wire.client.extensions.starttls:
            self.tls_failed = True
            wire.start_tls()
            return
        self._settle("")

    def tls_refused(self, why: str) -> None:
        """STARTTLS was offered and not granted."""
        self._settle("")

    def broken(self, why: str, *, pushed_back: bool) -> None:
        """No mail goes this way."""
        self._settle(why or "the connection was closed")

    def body_wanted(self) -> None:
        """Not before a transaction."""
        raise AssertionError("a body was wanted on the way")

    def unsendable(self, lack: Unsendable) -> None:
        """Not before a transaction."""
        raise AssertionError("a transaction was judged on the way")

    def done(self, done: Done) -> None:
        """Not before a transaction."""
        raise AssertionError("a transaction ended on the way")

    def _settle(self, why: str) -> None:
        if not self.settled.done():
            self.settled.set_result(why)


async def reach(roads: Roads, server: Server, demand: TlsDemand) -> Wire | NotReached:
    """A connection that is ready for mail, or why there is none."""
    why, arrival = "", Arrival(encrypt=False)
    for encrypt in (True, False) if demand is TlsDemand.OPPORTUNISTIC else (demand in ENCRYPTED_ONLY,):
        arrival = Arrival(encrypt=encrypt)
        try:
            wire = await _dial(roads, server, demand, arrival)
        except OSError as fault:
            return NotReached(fault.strerror or str(fault), dead=True)
        why = await arrival.settled
        if not why and wire.tls is None and demand in ENCRYPTED_ONLY:
            wire.quit()
            return NotReached(f"{server.name} does not offer TLS, which the rule demands", dead=False)
        if not why:
            return wire
        if not arrival.tls_failed:
            break
    return NotReached(f"{server.name} ({server.ip}:{server.port}): {why}", dead=not arrival.tls_failed)


async def _dial(roads: Roads, server: Server, demand: TlsDemand, arrival: Arrival) -> Wire:
    installed = roads.standing()
    settings = ClientSettings(hostname=installed.hostname, lmtp=server.protocol is Protocol.LMTP)
    wire = Wire(settings, arrival, roads.clock, roads.deadlines)
    arrival.wire = wire
    verify = demand is TlsDemand.VERIFIED
    target = Target(host=server.name, ip=server.ip, port=server.port, verify=verify)
    await roads.dialer.dial(target, wire, seconds=installed.delivery.connect_seconds)
    return wire
