"""What recipients do with what is kept from them. Each command comes with a pass, and does nothing beyond it.

The portal, which asks for it, is not believed: the pass is read here, where its keys are, and a recipient sees and
moves his own part of a message alone. What he may do with a class of quarantine is the policy's word of this moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from msgspec import Struct

from mailock.core.lifecycle.changes import Commit
from mailock.core.lifecycle.copies import Copy, Delivery
from mailock.core.lifecycle.events import Noted
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import read_id, show_id
from mailock.core.mail.signed import Invalid
from mailock.core.notices.digest import Waiting
from mailock.core.notices.passes import Pass, read_pass
from mailock.core.policy.installed import OwnQuarantine, QuarantineSettings
from mailock.operations import quarantine
from mailock.operations.acting import PAGE, Decide, act
from mailock.operations.desk import Desk
from mailock.operations.filtering import Filter, Meant, pending_of, read_arguments, understood
from mailock.operations.links import Links
from mailock.operations.unlocking import LOCKED, Unlocking
from mailock.ports.alerts import Alert
from mailock.ports.commands import Arguments, Command, Refused, Speaker
from mailock.ports.mailboxes import Mailboxes, Wish
from mailock.ports.queue import Item, Selection
from mailock.ports.reexaminer import Reexaminer

NOT_YOURS: Final = "this message is not kept from you (any more)"
UNDER_WAY: Final = "another message of yours is looked at just now: try again in a moment"
LONGEST_PASSWORD: Final = 256
MOST: Final = 500
"""Messages that one page lists."""
_PORTAL: Final = -1
"""No account of the machine: who speaks is a recipient."""


class Opening(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `mailbox.open`."""

    token: str


class Doing(Opening, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `mailbox.act`."""

    id: str
    act: Literal["release", "request", "delete"]


class Unlocked(Opening, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `mailbox.unlock`."""

    id: str
    password: str


class Wishing(Opening, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `mailbox.wish`."""

    wish: Literal["daily", "weekly", "never"]


class MailboxDesk:
    """The commands `mailbox.open`, `.act`, `.unlock` and `.wish`."""

    def __init__(self, desk: Desk, mailboxes: Mailboxes, links: Links, look: Reexaminer) -> None:
        self._desk = desk
        self._mailboxes = mailboxes
        self._links = links
        self._unlocking = Unlocking(desk, look)
        self._looking: set[tuple[str, str]] = set()

    def commands(self) -> dict[str, Command]:
        """For the portal."""
        return {
            "mailbox.open": self._open,
            "mailbox.act": self._act,
            "mailbox.unlock": self._unlock,
            "mailbox.wish": self._wish,
        }

    async def _open(self, arguments: Arguments, speaker: Speaker) -> object:
        mine = self._pass(read_arguments(arguments, Opening).token)
        rules = self._rules
        found = await self._kept(mine)
        _, wish = self._mailboxes.told(mine.system, mine.recipient)
        return {
            "recipient": mine.recipient,
            "until": mine.until,
            "wish": wish.value,
            "digests": bool(rules.digest),
            "more": len(found) > MOST,
            "messages": [self._row(item, copy, mine) for item, copy in found[:MOST]],
        }

    async def _act(self, arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Doing)
        mine = self._pass(given.token)
        meant = self._meant(mine, given.id)
        item, copy = await self._one(mine, meant)
        allowed = self._rules.request if given.act == "request" else self._rules.release
        if copy.quarantine_class not in allowed:
            raise Refused("the policy of this gateway does not let you do that with this message")
        if given.act == "request":
            return await self._request(mine, item)
        if given.act == "release":
            with self._alone(mine):
                await self._unlocking.must_be_harmless(item, mine.recipient)
        ordered = quarantine.Releasing(filter=Filter(ids=[given.id]), reason="its recipient wished it")
        make = quarantine.release if given.act == "release" else quarantine.delete
        await self._carry_out(meant, make(self._desk, meant, ordered, self._speaker(mine)))
        return {"done": given.act}

    async def _unlock(self, arguments: Arguments, speaker: Speaker) -> object:
        """Opens what is locked with the password that its recipient types, and lets it go where it is clean."""
        given = read_arguments(arguments, Unlocked)
        mine = self._pass(given.token)
        meant = self._meant(mine, given.id)
        item, copy = await self._one(mine, meant)
        if copy.quarantine_class != LOCKED or not 0 < len(given.password) <= LONGEST_PASSWORD:
            raise Refused("there is nothing to be opened by this password")
        number = next(one.number for one in pending_of(item, copy) if is_for(one, mine.recipient))
        with self._alone(mine):
            decision = await self._unlocking.opened(item, number, mine.recipient, given.password)
        await self._carry_out(meant, self._unlocking.release(meant, decision, self._speaker(mine)))
        return {"done": "unlock"}

    @contextmanager
    def _alone(self, mine: Pass) -> Iterator[None]:
        """One look at a time for each recipient, so that nobody keeps all others waiting. Raises Refused."""
        key = mine.system, mine.recipient
        if key in self._looking:
            raise Refused(UNDER_WAY)
        self._looking.add(key)
        try:
            yield
        finally:
            self._looking.discard(key)

    async def _carry_out(self, meant: Meant, decide: Decide) -> None:
        """Raises Refused where it could not be done."""
        done = await act(self._desk, meant, quarantine.selections(meant), decide, after=None)
        results = done["results"]
        assert isinstance(results, list)
        outcome = results[0] if results else {"outcome": "absent", "text": NOT_YOURS}
        if outcome["outcome"] != "done":
            raise Refused(f"it could not be done: the message {outcome['text']}")

    async def _wish(self, arguments: Arguments, speaker: Speaker) -> object:
        given = read_arguments(arguments, Wishing)
        mine = self._pass(given.token)
        self._mailboxes.wish(mine.system, mine.recipient, Wish(given.wish))
        return {"wish": given.wish}

    async def _request(self, mine: Pass, item: Item) -> object:
        """Tells administrators, once for each message and recipient."""
        message, now = item.message, self._desk.clock.now()
        if self._mailboxes.requested(message.queue_id, mine.recipient):
            return {"done": "request"}
        name = show_id(message.queue_id)
        noted = Noted(queue_id=message.queue_id, at=now, text=f"Its recipient {mine.recipient} asks for its release")
        await self._desk.queue.commit(Commit(events=(noted,)), keep_lease=True)
        self._mailboxes.request(message.queue_id, mine.recipient, now)
        if self._desk.alerts is not None:
            text = f"{mine.recipient} asks for the release of {name} from quarantine: `mailock quarantine show {name}`"
            self._desk.alerts.tell(Alert(kind="request", about=f"{name} {mine.recipient}", text=text, at=now))
        return {"done": "request"}

    @property
    def _rules(self) -> OwnQuarantine:
        return self._desk.standing().own_quarantine

    def _pass(self, token: str) -> Pass:
        """Raises Refused where it does not hold."""
        found = read_pass(token, self._links.keys(), self._desk.clock.now())
        if isinstance(found, Invalid):
            raise Refused(f"{found.value}. A new one comes with the next digest, or by the first page of this site.")
        return found

    def _speaker(self, mine: Pass) -> Speaker:
        return Speaker(_PORTAL, f"{mine.recipient} (in the portal)")

    def _meant(self, mine: Pass, name: str) -> Meant:
        """One message, for this recipient alone. Raises Refused."""
        try:
            read_id(name)
        except ValueError:
            raise Refused(NOT_YOURS) from None
        chosen = Filter(ids=[name], recipient=mine.recipient, virtual_system=mine.system)
        return understood(chosen, self._desk.clock.now())

    async def _one(self, mine: Pass, meant: Meant) -> tuple[Item, Copy]:
        found = [
            (item, copy)
            for item in await self._desk.queue.find(meant.selection, limit=1)
            for copy in kept_copies(item, mine.system, mine.recipient, self._rules.shown)
        ]
        if len(found) != 1:
            raise Refused(NOT_YOURS)
        return found[0]

    async def _kept(self, mine: Pass) -> list[tuple[Item, Copy]]:
        """What is kept from somebody, newest first, and one more than a page lists where there are more."""
        selection = Selection(
            recipient=mine.recipient,
            virtual_system=mine.system,
            message_stages=(MessageStage.JUDGED,),
            copy_stages=(CopyStage.QUARANTINED,),
        )
        found: list[tuple[Item, Copy]] = []
        after = None
        while True:
            items = await self._desk.queue.find(selection, limit=PAGE, after=after)
            for item in items:
                found += [(item, one) for one in kept_copies(item, mine.system, mine.recipient, self._rules.shown)]
            # The newest come last.
            del found[: -MOST - 1]
            if len(items) < PAGE:
                return found[::-1]
            after = items[-1].message.queue_id

    def _row(self, item: Item, copy: Copy, mine: Pass) -> dict[str, object]:
        one = waiting_of(item, copy, self._rules, self._desk.standing().quarantine)
        return {
            "id": one.name,
            "from": one.sender,
            "subject": one.subject,
            "since": one.since,
            "expires": one.expires,
            "class": one.quarantine_class,
            "why": one.why,
            "size": item.message.body.size,
            "may": "release" if one.releasable else "request",
            "locked": one.quarantine_class == LOCKED,
            "asked": self._mailboxes.requested(item.message.queue_id, mine.recipient),
        }


def kept_copies(item: Item, system: str, recipient: str, classes: frozenset[str]) -> list[Copy]:
    """The copies of a message that are kept from somebody, of some classes. What he sent himself is not his to see."""
    if item.message.virtual_system != system:
        return []
    return [
        copy
        for copy in item.copies
        if copy.stage is CopyStage.QUARANTINED
        and copy.quarantine_class in classes
        and any(is_for(one, recipient) for one in pending_of(item, copy))
    ]


def is_for(delivery: Delivery, recipient: str) -> bool:
    """Whether a delivery is somebody's who gets mail here."""
    address = str(delivery.recipient.address).lower()
    return delivery.recipient.direction is not Direction.OUTGOING and address == recipient.lower()


def waiting_of(item: Item, copy: Copy, rules: OwnQuarantine, settings: QuarantineSettings) -> Waiting:
    """A copy as digests and pages tell of it."""
    message = item.message
    since = copy.quarantined_at or message.accepted_at
    quarantine_class = copy.quarantine_class or ""
    return Waiting(
        name=show_id(message.queue_id),
        untrusted_from=message.glimpse.from_,
        untrusted_subject=message.glimpse.subject,
        since=since,
        expires=since + settings.kept(message.virtual_system, quarantine_class),
        quarantine_class=quarantine_class,
        releasable=quarantine_class in rules.release,
    )
