"""Entries of the allow and block lists: what an administrator knows of a source or a sender, and until when.

An entry lists one thing: a network, or whoever a pattern takes. It may belong to one virtual system, and then counts
for that system's recipients alone. What an entry may do is said where it is used: `register` at the door,
`core.policy.lists` in the judgement (DECISIONS 20 and 21).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from mailock.core.routing.access import Networks, read_networks
from mailock.core.routing.pattern import Breadth, Pattern, read_pattern

BROADEST: Final = {4: 8, 6: 16}
"""The shortest prefix that an entry may have: a shorter one is a slip of the pen that shuts out half of the world."""


class Effect(Enum):
    """What a list is for."""

    ALLOW = "allow"
    BLOCK = "block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a list: a sender, a source, or a sender at a source."""

    sender: Pattern | None = None
    networks: Networks = field(default_factory=Networks)
    because: str = ""
    until: float | None = None
    """Unix seconds; None: for ever."""
    system: str | None = None
    """The virtual system for whose recipients alone it counts; None: for everybody's."""
    by: str = ""
    """Who made it."""

    @property
    def what(self) -> str:
        """What it lists, in its one spelling."""
        shown = [] if self.sender is None else [str(self.sender)]
        return " at ".join([*shown, *map(_network_text, self.networks.networks)])

    def counts(self, now: float) -> bool:
        """Whether it has not run out."""
        return self.until is None or now < self.until

    def told(self, effect: Effect) -> str:
        """The sentence of it that the log repeats."""
        until = "" if self.until is None else f" until {datetime.fromtimestamp(self.until, UTC):%Y-%m-%d %H:%M} UTC"
        whose = "" if self.system is None else f" of {self.system}"
        maker = f" ({self.by})" if self.by else ""
        reason = self.because or "no reason is given"
        return f"{self.what} is on the {effect.value} list{whose}{until}{maker}: {reason}"


def read_entry(what: str) -> Entry:
    """The thing that an entry lists, as people write it: an address, a network, `example.com`, `*.example.com`,
    `anna@example.com`.

    Raises ValueError with what is wrong and the mend.
    """
    text = what.strip().removeprefix("*@")
    if _is_network(text):
        networks = read_networks([text])
        (network,) = networks.networks
        if network.prefixlen < BROADEST[network.version]:
            raise ValueError(
                f"{network} is a good part of the Internet: list networks of /{BROADEST[network.version]} or narrower"
            )
        return Entry(networks=networks)
    try:
        pattern = read_pattern(text)
    except ValueError:
        pattern = None
    if pattern is None or pattern.breadth is Breadth.ANY:
        raise ValueError(
            f'{what!r} is nothing that can be listed; write "192.0.2.7", "198.51.100.0/24", "example.com", '
            '"*.example.com" or "user@example.com"'
        )
    return Entry(sender=pattern)


def _is_network(text: str) -> bool:
    if "/" in text:
        return True
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _network_text(network: IPv4Network | IPv6Network) -> str:
    single = network.prefixlen == network.max_prefixlen
    return str(network.network_address if single else network)
