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

from mailock.core.authentication import dmarc_record
from mailock.core.authentication.author import Author
from mailock.core.authentication.dmarc_record import DmarcRecord, Policy
from mailock.core.authentication.questions import RecordType, Steps, Unlearnt, is_name, records
from mailock.core.smtp.domain import read_domain

LABELS: Final = 8
"""Names that a walk asks for."""
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
    unsure: str = ""
    """Empty, or why some of them could not be learnt: then a failure is temporary."""


@dataclass(slots=True)
class _Walks:
    """Records that were asked for, by their domains, so that two walks ask for each once."""

    known: dict[str, DmarcRecord | None]


class _Unsure(Exception):
    """A name of a walk could not be read."""


def evaluate(author: Author, authenticated: Authenticated) -> Steps[Dmarc]:
    """Whether the author is authenticated."""
    walks = _Walks({})
    try:
        if author.odd or not author.address:
            return (yield from _ambiguous(walks, author))
        one = yield from _of_domain(walks, author.domain, authenticated)
    except _Unsure as error:
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


def _ambiguous(walks: _Walks, author: Author) -> Steps[Dmarc]:
    """The strictest policy of those that may be shown."""
    domains = dict.fromkeys(domain for one in author.addresses if (domain := read_domain(one.rpartition("@")[2])))
    reason = "; ".join(author.odd) or "there is no author"
    strictest: tuple[Policy, DmarcRecord] | None = None
    for domain in tuple(domains)[:DOMAINS]:
        published = yield from _discover(walks, domain)
        if published is None or not published.valid:
            continue
        policy = yield from _policy(published, domain)
        if strictest is None or policy > strictest[0]:
            strictest = policy, published
    if strictest is None:
        return Dmarc(result=DmarcResult.PERMERROR, reason=reason)
    return Dmarc(result=DmarcResult.FAIL, reason=reason, policy=strictest[0], published=strictest[1])


def _of_domain(walks: _Walks, domain: str, authenticated: Authenticated) -> Steps[Dmarc]:
    published = yield from _discover(walks, domain)
    if published is None:
        return Dmarc(result=DmarcResult.NONE, reason=f"{domain} publishes no DMARC policy", domain=domain)
    if not published.valid:
        reason = f"the DMARC record of {published.domain} holds no policy that can be read"
        return Dmarc(result=DmarcResult.NONE, reason=reason, domain=domain, published=published)
    policy = yield from _policy(published, domain)
    spf_domains = (authenticated.spf,) if authenticated.spf else ()
    spf = yield from _one_aligned(walks, domain, spf_domains, strict=published.strict_spf)
    dkim = yield from _one_aligned(walks, domain, authenticated.dkim, strict=published.strict_dkim)
    unsure = authenticated.unsure or next((one for one in (spf, dkim) if isinstance(one, str)), "")
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


def _one_aligned(walks: _Walks, domain: str, others: Sequence[str], *, strict: bool) -> Steps[bool | str]:
    """Whether one of these domains speaks for an author's, or why that could not be learnt."""
    if domain in others:
        return True
    unsure: bool | str = False
    for other in tuple(dict.fromkeys(others))[:IDENTIFIERS]:
        try:
            if (yield from _aligned(walks, domain, other, strict=strict)):
                return True
        except _Unsure as error:
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
    """Whether a domain does not exist (section 3.2.12 after RFC 8020). Raises _Unsure."""
    answer = yield from records(domain, RecordType.A)
    if isinstance(answer, Unlearnt):
        raise _Unsure(f"whether {domain} exists could not be learnt: {answer.why}")
    return not answer.exists


def _discover(walks: _Walks, domain: str) -> Steps[DmarcRecord | None]:
    """The record for an author's domain: its own, its organisation's, or its public suffix's. Raises _Unsure."""
    own = yield from _at(walks, domain)
    if own is not None:
        return own
    found = yield from _walk(walks, domain)
    organisation = _organisation(found, domain)
    by_domain = {record.domain: record for record in found}
    if organisation in by_domain:
        return by_domain[organisation]
    return next((record for record in found if record.suffix == "y"), None)


def _aligned(walks: _Walks, domain: str, other: str, *, strict: bool) -> Steps[bool]:
    """Whether an authenticated domain speaks for an author's (section 4.10.2). Raises _Unsure."""
    if strict or domain.rpartition(".")[2] != other.rpartition(".")[2]:
        return False
    ours = _organisation((yield from _walk(walks, domain)), domain)
    theirs = _organisation((yield from _walk(walks, other)), other)
    return ours == theirs


def _organisation(found: Sequence[DmarcRecord], start: str) -> str:
    """The organisational domain by the records of a walk, the longest name first."""
    for record in found:
        if record.suffix == "n":
            return record.domain
        if record.suffix == "y" and record.domain != start:
            return ".".join(start.split(".")[-(record.domain.count(".") + 2) :])
    return found[-1].domain if found else start


def _walk(walks: _Walks, start: str) -> Steps[list[DmarcRecord]]:
    """The records that a Tree Walk finds, the longest name first. Raises _Unsure."""
    found: list[DmarcRecord] = []
    for name in names(start):
        record = yield from _at(walks, name)
        if record is not None:
            found.append(record)
            if record.suffix in ("y", "n"):
                break
    return found


def names(start: str) -> list[str]:
    """The names of a walk: the domain itself, then, from its last seven labels on, each one above."""
    labels = start.split(".")
    above = labels[1:] if len(labels) < LABELS else labels[-(LABELS - 1) :]
    return [start, *(".".join(above[index:]) for index in range(len(above)))]


def _at(walks: _Walks, domain: str) -> Steps[DmarcRecord | None]:
    if domain not in walks.known:
        name = f"_dmarc.{domain}"
        answer = yield from records(name, RecordType.TXT)
        if isinstance(answer, Unlearnt):
            raise _Unsure(f"TXT of {name}: {answer.why}")
        walks.known[domain] = dmarc_record.select(domain, answer.untrusted_values) if is_name(name) else None
    return walks.known[domain]
