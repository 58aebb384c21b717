"""A small world around one real gateway, in one process: a client, three next hops, a quick clock, a fuse in each port.

The client and the next hops write down what they said and heard before anybody can act on it, so that their notes
outlive the process. What is played: mail to two systems at once, a recipient who is deferred first, one who does not
exist, one of two who does not exist, and a large body. Wall time runs fast, so that what is deferred comes again soon.
"""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import apsw

from mailock.core.lifecycle.changes import Commit, Staged
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.lifecycle.transitions import IllegalMove
from mailock.core.mail.origin import Tls
from mailock.ports.queue import Selection, StoreFailed
from mailock.ports.resolver import Answer, LookupFailed
from mailock.ports.transport import Conversation, Link, Peer, Target
from mailock.processes.gateway import Gateway
from mailock.processes.home import read_home
from mailock.processes.outside import Outside
from mailock.stations.accept.reception import Entrance
from mailock.stations.accept.session import Session
from mailock.storage.files import FileBodies
from mailock.storage.sqlite.queue import open_sqlite
from tests.crash.calls.fuse import Fuse, Fused
from tests.crash.calls.pipe import connect
from tests.crash.keeper import Arrival, Deed, Keeper, Moment, Say, Visit
from tests.crash.load import Call, Refused
from tests.crash.marked import Marked, Mint

SPEED: Final = 600.0
HOPS: Final = {"hop.test": "192.0.2.10", "other.test": "192.0.2.11", "notices.test": "192.0.2.12"}
POLICY: Final = """\
[node]
hostname = "mx.gateway.test"
data = "data"
ballast = "0B"
[mta]
interfaces = ["127.0.0.1"]
port = 0
[[mta.forwarding]]
domain = "dest.test"
next_hop = "hop.test:25"
[[mta.forwarding]]
direction = "outgoing"
next_hop = "notices.test:25"
[mta.mail_settings]
maximum_delay = "0s"
storage_percent = 100
[mta.troubleshooting]
delayed_more_than = "0s"
[[virtual_system.other.mta.forwarding]]
domain = "other.test"
next_hop = "other.test:25"
[[virtual_system.other.mta.forwarding]]
direction = "outgoing"
next_hop = "notices.test:25"
[anti_virus]
enabled = false
[anti_spam]
enabled = false
[authentication]
enabled = false
"""
PLAY: Final = (
    ("split", ("a@dest.test", "b@dest.test", "c@other.test"), 1500),
    ("late", ("late@dest.test", "soon@dest.test"), 3000),
    ("failing", ("no@dest.test",), 1500),
    ("half", ("d@dest.test", "no@dest.test"), 1500),
    ("large", ("e@dest.test",), 700_000),
)
TRIES: Final = 5
FAULTS: Final[Mapping[str, Callable[[], BaseException]]] = {
    "StoreFailed": lambda: StoreFailed("the fuse burnt"),
    "IllegalMove": lambda: IllegalMove("the fuse burnt"),
    "OSError": lambda: OSError(5, "the fuse burnt"),
    "KeyError": lambda: KeyError("the fuse burnt"),
    "LookupFailed": lambda: LookupFailed("the fuse burnt"),
    "apsw.Error": lambda: apsw.IOError("the fuse burnt"),
}
PORTS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "Queue": {
        **dict.fromkeys(("enter", "pending", "drop"), ("StoreFailed",)),
        "commit": ("StoreFailed", "IllegalMove"),
        **dict.fromkeys(("parcels", "next_due"), ("StoreFailed", "apsw.Error")),
        "small_body": ("KeyError",),
        **dict.fromkeys(("lease", "lanes", "put_back", "body_names"), ()),
    },
    "Bodies": {"read": ("OSError",), "draft": (), "drop": ()},
    "Draft": {"finish": ("OSError",), "drained": ("OSError",), "write": (), "finish_small": ()},
    "Dialer": {"dial": ("OSError",)},
    "Link": {"write": ()},
    "Resolver": {"addresses": ("LookupFailed",)},
    "Clock": {"now": ()},
}
"""The calls that a fuse counts, with what each may raise. That a process dies at it, holds for every call."""


class Notes:
    """What the client and the next hops write down: a JSON object a line, in the kernel's hands at once."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "notes", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, **facts: object) -> None:
        """Adds a line."""
        os.write(self._file, json.dumps(facts).encode() + b"\n")


class QuickClock:
    """Wall time from the folder's beginning, many times as fast."""

    def __init__(self, folder: Path) -> None:
        file = folder / "began"
        if not file.exists():
            file.write_text(str(time.time()))
        self._began = float(file.read_text())

    def now(self) -> float:
        """Unix time in seconds."""
        return self._began + (time.time() - self._began) * SPEED

    def steady(self) -> float:
        """As it is."""
        return time.monotonic()


class NotingKeeper(Keeper):
    """A next hop without a socket. The first time it defers `late`, and it never knows `no`."""

    def __init__(self, ip: str, notes: Notes) -> None:
        super().__init__(self._behave)
        self.ip = ip
        self._notes = notes
        self._deferred = False

    def keep(self, arrival: Arrival) -> None:
        """Writes it down."""
        self._notes.write(
            kept=arrival.number,
            at=self.ip,
            pid=os.getpid(),
            sender=arrival.sender,
            recipients=arrival.recipients,
            sha256=arrival.sha256,
            framed=arrival.framed,
            text="" if arrival.number else arrival.content.decode("utf-8", "replace"),
        )

    def _behave(self, moment: Moment, what: str) -> Deed | None:
        if moment is not Moment.RCPT:
            return None
        if what.startswith("no@"):
            return Say(b"550 5.1.1 nobody of that name\r\n")
        if what.startswith("late@") and not self._deferred:
            self._deferred = True
            return Say(b"451 4.2.0 come again\r\n")
        return None


class KeeperEnd:
    """A Visit of the keeper, as the other end of a pipe, and its transport."""

    def __init__(self, keeper: Keeper) -> None:
        self._visit = Visit(keeper)

    def connected(self, link: Link, peer: Peer, tls: Tls | None) -> None:
        """The connection stands."""
        self._link = link
        self._visit.connection_made(PipeTransport(link))

    def received(self, data: bytes) -> None:
        """Bytes came."""
        self._visit.data_received(data)

    def tls_started(self, tls: Tls) -> None:
        """Never."""

    def ended(self) -> bool:
        """Nothing is owed."""
        return False

    def lost(self, why: str) -> None:
        """The gateway is gone."""
        self._visit.connection_lost(None)


class PipeTransport(asyncio.Transport):
    """A link that looks like a transport to a protocol that knows no links."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link

    def write(self, data: Any) -> None:
        """Sends."""
        self._link.write(bytes(data))

    def close(self) -> None:
        """Closes."""
        self._link.close()

    def abort(self) -> None:
        """Closes."""
        self._link.close()


class ClientEnd:
    """The client's end of a pipe: a stream to read from, and a writer."""

    def __init__(self) -> None:
        self.reader = asyncio.StreamReader()
        self._early: list[bytes] = []
        self._link: Link | None = None

    def connected(self, link: Link, peer: Peer, tls: Tls | None) -> None:
        """The connection stands."""
        self._link = link

    def received(self, data: bytes) -> None:
        """Bytes came."""
        self.reader.feed_data(data)

    def tls_started(self, tls: Tls) -> None:
        """Never."""

    def ended(self) -> bool:
        """Nothing is owed."""
        return False

    def lost(self, why: str) -> None:
        """The gateway is gone."""
        self.reader.feed_eof()

    def write(self, data: bytes) -> None:
        """Sends, in pieces as a network would deliver them."""
        assert self._link is not None
        for start in range(0, len(data), 65_536):
            self._link.write(data[start : start + 65_536])

    async def drain(self) -> None:
        """At once."""

    def close(self) -> None:
        """Hangs up."""
        if self._link is not None:
            self._link.close()


class World:
    """The dialler and the resolver of the gateway, and its client."""

    def __init__(self, folder: Path, fuse: Fuse) -> None:
        self.folder = folder
        self.fuse = fuse
        self.notes = Notes(folder)
        self.clock = QuickClock(folder)
        self._hops = {ip: NotingKeeper(ip, self.notes) for ip in HOPS.values()}
        self._mint = Mint(1)

    async def addresses(self, name: str) -> Answer[str]:
        """Of the next hops."""
        return Answer(records=(HOPS[name],), ttl=60)

    async def dial(self, target: Target, conversation: Conversation, *, seconds: float) -> None:
        """To one of the next hops."""
        end = KeeperEnd(self._hops[target.ip])
        connect(conversation, end, ip=target.ip, port=target.port, crossed=self._crossed)

    async def gateway(self) -> Gateway:
        """The gateway, over this world and its own folder."""
        config = self.folder / "mailock.toml"
        if not config.exists():
            config.write_text(POLICY)
        home = read_home(config)
        bodies: list[Any] = []
        queue: Any = await open_sqlite(home.data, ballast=0, on_unreferenced=lambda refs: bodies[0].drop(refs))
        queue = self.fused("Queue", queue)
        files: Any = FileBodies(home.data, home.inline_limit, small_body=queue.small_body)
        fused_bodies = FusedBodies(self.fused("Bodies", files), self)
        bodies.append(fused_bodies)
        outside = Outside(
            clock=self.fused("Clock", self.clock),
            dialer=self.fused("Dialer", self),
            resolver=self.fused("Resolver", self),
            close=self._close,
        )
        stand_in: Any = fused_bodies
        return Gateway(home, queue, stand_in, outside)

    def fused(self, name: str, inner: object) -> Any:
        """A port behind the fuse."""
        return Fused(inner, name, self.fuse, frozenset(PORTS[name]))

    async def retry_shunted(self, gateway: Gateway) -> None:
        """What was set aside is processed again, as a person would order it."""
        queue: Any = gateway.queue
        for item in await queue.find(Selection(message_stages=(MessageStage.SHUNTED,)), limit=100):
            again = Staged(queue_id=item.message.queue_id, before=MessageStage.SHUNTED, after=MessageStage.ACCEPTED)
            await queue.commit(Commit(changes=(again,)))

    async def play(self, gateway: Gateway) -> None:
        """Sends everything that is to be sent, and what was not taken again, as a client would."""
        await asyncio.gather(*(self._send(gateway, *scene) for scene in PLAY))

    async def quiet(self, gateway: Gateway, *, within: float) -> bool:
        """Waits until the queue and its outbox are empty; whether they are."""
        queue: Any = gateway.queue
        end = time.monotonic() + within
        while time.monotonic() < end:
            counts = await queue.counts()
            if not any(counts.messages.values()) and not await queue._inner.pending(1):
                return True
            await asyncio.sleep(0.01)
        return False

    async def swept(self, gateway: Gateway) -> None:
        """Waits until what a crash left in the spool was swept."""
        (sweeping,) = (task for task in gateway._tasks if task.get_name() == "orphans")
        await sweeping

    async def _send(self, gateway: Gateway, name: str, recipients: tuple[str, ...], size: int) -> None:
        for attempt in range(TRIES):
            message = self._mint.message(f"{name}-{attempt}", recipients, size)
            with contextlib.suppress(OSError, EOFError, Refused):
                await self._once(gateway, message)
                return
            await asyncio.sleep(0.05)

    async def _once(self, gateway: Gateway, message: Marked) -> None:
        end = ClientEnd()
        peer = Peer(ip="192.0.2.99", port=4025, local_ip="192.0.2.1", local_port=25)
        session = Session(gateway.reception, Entrance(name="smtp", starttls=False), peer)
        connect(session, end, ip=peer.ip, port=peer.port, crossed=self._crossed)
        call = Call(end.reader, end)  # type: ignore[arg-type]  # has what Call uses of a StreamWriter
        await call.expect(b"220")
        await call.say(b"EHLO client.test\r\n", b"250")
        self.notes.write(sent=message.number, recipients=message.recipients, sha256=message.sha256)
        await call.send(message, pipelined=True)
        self.notes.write(acknowledged=message.number)
        await call.quit()

    def _crossed(self) -> None:
        self.fuse.call("Link.write", lambda: None)

    async def _close(self) -> None:
        """Nothing is held."""


class FusedBodies:
    """A store of bodies whose drafts are fused too."""

    def __init__(self, inner: Any, world: World) -> None:
        self._inner = inner
        self._world = world

    def draft(self, name: int) -> Any:
        """Starts a body."""
        return self._world.fused("Draft", self._inner.draft(name))

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._inner, attribute)
