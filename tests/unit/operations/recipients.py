"""The user side over the queue in memory: passes, what is kept, and what looking again comes to."""

from dataclasses import replace

from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.message import Message, OwnMail, show_id
from mailock.core.mail.signed import Key
from mailock.core.notices.passes import Pass, write_pass
from mailock.core.policy.decide import Judgement
from mailock.core.policy.decision import Decision
from mailock.core.policy.installed import OwnQuarantine
from mailock.core.rewriting.edits import Edit
from mailock.core.verdict.verdict import Threat
from mailock.core.verdict.weigh import weigh
from mailock.operations.digests import Digests, Post
from mailock.operations.links import Links
from mailock.operations.mailbox import MailboxDesk
from mailock.ports.commands import Speaker
from mailock.ports.queue import Selection
from mailock.ports.reexaminer import CannotExamine
from mailock.processes.posting import Posting
from mailock.stations.turn.postmaster import Postmaster
from mailock.storage.memory.mailboxes import MemoryMailboxes
from tests.parts.evidence import found as examined_found
from tests.unit.operations.hands import INSTALLED, Office

KEY = Key("k1", b"k" * 32)
LINKS = Links(url="https://mail.example.test", keys=lambda: [KEY])
PORTAL = Speaker(-1, "the portal")
RULES = OwnQuarantine(release=frozenset({"spam"}), request=frozenset({"policy", "encrypted"}), digest=(0,))
NOTHING_FOUND = weigh(examined_found(), {})
QUARANTINED, READY, PLANNED = CopyStage.QUARANTINED, CopyStage.READY, CopyStage.PLANNED


def judged(
    threat: Threat,
    disposition: Disposition = Disposition.DELIVER,
    kind: str | None = None,
    *,
    recipients: int = 1,
    edits: tuple[Edit, ...] = (),
) -> Judgement:
    """A judgement that is the same for everybody."""
    verdict = replace(NOTHING_FOUND, threat=threat)
    decisions = tuple(
        Decision(
            recipient=number,
            disposition=disposition,
            rule="mta",
            because=("a sentence",),
            quarantine_class=kind,
            edits=edits,
        )
        for number in range(recipients)
    )
    return Judgement(verdict=verdict, decisions=decisions)


class Side:
    """The user side over an office."""

    def __init__(self, office: Office) -> None:
        office.installed = replace(INSTALLED, own_quarantine=RULES)
        self.office = office
        self.mailboxes = MemoryMailboxes()
        self.looked: list[tuple[str, ...]] = []
        self.found: Judgement | CannotExamine | None = None
        self.desk = MailboxDesk(office.desk, self.mailboxes, LINKS, self.look)
        notices = office.desk.notices
        assert isinstance(notices, Postmaster)
        self.post: Post = Posting(notices, office.queue, lambda entries: None).of_digests
        self.digests = Digests(office.desk, self.mailboxes, LINKS, self.post)

    async def look(self, message: Message, passwords: tuple[str, ...] = ()) -> Judgement | None:
        """What looking again comes to."""
        self.looked.append(passwords)
        if isinstance(self.found, CannotExamine):
            raise self.found
        return self.found

    async def kept(self, number: int = 1, *, recipients: int = 1, kind: str = "spam") -> Message:
        """A message in quarantine."""
        since = self.office.clock.now() - 1
        return await self.office.ready(
            number, recipients=recipients, stage=QUARANTINED, quarantine_class=kind, since=since
        )

    def token(self, who: str = "user0@dest.test", *, system: str = "default", seconds: float = 60) -> str:
        """A pass."""
        until = int(self.office.clock.now() + seconds)
        return write_pass(Pass(system=system, recipient=who, until=until), [KEY])

    async def opened(self, token_: str) -> list[str]:
        """The ids that a pass shows."""
        found = await self.desk.commands()["mailbox.open"]({"token": token_}, PORTAL)
        assert isinstance(found, dict)
        return [one["id"] for one in found["messages"]]

    async def act(self, given: Message, what: str, token_: str | None = None) -> object:
        """An act."""
        arguments = {"token": token_ or self.token(), "id": show_id(given.queue_id), "act": what}
        return await self.desk.commands()["mailbox.act"](arguments, PORTAL)

    async def unlock(self, given: Message, password: str = "secret", who: str = "user0@dest.test") -> object:
        """A password for what is locked."""
        arguments = {"token": self.token(who), "id": show_id(given.queue_id), "password": password}
        return await self.desk.commands()["mailbox.unlock"](arguments, PORTAL)

    async def letters(self) -> list[Message]:
        """The digests in the queue, oldest first."""
        items = await self.office.queue.find(Selection(), limit=100)
        return [item.message for item in items if item.message.own == OwnMail.DIGEST]
