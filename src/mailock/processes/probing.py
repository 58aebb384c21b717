"""Trying servers as the doctor does: connect, greet, encrypt, ask about one stranger, and leave before DATA."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Recipient
from mailock.core.policy.installed import Installed
from mailock.core.routing.nexthop import OwnMx, Protocol
from mailock.core.routing.pattern import Breadth
from mailock.core.routing.rules import ForwardingRule, TlsDemand
from mailock.core.routing.servers import Server, Unroutable
from mailock.core.smtp.client_effects import Done, Stage, Unsendable
from mailock.core.smtp.reply import Outcome
from mailock.operations.doctor import Tried
from mailock.stations.road.servers import Servers
from mailock.stations.road.way import Roads, reach
from mailock.stations.road.wire import Wire

SECONDS = 30.0
MOST_SERVERS = 20
"""Servers of one next hop that are tried."""


MOST_DOMAINS = 5
"""Domains whose own servers are tried, for each rule with `mx:`."""
MOST_OF_THEIRS = 2
"""Servers of such a domain that are tried: they are somebody else's."""


@dataclass(frozen=True, slots=True)
class HopFound:
    """What came of trying the servers of a rule's next hop."""

    rule: ForwardingRule
    tried: tuple[Tried, ...]
    unroutable: str
    domain: str = ""
    """The recipient domain whose own servers these are, for `mx:`."""


class Prober:
    """Tries servers. Has to be used inside the loop that runs the deadlines of `roads`."""

    def __init__(self, roads: Roads, servers: Servers) -> None:
        self._roads = roads
        self._servers = servers

    async def hops(self, installed: Installed, foreign: Address) -> list[HopFound]:
        """Every next hop that rules name, those of forwarding and those that choose one, once each."""
        rules: dict[tuple[str, TlsDemand, bool], ForwardingRule] = {}
        chosen = (
            ForwardingRule(name=f"rule {name}", patterns=(), next_hop=hop, direction=Direction.OUTGOING)
            for name, hop in installed.routes.chosen.items()
        )
        for rule in (*installed.routes.rules, *chosen):
            if rule.forwards and not isinstance(rule.next_hop, OwnMx):
                outgoing = rule.takes is Direction.OUTGOING
                rules.setdefault((str(rule.next_hop), rule.tls, outgoing), rule)
        return list(await asyncio.gather(*(self._hop(rule, foreign) for rule in rules.values())))

    async def own_servers(self, installed: Installed, written: Sequence[str]) -> dict[str, list[HopFound]]:
        """For each rule with `mx:`, by name, some of the domains that it takes: those that it names, then those that
        mail went out to lately. The world has too many to try all.
        """
        found: dict[str, list[HopFound]] = {}
        for rule in installed.routes.rules:
            if isinstance(rule.next_hop, OwnMx):
                domains = _taken_by(installed, rule, written)[:MOST_DOMAINS]
                found[rule.name] = list(await asyncio.gather(*(self._theirs(rule, domain) for domain in domains)))
        return found

    async def _theirs(self, rule: ForwardingRule, domain: str) -> HopFound:
        found = await self._servers.find(rule.next_hop, domain)
        if isinstance(found, Unroutable):
            return HopFound(rule, (), str(found.response), domain)
        tried = await asyncio.gather(*(self._try(server, rule.tls, None) for server in found[:MOST_OF_THEIRS]))
        return HopFound(rule, tuple(tried), "", domain)

    async def listener(self, name: str, ip: str, port: int) -> Tried:
        """One of our own listeners."""
        server = Server(name=name, ip=ip, port=port, protocol=Protocol.SMTP)
        return await self._try(server, TlsDemand.OPPORTUNISTIC, None)

    async def _hop(self, rule: ForwardingRule, foreign: Address) -> HopFound:
        found = await self._servers.find(rule.next_hop, foreign.domain)
        if isinstance(found, Unroutable):
            return HopFound(rule, (), str(found.response))
        # To a smart host for outgoing mail everybody is a stranger.
        asked = None if rule.takes is Direction.OUTGOING else foreign
        tried = await asyncio.gather(*(self._try(server, rule.tls, asked) for server in found[:MOST_SERVERS]))
        return HopFound(rule, tuple(tried), "")

    async def _try(self, server: Server, demand: TlsDemand, foreign: Address | None) -> Tried:
        ip = f"[{server.ip}]" if ":" in server.ip else server.ip
        where = f"{server.name} ({ip}:{server.port})" if server.name != server.ip else f"{ip}:{server.port}"
        try:
            async with asyncio.timeout(SECONDS):
                wire = await reach(self._roads, server, demand)
                if not isinstance(wire, Wire):
                    return Tried(where=where, why=wire.why)
                return await self._found(wire, where, foreign)
        except TimeoutError:
            return Tried(where=where, why=f"no answer within {SECONDS:.0f} s")

    async def _found(self, wire: Wire, where: str, foreign: Address | None) -> Tried:
        starttls = wire.client.extensions.starttls or wire.tls is not None
        tls = f"{wire.tls.version} {wire.tls.cipher}" if wire.tls is not None else ""
        question = Question(wire)
        taken = foreign is not None and await question.takes(foreign)
        wire.quit()
        return Tried(where=where, tls=tls, starttls=starttls, foreign=str(foreign) if taken else "")


def _taken_by(installed: Installed, rule: ForwardingRule, written: Sequence[str]) -> list[str]:
    named = [one.domain for one in rule.patterns if one.breadth in (Breadth.DOMAIN, Breadth.ADDRESS)]
    taken = [
        domain
        for domain in written
        if installed.routes.first_match(Address("postmaster", domain), rule.takes, rule.virtual_system) is rule
    ]
    return list(dict.fromkeys((*named, *taken)))


class Question:
    """The Rider of a connection that asks about a stranger."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._takes: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        wire.rider = self

    async def takes(self, foreign: Address) -> bool:
        """Whether a stranger is taken."""
        self._wire.ask(Envelope(sender=None, recipients=(Recipient(foreign, Direction.OUTGOING),)))
        return await self._takes

    def done(self, done: Done) -> None:
        """It has answered."""
        answer = done.answers[0]
        self._settle(taken=answer.stage is Stage.RCPT and answer.outcome is Outcome.SENT)

    def broken(self, why: str, *, pushed_back: bool) -> None:
        """The connection is gone."""
        self._settle(taken=False)

    def unsendable(self, lack: Unsendable) -> None:
        """It cannot even be asked."""
        self._settle(taken=False)

    def ready(self) -> None:
        """Nothing more is to be asked."""

    def tls_refused(self, why: str) -> None:
        """Not behind the way."""

    def body_wanted(self) -> None:
        """Not asked for."""

    def _settle(self, *, taken: bool) -> None:
        if not self._takes.done():
            self._takes.set_result(taken)
