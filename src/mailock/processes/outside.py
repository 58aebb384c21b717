"""What the process meets outside of itself: the time, DNS, and other servers. A test may put another world there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mailock.net.dialer import NetDialer
from mailock.net.dns import DnsResolver
from mailock.net.tls import ClientTls
from mailock.ports.clock import Clock
from mailock.ports.resolver import Resolver
from mailock.ports.transport import Dialer
from mailock.processes.clock import SystemClock
from mailock.processes.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The world, seen from one process."""

    clock: Clock
    dialer: Dialer
    resolver: Resolver
    close: Callable[[], Awaitable[None]]
    """Lets go of it, when the process ends."""


def real_outside(home: Home) -> Outside:
    """The machine's clocks, DNS and network. Made inside the loop that uses it."""
    resolver = DnsResolver(home.resolvers)
    return Outside(
        clock=SystemClock(),
        dialer=NetDialer(client_tls=ClientTls(home.authorities)),
        resolver=resolver,
        close=resolver.close,
    )
