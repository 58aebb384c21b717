"""What is held against a source or a sender before a message is read, and where it is said: as early as it is certain.

At the connection nobody has signed in yet, and nobody has named a recipient. So a source is refused at once only where
it could not sign in here, and where neither a scan-only rule nor an entry of one virtual system could make a difference
for a recipient; else at MAIL, else at RCPT. For a recipient who is only monitored nothing is refused: what would have
been is logged (DECISIONS 17).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mailock.core.mail.address import Address
from mailock.core.policy.installed import Installed
from mailock.core.reputation.entries import Effect
from mailock.core.reputation.register import Ruling
from mailock.core.routing.direction import Placed
from mailock.core.smtp.reply import Reply
from mailock.ports.clock import Clock
from mailock.stations.accept.gate import Client, No

SOURCE_BLOCKED: Final = Reply.of(554, "5.7.1", "Mail from your network is not accepted here")
SENDER_BLOCKED: Final = Reply.of(550, "5.7.1", "Mail from this sender is not accepted here")


class Door:
    """Answers for all sessions of the process."""

    def __init__(self, *, standing: Callable[[], Installed], clock: Clock) -> None:
        self._standing = standing
        self._clock = clock

    def connect(self, client: Client, *, may_sign_in: bool) -> No | None:
        """What is held against a source that cannot be anybody else any more."""
        installed = self._standing()
        if may_sign_in or installed.rulebase.lists.register.is_empty or installed.routes.monitors:
            return None
        return self._source(installed, client, None)

    def mail(self, client: Client, sender: Address | None) -> No | None:
        """What is held against a source or a sender, whoever the recipients are."""
        installed = self._standing()
        if installed.rulebase.lists.register.is_empty or installed.routes.monitors:
            return None
        return self._listed(installed, client, sender, None)

    def recipient(self, client: Client, sender: Address | None, placed: Placed) -> No | None:
        """What is held against them by those who keep this recipient's system."""
        installed = self._standing()
        if installed.rulebase.lists.register.is_empty:
            return None
        no = self._listed(installed, client, sender, placed.virtual_system)
        return no if no is None or placed.rule.forwards else replace(no, enforced=False)

    def _listed(self, installed: Installed, client: Client, sender: Address | None, system: str | None) -> No | None:
        no = None if client.signed_in else self._source(installed, client, system)
        if no is not None or sender is None:
            return no
        lists, separator = installed.rulebase.lists, installed.rulebase.separator
        return _refused(lists.register.sender(sender, self._clock.now(), system, separator), SENDER_BLOCKED)

    def _source(self, installed: Installed, client: Client, system: str | None) -> No | None:
        register = installed.rulebase.lists.register
        return _refused(register.source(client.ip, self._clock.now(), system), SOURCE_BLOCKED)


def _refused(ruling: Ruling | None, reply: Reply) -> No | None:
    return No(reply, ruling.told) if ruling is not None and ruling.effect is Effect.BLOCK else None
