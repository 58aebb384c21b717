"""What is held against a source or a sender before a message is read, and where it is said: as early as it is certain.

At the connection nobody has signed in yet, and nobody has named a recipient. So a source that somebody blocked is
refused at once only where it could not sign in here, and where neither a scan-only rule nor an entry of one virtual
system could make a difference for a recipient; else at MAIL, else at RCPT. What the DNS lists say is asked when a
stranger connects and waited for at MAIL, for a moment; a list that says nothing in time refuses nobody. For a recipient
who is only monitored nothing is refused: what would have been is logged (DECISIONS 17).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from mailock.core.mail.address import Address
from mailock.core.policy.installed import Installed
from mailock.core.reputation import greylist
from mailock.core.reputation.dns_lists import is_stranger
from mailock.core.reputation.entries import Effect
from mailock.core.reputation.greylist import Grey, Seen
from mailock.core.reputation.history import is_known_good, network_of
from mailock.core.reputation.manners import SIGNS, Sign, of_attack, of_hello
from mailock.core.reputation.register import Ruling
from mailock.core.routing.direction import Placed
from mailock.core.smtp.effects import Attack
from mailock.core.smtp.reply import Reply
from mailock.ports.clock import Clock
from mailock.ports.reputation import Listings, Remembrance
from mailock.stations.accept.gate import Client, No
from mailock.stations.accept.sources import Sources, source_of
from mailock.stations.accept.visit import Visit

SOURCE_BLOCKED: Final = Reply.of(554, "5.7.1", "Mail from your network is not accepted here")
SENDER_BLOCKED: Final = Reply.of(550, "5.7.1", "Mail from this sender is not accepted here")
LISTED: Final = Reply.of(554, "5.7.1", "Your address is on lists of sources of unwanted mail")
EARLY: Final = Reply.of(554, "5.5.1", "You spoke before you were greeted")
SLOWER: Final = Reply.of(450, "4.7.1", "Your network is being slowed down, try again later")
FEWER: Final = Reply.of(421, "4.7.0", "Too many connections from your network, try again later")
FEWER_RECIPIENTS: Final = Reply.of(452, "4.5.3", "Too many recipients for your network, send the rest later")
GREYLISTED: Final = Reply.of(450, "4.7.1", "Greylisted, try again in a few minutes")
SIGNED: Final = 10_000
"""Sessions whose bad manners are remembered until their mail is examined."""


class Door:
    """Answers for all sessions of the process."""

    def __init__(
        self,
        *,
        standing: Callable[[], Installed],
        clock: Clock,
        listings: Listings,
        remembrance: Remembrance,
        sources: Sources,
    ) -> None:
        self._standing = standing
        self._clock = clock
        self._listings = listings
        self._remembrance = remembrance
        self._sources = sources
        self._signed: OrderedDict[str, frozenset[Sign]] = OrderedDict()

    def connect(self, client: Client, *, may_sign_in: bool) -> No | None:
        """What is held against a source that cannot be anybody else any more."""
        installed = self._standing()
        if may_sign_in or installed.rulebase.lists.register.is_empty or installed.routes.monitors:
            return None
        return self._source(installed, client, None)

    def meet(self, client: Client, session: str) -> Visit | None:
        """Takes note of a stranger, and has the lists asked; None for whom nothing is asked about."""
        installed = self._standing()
        rules = installed.reputation
        # Where everybody has to sign in nobody stays a stranger until MAIL, and a person waits for his mail program.
        if rules.is_idle or client.internal or client.must_authenticate or not is_stranger(client.ip):
            return None
        network = network_of(client.ip)
        ruling = installed.rulebase.lists.register.source(client.ip, self._clock.now())
        if network is None or (ruling is not None and ruling.effect is Effect.ALLOW):
            return None
        visit = Visit(
            session=session,
            ip=client.ip,
            network=network,
            since=self._clock.steady(),
            record=self._remembrance.record(network) if rules.history else None,
        )
        visit.asking = tuple(
            asyncio.ensure_future(self._listings.source((one,), client.ip)) for one in rules.source_lists
        )
        return visit

    def delay(self, visit: Visit | None) -> float:
        """How long a stranger waits for its greeting, in seconds."""
        return 0.0 if visit is None else visit.delay(self._standing().reputation, self._clock.now())

    def spoke_early(self, visit: Visit) -> No | None:
        """A client spoke before its greeting."""
        self._sign(visit, Sign.EARLY_TALKER)
        installed = self._standing()
        if not installed.reputation.refuse_early_talkers or Sign.EARLY_TALKER in installed.reputation.ignored:
            return None
        return No(EARLY, SIGNS[Sign.EARLY_TALKER].text, enforced=not installed.routes.monitors)

    def hello(self, visit: Visit | None, untrusted_name: str) -> None:
        """A client gave its name."""
        sign = None if visit is None else of_hello(untrusted_name, self._standing().hostname)
        if visit is not None and sign is not None:
            self._sign(visit, sign)

    def attacked(self, visit: Visit | None, attack: Attack) -> None:
        """A client did what no honest one does."""
        if visit is not None:
            self._sign(visit, of_attack(attack))

    def signs(self, session: str) -> frozenset[Sign]:
        """The bad manners of a session, for a while after it."""
        return self._signed.get(session, frozenset())

    def mail(self, visit: Visit | None, client: Client, sender: Address | None) -> No | Awaitable[No | None] | None:
        """What is held against a source or a sender, whoever the recipients are. Lists may have to be waited for."""
        installed = self._standing()
        if not installed.rulebase.lists.register.is_empty and not installed.routes.monitors:
            no = self._listed(installed, client, sender, None)
            if no is not None:
                return no
        if visit is None or client.internal:
            return None
        return self._after_lists(visit) if visit.is_waiting else self._weighed(visit)

    async def _after_lists(self, visit: Visit) -> No | None:
        left = visit.since + self._standing().reputation.patience - self._clock.steady()
        if left > 0:
            await asyncio.wait(visit.asking, timeout=left)
        return self._weighed(visit)

    def _weighed(self, visit: Visit) -> No | None:
        installed = self._standing()
        enforced, rules = not installed.routes.monitors, installed.reputation
        if enforced and visit.repute.score >= rules.refuse_from:
            return No(LISTED, visit.repute.told)
        why = visit.suspicion(rules, self._clock.now()) if rules.shaping.enabled else ""
        if not why:
            return None
        source = source_of(visit.ip)
        if self._sources.open(source) > rules.shaping.connections:
            return No(FEWER, f"more than {rules.shaping.connections} connections at once, and {why}", enforced)
        if not self._sources.suspicious.take(source, rules.shaping.messages):
            return No(SLOWER, f"more than {rules.shaping.messages.amount} messages a minute, and {why}", enforced)
        return None

    def recipient(
        self, visit: Visit | None, client: Client, sender: Address | None, placed: Placed | No, taken: int
    ) -> No | None:
        """What is held against them for this recipient, after so many were taken; what the gate refused stays so."""
        if isinstance(placed, No):
            return placed
        installed = self._standing()
        no = None
        if not installed.rulebase.lists.register.is_empty:
            no = self._listed(installed, client, sender, placed.virtual_system)
        if no is None and visit is not None and not client.internal:
            no = self._for_recipient(installed, visit, sender, placed, taken)
        return no if no is None or placed.rule.forwards else replace(no, enforced=False)

    def _for_recipient(
        self, installed: Installed, visit: Visit, sender: Address | None, placed: Placed, taken: int
    ) -> No | None:
        rules, now = installed.reputation, self._clock.now()
        if visit.repute.score >= rules.refuse_from:
            return No(LISTED, visit.repute.told)
        if rules.shaping.enabled and taken >= rules.shaping.recipients:
            why = visit.suspicion(rules, now)
            if why:
                return No(FEWER_RECIPIENTS, f"more than {rules.shaping.recipients} recipients, and {why}")
        if rules.greylisting.enabled and visit.repute.score >= 0 and not is_known_good(visit.record, now):
            return self._greylisted(rules.greylisting, visit, sender, placed)
        return None

    def _greylisted(
        self, rules: greylist.Greylisting, visit: Visit, sender: Address | None, placed: Placed
    ) -> No | None:
        now, known = self._clock.now(), self._remembrance.seen(visit.network)
        if greylist.is_known(known, now):
            self._remembrance.keep_seen(visit.network, Seen(now))
            return None
        key = greylist.triplet(visit.network, "" if sender is None else str(sender), str(placed.address))
        seen = self._remembrance.seen(key)
        if greylist.judge(rules, seen, now) is Grey.PASS:
            self._remembrance.keep_seen(visit.network, Seen(now))
            return None
        if greylist.begins_anew(rules, seen, now):
            self._remembrance.keep_seen(key, Seen(now))
        return No(GREYLISTED, f"greylisted: the first try of {visit.network} for this sender and recipient")

    def _listed(self, installed: Installed, client: Client, sender: Address | None, system: str | None) -> No | None:
        no = None if client.signed_in else self._source(installed, client, system)
        if no is not None or sender is None:
            return no
        lists, separator = installed.rulebase.lists, installed.rulebase.separator
        return _refused(lists.register.sender(sender, self._clock.now(), system, separator), SENDER_BLOCKED)

    def _source(self, installed: Installed, client: Client, system: str | None) -> No | None:
        register = installed.rulebase.lists.register
        return _refused(register.source(client.ip, self._clock.now(), system), SOURCE_BLOCKED)

    def _sign(self, visit: Visit, sign: Sign) -> None:
        if sign in self._standing().reputation.ignored:
            return
        visit.signs.add(sign)
        self._signed.pop(visit.session, None)
        self._signed[visit.session] = frozenset(visit.signs)
        while len(self._signed) > SIGNED:
            self._signed.popitem(last=False)


def _refused(ruling: Ruling | None, reply: Reply) -> No | None:
    return No(reply, ruling.told) if ruling is not None and ruling.effect is Effect.BLOCK else None
