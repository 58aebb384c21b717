"""Which servers to try, in which order: from DNS answers, health and a seed.

Names have to be looked up in between, so there are two steps:

    records  -- hosts_of, hosts_of_mx, hosts_of_srv -->  hosts       or Unroutable
    hosts with their addresses, in pools  -- order -->   servers     or Unroutable

A pool is what one choice of a next hop came to; a list has several, by rank and weight. Within a pool:
MX (RFC 5321 section 5.1): the lower preference first, equal ones in random order; no record means the domain itself
(implicit MX); a single "." means that the domain takes no mail (RFC 7505). Where we stand in the list ourselves, all
that is no more preferred than we are is dropped; where nothing is left the mail is in a loop.
SRV (RFC 2782): by priority, then at random in proportion to weight; a single "." means that there is no such service.
The addresses of one host come in random order, IPv4 and IPv6 by turns, so that one broken family costs one attempt.

What DNS says of the recipient's own domain is final (5yz). A next hop that the operator named is never a reason to
return mail: it is tried again (4yz) until somebody mends it.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from itertools import accumulate, chain, zip_longest
from random import Random
from typing import Final, TypeVar

from mailock.core.lifecycle.copies import Response
from mailock.core.routing.nexthop import SMTP_PORT, Host, Protocol

NULL_MX: Final = Response(code=556, enhanced="5.1.10", text="The domain takes no mail (null MX)")
NO_DOMAIN: Final = Response(code=550, enhanced="5.1.2", text="The domain does not exist")
NO_ADDRESS: Final = Response(code=550, enhanced="5.4.4", text="No mail server of the domain has an address")
LOOP: Final = Response(code=554, enhanced="5.4.6", text="Mail loop: the servers of the domain are this server itself")
NO_SERVER: Final = Response(code=450, enhanced="4.4.4", text="DNS lists no server for the next hop")
NO_SERVICE: Final = Response(code=450, enhanced="4.3.2", text="DNS says that the next hop does not offer this service")
OWN_HOP: Final = Response(code=450, enhanced="4.4.6", text="Mail loop: the next hop is this server itself")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unroutable:
    """No server can be named: for good (5yz), or until DNS or the operator says otherwise (4yz)."""

    response: Response

    @property
    def permanent(self) -> bool:
        """Whether the recipient has failed."""
        return self.response.code >= 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One host of a pool. `ips` is filled once its name was looked up; it stays empty where it has no address."""

    name: str
    port: int = SMTP_PORT
    preference: int = 0
    weight: int = 1
    protocol: Protocol = Protocol.SMTP
    ips: tuple[str, ...] = ()

    def at(self, ips: Iterable[str]) -> "Listed":
        """The host with its addresses."""
        return replace(self, ips=tuple(ips))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The hosts of one choice."""

    hosts: tuple[Listed, ...]
    rank: int = 0
    weight: int = 1
    by_mx: bool = False
    """Whether MX records list them: then what is no more preferred than we are is dropped with us."""
    theirs: bool = False
    """Whether they are the recipient domain's own (`mx:`), not named by our operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One address to try. `name` is what a certificate has to match."""

    name: str
    ip: str
    port: int
    protocol: Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Ourselves:
    """How we know ourselves in a list of servers: our host names, and the addresses and ports where we listen.

    An endpoint may be `0.0.0.0` or `::`; it means every address of its family in `local_ips`, and the loopback.
    """

    names: frozenset[str] = frozenset()
    endpoints: frozenset[tuple[str, int]] = frozenset()
    local_ips: frozenset[str] = frozenset()

    def are(self, host: Listed) -> bool:
        """Whether a host is this server. LMTP is not: we do not speak it, so something beside us does."""
        if host.protocol is Protocol.LMTP:
            return False
        listening = any(port == host.port for _, port in self.endpoints)
        return (host.name in self.names and listening) or any(self._listen_at(ip, host.port) for ip in host.ips)

    def _listen_at(self, ip: str, port: int) -> bool:
        if (ip, port) in self.endpoints:
            return True
        if ("::" if ":" in ip else "0.0.0.0", port) not in self.endpoints:
            return False
        address = ip_address(ip)
        # To the unspecified address the kernel connects us with ourselves.
        return ip in self.local_ips or address.is_loopback or address.is_unspecified


def hosts_of(host: Host) -> tuple[Listed, ...]:
    """A host lists itself; an address is its own answer."""
    ips = (host.name,) if host.is_address else ()
    return (Listed(name=host.name, port=host.port, protocol=host.protocol, ips=ips),)


def hosts_of_mx(
    domain: str, records: Sequence[tuple[int, str]], *, exists: bool, theirs: bool, port: int = SMTP_PORT
) -> tuple[Listed, ...] | Unroutable:
    """The hosts that MX records (preference, host) of a domain list. `exists`: whether DNS knows the domain at all."""
    if not exists:
        return Unroutable(response=NO_DOMAIN if theirs else NO_SERVER)
    hosts = [(preference, _plain(host)) for preference, host in records]
    if not hosts:
        return (Listed(name=domain, port=port),)
    named = [(preference, host) for preference, host in hosts if host]
    if not named:
        return Unroutable(response=NULL_MX if theirs else NO_SERVER)
    return tuple(Listed(name=host, port=port, preference=preference) for preference, host in named)


def hosts_of_srv(records: Sequence[tuple[int, int, int, str]]) -> tuple[Listed, ...] | Unroutable:
    """The hosts that SRV records (priority, weight, port, host) list."""
    named = [
        Listed(name=_plain(host), port=port, preference=priority, weight=weight)
        for priority, weight, port, host in records
        if _plain(host)
    ]
    if named:
        return tuple(named)
    return Unroutable(response=NO_SERVICE if records else NO_SERVER)


def order(
    pools: Sequence[Pool], *, ourselves: Ourselves, dead: Mapping[tuple[str, int], float], now: float, seed: int
) -> tuple[Server, ...] | Unroutable:
    """The servers to try, first to last. `dead` says until when an address and port are taken for dead: these come
    behind all others, the one that is to be tried again first at their head, so that they cost nothing while another
    lives, and are tried rather than believed dead where none does.

    The same seed gives the same order. Pools whose look-up failed for the moment are left out by the caller, who defers
    the mail where none is left.
    """
    chance = Random(seed)
    kept = [replace(pool, hosts=_not_ourselves(pool, ourselves)) for pool in pools]
    servers = list(dict.fromkeys(_in_order(kept, chance)))
    if not servers:
        return Unroutable(response=_why_none(pools, kept))
    return tuple(sorted(servers, key=lambda server: max(0.0, dead.get((server.ip, server.port), 0.0) - now)))


def _plain(host: str) -> str:
    """A host as it is compared: lower-case, without the root's dot; empty for the root itself."""
    return host.lower().rstrip(".")


def _not_ourselves(pool: Pool, ourselves: Ourselves) -> tuple[Listed, ...]:
    ours = [host.preference for host in pool.hosts if ourselves.are(host)]
    if not ours:
        return pool.hosts
    if pool.by_mx:
        return tuple(host for host in pool.hosts if host.preference < min(ours))
    return tuple(host for host in pool.hosts if not ourselves.are(host))


def _why_none(pools: Sequence[Pool], kept: Sequence[Pool]) -> Response:
    looped = any(len(before.hosts) > len(after.hosts) for before, after in zip(pools, kept, strict=True))
    if any(pool.theirs for pool in pools):
        return LOOP if looped else NO_ADDRESS
    if looped:
        return OWN_HOP
    names = ", ".join(dict.fromkeys(host.name for pool in pools for host in pool.hosts))
    return replace(NO_SERVER, text=f"DNS has no address for the next hop {names}") if names else NO_SERVER


W = TypeVar("W", Pool, Listed)


def _in_order(pools: Iterable[Pool], chance: Random) -> Iterable[Server]:
    for pool in _by_rank(pools, lambda pool: pool.rank, chance):
        for host in _by_rank(pool.hosts, lambda host: host.preference, chance):
            for ip in _by_turns(host.ips, chance):
                yield Server(name=host.name, ip=ip, port=host.port, protocol=host.protocol)


def _by_rank(things: Iterable[W], rank: Callable[[W], int], chance: Random) -> Iterable[W]:
    """Lower ranks first, each rank in a random order in which weight counts."""
    ranks: dict[int, list[W]] = {}
    for thing in things:
        ranks.setdefault(rank(thing), []).append(thing)
    for _, equals in sorted(ranks.items()):
        yield from _by_weight(equals, chance) if len(equals) > 1 else equals


def _by_weight(things: list[W], chance: Random) -> Iterable[W]:
    """The draw of RFC 2782: one after the other, in proportion to weight among those left; 0 has a small chance."""
    chance.shuffle(things)
    things.sort(key=lambda thing: thing.weight != 0)
    while things:
        lowest = 0 if things[0].weight == 0 else 1
        drawn = chance.randint(lowest, sum(thing.weight for thing in things))
        yield things.pop(bisect_left(list(accumulate(thing.weight for thing in things)), drawn))


def _by_turns(ips: Sequence[str], chance: Random) -> Iterable[str]:
    """Addresses in random order, the families by turns."""
    if len(ips) < 2:
        return ips
    shuffled = chance.sample(ips, len(ips))
    first = ":" in shuffled[0]
    families = [[ip for ip in shuffled if (":" in ip) is first], [ip for ip in shuffled if (":" in ip) is not first]]
    return (ip for ip in chain.from_iterable(zip_longest(*families)) if ip is not None)
