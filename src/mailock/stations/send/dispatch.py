"""Who goes where, when: gives what is ready to the carriers of its lane, and leases more from the queue as there is
room.

A parcel reaches its lane as a hint from judge or by a lease. If a carrier of the lane is idle it takes it at once;
else, as long as the lane may have more connections, a new carrier sets out; else the parcel waits in memory, and when
memory is full, in the queue. A lane whose destination could not be reached several times in a row is suspended;
afterwards one carrier probes it before the others follow.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Protocol

from mailock.core.lifecycle.changes import Commit
from mailock.core.lifecycle.copies import Hop, Parcel, Response
from mailock.core.mail.message import QueueId
from mailock.core.policy.installed import Installed
from mailock.core.policy.plan import Plan
from mailock.core.policy.route import route
from mailock.core.routing.lanes import may_open, pushed_back, resumed, served, unreachable
from mailock.core.routing.rules import ForwardingRule
from mailock.ports.clock import Clock
from mailock.ports.queue import Worklist
from mailock.ports.stations import CopyName, Recalled
from mailock.stations.send.lane import Carrier, Lane
from mailock.stations.send.scribe import Scribe
from mailock.stations.send.unwritten import Unwritten

LEASE = 200
LOW_WATER = 50
ROOM_BYTES = 64 << 20
ROOM_PARCELS = 20_000
TICK_SECONDS = 0.5
AGAIN_SECONDS = 1.0
log = logging.getLogger(__name__)


class Order(Protocol):
    """What the dispatcher orders of others."""

    def set_out(self, dispatcher: "Dispatcher", lane: Lane, rule: ForwardingRule, domain: str) -> Carrier:
        """Starts a carrier for a lane. It reports back by `arrived`, or by `unreachable`."""
        ...

    def postpone(self, parcel: Parcel, response: Response, hop: Hop | None) -> None:
        """Settles a parcel that could not set out; `hop` where a try was made for it."""
        ...

    def reroute(self, parcel: Parcel) -> None:
        """Sends a parcel whose rules have changed the way that they now say."""
        ...


class Dispatcher:
    """All lanes of one process."""

    def __init__(
        self,
        *,
        worklist: Worklist,
        clock: Clock,
        standing: Callable[[], Installed],
        order: Order,
        unwritten: Unwritten,
        scribe: Scribe,
    ) -> None:
        self._worklist = worklist
        self._clock = clock
        self._standing = standing
        self._order = order
        self._unwritten = unwritten
        self._scribe = scribe
        self._lanes: dict[str, Lane] = {}
        self._held_bytes = 0
        self._held = 0
        self._poked = asyncio.Event()
        self._gone = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.stopping = False

    @property
    def lanes(self) -> dict[str, Lane]:
        """Every destination that has something waiting, moving or remembered."""
        return self._lanes

    def can_set_out(self, parcel: Parcel) -> bool:
        """Whether a parcel would be on its way within moments, whole and in one transaction."""
        most = self._standing().delivery.recipients
        if self._rests() or self._is_full() or len(parcel.deliveries) > most:
            return False
        lane = self._lanes.get(parcel.deliveries[0].lane)
        return lane is None or not (lane.state.suspended or lane.state.failures or len(lane.ready) >= LEASE)

    def hand_over_unwritten(self, parcel: Parcel, judged: Plan) -> None:
        """Takes a parcel whose judgement is not written yet; its message is leased."""
        self._unwritten.add(parcel.message.queue_id, judged)
        self.hand_over(parcel)

    def hand_over(self, parcel: Parcel) -> None:
        """Takes a leased parcel whose deliveries are due now."""
        lane = self.lane(parcel.deliveries[0].lane)
        if self._is_full() or self._rests():
            self._put_back(lane, parcel)
            return
        if lane.state.suspended and self._clock.now() < lane.state.suspended_until:
            self._order.postpone(parcel, _suspended(lane), None)
            return
        self._keep(lane, parcel)
        self._pump(lane)

    def lane(self, key: str) -> Lane:
        """The lane of a destination, made when it is first needed."""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(key, self._standing().delivery.pressure)
        return lane

    def next_for(self, carrier: Carrier, lane: Lane) -> Parcel | None:
        """What an open connection takes next; None where it is to idle, and is then remembered as idle."""
        if lane.missed and len(lane.ready) < LOW_WATER:
            self._lease_soon(lane)
        if not self._rests() and self._first_rule(lane) is not None and self._allows(lane):
            return self._take(lane)
        lane.idle.append(carrier)
        return None

    def arrived(self, lane: Lane) -> None:
        """A carrier's connection stands and was greeted."""
        lane.on_the_way -= 1

    def served(self, lane: Lane) -> None:
        """A transaction went through: the destination is well."""
        before = lane.state
        lane.state = served(before, self._standing().delivery.pressure)
        if lane.state is not before:
            lane.reason = ""
            self._pump(lane)

    def pushed_back(self, lane: Lane) -> None:
        """The destination is there, and wants fewer connections."""
        lane.state = pushed_back(lane.state)

    def unreachable(self, lane: Lane, carrier: Carrier, response: Response, hop: Hop) -> None:
        """A carrier found no server that takes mail. Suspends the lane when that keeps happening."""
        lane.on_the_way -= 1
        lane.carriers.discard(carrier)
        self._gone.set()
        lane.reason = str(response)
        if response.code >= 500:
            self._turn_away(lane, response, hop)
            return
        lane.state = unreachable(lane.state, self._standing().delivery.pressure, now=self._clock.now())
        if lane.ready:
            self._order.postpone(self._take(lane), response, hop)
        if lane.state.suspended:
            self._turn_away(lane, response, None)
        self._pump(lane)

    def resume(self, lane: Lane) -> None:
        """A person wants it tried at once."""
        lane.state = resumed(lane.state)
        lane.missed = True
        self.poke()

    async def write_down(self, messages: Collection[QueueId]) -> bool:
        """Writes the judgements of parcels that wait in memory, and lets go of them: a person wants to change them."""
        commits = []
        for lane in self._lanes.values():
            for parcel in [parcel for parcel in lane.ready if parcel.message.queue_id in messages]:
                judged = self._unwritten.take(parcel.message.queue_id)
                if judged is not None:
                    lane.ready.remove(parcel)
                    self._release(parcel)
                    commits.append(self._write(judged, parcel.message.queue_id, lane.key))
        if commits:
            await asyncio.wait(commits)
        return bool(commits)

    def recall(self, copies: Collection[CopyName]) -> list[Recalled]:
        """Takes what waits in memory of these copies out of it, leases and all: a person changes them."""
        found: list[Recalled] = []
        for lane in self._lanes.values():
            meant = [parcel for parcel in lane.ready if (parcel.message.queue_id, parcel.copy.number) in copies]
            for parcel in meant:
                lane.ready.remove(parcel)
                self._release(parcel)
                numbers = tuple(delivery.number for delivery in parcel.deliveries)
                found.append(Recalled(parcel.message.queue_id, parcel.copy.number, numbers, lane.key))
        return found

    def _turn_away(self, lane: Lane, response: Response, hop: Hop | None) -> None:
        for parcel in lane.drain_ready():
            self._release(parcel)
            self._order.postpone(parcel, response, hop)

    def gone(self, carrier: Carrier, lane: Lane) -> None:
        """A carrier has ended."""
        lane.carriers.discard(carrier)
        self._gone.set()
        if carrier in lane.idle:
            lane.idle.remove(carrier)
        self._pump(lane)

    def poke(self) -> None:
        """Something became due: look at the lanes now."""
        self._poked.set()

    async def run(self) -> None:
        """Leases what becomes due, until cancelled."""
        for key, due in await self._worklist.lanes():
            self.lane(key).expect(due)
        while True:
            self._tick()
            self._poked.clear()
            try:
                await asyncio.wait_for(self._poked.wait(), TICK_SECONDS)
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Sets out no more, puts back what waits in memory, and lets idle connections go."""
        self.stopping = True
        for lane in self._lanes.values():
            for parcel in lane.drain_ready():
                self._release(parcel)
                self._put_back(lane, parcel)
            while lane.idle:
                lane.idle.pop().retire()

    async def empty(self) -> None:
        """Returns once there is no connection any more."""
        while self.carriers:
            self._gone.clear()
            await self._gone.wait()

    @property
    def carriers(self) -> int:
        """How many connections there are."""
        return sum(len(lane.carriers) for lane in self._lanes.values())

    def _tick(self) -> None:
        if self._rests():
            return
        now = self._clock.now()
        for lane in list(self._lanes.values()):
            if lane.next_due is not None and lane.next_due <= now:
                lane.missed = True
            if now < lane.state.suspended_until:
                continue
            if lane.missed and len(lane.ready) < LOW_WATER:
                self._lease_soon(lane)
            elif lane.ready:
                self._pump(lane)
            elif lane.is_quiet:
                del self._lanes[lane.key]

    def _lease_soon(self, lane: Lane) -> None:
        if lane.leasing or self._is_full() or self._rests():
            return
        lane.leasing = True
        task = asyncio.get_running_loop().create_task(self._lease(lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _lease(self, lane: Lane) -> None:
        limit = 1 if lane.state.suspended else LEASE
        lane.missed, lane.next_due = False, None
        parcels: Sequence[Parcel] = ()
        due: float | None
        try:
            parcels = await self._worklist.parcels(lane.key, self._clock.now(), limit)
            due = await self._worklist.next_due(lane.key)
        except Exception:
            # Whatever kept the store from answering: the lane is not forgotten for it, and what it gave is sent.
            log.exception("the queue could not say what is due for %s; it is asked again", lane.key)
            due = self._clock.now() + AGAIN_SECONDS
        finally:
            lane.leasing = False
        if due is not None:
            lane.expect(due)
            lane.missed = lane.missed or due <= self._clock.now()
        for parcel in parcels:
            self._keep(lane, parcel)
        self._pump(lane)

    def _pump(self, lane: Lane) -> None:
        settings, now = self._standing().delivery, self._clock.now()
        if self._rests() or now < lane.state.suspended_until:
            return
        rule = self._first_rule(lane)
        while rule is not None and lane.idle and self._allows(lane):
            lane.idle.pop().carry(self._take(lane))
            rule = self._first_rule(lane)
        while (
            rule is not None
            and lane.on_the_way < len(lane.ready)
            and may_open(lane.state, settings.pressure, now=now, connections=len(lane.carriers))
        ):
            lane.on_the_way += 1
            domain = lane.ready[0].deliveries[0].recipient.address.domain
            lane.carriers.add(self._order.set_out(self, lane, rule, domain))

    def _first_rule(self, lane: Lane) -> ForwardingRule | None:
        """The rule by which the first parcel goes; parcels that the rules now send elsewhere are rerouted on the way
        to it.
        """
        while lane.ready:
            rule = self._rule_for(lane.ready[0], lane.key)
            if rule is not None:
                return rule
            self._order.reroute(self._take(lane))
        return None

    def _rule_for(self, parcel: Parcel, key: str) -> ForwardingRule | None:
        """The rule of a parcel, as long as all its recipients still belong into this lane."""
        routes, message = self._standing().routes, parcel.message
        found = None
        for delivery in parcel.deliveries:
            found = route(routes, message, delivery.recipient, parcel.copy.via)
            if found is None or not found.forwards or found.lane(delivery.recipient.address.domain) != key:
                return None
        return found

    def _allows(self, lane: Lane) -> bool:
        return lane.allows(self._standing().delivery.rate, self._clock.steady())

    def _rests(self) -> bool:
        """Whether nothing sets out: Mailock ends, a person wants it so, or what was sent cannot be recorded."""
        return self.stopping or self._standing().delivery.paused or self._scribe.is_blocked

    def _is_full(self) -> bool:
        return self._held_bytes > ROOM_BYTES or self._held > ROOM_PARCELS

    def _keep(self, lane: Lane, parcel: Parcel) -> None:
        lane.ready.append(parcel)
        self._held += 1
        self._held_bytes += len(parcel.content or b"")

    def _take(self, lane: Lane) -> Parcel:
        """The first parcel, cut to what one transaction may carry."""
        parcel = lane.ready.popleft()
        most = self._standing().delivery.recipients
        if len(parcel.deliveries) > most:
            lane.ready.appendleft(replace(parcel, deliveries=parcel.deliveries[most:]))
            return replace(parcel, deliveries=parcel.deliveries[:most])
        self._release(parcel)
        return parcel

    def _release(self, parcel: Parcel) -> None:
        self._held -= 1
        self._held_bytes -= len(parcel.content or b"")

    def _put_back(self, lane: Lane, parcel: Parcel) -> None:
        queue_id = parcel.message.queue_id
        judged = self._unwritten.take(queue_id)
        if judged is None:
            self._worklist.put_back(queue_id, parcel.copy.number, [one.number for one in parcel.deliveries])
            lane.missed = True
        else:
            self._write(judged, queue_id, lane.key)

    def _write(self, judged: Plan, queue_id: QueueId, key: str) -> "asyncio.Future[None]":
        commit = Commit(changes=judged.changes, events=judged.events)
        return self._scribe.write(commit, queue_id, lambda: self._written(key))

    def _written(self, key: str) -> None:
        # Only now does the queue know of the deliveries.
        self.lane(key).missed = True
        self.poke()


def _suspended(lane: Lane) -> Response:
    return Response(code=450, enhanced="4.4.1", text=f"the destination is suspended: {lane.reason}")
