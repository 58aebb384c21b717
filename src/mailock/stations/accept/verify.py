"""Whether a recipient exists: by the list of its rule, or by asking the rule's next hop (call-out), with a memory.

A call-out is a transaction from the null path that ends before DATA. What the next hop says of a mailbox is kept for
a while, a *no* for a shorter one. A next hop that refuses the null path, or cannot be reached, has said nothing.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Recipient
from mailock.core.routing.rules import ForwardingRule, Verification
from mailock.core.routing.servers import Unroutable
from mailock.core.smtp.client_effects import Done, Stage, Unsendable
from mailock.core.smtp.reply import Outcome
from mailock.ports.clock import Clock
from mailock.ports.directory import Known
from mailock.stations.road.servers import Servers
from mailock.stations.road.way import Roads, reach
from mailock.stations.road.wire import Wire

KNOWN_FOR = 7200.0
UNKNOWN_FOR = 600.0
REMEMBERED = 100_000
SECONDS = 20.0
AT_ONCE = 20
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Memory:
    """What was learnt of a mailbox, and until when that counts."""

    known: Known
    until: float


class Verifier:
    """The Directory of the process.

    `lists` gives the addresses of each rule that verifies by list, by the rule's name.
    """

    def __init__(
        self, *, roads: Roads, servers: Servers, clock: Clock, lists: Callable[[], Mapping[str, frozenset[str]]]
    ) -> None:
        self._roads = roads
        self._servers = servers
        self._clock = clock
        self._lists = lists
        self._memory: OrderedDict[tuple[str, str], Memory] = OrderedDict()
        self._asking: dict[tuple[str, str], asyncio.Task[Known]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def knows(self, recipient: Address, rule: ForwardingRule) -> Known:
        """Whether the mailbox exists."""
        match rule.verification:
            case Verification.NONE:
                return Known.YES
            case Verification.LIST:
                return self._listed(recipient, rule)
            case Verification.CALLOUT:
                return await self._remembered(recipient, rule)

    def _listed(self, recipient: Address, rule: ForwardingRule) -> Known:
        addresses = self._lists().get(rule.name, frozenset())
        candidates = {str(recipient).casefold(), str(recipient.without_detail(self._separator)).casefold()}
        return Known.YES if candidates & addresses else Known.NO

    @property
    def _separator(self) -> str:
        return self._roads.standing().routes.separator

    async def _remembered(self, recipient: Address, rule: ForwardingRule) -> Known:
        key = (rule.lane(recipient.domain), str(recipient).casefold())
        memory = self._memory.get(key)
        if memory is not None and memory.until > self._clock.steady():
            return memory.known
        asking = self._asking.get(key)
        if asking is None:
            asking = asyncio.get_running_loop().create_task(self._ask(recipient, rule))
            self._asking[key] = asking
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        known = await asyncio.shield(asking)
        if known is not Known.CANNOT_SAY:
            kept = KNOWN_FOR if known is Known.YES else UNKNOWN_FOR
            self._memory[key] = Memory(known, self._clock.steady() + kept)
            while len(self._memory) > REMEMBERED:
                self._memory.popitem(last=False)
        return known

    async def _ask(self, recipient: Address, rule: ForwardingRule) -> Known:
        try:
            async with asyncio.timeout(SECONDS), self._slots:
                return await self._call(recipient, rule)
        except TimeoutError:
            log.warning("the next hop of rule %s did not say in time whether %s exists", rule.name, recipient)
            return Known.CANNOT_SAY

    async def _call(self, recipient: Address, rule: ForwardingRule) -> Known:
        if not rule.forwards:
            return Known.YES
        found = await self._servers.find(rule.next_hop, recipient.domain)
        if isinstance(found, Unroutable):
            return Known.CANNOT_SAY
        for server in found:
            wire = await reach(self._roads, server, rule.tls)
            if isinstance(wire, Wire):
                return await Question(wire).answer(recipient)
        return Known.CANNOT_SAY


class Question:
    """The Rider of a connection that asks about one recipient, and goes before DATA."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._known: asyncio.Future[Known] = asyncio.get_running_loop().create_future()
        wire.rider = self

    async def answer(self, recipient: Address) -> Known:
        """What the next hop says."""
        self._wire.ask(Envelope(sender=None, recipients=(Recipient(recipient, Direction.INCOMING),)))
        try:
            return await self._known
        finally:
            self._wire.quit()

    def done(self, done: Done) -> None:
        """It has answered."""
        answer = done.answers[0]
        if answer.stage is not Stage.RCPT or answer.ours:
            self._settle(Known.CANNOT_SAY)
        elif answer.outcome is Outcome.FAILED:
            self._settle(Known.NO)
        else:
            self._settle(Known.YES if answer.outcome is Outcome.SENT else Known.CANNOT_SAY)

    def broken(self, why: str, *, pushed_back: bool) -> None:
        """The connection is gone."""
        self._settle(Known.CANNOT_SAY)

    def unsendable(self, lack: Unsendable) -> None:
        """It cannot even be asked."""
        self._settle(Known.CANNOT_SAY)

    def ready(self) -> None:
        """Nothing more is to be asked."""

    def tls_refused(self, why: str) -> None:
        """Not behind the way."""

    def body_wanted(self) -> None:
        """Not asked for."""

    def _settle(self, known: Known) -> None:
        if not self._known.done():
            self._known.set_result(known)
