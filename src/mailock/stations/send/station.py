"""The station as one piece: lanes, couriers, servers and settling, put together."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence

from mailock.core.lifecycle.changes import Change, Commit, Entry, Rescheduled, Settled
from mailock.core.lifecycle.copies import Hop, NotForwarded, Outcome, Parcel, Response
from mailock.core.lifecycle.events import Attempted, Event
from mailock.core.mail.message import QueueId
from mailock.core.policy.plan import Plan
from mailock.core.policy.route import route
from mailock.core.routing.rules import ForwardingRule
from mailock.core.smtp.reply import Outcome as Meaning
from mailock.ports.alerts import Alerts
from mailock.ports.bodies import Bodies
from mailock.ports.queue import Waiting, Worklist
from mailock.ports.stations import CopyName, Recalled
from mailock.stations.road.servers import Servers
from mailock.stations.road.way import Roads
from mailock.stations.send.courier import Courier, Depot
from mailock.stations.send.dispatch import Dispatcher
from mailock.stations.send.lane import Lane
from mailock.stations.send.scribe import Scribe
from mailock.stations.send.settle import Settler, Tried
from mailock.stations.send.unwritten import Unwritten
from mailock.stations.turn.postmaster import Postmaster

NO_RULE = Response(code=450, enhanced="4.4.4", text="no forwarding rule takes this recipient any more")
NOWHERE = Hop(name="")
STOP_SECONDS = 30.0
log = logging.getLogger(__name__)


class Send:
    """The sending side of one process. It is the `Order` of its dispatcher."""

    def __init__(
        self,
        *,
        worklist: Worklist,
        bodies: Bodies,
        servers: Servers,
        roads: Roads,
        postmaster: Postmaster,
        alerts: Alerts,
        hand_on: Callable[[Sequence[Entry]], None],
        planned: Callable[[], None],
    ) -> None:
        """`hand_on` is told of notices that were entered, `planned` of copies that wait to be changed."""
        clock, standing = roads.clock, roads.standing
        self._clock = clock
        self._standing = standing
        self._unwritten = Unwritten()
        self._scribe = Scribe(worklist, clock=clock, alerts=alerts, freed=lambda: self.dispatcher.poke())
        self.dispatcher = Dispatcher(
            worklist=worklist,
            clock=clock,
            standing=standing,
            order=self,
            unwritten=self._unwritten,
            scribe=self._scribe,
        )
        self._settler = Settler(
            worklist=worklist,
            clock=clock,
            standing=standing,
            postmaster=postmaster,
            alerts=alerts,
            unwritten=self._unwritten,
            scribe=self._scribe,
            expect=self._expect,
            hand_on=hand_on,
            planned=planned,
        )
        self._depot = Depot(
            roads=roads,
            servers=servers,
            settler=self._settler,
            bodies=bodies,
        )

    def hand_over(self, parcel: Parcel) -> None:
        """Takes a leased parcel from judge."""
        self.dispatcher.hand_over(parcel)

    def send_back(self, waiting: Waiting, planned: Plan) -> None:
        """Returns a message that judge planned to return: late mail, blocked. Its lease is ours now."""
        self._settler.send_back(waiting, planned)

    async def write_down(self, messages: Collection[QueueId]) -> bool:
        """Writes judgements that wait in memory; whether there were any."""
        return await self.dispatcher.write_down(messages)

    def recall(self, copies: Collection[CopyName]) -> Sequence[Recalled]:
        """Takes out of memory what waits there of these copies; the leases go with it."""
        return self.dispatcher.recall(copies)

    def expect(self, lanes: Iterable[str]) -> None:
        """A person put something due into the queue."""
        for lane in lanes:
            self._expect(lane, self._clock.now())

    def try_now(self, lanes: Iterable[str]) -> None:
        """A person wants these destinations tried at once, whatever we know of them."""
        self._depot.servers.revive_all()
        for lane in lanes:
            self.dispatcher.resume(self.dispatcher.lane(lane))

    async def run(self) -> None:
        """Sends until cancelled."""
        await self.dispatcher.run()

    async def stop(self) -> None:
        """Starts nothing more, and gives what is past its final dot the time to be answered."""
        self.dispatcher.stop()
        try:
            await asyncio.wait_for(self.dispatcher.empty(), STOP_SECONDS)
        except TimeoutError:
            log.warning(
                "%d next hops did not answer in time; what they have may be sent again", self.dispatcher.carriers
            )

    async def drained(self) -> None:
        """Returns once what was done is written."""
        await self._settler.drained()
        await self._scribe.drained()

    # What the dispatcher orders.

    def set_out(self, dispatcher: Dispatcher, lane: Lane, rule: ForwardingRule, domain: str) -> Courier:
        """Starts a courier."""
        return Courier(self._depot, dispatcher, lane, rule, domain)

    def postpone(self, parcel: Parcel, response: Response, hop: Hop | None) -> None:
        """Settles a parcel that could not set out."""
        meaning = Meaning.FAILED if response.code >= 500 else Meaning.DEFERRED
        tried = [
            Tried(delivery=delivery, response=response, meaning=meaning, attempted=hop is not None)
            for delivery in parcel.deliveries
        ]
        self._settler.settle(parcel, self._clock.now(), hop or NOWHERE, tried)

    def reroute(self, parcel: Parcel) -> None:
        """Sends recipients the way that the rules say now; who has none waits until a rule is installed."""
        message, now = parcel.message, self._clock.now()
        judged = self._unwritten.take(message.queue_id)
        changes: list[Change] = [] if judged is None else [*judged.changes]
        events: list[Event] = [] if judged is None else [*judged.events]
        lanes: set[str] = set()
        unrouted = []
        for delivery in parcel.deliveries:
            rule = route(self._standing().routes, message, delivery.recipient, parcel.copy.via)
            if rule is None:
                unrouted.append(delivery)
            elif rule.forwards:
                lane = rule.lane(delivery.recipient.address.domain)
                lanes.add(lane)
                numbers = (delivery.number,)
                changes.append(
                    Rescheduled(queue_id=message.queue_id, copy=delivery.copy, numbers=numbers, due=now, lane=lane)
                )
            else:
                ended: tuple[Outcome, ...] = (NotForwarded(number=delivery.number),)
                changes.append(Settled(queue_id=message.queue_id, copy=delivery.copy, outcomes=ended))
                events.append(Attempted(queue_id=message.queue_id, started=now, at=now, hop=NOWHERE, outcomes=ended))
        if changes:
            commit = Commit(changes=tuple(changes), events=tuple(events))
            self._scribe.write(commit, message.queue_id, lambda: self.expect(lanes))
        for delivery in unrouted:
            lone = Parcel(message=message, copy=parcel.copy, deliveries=(delivery,), content=parcel.content)
            self.postpone(lone, NO_RULE, None)

    def _expect(self, lane: str, due: float) -> None:
        self.dispatcher.lane(lane).expect(due)
        if due <= self._clock.now():
            self.dispatcher.poke()
