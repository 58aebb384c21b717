"""Who may connect at all: the implied rule at the top, ordered access rules below it, and a last rule that denies.

The implied rule opens the port, by default to everybody. Narrowed or switched off, it leaves a source to the access
rules; the first that names it decides, and whom none names is denied. What is denied is logged, with the rule that did
it.

Here too is what makes a source internal: its address lies in an internal network, or it came in over an address of an
internal interface.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Network, collapse_addresses, ip_address
from typing import Final

IMPLIED_RULE: Final = "implied rule"
LAST_RULE: Final = "last rule"


@dataclass(frozen=True, slots=True)
class Networks:
    """A set of networks that answers in the logarithm of their number. `read_networks` makes one from text."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    _starts: dict[int, list[int]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _ends: dict[int, list[int]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Merges what overlaps, so that one look to the left of an address is enough."""
        fours = collapse_addresses(network for network in self.networks if isinstance(network, IPv4Network))
        sixes = collapse_addresses(network for network in self.networks if isinstance(network, IPv6Network))
        for version, merged in ((4, sorted(fours)), (6, sorted(sixes))):
            self._starts[version] = [int(network.network_address) for network in merged]
            self._ends[version] = [int(network.broadcast_address) for network in merged]

    def __contains__(self, ip: str) -> bool:
        """Whether an address lies in one of the networks; an IPv4 address mapped into IPv6 counts as IPv4.

        What is no address (a proxy may not know its client's) lies in none.
        """
        if not self.networks:
            return False
        try:
            version, number = _number(ip)
        except ValueError:
            return False
        place = bisect_right(self._starts[version], number) - 1
        return place >= 0 and number <= self._ends[version][place]


def read_networks(texts: Iterable[str]) -> Networks:
    """Networks as settings write them: `10.0.0.0/8`, `2001:db8::/32`, one address.

    Raises ValueError with what is wrong and the mend.
    """
    return Networks(tuple(_network(text.strip()) for text in texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Which clients a rule means. `any` beats the rest; a country is two letters (ISO 3166-1) in upper case."""

    any: bool = False
    networks: Networks = field(default_factory=Networks)
    countries: frozenset[str] = frozenset()

    def take(self, ip: str, country: str | None) -> bool:
        """Whether a client is meant."""
        return self.any or ip in self.networks or (country is not None and country in self.countries)


def read_sources(texts: Iterable[str]) -> Sources:
    """Sources as settings write them: `any`, networks, and countries as `country:DE`.

    Raises ValueError with what is wrong and the mend.
    """
    entries = [text.strip() for text in texts]
    countries = [entry.partition(":")[2].strip().upper() for entry in entries if entry.lower().startswith("country:")]
    for country in countries:
        if not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise ValueError(f"{country!r} is no country; one has two letters, as in 'country:DE'")
    rest = [entry for entry in entries if not entry.lower().startswith("country:") and entry.lower() != "any"]
    return Sources(
        any=any(entry.lower() == "any" for entry in entries),
        networks=read_networks(rest),
        countries=frozenset(countries),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRule:
    """One access rule."""

    name: str
    sources: Sources
    allow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The rules of access. `implied` is what the implied rule opens the port to; None where it is switched off."""

    implied: Sources | None = field(default_factory=lambda: Sources(any=True))
    rules: tuple[AccessRule, ...] = ()

    @property
    def needs_country(self) -> bool:
        """Whether a rule names a country, so that a source's country has to be looked up."""
        return any(sources.countries for sources in (self.implied, *(rule.sources for rule in self.rules)) if sources)


@dataclass(frozen=True, slots=True)
class Allowed:
    """May connect."""

    rule: str


@dataclass(frozen=True, slots=True)
class Denied:
    """May not. `why` is for the log; the peer is told nothing of it."""

    rule: str
    why: str


_BY_IMPLIED: Final = Allowed(IMPLIED_RULE)


def may_connect(access: Access, ip: str, country: str | None = None) -> Allowed | Denied:
    """Whether a client may connect. `country` None: not known, so no rule that names countries takes it."""
    if access.implied is not None and (access.implied.any or access.implied.take(ip, country)):
        return _BY_IMPLIED
    for rule in access.rules:
        if rule.sources.take(ip, country):
            return Allowed(rule.name) if rule.allow else Denied(rule.name, f"{ip} is denied by access rule {rule.name}")
    return Denied(LAST_RULE, f"no access rule names {ip}, and the last rule denies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What counts as inside: networks of clients, and our own addresses on the internal interfaces."""

    networks: Networks = field(default_factory=Networks)
    local_ips: frozenset[str] = frozenset()


def is_internal(inside: Inside, ip: str, local_ip: str) -> bool:
    """Whether a source is internal, by its address or by the interface that it came in on."""
    return local_ip in inside.local_ips or ip in inside.networks


def _network(text: str) -> IPv4Network | IPv6Network:
    address, slash, _ = text.partition("/")
    try:
        mapped = ip_address(address)
        kind = IPv4Network if isinstance(mapped, IPv4Address) else IPv6Network
        network = kind(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is no network; write one as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7") from None
    if slash and network.network_address != mapped:
        raise ValueError(f"{text!r} has bits set behind its prefix; write {network} or {address}")
    return network


def _number(ip: str) -> tuple[int, int]:
    address = ip_address(ip.partition("%")[0])
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.version, int(address)
