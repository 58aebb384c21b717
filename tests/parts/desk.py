"""The console as a part: the real application over a real log, a real store of people and real revisions, with a
mailflow behind a real control socket whose answers a test can see and set.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from mailock.config.node import Console
from mailock.console.app import application
from mailock.console.means import Means
from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.events import Accepted, Event
from mailock.core.mail.message import show_id
from mailock.ports.commands import Arguments, Command, Speaker
from mailock.ports.people import Person, Right, Role
from mailock.ports.revisions import InstalledFrom
from mailock.processes.control import ControlServer
from mailock.storage.people import People
from mailock.storage.revisions import FileRevisions
from mailock.telemetry.track import TrackLog
from tests.parts.stories import NOON, attempted, deferred, delivered, judged, message, refused

POLICY = """\
[mta]
internal_networks = ["10.0.0.0/8"]

# Where mail goes.
[[mta.forwarding]]
domain = "dest.test"
next_hop = "mail.dest.test:25"
[[mta.forwarding]]
direction = "outgoing"
domain = "*"
next_hop = "mx:"
"""
PASSWORD = "correct horse battery"
OURS, THEIRS = 1, 2
"""Messages of the virtual systems `ours` and `theirs`."""
KEPT = 3
_ALERT = {"at": "2999-01-01T00:00:00Z", "kind": "storage", "text": "storage: the disk is <b>full</b>"}


@dataclass(kw_only=True)
class HandClock:
    """A clock that stands until it is moved."""

    time: float = NOON + 60

    def now(self) -> float:
        """Unix time."""
        return self.time

    def steady(self) -> float:
        """The same."""
        return self.time


@dataclass(kw_only=True)
class Desk:
    """The console, and what it did."""

    app: Litestar
    means: Means
    clock: HandClock
    orders: list[tuple[str, Arguments, Speaker]] = field(default_factory=list)
    alerts: list[dict[str, str]] = field(default_factory=lambda: [dict(_ALERT)])

    def person(self, name: str, role: Role, *, systems: tuple[str, ...] = (), reads: bool = False) -> Person:
        """Makes a person."""
        person = Person(name=name, role=role, systems=systems, reads_content=reads, created=self.clock.now())
        self.means.people.add(person)
        return person

    @contextmanager
    def browser(self, name: str) -> Iterator["Browser"]:
        """A browser in which somebody is signed in."""
        with TestClient(self.app, raise_server_exceptions=False) as client:
            client.follow_redirects = False
            secret = self.means.people.sign_in(name, self.clock.now(), 3600.0)
            client.cookies.set("mailock_session", secret)
            session = self.means.people.session(secret, self.clock.now(), 3600.0)
            assert session is not None
            yield Browser(client, session.csrf)

    @contextmanager
    def program(self, name: str, *scopes: Right) -> Iterator[TestClient[Litestar]]:
        """A program with a key of somebody's."""
        with TestClient(self.app, raise_server_exceptions=False) as client:
            client.follow_redirects = False
            token = self.means.people.make_token(name, "test", scopes or tuple(Right), self.clock.now(), None)
            client.headers["authorization"] = f"Bearer {token}"
            yield client


@dataclass
class Browser:
    """Somebody at the console."""

    client: TestClient[Litestar]
    csrf: str

    def get(self, path: str) -> httpx.Response:
        """A page."""
        return self.client.get(path)

    def send(self, method: str, path: str, **fields: Any) -> httpx.Response:
        """A page, a form of ours, or what scripts of ours ask by another method."""
        if method == "GET":
            return self.get(path)
        if method == "POST":
            return self.post(path, **fields)
        return self.client.request(method, path, json=fields, headers={"x-csrf-token": self.csrf})

    def post(self, path: str, **fields: Any) -> httpx.Response:
        """A form of ours, sent."""
        return self.client.post(path, data={"_csrf": self.csrf, **fields})


@contextmanager
def desk(folder: Path, *more: Event) -> Iterator[Desk]:
    """A console over a folder with a few messages, and what is given besides."""
    log = TrackLog(folder / "track.db")
    log.write([(1, [*stories(), *more])])
    revisions = FileRevisions(folder / "policy")
    revisions.install(POLICY, by="root", at=NOON, note="first", base=0, origin=InstalledFrom.FILE)
    people, clock = People(folder), HandClock()
    means = Means(data=folder, settings=Console(), people=people, clock=clock, hostname="mx.gateway.test")
    made = Desk(app=application(means), means=means, clock=clock)
    try:
        with _mailflow(folder, made):
            yield made
    finally:
        people.close()
        log.close()


def stories() -> list[Event]:
    """A delivered message of each system, one in quarantine, one deferred, and a refusal."""
    kept = message(KEPT, system="ours", subject="Kept", sender="evil@source.test", from_="E <evil@source.test>")
    late = message(4, system="ours", subject="Late")
    return [
        *delivered(OURS, system="ours", subject="Ours alone"),
        *delivered(THEIRS, system="theirs", subject="Theirs alone", sender="secret@theirs.test", from_=""),
        Accepted(message=kept),
        judged(kept, Disposition.QUARANTINE, verdict="malicious"),
        Accepted(message=late),
        judged(late),
        attempted(late, deferred(0)),
        refused(900),
    ]


def row(number: int, system: str, subject: str = "Kept") -> dict[str, object]:
    """A message as mailflow tells of it."""
    return {
        "id": show_id(message(number).queue_id),
        "status": "quarantined",
        "stage": "quarantined",
        "arrival": "2026-09-21T14:13:20.000Z",
        "age": 60.0,
        "size": 4321,
        "sender": "evil@source.test",
        "recipients": ["bob@dest.test"],
        "lanes": [],
        "tries": 0,
        "next_try": None,
        "reason": "",
        "subject": subject,
        "virtual_system": system,
        "class": "malware",
        "since": "2026-09-21T14:13:20.000Z",
        "expires": "2026-10-21T14:13:20.000Z",
        "rule": "malicious-mail",
        "because": ["It was found malicious."],
    }


def remembered() -> dict[str, object]:
    """An answer of the verdict cache."""
    findings = [{"kind": "av.virus", "evidence": "<script>alert(1)</script>"}]
    told: dict[str, object] = {"sha256": "ab" * 32, "engine": "clamav", "version": "1.4", "verdict": "malicious"}
    return told | {"findings": findings, "since": NOON, "until": NOON + 86_400}


def previewed(identity: str) -> dict[str, object]:
    """What mailflow tells of what a message says: as hostile as a mail can make it."""
    runs = [{"text": "<script>alert(1)</script>", "strong": True, "leads": "javascript:alert(2)"}]
    blocks = [{"kind": "paragraph", "part": "", "runs": runs}, {"kind": "picture", "part": "1.2", "runs": []}]
    passage = {
        "part": "1.1",
        "type": "text/html",
        "blocks": blocks,
        "text": "",
        "cut": True,
        "read_otherwise_too": True,
    }
    return {
        "id": identity,
        "size": 4321,
        "header": ["Subject: Kept"],
        "parts": [{"part": "1.2", "type": "image/png", "name": "<b>.png", "size": 9, "other_reading": True}],
        "passages": [passage],
        "pictures": [{"part": one, "width": 1, "height": 1, "png": "UE5H"} for one in ("1.2", "1.3")],
        "notes": ["Part 1.4 is not shown: <i>broken</i>."],
    }


@contextmanager
def _mailflow(folder: Path, made: Desk) -> Iterator[None]:
    """A control socket in a thread of its own, with the real server behind it."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    server = ControlServer(folder, _commands(made))

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(server.start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(server.stop())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def _commands(made: Desk) -> dict[str, Command]:
    systems = {show_id(message(OURS).queue_id): "ours", show_id(message(THEIRS).queue_id): "theirs"}
    systems[show_id(message(KEPT).queue_id)] = "ours"

    def answering(name: str) -> Command:
        async def command(arguments: Arguments, speaker: Speaker) -> object:
            made.orders.append((name, arguments, speaker))
            return _answer(name, arguments, systems)

        return command

    names = ["queue.list", "queue.show", "quarantine.list", "quarantine.show", "shunt.list", "status", "doctor"]
    names += [f"queue.{act}" for act in ("hold", "release", "retry", "requeue", "bounce", "delete")]
    names += [
        "quarantine.preview",
        "quarantine.release",
        "quarantine.delete",
        "quarantine.report",
        "shunt.retry",
        "shunt.delete",
        "alert.test",
    ]
    names += ["policy.install", "policy.rollback", "report.send", "mail.test", "alert.directory"]
    names += ["cache.list", "cache.show", "cache.purge"]

    async def alerts(arguments: Arguments, speaker: Speaker) -> object:
        return made.alerts

    return {name: answering(name) for name in names} | {"alert.list": alerts}


def _answer(name: str, arguments: Arguments, systems: dict[str, str]) -> object:
    match name:
        case "status":
            return {"hostname": "mx", "revision": 1, "listening": [], "closed": "", "full": False, "sessions": 0} | {
                "connections_out": 0,
                "messages": {},
                "copies": {"quarantined": 1},
                "pending": 0,
                "deferred": 0,
                "oldest": 90.0,
                "engines": [],
            }
        case "doctor":
            return {"ok": True, "checks": [{"area": "disk", "level": "ok", "text": "fine", "mend": ""}]}
        case "queue.show" | "quarantine.show":
            identity = str(arguments["id"])
            shown = row(KEPT, systems[identity]) | {"id": identity, "copies": [{"stage": "quarantined"}], "ended": []}
            return shown | ({"header": ["Subject: Kept"]} if arguments.get("content") else {})
        case "quarantine.preview":
            return previewed(str(arguments["id"]))
        case "queue.list" | "quarantine.list" | "shunt.list":
            asked: Any = arguments["filter"]
            found = [row(KEPT, "ours"), row(THEIRS, "theirs", "Theirs alone")]
            wanted = asked.get("virtual_system")
            return {"messages": [one for one in found if wanted in (None, one["virtual_system"])], "after": None}
        case "quarantine.report":
            return {"id": arguments["id"], "taught": arguments["taught"], "outcome": "learnt", "system": "ours"}
        case "policy.install" | "policy.rollback":
            return {"outcome": "installed", "revision": 2, "warnings": []}
        case "report.send" | "mail.test":
            return {"id": show_id(message(7).queue_id)}
        case "cache.list" | "cache.show":
            if len(str(arguments.get("sha256", "a" * 64))) != 64:
                raise ValueError("that is no SHA-256: it has 64 hexadecimal digits")
            pin = {"verdict": "benign", "because": "ours <b>", "until": None} if name == "cache.show" else None
            return {"verdicts": [remembered()], "pin": pin}
        case "cache.purge":
            return {"forgotten": 3}
        case "alert.test" | "alert.directory":
            return {}
        case _:
            ids: Any = arguments["filter"]
            return {"results": [{"id": one, "outcome": "done", "text": "done"} for one in ids["ids"]], "after": None}
