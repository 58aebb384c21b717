"""The lookout: whether the world still sends mail here, as far as DNS and the log tell (DECISIONS 11).

Looked at are the domains that rules name, and those of the recipients of the last 30 days: a `*` rule names none.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address

from mailock.core.lifecycle.query import Query, Term, Where
from mailock.core.mail.envelope import Direction
from mailock.core.policy.disabling import Course, Seen
from mailock.core.policy.installed import Installed
from mailock.core.routing.pattern import Breadth, Pattern
from mailock.ports.clock import Clock
from mailock.ports.log import LogReader
from mailock.ports.resolver import LookupFailed, Resolver

log = logging.getLogger(__name__)
REMEMBERED_SECONDS = 30 * 86_400.0
AT_ONCE = 20
NULL_MX = "."
IN_THE_LOG = "domains that only the log knows"


@dataclass(frozen=True, slots=True)
class Pointed:
    """What the DNS says of one domain. `here` is None where it could not be learnt."""

    domain: str
    here: bool | None
    ttl: float = 0.0


class Lookout:
    """Looks. `ours` gives the addresses of this machine by which others may know it; `log` opens the log anew."""

    def __init__(
        self,
        *,
        resolver: Resolver,
        log: Callable[[], LogReader],
        standing: Callable[[], Installed],
        ours: Callable[[], Collection[str]],
        clock: Clock,
    ) -> None:
        self._resolver = resolver
        self._log = log
        self._standing = standing
        self._ours = ours
        self._clock = clock

    def relays(self, given: Sequence[str]) -> tuple[str, ...]:
        """The addresses of upstream relays. Raises ValueError for what is none."""
        try:
            return tuple(str(ip_address(one)) for one in given)
        except ValueError:
            raise ValueError("an upstream relay is named by its address, such as 192.0.2.1") from None

    async def look(self, course: Course) -> Seen:
        """What is to be seen now."""
        seen = await self.pointing()
        if course.upstream:
            seen = replace(seen, last_upstream=await asyncio.to_thread(self._last_from, course.upstream))
        return seen

    async def pointing(self) -> Seen:
        """Which domains' MX point here."""
        domains, complete = await asyncio.to_thread(self.domains)
        ours, unknown_ourselves = await self._ourselves()
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(domain: str) -> Pointed:
            async with slots:
                return await self._points_here(domain, ours)

        found = await asyncio.gather(*(one(domain) for domain in domains))
        here = [each for each in found if each.here]
        unknown = tuple(each.domain for each in found if each.here is None)
        if unknown_ourselves:
            # Without our own public addresses no answer means "not here".
            unknown = tuple(each.domain for each in found if not each.here)
        return Seen(
            pointing=tuple(each.domain for each in here),
            unknown=unknown if complete else (*unknown, IN_THE_LOG),
            ttl=max((each.ttl for each in here), default=0.0),
        )

    def domains(self) -> tuple[tuple[str, ...], bool]:
        """The domains to look at, those of rules and of recipients, and whether these are all. Blocks."""
        found, complete = set(named_domains(self._standing())), True
        try:
            found |= set(self._log().recipient_domains(self._clock.now() - REMEMBERED_SECONDS))
        except FileNotFoundError:
            # No mail has come yet, so there is no log.
            pass
        except OSError as fault:
            log.error("the domains of recipients are not known: %s", fault)
            complete = False
        return tuple(sorted(found)), complete

    async def _ourselves(self) -> tuple[frozenset[str], bool]:
        """Our addresses, and whether those of our name could not be learnt."""
        ours = frozenset(self._ours())
        try:
            answer = await self._resolver.addresses(self._standing().hostname)
        except LookupFailed:
            return ours, True
        return ours | set(answer.records), False

    async def _points_here(self, domain: str, ours: frozenset[str]) -> Pointed:
        try:
            answer = await self._resolver.mx(domain)
            hosts = [mx.host.lower() for mx in answer.records]
            if not answer.exists or hosts == [NULL_MX]:
                return Pointed(domain, here=False)
            ttl = float(answer.ttl) if hosts else 0.0
            if self._standing().hostname.lower() in hosts:
                return Pointed(domain, here=True, ttl=ttl)
            # Without an MX the domain itself is the server (RFC 5321 section 5.1).
            for host in hosts or [domain]:
                located = await self._resolver.addresses(host)
                if ours & set(located.records):
                    return Pointed(domain, here=True, ttl=max(ttl, float(located.ttl)))
        except LookupFailed:
            return Pointed(domain, here=None)
        return Pointed(domain, here=False)

    def _last_from(self, relays: Iterable[str]) -> float | None:
        """When mail last came from one of the relays. A log that cannot be read means: just now."""
        try:
            reader = self._log()
            newest = [
                record.arrival
                for relay in relays
                for record in reader.find(Query(terms=(Term(Where.IP, relay),)), limit=1)
            ]
        except Exception:
            # Whatever ails the log: a relay of which nothing can be learnt counts as one that sends.
            log.exception("the log could not be asked for mail from %s", ", ".join(relays))
            return self._clock.now()
        return max(newest, default=None)


def named_domains(installed: Installed) -> Iterable[str]:
    """The domains for which we take mail from outside, as far as rules and systems name them."""
    rules = [rule for rule in installed.routes.rules if rule.takes is not Direction.OUTGOING]
    patterns: list[Pattern] = [pattern for rule in rules for pattern in rule.patterns]
    patterns += [pattern for scope in installed.routes.scopes for pattern in scope.patterns]
    return {one.domain for one in patterns if one.breadth in (Breadth.DOMAIN, Breadth.ADDRESS)}
