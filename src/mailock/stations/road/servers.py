"""From a next hop to the servers to try: asks DNS, drops ourselves, passes over what is dead, and puts the rest in
order.

`core.routing.servers` knows the rules; this file does the asking. A look-up that fails for the moment is never an
answer: where nothing else is left, the mail waits.
"""

import random
from collections.abc import Callable
from typing import assert_never

from mailock.core.lifecycle.copies import Response
from mailock.core.routing.nexthop import (
    Choice,
    DomainObject,
    HopList,
    Host,
    Lookup,
    NextHop,
    NoForward,
    OwnMx,
    destination,
)
from mailock.core.routing.servers import (
    Listed,
    Ourselves,
    Pool,
    Server,
    Unroutable,
    hosts_of,
    hosts_of_mx,
    hosts_of_srv,
    order,
)
from mailock.ports.clock import Clock
from mailock.ports.resolver import LookupFailed, Resolver

FORGET_DEAD_OVER = 10_000


class Servers:
    """Finds servers for all lanes of the process, and remembers which are dead."""

    def __init__(self, *, resolver: Resolver, clock: Clock, ourselves: Callable[[], Ourselves]) -> None:
        self._resolver = resolver
        self._clock = clock
        self._ourselves = ourselves
        self._dead: dict[tuple[str, int], float] = {}

    async def find(self, next_hop: NextHop, domain: str) -> tuple[Server, ...] | Unroutable:
        """The servers for a recipient domain, first to last. `Unroutable` says why there are none."""
        place = destination(next_hop, domain)
        pools: list[Pool] = []
        troubles: list[Unroutable] = []
        for choice in _choices(place):
            pool = await self._pool(choice, theirs=isinstance(next_hop, OwnMx))
            if isinstance(pool, Pool):
                pools.append(pool)
            else:
                troubles.append(pool)
        if not pools and troubles:
            return min(troubles, key=lambda trouble: trouble.permanent)
        found = order(
            pools,
            ourselves=self._ourselves(),
            dead=self._dead,
            now=self._clock.now(),
            seed=random.getrandbits(32),
        )
        if isinstance(found, Unroutable) and troubles:
            return troubles[0]
        return found

    def bury(self, server: Server, seconds: float) -> None:
        """Passes a server over for a while."""
        if len(self._dead) > FORGET_DEAD_OVER:
            now = self._clock.now()
            self._dead = {place: until for place, until in self._dead.items() if until > now}
        self._dead[server.ip, server.port] = self._clock.now() + seconds

    def revive(self, server: Server) -> None:
        """It was reached."""
        self._dead.pop((server.ip, server.port), None)

    def revive_all(self) -> None:
        """A person wants everything tried again."""
        self._dead.clear()

    async def _pool(self, choice: Choice, *, theirs: bool) -> Pool | Unroutable:
        hop = choice.hop
        try:
            match hop:
                case Host():
                    hosts: tuple[Listed, ...] | Unroutable = hosts_of(hop)
                case DomainObject(lookup=Lookup.MX):
                    answer = await self._resolver.mx(hop.name)
                    records = [(mx.preference, mx.host) for mx in answer.records]
                    hosts = hosts_of_mx(hop.name, records, exists=answer.exists, theirs=theirs, port=hop.port)
                case DomainObject():
                    answered = await self._resolver.srv(hop.name)
                    hosts = hosts_of_srv([(srv.priority, srv.weight, srv.port, srv.host) for srv in answered.records])
                case never:
                    assert_never(never)
            if isinstance(hosts, Unroutable):
                return hosts
            located = tuple([host if host.ips else await self._located(host) for host in hosts])
        except LookupFailed as failed:
            return Unroutable(response=Response(code=451, enhanced="4.4.3", text=f"DNS could not be asked: {failed}"))
        by_mx = isinstance(hop, DomainObject) and hop.lookup is Lookup.MX
        return Pool(hosts=located, rank=choice.rank, weight=choice.weight, by_mx=by_mx, theirs=theirs)

    async def _located(self, host: Listed) -> Listed:
        answer = await self._resolver.addresses(host.name)
        return host.at(answer.records)


def _choices(place: Host | DomainObject | HopList | NoForward) -> tuple[Choice, ...]:
    match place:
        case Host() | DomainObject():
            return (Choice(hop=place),)
        case HopList(choices=choices):
            return choices
        case NoForward():
            raise ValueError("a lane without a next hop was to be sent")
        case never:
            assert_never(never)
