"""`reputation`: what the DNS, our own history and a client's manners say of who sent a message.

It asks about outside sources only, and what it finds moves the class of mail, never danger. The door has asked the same
lists already, so most answers are remembered.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.finding import Confidence, Fact, FactKind, Finding, Severity
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.message import Message
from mailock.core.mail.shown import cleaned
from mailock.core.reputation import history
from mailock.core.reputation.dns_lists import Repute, is_stranger
from mailock.core.reputation.manners import SIGNS, Sign
from mailock.core.reputation.rules import Reputation
from mailock.core.smtp.domain import read_domain
from mailock.engines.suffixes import load, site
from mailock.ports.clock import Clock
from mailock.ports.reputation import Listings, Remembrance

NAME: Final = "reputation"
DOMAINS: Final = 20
"""Domains of one message that lists are asked about."""
SECONDS: Final = 12.0
KINDS: Final = {
    "reputation.listed": "A list in the DNS has the source on it.",
    "reputation.vouched": "A list in the DNS vouches for the source.",
    "reputation.domain": "A list in the DNS has a domain on it: of the sender, of the client's name, or of a link.",
    "reputation.history": "What the source sent us lately was mostly wanted, or mostly not.",
    "reputation.manners": "The client did what no honest server does.",
}
MANIFEST: Final = Manifest(
    name=NAME,
    version="1",
    where=Where.ONLINE,
    scope=Scope.MESSAGE,
    duty=Duty.SPAM,
    seconds=SECONDS,
    kinds=KINDS,
)


class ReputationEngine:
    """Implements `ports.engine.Online`. `signs` gives the manners of a session, by its id."""

    def __init__(
        self,
        rules: Reputation,
        *,
        listings: Listings,
        remembrance: Remembrance,
        signs: Callable[[str], frozenset[Sign]],
        clock: Clock,
    ) -> None:
        self._rules = rules
        self._listings = listings
        self._remembrance = remembrance
        self._signs = signs
        self._clock = clock
        if rules.domain_lists:
            load()

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        return MANIFEST

    async def ask(self, message: Message, facts: Sequence[Fact]) -> Sequence[Finding]:
        """What is known of the sender. Raises Unfinished, with what was found, where a list did not answer."""
        origin = message.origin
        if origin.internal or not is_stranger(origin.ip):
            return ()
        rules = self._rules
        source = await self._listings.source(rules.source_lists, origin.ip)
        named = _domains(message, facts) if rules.domain_lists else ()
        domains = await self._listings.domains(rules.domain_lists, named)
        found = (*_listed(source), *_domain_listed(domains), *self._remembered(message), *self._manners(message))
        failed = (*source.failed, *domains.failed)
        if failed:
            raise Unfinished(Why.UNREACHABLE, "; ".join(failed)[:300], found)
        return found

    def _remembered(self, message: Message) -> Iterator[Finding]:
        network, now = history.network_of(message.origin.ip), self._clock.now()
        record = self._remembrance.record(network) if self._rules.history and network is not None else None
        weight = history.weight(record, now)
        if record is not None and network is not None and weight:
            yield _finding("reputation.history", history.told(record, network, now), weight)

    def _manners(self, message: Message) -> Iterator[Finding]:
        for sign in sorted(self._signs(message.session_id) - self._rules.ignored, key=lambda one: one.value):
            meaning = SIGNS[sign]
            yield _finding("reputation.manners", f"the client is no honest server: {meaning.text}", meaning.weight)


def _listed(repute: Repute) -> Iterator[Finding]:
    for one in repute.listings:
        kind = "reputation.listed" if one.weight >= 0 else "reputation.vouched"
        yield _finding(kind, one.told, one.weight)


def _domain_listed(repute: Repute) -> Iterator[Finding]:
    for one in repute.listings:
        yield _finding("reputation.domain", cleaned(one.told), one.weight)


def _domains(message: Message, facts: Sequence[Fact]) -> tuple[str, ...]:
    """The registrable domains of the sender, of the client's name and of links, each once, in that order."""
    sender = message.envelope.sender
    named = [sender.domain if sender is not None else "", message.origin.untrusted_helo]
    named += [fact.untrusted_value for fact in facts if fact.kind is FactKind.DOMAIN]
    found: dict[str, None] = {}
    for name in named:
        domain = read_domain(name.rstrip(".")) if name else None
        registered = site(domain) if domain is not None else None
        if registered is not None:
            found.setdefault(registered)
        if len(found) == DOMAINS:
            break
    return tuple(found)


def _finding(kind: str, evidence: str, weight: float) -> Finding:
    return Finding(
        engine=NAME,
        kind=kind,
        severity=Severity.NOTE,
        confidence=Confidence.MEDIUM,
        part=ROOT,
        evidence=evidence,
        weight=weight,
    )
