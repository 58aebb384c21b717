"""What authentication says, as findings: the sentences that people read, and what each weighs for the mail class.

None of it is danger by itself, but one: a message whose author clients show differently is made to deceive. What the
owner of a domain wants done with mail that fails stands in the policy's Case, not here.
"""

from collections.abc import Iterator
from typing import Final

from mailock.core.authentication.arc_check import ArcResult
from mailock.core.authentication.authentication import Authentication
from mailock.core.authentication.dkim_check import DkimResult
from mailock.core.authentication.dmarc import DmarcResult
from mailock.core.authentication.dmarc_record import Policy
from mailock.core.authentication.spf_run import SpfResult
from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.mail.shown import cleaned

ENGINE: Final = "authentication"
KINDS: Final = {
    "auth.spf_pass": "the address may send for the domain of the reverse-path",
    "auth.spf_fail": "the domain of the reverse-path says that the address may not send for it",
    "auth.spf_error": "the SPF record of the domain is broken",
    "auth.dkim_pass": "a signature holds",
    "auth.dkim_fail": "a signature does not hold",
    "auth.dmarc_pass": "the author's domain stands behind the message",
    "auth.dmarc_fail": "nobody of the author's domain stands behind the message, which its owner says somebody should",
    "auth.author_ambiguous": "clients may show different authors",
    "auth.author_named": "the display name shows the address of somebody else",
    "auth.author_missing": "there is no author",
    "auth.arc_fail": "the chain of those who forwarded the message is broken",
    "auth.arc_vouched": "a sealer that is trusted found the author authenticated before it changed the message",
    "auth.no_reverse_name": "the address has no name that leads back to it",
    "auth.unsure": "something could not be learnt",
}
_DMARC_WEIGHT: Final = {Policy.NONE: 0.5, Policy.QUARANTINE: 2.0, Policy.REJECT: 3.0}


def findings(authentication: Authentication) -> tuple[Finding, ...]:
    """Everything that is worth a sentence."""
    return tuple(_all(authentication))


def _all(found: Authentication) -> Iterator[Finding]:
    yield from _author(found)
    yield from _spf(found)
    yield from _dkim(found)
    dmarc = found.dmarc
    match dmarc.result:
        case DmarcResult.PASS:
            yield _finding("dmarc_pass", f"DMARC passes: {dmarc.reason}", -1.0)
        case DmarcResult.FAIL if dmarc.policy is not None:
            wanted = f"DMARC fails, and the domain wants {dmarc.policy.word}: {dmarc.reason}"
            yield _finding("dmarc_fail", wanted, _DMARC_WEIGHT[dmarc.policy])
        case DmarcResult.TEMPERROR:
            yield _finding("unsure", f"DMARC could not be told: {dmarc.reason}")
        case DmarcResult.NONE | DmarcResult.FAIL | DmarcResult.PERMERROR:
            # Nothing was asked for, or the author itself is what is wrong, which was said.
            pass
    if found.vouched_by:
        weight = -_DMARC_WEIGHT[dmarc.policy] if dmarc.policy is not None else 0.0
        yield _finding("arc_vouched", f"ARC: {found.vouched_by}, which is trusted, found the author in order", weight)
    if found.arc.result is ArcResult.FAIL:
        yield _finding("arc_fail", f"the ARC chain does not hold: {found.arc.reason}", 0.2)
    if found.iprev is not None and found.iprev.result.value in ("fail", "permerror"):
        yield _finding("no_reverse_name", f"{found.ip} has no name that leads back to it", 0.5)


def _author(found: Authentication) -> Iterator[Finding]:
    author = found.author
    if author.odd and author.addresses:
        shown = ", ".join(author.addresses[:5])
        yield _finding(
            "author_ambiguous",
            f"clients may show different authors ({shown}): {'; '.join(author.odd)}",
            2.0,
            Severity.SUSPICIOUS,
        )
    elif author.odd:
        yield _finding("author_missing", "; ".join(author.odd), 1.0)
    if author.named:
        yield _finding("author_named", f"the display name shows {author.named[0]}, but it is {author.address}", 1.0)


def _spf(found: Authentication) -> Iterator[Finding]:
    if found.spf is None:
        return
    domain = found.spf.untrusted_domain
    match found.spf.result:
        case SpfResult.PASS:
            yield _finding("spf_pass", f"SPF: {found.ip} may send for {domain}", -0.2)
        case SpfResult.FAIL:
            yield _finding("spf_fail", f"SPF: {found.ip} may not send for {domain} ({found.spf.reason})", 2.0)
        case SpfResult.SOFTFAIL:
            yield _finding("spf_fail", f"SPF: {found.ip} most likely may not send for {domain}", 0.7)
        case SpfResult.PERMERROR:
            yield _finding("spf_error", f"SPF: {found.spf.reason}", 0.3)
        case SpfResult.TEMPERROR:
            yield _finding("unsure", f"SPF could not be told: {found.spf.reason}")
        case SpfResult.NONE | SpfResult.NEUTRAL:
            pass


def _dkim(found: Authentication) -> Iterator[Finding]:
    for one in found.dkim:
        if one.result is DkimResult.PASS:
            yield _finding("dkim_pass", f"DKIM: the signature of {one.domain} holds", -0.2)
        elif one.result is DkimResult.TEMPERROR:
            yield _finding("unsure", f"DKIM of {one.domain} could not be told: {one.reason}")
        else:
            yield _finding("dkim_fail", f"DKIM: {one.domain or 'a signature'} does not count: {one.reason}", 0.2)


def _finding(kind: str, sentence: str, weight: float = 0.0, severity: Severity = Severity.NOTE) -> Finding:
    return Finding(
        engine=ENGINE,
        kind=f"auth.{kind}",
        severity=severity,
        confidence=Confidence.HIGH,
        part=ROOT,
        evidence="".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in cleaned(sentence[:500])),
        weight=weight,
    )
