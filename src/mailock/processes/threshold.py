"""What is known of a source and a sender before a message is read, put together for the process."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from mailock.config.looking import wants_anti_spam
from mailock.config.model import Policy
from mailock.config.reputation import compile_reputation
from mailock.core.policy.case import Case
from mailock.core.policy.decide import Judgement
from mailock.core.reputation.dns_lists import DnsList, is_stranger
from mailock.core.reputation.history import counted, network_of, told
from mailock.core.reputation.manners import Sign
from mailock.core.verdict.verdict import MailClass, Threat
from mailock.engines.reputation.engine import ReputationEngine
from mailock.engines.reputation.lists import DnsLists
from mailock.engines.reputation.senders import KIND, SenderHistory, sender_of
from mailock.engines.reputation.watched import WatchedList
from mailock.operations.lists import ListDesk
from mailock.ports.clock import Clock
from mailock.ports.commands import Command
from mailock.ports.engine import Concluding, Online
from mailock.ports.reputation import Listings, Remembrance
from mailock.ports.resolver import Resolver
from mailock.processes.corresponding import concluding, learn_correspondents
from mailock.processes.standing import Standing
from mailock.stations.accept.door import Door
from mailock.stations.accept.sources import Sources
from mailock.storage.correspondents import FileCorrespondents
from mailock.storage.entries import FileJournal
from mailock.storage.remembrance import KeptRemembrance

_PAST = frozenset({"reputation.history", KIND})
"""The kinds of findings that history weighs."""


class Threshold:
    """The door, and what it asks and remembers."""

    def __init__(self, data: Path, clock: Clock, standing: Standing, resolver: Resolver) -> None:
        self._clock = clock
        self._standing = standing
        self._resolver = resolver
        self.listings = DnsLists(resolver, clock)
        self._watched: dict[DnsList, WatchedList] = {}
        self._remembrance = KeptRemembrance(data)
        self._correspondents = FileCorrespondents(data)
        self.sources = Sources(clock)
        self.lists = ListDesk(
            FileJournal(data), clock, standing=standing, told=standing.set_lists, known=self._known_of
        )
        self.door = Door(
            standing=standing,
            clock=clock,
            listings=self.listings,
            remembrance=self._remembrance,
            sources=self.sources,
        )

    async def start(self) -> None:
        """Reads what it knew before. Raises OSError."""
        await asyncio.to_thread(self._remembrance.load)
        self._correspondents.open()
        await self.lists.load()

    async def run(self) -> None:
        """Writes down what it remembers, now and then."""
        await asyncio.gather(self._remembrance.run(), self._correspondents.run())

    async def close(self) -> None:
        """Writes it down for the next start."""
        await self._remembrance.save()
        await self._correspondents.close()

    @property
    def watched(self) -> Sequence[WatchedList]:
        """The lists of the DNS that the standing policy asks, each with what is known of it."""
        known = self._watched
        self._watched = {
            one: known.get(one) or WatchedList(one, self._resolver, self._clock)
            for one in self._standing().reputation.lists
        }
        return tuple(self._watched.values())

    def engines(self, policy: Policy) -> tuple[Online, ...]:
        """The engine that weighs what is known, where anti-spam is on for anybody and anything is asked."""
        return _engines(policy, self.listings, self._remembrance, self.door.signs, self._clock)

    def concluding(self, policy: Policy) -> tuple[Concluding, ...]:
        """The engines that know with whom people correspond, and what a proven author sent before."""
        known = concluding(policy, self._correspondents, self._clock)
        if not wants_anti_spam(policy) or not policy.reputation.history:
            return known
        return (*known, SenderHistory(self._remembrance, self._clock))

    def learn(self, case: Case, judgement: Judgement) -> None:
        """Learns from what was judged."""
        if self._standing().remembers:
            learn_correspondents(self._correspondents, case, judgement)
        self._count(case, judgement)

    def _count(self, case: Case, judgement: Judgement) -> None:
        """Counts a message for the history of its network, and of its author where he is proven: what history itself
        weighed does not count again.
        """
        origin, verdict = case.message.origin, judgement.verdict
        if not self._standing().reputation.history or origin.internal or not is_stranger(origin.ip):
            return
        network = network_of(origin.ip)
        weighed = sum(one.weight for one in case.examination.findings if one.kind in _PAST)
        score, thresholds = verdict.score - weighed, self._standing().rulebase.default.anti_spam.thresholds
        is_bad = verdict.threat is Threat.MALICIOUS or verdict.mail_class is MailClass.PHISHING
        is_bad = is_bad or score >= thresholds.spam
        is_good = verdict.threat in (Threat.BENIGN, Threat.UNKNOWN) and score < thresholds.suspected
        if not (is_bad or is_good):
            return
        senders = {sender_of(str(author)) for author in case.authenticated[:1]}
        for source in (*senders, *((network,) if network is not None else ())):
            record = counted(self._remembrance.record(source), self._clock.now(), bad=is_bad)
            self._remembrance.keep_record(source, record)

    async def _known_of(self, ip: str) -> Sequence[str]:
        """What DNS lists and history say of a source, in sentences."""
        rules, network, now = self._standing().reputation, network_of(ip), self._clock.now()
        if not is_stranger(ip) or network is None:
            return (f"{ip} is an address that is nobody's on the Internet, so nothing else is asked of it",)
        repute = await self.listings.source(rules.source_lists, ip)
        sentences = [f"{one.told}, which weighs {one.weight:g}" for one in repute.listings]
        sentences += repute.failed
        if rules.source_lists and repute.score >= rules.refuse_from:
            sentences.append(
                f"together that is {repute.score:g}, and from {rules.refuse_from:g} on a source is refused"
            )
        record = self._remembrance.record(network)
        return (*sentences, told(record, network, now)) if record is not None else sentences

    def commands(self) -> dict[str, Command]:
        """What people may ask of it."""
        return self.lists.commands()


def asked_anew(policy: Policy, resolver: Resolver, clock: Clock) -> tuple[Online, ...]:
    """The same engine where nobody was met at a door, as for a message in a file: it asks, and remembers nothing."""
    return _engines(policy, DnsLists(resolver, clock), KeptRemembrance(Path()), lambda session: frozenset(), clock)


def _engines(
    policy: Policy,
    listings: Listings,
    remembrance: Remembrance,
    signs: Callable[[str], frozenset[Sign]],
    clock: Clock,
) -> tuple[Online, ...]:
    rules = compile_reputation(policy.reputation)
    if rules.is_idle or not wants_anti_spam(policy):
        return ()
    return (ReputationEngine(rules, listings=listings, remembrance=remembrance, signs=signs, clock=clock),)
