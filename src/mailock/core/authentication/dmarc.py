"""DMARC (RFC 9989): does somebody who was authenticated stand behind the author that is shown?

The organisational domain is found by the DNS Tree Walk of section 4.10, at most eight names; no list of public suffixes
is asked. A walk that could not read one of its names ends in temperror: the policy may have stood there.

An author that cannot be read in one way never passes: then every domain that may be shown is looked at, and the
strictest policy among them is the one that was failed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mailock.core.authentication.author import Author
from mailock.core.authentication.dmarc_record import DmarcRecord, Policy
from mailock.core.authentication.dmarc_walk import Unsure, Walks, discover, organisation
from mailock.core.authentication.questions import RecordType, Steps, Unlearnt, records
from mailock.core.smtp.domain import read_domain

DOMAINS: Final = 4
"""Domains of an author that cannot be read in one way that are looked at."""
IDENTIFIERS: Final = 10
"""Domains that were authenticated whose organisation is looked for."""


class DmarcResult(Enum):
    """The results of RFC 8601 section 2.7 as DMARC uses them."""

    NONE = "none"
    PASS = "pass"
    FAIL = "fail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dmarc:
    """The outcome."""

    result: DmarcResult
    reason: str
    domain: str = ""
    """Of the author; empty where it is not one."""
    policy: Policy | None = None
    """What the domain's owner wants done with mail that fails; None where no record says so. Of a domain that only
    tests (t=y), one step milder than it says.
    """
    published: DmarcRecord | None = None
    spf_aligned: bool = False
    dkim_aligned: bool = False

    @property
    def aligned(self) -> bool:
        """Whether somebody who was authenticated has the author's domain, or its organisation's."""
        return self.spf_aligned or self.dkim_aligned


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticated:
    """Domains that stand behind a message: of SPF pass, and of each DKIM pass."""

    spf: str
    """Empty where SPF did not pass."""
    dkim: tuple[str, ...]
    unsure: tuple[tuple[str, str], ...] = ()
    """Domains of which that could not be learnt, each with the reason. Where one may have spoken for the author, a
    failure is temporary; whoever forges mail chooses the others himself.
    """


def evaluate(author: Author, authenticated: Authenticated) -> Steps[Dmarc]:
    """Whether the author is authenticated."""
    walks = Walks({})
    try:
        if author.odd or not author.address:
            return (yield from _ambiguous(walks, author))
        one = yield from _of_domain(walks, author.domain, authenticated)
    except Unsure as error:
        return Dmarc(result=DmarcResult.TEMPERROR, reason=str(error), domain=author.domain)
    if author.named and one.result is DmarcResult.PASS:
        return Dmarc(
            result=DmarcResult.PERMERROR,
            reason=f"{author.address} is authenticated, but the display name shows {author.named[0]}",
            domain=one.domain,
            policy=one.policy,
            published=one.published,
        )
    return one


def learn(author: Author) -> Steps[None]:
    """Asks what of the author's own domain an evaluation will ask, before names that others chose take the time."""
    walks = Walks({})
    try:
        if author.odd or not author.address:
            yield from _ambiguous(walks, author)
        else:
            yield from _of_domain(walks, author.domain, Authenticated(spf="", dkim=()))
            yield from organisation(walks, author.domain)
    except Unsure:
        # The evaluation meets it again, and says so.
        return


def _ambiguous(walks: Walks, author: Author) -> Steps[Dmarc]:
    """The strictest policy of those that may be shown."""
    domains = dict.fromkeys(domain for one in author.addresses if (domain := read_domain(one.rpartition("@")[2])))
    reason = "; ".join(author.odd) or "there is no author"
    strictest: tuple[Policy, DmarcRecord] | None = None
    for domain in tuple(domains)[:DOMAINS]:
        published = yield from discover(walks, domain)
        if published is None or not published.valid:
            continue
        policy = yield from _policy(published, domain)
        if strictest is None or policy > strictest[0]:
            strictest = policy, published
    if strictest is None:
        return Dmarc(result=DmarcResult.PERMERROR, reason=reason)
    return Dmarc(result=DmarcResult.FAIL, reason=reason, policy=strictest[0], published=strictest[1])


def _of_domain(walks: Walks, domain: str, authenticated: Authenticated) -> Steps[Dmarc]:
    published = yield from discover(walks, domain)
    if published is None:
        return Dmarc(result=DmarcResult.NONE, reason=f"{domain} publishes no DMARC policy", domain=domain)
    if not published.valid:
        reason = f"the DMARC record of {published.domain} holds no policy that can be read"
        return Dmarc(result=DmarcResult.NONE, reason=reason, domain=domain, published=published)
    policy = yield from _policy(published, domain)
    spf_domains = (authenticated.spf,) if authenticated.spf else ()
    spf = yield from _one_aligned(walks, domain, spf_domains, strict=published.strict_spf)
    dkim = yield from _one_aligned(walks, domain, authenticated.dkim, strict=published.strict_dkim)
    unsure = next((one for one in (spf, dkim) if isinstance(one, str)), "")
    for other, why in authenticated.unsure:
        if not unsure and (yield from _may_align(walks, domain, other)):
            unsure = why
    spf, dkim = spf is True, dkim is True
    if spf or dkim:
        result, reason = DmarcResult.PASS, f"{' and '.join(_by(spf=spf, dkim=dkim))} for {domain}"
    elif unsure:
        result, reason = DmarcResult.TEMPERROR, unsure
    else:
        result, reason = DmarcResult.FAIL, f"nobody of {domain} is authenticated"
    return Dmarc(
        result=result,
        reason=reason,
        domain=domain,
        policy=policy,
        published=published,
        spf_aligned=spf,
        dkim_aligned=dkim,
    )


def _one_aligned(walks: Walks, domain: str, others: Sequence[str], *, strict: bool) -> Steps[bool | str]:
    """Whether one of these domains speaks for an author's, or why that could not be learnt."""
    if domain in others:
        return True
    unsure: bool | str = False
    for other in tuple(dict.fromkeys(others))[:IDENTIFIERS]:
        try:
            if (yield from _aligned(walks, domain, other, strict=strict)):
                return True
        except Unsure as error:
            unsure = str(error)
    return unsure


def _by(*, spf: bool, dkim: bool) -> list[str]:
    return [word for word, is_so in (("SPF", spf), ("DKIM", dkim)) if is_so]


def _policy(published: DmarcRecord, domain: str) -> Steps[Policy]:
    """The policy for mail of a domain (section 4.10.1)."""
    policy = published.policy
    if published.domain != domain:
        policy = published.subdomains
        if published.nonexistent is not published.subdomains and (yield from _is_missing(domain)):
            policy = published.nonexistent
    return Policy(max(0, policy - 1)) if published.testing else policy


def _is_missing(domain: str) -> Steps[bool]:
    """Whether a domain does not exist (section 3.2.12 after RFC 8020). Raises Unsure."""
    answer = yield from records(domain, RecordType.A)
    if isinstance(answer, Unlearnt):
        raise Unsure(f"whether {domain} exists could not be learnt: {answer.why}")
    return not answer.exists


def _aligned(walks: Walks, domain: str, other: str, *, strict: bool) -> Steps[bool]:
    """Whether an authenticated domain speaks for an author's (section 4.10.2). Raises Unsure."""
    if strict or not (yield from _may_align(walks, domain, other)):
        return False
    theirs = yield from organisation(walks, other)
    return theirs == (yield from organisation(walks, domain))


def _may_align(walks: Walks, domain: str, other: str) -> Steps[bool]:
    """Whether a domain is the author's organisation or below it. Of any other nothing is asked: its owner may be the
    forger, and answer nothing. Raises Unsure.
    """
    if domain.rpartition(".")[2] != other.rpartition(".")[2]:
        return False
    ours = yield from organisation(walks, domain)
    return other == ours or other.endswith(f".{ours}")
