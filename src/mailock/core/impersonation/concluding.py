"""What follows once all is known of a letter: who sent it, whether he is known here, and where its codes lead.

Two things are drawn together here that no engine sees alone. Signs of the letter and of its sender make a lure together
as signs of the letter do by themselves. And a mailing whose sender proved who he is, and about which nothing is false,
weighs less: it may be unwanted, but whoever does not want it knows whom to tell.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.quoting import quoted
from mailock.core.impersonation.sign import KINDS, Group, Sign
from mailock.core.impersonation.weigh import LURE, ORDERED
from mailock.core.mime.part import PartPath

ENGINE: Final = "acquaintance"
ROOT: Final = PartPath("1")
LURING: Final = "phishing.lure"
PAYMENT: Final = "lure.payment"
_POSES: Final = frozenset({"impersonation.acquaintance", "impersonation.lookalike", "impersonation.person"})
"""Signs of a sender who passes for somebody; with a wish to pay another way they are a lure, whatever they weigh."""
_WISHES: Final = frozenset({"lure.text", PAYMENT})
_PRESSING: Final = frozenset({"lure.urgency", "lure.no_name", "impersonation.known", LURING})
_WANTING: Final = 0.4
"""Weight of wishes from which on a proven domain speaks for nobody: one that was registered yesterday is proven too."""
_FALSE: Final = 0.5
"""Weight from which on a sign says that something about a letter is false."""


def draw(
    heard: Sequence[Finding], signs: Sequence[Sign], *, proven_site: str, linked: frozenset[str]
) -> Iterator[Finding]:
    """The findings of the signs, and what follows from all.

    `heard`: what others found; `proven_site`: the registrable domain of the author, where it is proven that he sent
    it, else empty; `linked`: those that links lead to.
    """
    for sign in signs:
        yield _finding(sign.kind, Severity.NOTE, sign.weight, sign.says)
    told = [(one.kind, one.weight) for one in heard if one.kind in KINDS]
    false = _false(told) + _false([(sign.kind, sign.weight) for sign in signs])
    lured = any(kind == LURING for kind, _ in told)
    if signs and false and not lured:
        least = LURE + (ORDERED if any(one.kind == "bulk" for one in heard) else 0.0)
        pays = any(kind == PAYMENT for kind, _ in told)
        if _weight(told, signs) >= least or (pays and not _POSES.isdisjoint(false)):
            strongest = sorted(signs, key=lambda sign: -sign.weight)[:2]
            says = "With what it wants this makes a lure: " + " ".join(sign.says for sign in strongest)
            yield _finding(LURING, Severity.SUSPICIOUS, 3.0, says)
            return
    wants = sum(weight for kind, weight in told if kind in _WISHES) >= _WANTING
    if proven_site and not false and not lured and not wants and all(one.severity is Severity.NOTE for one in heard):
        yield from _honest(heard, proven_site, linked)


def _false(weights: Sequence[tuple[str, float]]) -> list[str]:
    """The kinds that say that something about a letter is false."""
    return [kind for kind, weight in weights if weight >= _FALSE and kind not in _WISHES and kind not in _PRESSING]


def _weight(told: Sequence[tuple[str, float]], signs: Sequence[Sign]) -> float:
    """What all weighs together; nothing where it wants nothing.

    Who saw the letter alone took a wish for half where he saw nothing false, and for half where no link led astray.
    """
    wishes = sum(weight for kind, weight in told if kind in _WISHES)
    others = sum(weight for kind, weight in told if kind not in _WISHES) + sum(sign.weight for sign in signs)
    if not _false(told):
        wishes *= 2.0
        wishes *= 2.0 if any(sign.group is Group.PLACE and sign.weight >= _FALSE for sign in signs) else 1.0
    return wishes + others if wishes else 0.0


def _honest(heard: Sequence[Finding], site: str, linked: frozenset[str]) -> Iterator[Finding]:
    if linked and linked <= {site}:
        says = f"Its sender proved that he is {quoted(site)}, and all links lead there."
        yield _finding("sender.own_links", Severity.NOTE, -1.5, says)
    if any(one.kind == "bulk" for one in heard):
        says = f"A mailing whose sender proved that he is {quoted(site)}, and about which nothing is false."
        yield _finding("sender.mailing", Severity.NOTE, -1.0, says)


CONCLUDED: Final = {
    kind: KINDS[kind]
    for kind in (
        "impersonation.lookalike",
        "impersonation.cousin",
        "lure.place",
        "lure.leads_elsewhere",
        "lure.addressed",
        LURING,
    )
} | {
    "impersonation.known": "A sender who proved who he is, and with whom people here correspond.",
    "impersonation.acquaintance": "A sender with the name of a known correspondent, from an address that nobody knows.",
    "impersonation.first_contact": "A sender of whom nobody here had mail, and to whom nobody wrote.",
    "sender.own_links": "An author whose domain is proven, and all of whose links lead to it.",
    "sender.mailing": "A mailing of an author whose domain is proven, without a sign that anything about it is false.",
}


def _finding(kind: str, severity: Severity, weight: float, says: str) -> Finding:
    return Finding(
        engine=ENGINE,
        kind=kind,
        severity=severity,
        confidence=Confidence.MEDIUM,
        part=ROOT,
        evidence=says,
        weight=weight,
    )
