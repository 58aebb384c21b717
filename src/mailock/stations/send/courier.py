"""A carrier over SMTP or LMTP: reaches a server of its lane, and brings it parcel after parcel over one connection.

It ends when there has been nothing to bring for a while, when it has been used for long enough, when the other side has
had enough, or when the process ends.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailock.core.lifecycle.copies import Delivery, Hop, Parcel, Response
from mailock.core.mail.envelope import BodyType, Envelope
from mailock.core.mail.message import show_id
from mailock.core.notices.report import on_success
from mailock.core.routing.nexthop import Protocol
from mailock.core.routing.rules import EightBit, ForwardingRule
from mailock.core.routing.servers import Unroutable
from mailock.core.smtp.client_effects import Answer, Done, Lack, Unsendable
from mailock.core.smtp.reply import Outcome, Reply
from mailock.ports.bodies import Bodies
from mailock.stations.road.servers import Servers
from mailock.stations.road.way import Roads, reach
from mailock.stations.road.wire import Wire
from mailock.stations.send.dispatch import Dispatcher
from mailock.stations.send.lane import Lane
from mailock.stations.send.settle import Settler, Tried

BACKLOG = 1 << 20
NO_UTF8 = Response(code=553, enhanced="5.6.7", text="The next hop does not take internationalised addresses (SMTPUTF8)")
TOO_LARGE = Response(code=552, enhanced="5.3.4", text="The message is larger than the next hop takes")
NO_EIGHT_BIT = Response(
    code=554, enhanced="5.6.3", text="The next hop takes no 8-bit mail, and the rule says to return it"
)
UNREACHABLE = "4.4.1"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """What all couriers of the process share."""

    roads: Roads
    servers: Servers
    settler: Settler
    bodies: Bodies


class Courier:
    """A Carrier of a Lane, and the Rider of its connection."""

    def __init__(self, depot: Depot, dispatcher: Dispatcher, lane: Lane, rule: ForwardingRule, domain: str) -> None:
        self._depot = depot
        self._dispatcher = dispatcher
        self._lane = lane
        self._rule = rule
        self._wire: Wire | None = None
        self._hop = Hop(name=lane.key)
        self._lmtp = False
        self._parcel: Parcel | None = None
        self._started = 0.0
        self._arrived_at = 0.0
        self._streaming: asyncio.Task[None] | None = None
        self._way = asyncio.get_running_loop().create_task(self._travel(domain))

    # What the dispatcher orders.

    def carry(self, parcel: Parcel) -> None:
        """Takes the next parcel."""
        wire, depot = self._open_wire, self._depot
        self._parcel, self._started = parcel, depot.roads.clock.now()
        # What was converted is 7bit, whatever its sender declared.
        eight_bit = parcel.message.envelope.body_type is BodyType.EIGHT_BIT and parcel.copy.conversion != ""
        if eight_bit and not wire.client.extensions.eight_bit and self._stays(parcel):
            return
        size = len(parcel.copy.prefix) + parcel.copy.body.size
        wire.send(_envelope(parcel), size=size, eight_bit=eight_bit)

    def retire(self) -> None:
        """Says goodbye; called while idle."""
        self._open_wire.quit()

    # What the connection tells.

    def ready(self) -> None:
        """Nothing: `done` has gone on already."""

    def tls_refused(self, why: str) -> None:
        """Not behind the way."""
        raise AssertionError("TLS was asked for twice")

    def body_wanted(self) -> None:
        """Gives the body: at once where it is in memory, else streamed from the store."""
        parcel, wire = self._parcel, self._open_wire
        assert parcel is not None
        self._depot.settler.open(parcel)
        if parcel.content is not None:
            wire.body_end(parcel.copy.prefix + parcel.content)
            return
        self._streaming = asyncio.get_running_loop().create_task(self._stream(parcel, wire))

    def unsendable(self, lack: Unsendable) -> None:
        """The message cannot go to this next hop at all."""
        self._give_up(NO_UTF8 if lack.lack is Lack.SMTPUTF8 else TOO_LARGE)

    def done(self, done: Done) -> None:
        """The transaction is over: settles it, and goes on."""
        parcel = self._parcel
        assert parcel is not None
        final = self._lmtp
        pairs = zip(parcel.deliveries, done.answers, strict=True)
        self._settle([_tried(delivery, answer, done, final=final) for delivery, answer in pairs])
        self._dispatcher.served(self._lane)
        # A reply may end the connection with the transaction; `broken` comes in the same breath, so look
        # again after it.
        asyncio.get_running_loop().call_soon(self._next)

    def broken(self, why: str, *, pushed_back: bool) -> None:
        """The connection is of no more use; a parcel that was on it has been settled."""
        if self._streaming is not None:
            self._streaming.cancel()
        self._wire = None
        if pushed_back:
            self._dispatcher.pushed_back(self._lane)
        self._dispatcher.gone(self, self._lane)

    @property
    def _open_wire(self) -> Wire:
        assert self._wire is not None
        return self._wire

    def _next(self) -> None:
        wire = self._wire
        if wire is None or self._parcel is not None or not wire.client.idle:
            return
        delivery = self._depot.roads.standing().delivery
        if self._depot.roads.clock.steady() - self._arrived_at >= delivery.reuse:
            wire.quit()
            return
        parcel = self._dispatcher.next_for(self, self._lane)
        if parcel is not None:
            self.carry(parcel)
        elif self._dispatcher.stopping or not delivery.idle:
            wire.quit()
        else:
            wire.idle_for(delivery.idle)

    def _settle(self, tried: Sequence[Tried]) -> None:
        parcel, self._parcel = self._parcel, None
        assert parcel is not None
        self._depot.settler.settle(parcel, self._started, self._hop, tried)

    def _stays(self, parcel: Parcel) -> bool:
        """Whether 8-bit mail does not go to this next hop, which takes none; what becomes of it is settled then."""
        match self._rule.eight_bit:
            case EightBit.SEND:
                return False
            case EightBit.RETURN:
                self._give_up(NO_EIGHT_BIT)
            case EightBit.CONVERT if parcel.copy.conversion is None:
                self._parcel = None
                self._depot.settler.convert(parcel, self._hop)
                asyncio.get_running_loop().call_soon(self._next)
            case EightBit.CONVERT:
                self._give_up(_not_converted(parcel.copy.conversion))
        return True

    def _give_up(self, response: Response) -> None:
        assert self._parcel is not None
        deliveries = self._parcel.deliveries
        self._settle([Tried(delivery=one, response=response, meaning=Outcome.FAILED) for one in deliveries])
        asyncio.get_running_loop().call_soon(self._next)

    async def _stream(self, parcel: Parcel, wire: Wire) -> None:
        try:
            wire.body(parcel.copy.prefix)
            async for chunk in self._depot.bodies.read(parcel.copy.body):
                wire.body(chunk)
                if wire.link.backlog > BACKLOG:
                    await wire.link.drained()
        except (OSError, KeyError) as fault:
            # Without the end mark nothing of it counts; the recipients are deferred by the core's answer.
            log.error("the body of %s could not be read: %s", show_id(parcel.message.queue_id), fault)
            wire.abort()
            return
        wire.body_end()

    # The way.

    async def _travel(self, domain: str) -> None:
        try:
            response = await self._arrive(domain)
        except Exception as bug:
            # Our bug: the lane counts as unreachable, so its mail waits and is not lost, and the log tells.
            log.exception("a courier for %s broke", self._lane.key)
            response = Response(code=450, enhanced="4.3.0", text=f"local error: {type(bug).__name__}")
        if response is None:
            self._arrived_at = self._depot.roads.clock.steady()
            self._dispatcher.arrived(self._lane)
            self._next()
            return
        self._dispatcher.unreachable(self._lane, self, response, self._hop)

    async def _arrive(self, domain: str) -> Response | None:
        """None once a connection stands; else what is to be said of the mail that waited for it."""
        depot = self._depot
        found = await depot.servers.find(self._rule.next_hop, domain)
        if isinstance(found, Unroutable):
            return found.response
        why = ""
        for server in found:
            reached = await reach(depot.roads, server, self._rule.tls)
            tls = reached.tls if isinstance(reached, Wire) else None
            self._lmtp = server.protocol is Protocol.LMTP
            shown = f"{tls.version} {tls.cipher}" if tls is not None else ""
            self._hop = Hop(name=server.name, ip=server.ip, port=server.port, tls=shown)
            if isinstance(reached, Wire):
                depot.servers.revive(server)
                self._wire, reached.rider = reached, self
                return None
            why = reached.why
            if reached.dead:
                depot.servers.bury(server, depot.roads.standing().delivery.dead_for)
        return Response(code=450, enhanced=UNREACHABLE, text=why)


def _not_converted(why: str | None) -> Response:
    text = f"The next hop takes no 8-bit mail, and this message cannot be converted: {why}"
    return Response(code=554, enhanced="5.6.3", text=text)


def _envelope(parcel: Parcel) -> Envelope:
    """The part of the envelope that this parcel is for.

    A success notice that we shall write is not asked of the next hop.
    """
    envelope = parcel.message.envelope
    recipients = tuple(delivery.recipient for delivery in parcel.deliveries)
    sender = parcel.copy.sender or envelope.sender
    # Mostly it is for all of them, and the envelope is sent as it was taken.
    if recipients == envelope.recipients and sender is envelope.sender:
        return envelope
    return replace(envelope, sender=sender, recipients=recipients)


def _tried(delivery: Delivery, answer: Answer, done: Done, *, final: bool) -> Tried:
    reply: Reply = answer.reply
    return Tried(
        delivery=delivery,
        response=Response(code=reply.code, enhanced=reply.enhanced, text=reply.text),
        meaning=answer.outcome,
        report=on_success(delivery.recipient, hop_sends_dsn=done.dsn_passed_on, final=final),
    )
