"""The user side of mailflow: digests, what recipients may order, and the links of both; a participant of installs."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from mailock.config.model import Policy
from mailock.config.portal import Portal
from mailock.core.mail.message import QueueId
from mailock.core.policy.installed import Installed
from mailock.core.rewriting.edits import GuardLink, ReplaceLink
from mailock.operations.clicking import ClickDesk, LookUp
from mailock.operations.desk import Desk
from mailock.operations.digests import Digests, Post
from mailock.operations.links import Links
from mailock.operations.mailbox import MailboxDesk
from mailock.ports.clock import Clock
from mailock.ports.commands import Command
from mailock.ports.reexaminer import Reexaminer
from mailock.processes.hatch import Hatch
from mailock.storage.linkkeys import LinkKeys
from mailock.storage.mailboxes import MailboxFile

KEYS_EVERY: Final = 3600.0
log = logging.getLogger(__name__)


class UserSide:
    """Made by the gateway. Without a portal it does nothing, and refuses policies that need one."""

    name = "the portal"

    def __init__(self, data: Path, portal: Portal, clock: Clock, standing: Callable[[], Installed]) -> None:
        self._data = data
        self._clock = clock
        self._standing = standing
        self._keys = LinkKeys(data)
        self._mailboxes = MailboxFile(data)
        self._links = Links(url=portal.url, keys=lambda: self._keys.keys) if portal.enabled and portal.url else None
        self._digests: Digests | None = None
        self._hatch: Hatch | None = None
        self._is_started = False

    async def prepare(self, policy: Policy) -> None:
        """Raises ValueError where links would lead nowhere. At a start that is a warning: mail does not wait for a
        portal.
        """
        wants = "[click_time] needs" if policy.click_time.enabled else "digests need"
        if self._links is None and (policy.click_time.enabled or policy.quarantine.recipients.digest.enabled):
            sentence = f"{wants} the portal: set [portal] enabled = true with its url, and start again"
            if self._is_started:
                raise ValueError(sentence)
            log.warning("%s; until then no link is rewritten and no digest sent", sentence)

    async def switch(self, revision: int) -> None:
        """What it needs of a policy it asks for when it needs it."""

    async def undo(self) -> None:
        """As it was."""

    def guard(self, link: GuardLink, system: str) -> ReplaceLink | None:
        """A link that asks us first; None where there is no portal any more: it leads where it led."""
        guarding = self._standing().rulebase.guarding
        if self._links is None or guarding is None:
            return None
        return self._links.guarded(link, system, self._clock.now() + guarding.lifetime)

    def asked(self, queue_id: QueueId) -> Sequence[str]:
        """Which recipients asked for a message."""
        return self._mailboxes.requesters(queue_id) if self._hatch is not None else ()

    async def start(self, desk: Desk, post: Post, look_up: LookUp, look_again: Reexaminer) -> None:
        """Opens what it keeps, and the way in for the portal. Raises OSError, ValueError, apsw.Error."""
        self._is_started = True
        if self._links is None:
            return
        await asyncio.to_thread(self._keys.load, self._clock.now())
        self._mailboxes.open()
        self._digests = Digests(desk, self._mailboxes, self._links, post)
        clicks = ClickDesk(lambda: self._keys.keys, self._standing, look_up, self._clock)
        mailboxes = MailboxDesk(desk, self._mailboxes, self._links, look_again)
        commands = {**clicks.commands(), **mailboxes.commands(), "mailbox.link": self._digests.link}
        self._hatch = Hatch(self._data, commands)
        await self._hatch.start()

    def commands(self) -> dict[str, Command]:
        """For administrators."""
        return self._digests.commands() if self._digests is not None else {}

    async def run(self) -> None:
        """Sends digests, and renews keys, until cancelled."""
        if self._digests is None:
            return
        await asyncio.gather(self._digests.run(), self._renew())

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(KEYS_EVERY)
            await asyncio.to_thread(self._keys.renew, self._clock.now())

    async def close(self) -> None:
        """Shuts the way in."""
        if self._hatch is not None:
            await self._hatch.stop()
        self._mailboxes.close()
