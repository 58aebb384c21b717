"""Examining without a gateway: what the running program would see in a message, believe of it, and do with it.

The same jail, engines and policy as in mailflow; nothing is kept, and nothing is sent.
"""

import os
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from email.utils import getaddresses
from pathlib import Path
from typing import Final

from mailock.config.compile import compile_policy
from mailock.config.load import load
from mailock.config.machine import load_node
from mailock.config.model import Policy
from mailock.config.names import address
from mailock.config.node import Node
from mailock.config.sender import Authentication
from mailock.core.evidence.examination import Examination
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Recipient
from mailock.core.mail.message import DEFAULT_SYSTEM, BodyRef, Message, QueueId
from mailock.core.mail.origin import Origin
from mailock.core.mail.shown import header
from mailock.core.mime.headers import glimpse, header_block
from mailock.core.policy.case import Case, parties_of
from mailock.core.policy.decide import Judgement, judge
from mailock.core.policy.installed import Installed
from mailock.net.dns import DnsResolver
from mailock.net.geoip import Countries
from mailock.ports.bodies import in_memory
from mailock.ports.engine import Online
from mailock.ports.resolver import Resolver
from mailock.processes.clock import SystemClock
from mailock.processes.corresponding import concluding
from mailock.processes.means import Means, means_of
from mailock.processes.scanning import Scanning
from mailock.processes.threshold import asked_anew
from mailock.stations.examine.outside import Examiner
from mailock.storage.memory.verdicts import MemoryVerdicts

NOBODY: Final = Address("undisclosed-recipients", "invalid")
"""Stands for the recipient of a message that names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of a message besides its bytes."""

    sender: Address | None
    recipients: tuple[Address, ...]
    client_ip: str
    helo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a message."""

    message: Message
    examination: Examination
    judgement: Judgement
    milliseconds: float


class Offline:
    """Examines messages one after the other, or several at once. Made by `offline`."""

    def __init__(self, scanning: Scanning, installed: Installed, country: Countries) -> None:
        self._scanning = scanning
        self._installed = installed
        self._country = country
        self._examiner = Examiner(crew=scanning.engaged, clock=SystemClock(), verdicts=MemoryVerdicts())

    async def examine(self, octets: bytes, told: Told) -> Outcome:
        """What the gateway would make of a message. Raises Poison and NoJail as examine does."""
        message, began = _message(octets, told), time.perf_counter()
        body = in_memory(octets)
        try:
            examination = await self._examiner.examine(message, body)
        finally:
            os.close(body)
        now = time.time()
        case = Case(
            message=message,
            examination=examination,
            duties=self._scanning.duties(),
            parties=parties_of(message, self._installed.routes),
            now=now,
            offset=float(time.localtime(now).tm_gmtoff),
            proven=examination.proven,
            country=self._country(message.origin.ip),
            in_session=self._installed.in_session.is_for(message),
        )
        judgement = judge(case, self._installed.rulebase)
        spent = round((time.perf_counter() - began) * 1000, 1)
        return Outcome(message=message, examination=examination, judgement=judgement, milliseconds=spent)


@asynccontextmanager
async def offline(config: Path | None) -> AsyncIterator[Offline]:
    """The engines and policy of a file, or those that are shipped. Raises Mistakes, OSError and ValueError."""
    # Without a file nobody is asked anything: what stands in a message is not to be found out by looking into it.
    node, policy = Node(), Policy(authentication=Authentication(enabled=False))
    if config is not None:
        policy, node = load(config, environment=os.environ).settings.policy, load_node(config, environment=os.environ)
    resolver = DnsResolver([(one.host, one.port or 53) for one in node.resolvers] or None)
    try:
        geoip = Path(node.geoip) if node.geoip else None
        means = means_of(node) if config is not None else replace(means_of(node), lessons=None)
        async with bench(policy, means, node.hostname or socket.getfqdn(), resolver, geoip) as made:
            yield made
    finally:
        await resolver.close()


@asynccontextmanager
async def bench(
    policy: Policy, means: Means, hostname: str, resolver: Resolver, geoip: Path | None = None
) -> AsyncIterator[Offline]:
    """The engines of a policy, in a jail of their own. Raises OSError and ValueError."""
    clock = SystemClock()

    def also(wanted: Policy) -> tuple[Online, ...]:
        return asked_anew(wanted, resolver, clock)

    scanning = Scanning(means, clock, resolver=resolver, hostname=hostname, also=also)
    scanning.concluding = lambda wanted: concluding(wanted, None, clock)
    await scanning.prepare(policy)
    await scanning.switch(0)
    try:
        yield Offline(scanning, compile_policy(policy, revision=0, hostname=hostname, inside_ips=()), Countries(geoip))
    finally:
        await scanning.close()


def as_sent(octets: bytes) -> bytes:
    """A message with the line ends of SMTP: one that has LF only is read as if it had CRLF (DECISIONS 26)."""
    return octets if b"\r" in octets else octets.replace(b"\n", b"\r\n")


def named_in(octets: bytes) -> tuple[Address, ...]:
    """The recipients that a message names itself."""
    seen = glimpse(header_block(octets))
    found = []
    for _, text in getaddresses([header(seen.to), header(seen.cc)]):
        try:
            found.append(Address(*address(text).rpartition("@")[::2]))
        except ValueError:
            continue  # What is no address gets no mail either.
    return tuple(dict.fromkeys(found))


def _message(octets: bytes, told: Told) -> Message:
    recipients: Sequence[Address] = told.recipients
    return Message(
        queue_id=QueueId(0),
        session_id="scan",
        ordinal=1,
        virtual_system=DEFAULT_SYSTEM,
        node="",
        origin=Origin(
            ip=told.client_ip or "0.0.0.0",
            port=0,
            untrusted_helo=told.helo,
            protocol="ESMTP",
            listener="scan",
            # Who brought it is not known, so neither SPF nor the name of its address can be asked about.
            internal=not told.client_ip,
        ),
        envelope=Envelope(
            sender=told.sender, recipients=tuple(Recipient(one, Direction.INCOMING) for one in recipients)
        ),
        body=BodyRef(0, "", len(octets), inline=True),
        trace=b"",
        glimpse=glimpse(header_block(octets)),
        accepted_at=time.time(),
        revision=0,
    )
