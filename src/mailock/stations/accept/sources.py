"""Who takes how much: connections, connection rate and message rate of every source.

A source is an IPv4 address or an IPv6 /64, which is what one customer gets.
"""

from ipaddress import IPv6Address

from mailock.ports.clock import Clock
from mailock.stations.turn.buckets import Buckets


class Sources:
    """Counts for one process."""

    def __init__(self, clock: Clock) -> None:
        self._open: dict[str, int] = {}
        self.connections = Buckets(clock)
        self.messages = Buckets(clock)
        self.internal_messages = Buckets(clock)
        self.suspicious = Buckets(clock)
        """Messages of suspicious sources."""
        self.total = 0

    def open(self, source: str) -> int:
        """How many connections a source has."""
        return self._open.get(source, 0)

    def enter(self, source: str) -> None:
        """Counts a connection."""
        self._open[source] = self.open(source) + 1
        self.total += 1

    def leave(self, source: str) -> None:
        """A connection ended."""
        count = self._open[source] - 1
        self.total -= 1
        if count:
            self._open[source] = count
        else:
            del self._open[source]


def source_of(ip: str) -> str:
    """The key of a source: the address, or its /64."""
    if ":" not in ip:
        return ip
    return str(IPv6Address(int(IPv6Address(ip)) >> 64 << 64))
