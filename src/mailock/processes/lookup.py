"""Looks a URL up when it is clicked: in the feeds, and in the DNS lists of domains, as both are at that moment."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.finding import Fact, FactKind, Finding, Severity
from mailock.core.evidence.report import Unfinished
from mailock.core.policy.installed import Installed
from mailock.core.smtp.domain import read_domain
from mailock.engines.feeds.engine import Feeds
from mailock.engines.suffixes import site
from mailock.operations.clicking import Looked
from mailock.ports.reputation import Listings
from mailock.stations.examine.crew import Crew

NOBODY: Final = "no feed or list of domains is configured that could be asked about it"
Engaged = Callable[[], AbstractContextManager[Crew]]


class UrlLookup:
    """A `operations.clicking.LookUp`."""

    def __init__(self, engaged: Engaged, listings: Listings, standing: Callable[[], Installed]) -> None:
        self._engaged = engaged
        self._listings = listings
        self._standing = standing

    async def __call__(self, url: str) -> Looked:
        """What is known of it now."""
        host = _host(url)
        facts = [Fact(part=ROOT, kind=FactKind.URL, untrusted_value=url)]
        if host:
            facts.append(Fact(part=ROOT, kind=FactKind.DOMAIN, untrusted_value=host))
        with self._engaged() as crew:
            feeds = [one for one in crew.online if isinstance(one, Feeds)]
            found, gaps = await _asked(feeds, facts)
        lists = self._standing().reputation.domain_lists
        domain = read_domain(host) if host and not _is_ip(host) else None
        # Of a suffix that nobody knows yet, the whole name is asked for: silence must not pass for an answer.
        registered = (site(domain) or domain) if domain is not None else None
        doubts = [one.evidence for one in found if one.severity is Severity.SUSPICIOUS]
        if lists and registered is not None:
            repute = await self._listings.domains(lists, (registered,))
            doubts += [one.told for one in repute.listings if one.weight > 0]
            gaps += repute.failed
        if not feeds and not lists:
            gaps.append(NOBODY)
        return Looked(
            bad=[one.evidence for one in found if one.severity is Severity.MALICIOUS], doubts=doubts, gaps=gaps
        )


async def _asked(feeds: list[Feeds], facts: list[Fact]) -> tuple[list[Finding], list[str]]:
    found: list[Finding] = []
    gaps: list[str] = []
    for one in feeds:
        try:
            found += await one.listed(facts)
        except Unfinished as fault:
            found += fault.findings
            gaps.append(fault.detail or fault.why.value)
    return found, gaps


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
