"""What is known of who sent a message: one value for policy, the log, and the field that tells the next reader."""

from dataclasses import dataclass

from mailock.core.authentication.arc_check import Arc
from mailock.core.authentication.author import Author
from mailock.core.authentication.dkim_check import Dkim, DkimResult
from mailock.core.authentication.dmarc import Authenticated, Dmarc, DmarcResult
from mailock.core.authentication.iprev import Iprev
from mailock.core.authentication.spf import Spf
from mailock.core.authentication.spf_run import SpfResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """The outcome of every check."""

    ip: str
    spf: Spf | None
    """None where the source is our own."""
    dkim: tuple[Dkim, ...]
    arc: Arc
    dmarc: Dmarc
    iprev: Iprev | None
    author: Author
    receiver: str = ""
    """Our host name, under which the results are written down; empty where they are not."""
    forged: tuple[str, ...] = ()
    """Beginnings of Authentication-Results fields that came in and bear our name."""
    vouched_by: str = ""
    """The domain of a trusted sealer that found the author authenticated before the message was changed; or empty."""

    @property
    def authenticated_author(self) -> str:
        """The address of the author, where somebody of its domain stands behind it; else empty."""
        return self.author.address if self.dmarc.result is DmarcResult.PASS else ""

    @property
    def proven(self) -> frozenset[str]:
        """Domains that stand behind the message and are aligned with its author; the author's own among them."""
        return frozenset({self.author.domain}) if self.authenticated_author else frozenset()

    @property
    def authenticated_sender(self) -> str:
        """The domain of the reverse-path, where SPF or an aligned DKIM signature stands behind it; else empty.

        That is who may be told of a failure (DECISIONS 14).
        """
        return self.spf.untrusted_domain if self.spf is not None and self.spf.result is SpfResult.PASS else ""


def behind(spf: Spf | None, dkim: tuple[Dkim, ...]) -> Authenticated:
    """The domains that stand behind a message, for DMARC."""
    passed = spf is not None and spf.result is SpfResult.PASS
    unsure = [(one.domain, f"DKIM of {one.domain}: {one.reason}") for one in dkim if one.result is DkimResult.TEMPERROR]
    if spf is not None and spf.result is SpfResult.TEMPERROR:
        unsure.append((spf.untrusted_domain, f"SPF: {spf.reason}"))
    return Authenticated(
        spf=spf.untrusted_domain if passed and spf is not None else "",
        dkim=tuple(one.domain for one in dkim if one.result is DkimResult.PASS),
        unsure=tuple(unsure),
    )


def as_document(authentication: Authentication) -> dict[str, object]:
    """As commands print it and logs keep it. Words and lists only."""
    dmarc, spf, iprev = authentication.dmarc, authentication.spf, authentication.iprev
    return {
        "spf": spf.result.value if spf is not None else "none",
        "spf_domain": spf.untrusted_domain if spf is not None else "",
        "spf_reason": spf.reason if spf is not None else "the source is our own",
        "dkim": [
            {
                "domain": one.domain,
                "selector": one.selector,
                "result": one.result.value,
                "reason": one.reason,
                "algorithm": one.algorithm,
            }
            for one in authentication.dkim
        ],
        "arc": authentication.arc.result.value,
        "arc_reason": authentication.arc.reason,
        "arc_sealers": list(authentication.arc.sealers),
        "dmarc": {
            "result": dmarc.result.value,
            "policy": dmarc.policy.word if dmarc.policy is not None else "none",
            "aligned": dmarc.aligned,
            "aligned_by": [word for word, is_so in (("spf", dmarc.spf_aligned), ("dkim", dmarc.dkim_aligned)) if is_so],
            "domain": dmarc.domain,
            "reason": dmarc.reason,
        },
        "vouched_by": authentication.vouched_by,
        "iprev": iprev.result.value if iprev is not None else "none",
        "header_from": list(authentication.author.addresses),
    }
