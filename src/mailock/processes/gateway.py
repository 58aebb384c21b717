"""The mailflow process put together: every station over one queue, and what serves them.

This is the one place that knows everything. It builds from the outside in: store, log, policy, stations, doors.
Stopping goes the other way round: doors first, so that nothing new comes in; then what is under way; the store last.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Sequence
from contextlib import nullcontext

from mailock.core.lifecycle.changes import Entry
from mailock.core.mail.message import BodyRef
from mailock.core.policy.installed import Installed
from mailock.core.routing.servers import Ourselves
from mailock.core.smtp.reply import Reply
from mailock.net.geoip import Countries
from mailock.operations.desk import Desk
from mailock.operations.disable import Lookout
from mailock.operations.drain import Doorkeeper
from mailock.operations.policy import Participant, PolicyDesk, Running, Unchanged
from mailock.operations.policy_answers import sentence
from mailock.ports.queue import Waiting
from mailock.ports.transport import Conversation, Peer
from mailock.processes.accounts import Accounts
from mailock.processes.alerting import Alerting
from mailock.processes.chronicle import Chronicle
from mailock.processes.doors import GatewayDoors
from mailock.processes.encryption import Encryption
from mailock.processes.examining import examining
from mailock.processes.golden import GoldenCases
from mailock.processes.handwork import StationsAtWork
from mailock.processes.home import Home
from mailock.processes.listeners import Listeners
from mailock.processes.lookup import UrlLookup
from mailock.processes.numbers import Numbers
from mailock.processes.onward import Crossing, fresh, new_offers
from mailock.processes.outside import Outside, real_outside
from mailock.processes.posting import Posting
from mailock.processes.reexamining import Reexamining
from mailock.processes.scanning import Scanning
from mailock.processes.signing import new_signer
from mailock.processes.standing import Standing
from mailock.processes.teaching import Teaching
from mailock.processes.threshold import Threshold
from mailock.processes.userside import UserSide
from mailock.processes.viewing import Viewing
from mailock.processes.watch import Watch
from mailock.stations.accept.custody import Custody
from mailock.stations.accept.gate import Gate
from mailock.stations.accept.reception import Entrance, Reception
from mailock.stations.accept.session import Session
from mailock.stations.accept.verify import Verifier
from mailock.stations.remake.station import Remake
from mailock.stations.remake.work import Maker
from mailock.stations.road.servers import Servers
from mailock.stations.road.way import Roads
from mailock.stations.send.station import Send
from mailock.stations.turn.capacity import Capacity
from mailock.stations.turn.deadlines import Deadlines
from mailock.stations.turn.hints import Hints
from mailock.stations.turn.loop import Turn
from mailock.stations.turn.offers import drop_offered
from mailock.stations.turn.postmaster import Postmaster
from mailock.stations.upkeep import Upkeep
from mailock.storage.files import FileBodies
from mailock.storage.ids import ClockIds, first_id
from mailock.storage.orders import FileOrders
from mailock.storage.revisions import FileRevisions
from mailock.storage.sqlite.queue import SqliteQueue, open_sqlite
from mailock.storage.verdicts import VerdictFile
from mailock.telemetry.search import TrackReader

TOO_BUSY = Reply.of(421, "4.3.2", "Too many connections, try again later")
NODE_NUMBER = 0
STOP_SECONDS = 30.0
TAKING_SECONDS = 20.0
"""How long a client may take to end a message that it had begun when we were asked to end."""
log = logging.getLogger(__name__)


class Gateway:
    """Everything of one mailflow process. Made by `open_gateway`, inside the loop that it runs on."""

    def __init__(self, home: Home, queue: SqliteQueue, bodies: FileBodies, outside: Outside) -> None:
        self._home, self._outside = home, outside
        self._clock = outside.clock
        self._ids = ClockIds(self._clock, node=NODE_NUMBER, floor=queue.floor)
        self._tasks: list[asyncio.Task[object]] = []
        self._deadlines = Deadlines(self._clock)
        self._hints = Hints[Waiting](weigh=lambda waiting: len(waiting.content or b""))
        self.queue, self.bodies = queue, bodies
        self.standing = Standing(home.hostname, Countries(home.geoip))
        self.accounts = Accounts()
        self.capacity = Capacity()
        self.postmaster = Postmaster(
            bodies=bodies, clock=self._clock, ids=self._ids, node=home.hostname, standing=self.standing
        )
        self.posting = Posting(self.postmaster, queue, self.hand_on)
        self.alerts = Alerting(home.hostname, self._clock, self.posting.submit, home.authorities, home.scripts)
        self.users = UserSide(home.data, home.portal, self._clock, self.standing)
        self._roads = Roads(dialer=outside.dialer, clock=self._clock, deadlines=self._deadlines, standing=self.standing)
        self.servers = Servers(resolver=outside.resolver, clock=self._clock, ourselves=self._ourselves)
        self.send = Send(
            worklist=queue,
            bodies=bodies,
            servers=self.servers,
            roads=self._roads,
            postmaster=self.postmaster,
            alerts=self.alerts,
            hand_on=self.hand_on,
            planned=lambda: self.remake.miss(),
        )
        self.threshold = Threshold(home.data, self._clock, self.standing, outside.resolver)
        resolver, also = outside.resolver, self.threshold.engines
        self.scanning = Scanning(home.means, self._clock, resolver=resolver, hostname=home.hostname, also=also)
        self.scanning.concluding = self.threshold.concluding
        self.verdicts = VerdictFile(home.data)
        self.signer = new_signer(home, self.scanning, self._clock, self.standing)
        self.offers = new_offers(queue, self.standing, self._hints)
        self.watch = Watch((self.scanning, self.threshold), lambda: self.scanning.lacks, self._clock, self.alerts)
        self.numbers = Numbers(home.data, home.metrics, self._clock, self.scanning)
        self.remake = self._remaking()
        self._scan_line = self._examining()
        self._chronicle = Chronicle(home, queue, self._ids, self._clock, self.alerts, self.numbers.watch)
        self.reception = self._reception()
        self.encryption = Encryption(home.data, home.hostname, home.policy)
        self.listeners = Listeners(self._greet, self.encryption.tls)
        self.desk = PolicyDesk(FileRevisions(home.data / "policy"), self._clock, self._installers)
        self.doorkeeper = self._new_doorkeeper()
        self._upkeep = self._upkeeping()

    @property
    def _installers(self) -> tuple[Participant, ...]:
        """Who has a say in an install: golden cases have none in whether the gateway starts."""
        return GoldenCases(self._home.means, self._home.hostname), *self._participants

    @property
    def _participants(self) -> tuple[Participant, ...]:
        """Who follows an install, in this order: the doors last."""
        inside = self.standing, self.users, self.accounts, self.alerts, self._chronicle, self.scanning, self.encryption
        return *inside, self.listeners

    def _new_doorkeeper(self) -> Doorkeeper:
        lookout = Lookout(
            resolver=self._outside.resolver,
            log=lambda: TrackReader(self._home.data / "track.db"),
            standing=self.standing,
            ours=lambda: self.listeners.local_ips,
            clock=self._clock,
        )
        return Doorkeeper(
            orders=FileOrders(self._home.data),
            doors=GatewayDoors(self.capacity, self.listeners),
            archive=self.queue,
            lookout=lookout,
            clock=self._clock,
            alerts=self.alerts,
        )

    def hands(self) -> Desk:
        """What people's commands need of the process."""
        return Desk(
            queue=self.queue,
            bodies=self.bodies,
            stations=StationsAtWork(self.send, self._hints, self.remake.miss),
            notices=self.postmaster,
            alerts=self.alerts,
            clock=self._clock,
            ids=self._ids,
            node=self._home.hostname,
            standing=self.standing,
            asked=self.users.asked,
            teacher=Teaching(self._home.means),
            viewer=Viewing(lambda: nullcontext(self.scanning)),
        )

    def _upkeeping(self) -> Upkeep:
        return Upkeep(
            directory=self._home.data,
            queue=self.queue,
            bodies=self.bodies,
            capacity=self.capacity,
            clock=self._clock,
            alerts=self.alerts,
            standing=self.standing,
            told_until=self._home.alive,
            first_id=first_id,
        )

    def _examining(self) -> Turn:
        return examining(
            self._home,
            scanning=self.scanning,
            verdicts=self.verdicts,
            standing=self.standing,
            clock=self._clock,
            alerts=self.alerts,
            capacity=self.capacity,
            queue=self.queue,
            bodies=self.bodies,
            hints=self._hints,
            send=self.send,
            remake=self.remake,
            postmaster=self.postmaster,
            learn=self.threshold.learn,
            signs=self.signer.signs,
            examined=self.numbers.examined,
            offers=self.offers,
        )

    def _remaking(self) -> Remake:
        bodies, clock, ids, guard = self.bodies, self._clock, self._ids, self.users.guard
        maker = Maker(bodies=bodies, jail=self.scanning, signer=self.signer, clock=clock, ids=ids, guard=guard)
        return Remake(
            worklist=self.queue,
            bodies=self.bodies,
            maker=maker,
            clock=self._clock,
            alerts=self.alerts,
            send=self.send.hand_over,
        )

    def _reception(self) -> Reception:
        verifier = Verifier(roads=self._roads, servers=self.servers, clock=self._clock, lists=self.standing.lists)
        gate = Gate(
            standing=self.standing,
            capacity=self.capacity,
            sources=self.threshold.sources,
            directory=verifier,
            country=self.standing.country,
        )
        custody = Custody(
            intake=self.queue,
            bodies=self.bodies,
            onward=Crossing(
                standing=self.standing,
                clock=self._clock,
                capacity=self.capacity,
                dispatcher=self.send.dispatcher,
                due=self.scanning.is_for,
                hand_on=self._hand_on,
                signs=self.signer.signs,
                offers=self.offers,
            ),
            clock=self._clock,
            ids=self._ids,
            node=self._home.hostname,
            standing=self.standing,
        )
        return Reception(
            gate=gate,
            door=self.threshold.door,
            custody=custody,
            bodies=self.bodies,
            clock=self._clock,
            ids=self._ids,
            refusals=self._chronicle.refusals,
            sources=self.threshold.sources,
            deadlines=self._deadlines,
            check_password=self.accounts.check,
        )

    async def start(self) -> None:
        """Opens the doors, and sets the stations to work.

        Raises OSError or ValueError (sentences), and nothing runs then.
        """
        policy, revision = self._home.policy, self._home.revision
        self.verdicts.open()
        await self.threshold.start()
        await self.doorkeeper.start(enabled=policy.mta.enabled, revision=revision)
        for participant in self._participants:
            await participant.prepare(policy)
        for participant in self._participants[:-1]:
            await participant.switch(revision)
        look_up = UrlLookup(self.scanning.engaged, self.threshold.listings, self.standing)
        look_again = Reexamining(self.scanning, self.verdicts, self.standing, self._clock, self.bodies, self.queue)
        await self.users.start(self.hands(), self.posting.of_digests, look_up, look_again)
        self._upkeep.measure()
        self.standing.changed += [lambda _: self.send.dispatcher.poke(), self._in_service]
        await self.listeners.switch(revision)
        self._tasks = [
            asyncio.create_task(work, name=name)
            for name, work in (
                ("examine and judge", self._scan_line.run()),
                ("remake", self.remake.run()),
                ("send", self.send.run()),
                ("deadlines", self._deadlines.run()),
                ("upkeep", self._upkeep.run()),
                ("alerts", self.alerts.run()),
                ("doors", self.doorkeeper.run()),
                ("engines", self.watch.run()),
                ("verdicts", self.verdicts.run()),
                ("log", self._chronicle.run()),
                ("digests", self.users.run()),
                ("sources", self.threshold.run()),
                ("refusals", self._chronicle.sweep()),
                ("certificates", self.encryption.mind(self.alerts, self._clock)),
                ("orphans", self._sweep_orphans()),
            )
        ]
        for task in self._tasks:
            task.add_done_callback(_ended)

    async def stop(self) -> None:
        """Takes nothing new, finishes what is under way, writes everything down. Within `STOP_SECONDS`."""
        self.capacity.closed = "Mailock is being stopped"
        self.listeners.stop()
        await self.users.close()
        self.offers.expire_all()
        await asyncio.gather(self.reception.finish(TAKING_SECONDS), self.send.stop())
        # What was taken meanwhile is written, and waits for the next start.
        await self.send.drained()
        await asyncio.gather(self._chronicle.close(), self.threshold.close())
        await self.alerts.flush()
        for task in self._tasks:
            if task.get_name() != "log":
                task.cancel()
        await asyncio.wait(self._tasks, timeout=STOP_SECONDS / 3)
        await self.scanning.close()
        await self.verdicts.close()
        await self.bodies.close()
        await self.queue.close()
        await self._outside.close()

    def reload(self) -> None:
        """On SIGHUP: takes stored certificates into use, and installs the policy of the file (DECISIONS 27)."""
        self._tasks.append(asyncio.get_running_loop().create_task(self._reload()))

    async def _reload(self) -> None:
        try:
            names = self.encryption.load()
            log.info("certificates in use: %s", ", ".join(names) or "none")
        except (OSError, ValueError) as fault:
            log.error("the certificates stay as they were: %s", fault)
        try:
            text = await asyncio.to_thread(self._home.config.read_text, "utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            log.error("the policy stays as it was: %s cannot be read: %s", self._home.config, fault)
            return
        outcome = await self.desk.install(text, by="SIGHUP", name=str(self._home.config))
        level = logging.INFO if isinstance(outcome, Running | Unchanged) else logging.ERROR
        log.log(level, "install of %s: %s", self._home.config, sentence(outcome))

    def _in_service(self, installed: Installed) -> None:
        """An installed policy may take the gateway out of service, or back."""
        enabled = self.doorkeeper.enabled_by_policy(enabled=installed.enabled, revision=installed.revision)
        self._tasks.append(asyncio.get_running_loop().create_task(enabled, name="in service"))

    def hand_on(self, entries: Sequence[Entry]) -> None:
        """Hands messages of our own, which are in the queue and leased, to be judged."""
        for entry in entries:
            self._hand_on(fresh(entry))

    def _hand_on(self, waiting: Waiting) -> None:
        if not self._hints.offer(waiting):
            self.queue.put_back(waiting.message.queue_id)

    def _ourselves(self) -> Ourselves:
        names, at = frozenset({self._home.hostname}), self.listeners
        return Ourselves(names=names, endpoints=at.endpoints, local_ips=at.local_ips)

    def _greet(self, entrance: Entrance, peer: Peer) -> Conversation | bytes:
        if self.reception.is_full():
            return TOO_BUSY.wire
        return Session(self.reception, entrance, peer)

    async def _sweep_orphans(self) -> None:
        swept = await self.bodies.sweep(await self.queue.body_names())
        if swept:
            log.info("%d bodies that a crash left without a message were deleted", swept)


async def open_gateway(home: Home) -> Gateway:
    """Opens the spool and builds the process over it. Raises what `open_sqlite` does."""
    bodies: FileBodies | None = None

    def unreferenced(refs: list[BodyRef]) -> None:
        if bodies is not None:
            bodies.drop(refs)

    queue = await open_sqlite(home.data, ballast=home.ballast, on_unreferenced=unreferenced)
    await drop_offered(queue, queue)
    bodies = FileBodies(home.data, home.inline_limit, small_body=queue.small_body)
    return Gateway(home, queue, bodies, real_outside(home))


def _ended(task: "asyncio.Task[object]") -> None:
    """A task that ends with a fault is a bug that must not be silent:

    the process ends and the supervisor starts it again.
    """
    if not task.cancelled() and task.exception() is not None:
        log.critical("the task %s broke; the process ends", task.get_name(), exc_info=task.exception())
        os.kill(os.getpid(), signal.SIGTERM)
