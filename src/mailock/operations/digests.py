"""Digests, each at its time: who has something new in quarantine is told what waits for him.

The times are the policy's; somebody may wish to be told once a week, or never. What was sent is noted after it is in
the queue, so after a crash somebody may be told twice, and nobody is left out. A time that passed while the gateway was
down is made up for once.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mailock.core.lifecycle.changes import Entry
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import OwnMail, QueueId
from mailock.core.notices.compose import Letterhead, Written
from mailock.core.notices.digest import LISTED, Waiting, write_digest
from mailock.core.notices.schedule import passed
from mailock.operations.acting import PAGE
from mailock.operations.desk import Desk
from mailock.operations.filtering import pending_of
from mailock.operations.links import Links
from mailock.operations.mailbox import waiting_of
from mailock.ports.commands import Arguments, Command, Refused, Speaker
from mailock.ports.mailboxes import Mailboxes, Wish
from mailock.ports.queue import Item, Selection, StoreFailed

EVERY: Final = 20.0
"""Seconds between two looks at the clock."""
A_WEEK: Final = 6.5 * 86_400
REQUESTS_KEPT: Final = 366 * 86_400.0
AGAIN: Final = 900.0
"""Seconds until somebody who asks for a link gets another one."""
LATEST: Final = 1_000
"""Addresses that are remembered for it; with more, nobody gets any until some of them have waited."""
Send = Callable[[Entry], Awaitable[None]]
"""Takes custody of a mail of ours. Raises StoreFailed."""
Write = Callable[[Written, Sequence[Address], str, str], Entry]
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Mailbox:
    """What waits for one recipient."""

    address: Address
    waiting: list[Waiting] = field(default_factory=list)
    count: int = 0
    newest: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """How our mail is written and sent."""

    letterhead: Callable[[], Letterhead]
    write: Write
    send: Send


class Digests:
    """The task, and the commands `digest.send` (for administrators) and `mailbox.link` (for the portal)."""

    def __init__(self, desk: Desk, mailboxes: Mailboxes, links: Links, post: Post) -> None:
        self._desk = desk
        self._mailboxes = mailboxes
        self._links = links
        self._post = post
        self._linked: dict[str, float] = {}
        self._sending: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Sends digests until cancelled."""
        while True:
            try:
                await self.look()
            except (OSError, StoreFailed) as fault:
                # The disk is in trouble, of which others tell; the next look makes up for it.
                log.error("digests could not be sent: %s", fault)
            await asyncio.sleep(EVERY)

    async def look(self) -> int:
        """Sends what is due; the number of digests. Raises OSError, StoreFailed."""
        now, times = self._desk.clock.now(), self._desk.standing().own_quarantine.digest
        before = self._mailboxes.looked()
        due = before is not None and passed(times, before, now, _offset)
        sent = await self.send() if due else 0
        if due:
            log.info("%d digests were sent", sent)
            self._mailboxes.forget(now - REQUESTS_KEPT)
        self._mailboxes.look(now)
        return sent

    async def send(self) -> int:
        """Tells everybody who has something new, and wants to be told; the number of digests.

        Raises OSError, StoreFailed.
        """
        if self._desk.standing().routes.monitor_only:
            return 0
        sent, began = 0, self._desk.clock.now()
        for (system, _), mailbox in (await self._gathered()).items():
            told, wish = self._mailboxes.told(system, str(mailbox.address))
            rests = wish is Wish.NEVER or (wish is Wish.WEEKLY and began - told < A_WEEK)
            if mailbox.newest > told and not rests:
                sent += await self._told(system, mailbox, began)
        return sent

    async def _told(self, system: str, mailbox: _Mailbox, began: float) -> bool:
        """Whether a digest was sent. One that breaks keeps nobody else from his. Raises OSError, StoreFailed."""
        try:
            await self._tell(system, mailbox, began)
        except (OSError, StoreFailed):
            raise
        except Exception:
            log.exception("the digest of one recipient broke; the others get theirs")
            return False
        return True

    def commands(self) -> dict[str, Command]:
        """For administrators."""

        async def now(arguments: Arguments, speaker: Speaker) -> object:
            try:
                return {"sent": await self.send()}
            except (OSError, StoreFailed) as fault:
                raise Refused(f"not every digest was sent: {fault}") from None

        return {"digest.send": now}

    async def link(self, arguments: Arguments, speaker: Speaker) -> object:
        """Sends somebody a link to his quarantine, whom it shows what waits there; who asks learns nothing of it."""
        asked, now = str(arguments.get("address", "")).strip().lower(), self._desk.clock.now()
        self._linked = {one: at for one, at in self._linked.items() if now - at < AGAIN}
        if asked in self._linked or len(self._linked) >= LATEST or len(asked) > 320:
            return {}
        self._linked[asked] = now
        if not self._desk.standing().routes.monitor_only:
            # In its own time: how long the answer takes must not tell whether there is anything.
            task = asyncio.create_task(self._send_link(asked, now))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return {}

    async def _send_link(self, asked: str, now: float) -> None:
        try:
            for (system, address), mailbox in (await self._gathered(asked)).items():
                if address == asked:
                    await self._tell(system, mailbox, now)
        except (OSError, StoreFailed) as fault:
            log.error("a link that somebody asked for could not be sent: %s", fault)

    async def _tell(self, system: str, mailbox: _Mailbox, began: float) -> None:
        until = began + self._desk.standing().own_quarantine.lifetime
        written = write_digest(
            self._post.letterhead(),
            to=mailbox.address,
            waiting=mailbox.waiting[::-1],
            more=mailbox.count - len(mailbox.waiting),
            page=self._links.quarantine(system, str(mailbox.address), until),
            until=until,
        )
        await self._post.send(self._post.write(written, (mailbox.address,), OwnMail.DIGEST, system))
        self._mailboxes.tell(system, str(mailbox.address), began)

    async def _gathered(self, only: str | None = None) -> Mapping[tuple[str, str], _Mailbox]:
        """What waits for whom, by virtual system and address in lower case."""
        found: dict[tuple[str, str], _Mailbox] = {}
        selection = Selection(
            recipient=only, message_stages=(MessageStage.JUDGED,), copy_stages=(CopyStage.QUARANTINED,)
        )
        after: QueueId | None = None
        while True:
            items = await self._desk.queue.find(selection, limit=PAGE, after=after)
            for item in items:
                self._gather(item, found)
            if len(items) < PAGE:
                return found
            after = items[-1].message.queue_id

    def _gather(self, item: Item, found: dict[tuple[str, str], _Mailbox]) -> None:
        standing, system = self._desk.standing(), item.message.virtual_system
        rules = standing.own_quarantine
        for copy in item.copies:
            if copy.stage is not CopyStage.QUARANTINED or copy.quarantine_class not in rules.shown:
                continue
            waiting = waiting_of(item, copy, rules, standing.quarantine)
            for delivery in pending_of(item, copy):
                address = delivery.recipient.address
                if delivery.recipient.direction is Direction.OUTGOING:
                    continue
                mailbox = found.setdefault((system, str(address).lower()), _Mailbox(address))
                mailbox.count += 1
                mailbox.newest = max(mailbox.newest, waiting.since)
                mailbox.waiting.append(waiting)
                # The newest are listed: they come last.
                del mailbox.waiting[:-LISTED]


def _offset(at: float) -> float:
    """Seconds that local time is ahead of UTC then."""
    return float(time.localtime(at).tm_gmtoff)
