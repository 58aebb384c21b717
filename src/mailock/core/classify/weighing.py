"""From what was seen of a message to findings whose weights add up to its score, each with a sentence that says why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mailock.core.classify.learning import Learnt
from mailock.core.classify.model import Model
from mailock.core.classify.seen import Seen
from mailock.core.classify.traits import TRAITS, Group
from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.finding import Confidence, Finding, Severity

ENGINE: Final = "spam"
BULK: Final = "bulk"
KINDS: Final = {
    Group.HEADER.value: "What the header says of author, recipients, subject and way.",
    Group.MAILER.value: "How the message was made: its mail program, its Message-ID.",
    Group.STRUCTURE.value: "How text, HTML and files are built and spelled.",
    Group.LINKS.value: "Where links lead, and how they are written.",
    Group.PHRASES.value: "What it speaks of.",
    "spam.wording": "How its words and letters compare with those of wanted and unwanted mail.",
    "spam.together": "How what is there together compares with that of wanted and unwanted mail.",
    "spam.base": "What any message weighs before it is read.",
    "spam.learnt": "What this virtual system has been taught.",
    BULK: "A newsletter, a list or another mailing that somebody may want.",
}
"""Every kind of finding, with its sentence."""
TOLD: Final = 5
"""How many traits a sentence names, the weightiest first."""
_SENT_TO_MANY: Final = ("list", "list.unsubscribe", "esp", "bulk.precedence")
_PLACES: Final = 4


@dataclass(frozen=True, slots=True)
class Weighed:
    """The score of a message by the classifier alone, and the findings that add up to it."""

    score: float
    findings: tuple[Finding, ...]


def weigh(seen: Seen, model: Model, learnt: Learnt | None) -> Weighed:
    """What is believed of a message's being wanted. `learnt` is what its virtual system was taught, if anything."""
    trust = 1.0 if learnt is None else learnt.trust
    scale = model.slope * trust
    found = [*_groups(seen, model, scale)]
    wording, together = model.wording(seen) * scale, model.together(seen) * scale
    found.append(_finding("spam.wording", wording, f"Its words and letters are like those of {_mail(wording)}"))
    found.append(_finding("spam.together", together, f"All of this comes together as in {_mail(together)}"))
    base = model.base * scale + model.offset
    found.append(_finding("spam.base", base, "Any message weighs this before it is read"))
    if learnt is not None and learnt.steps:
        taught = learnt.logit(seen) * model.slope
        says = f"Learnt here from {learnt.spam} unwanted and {learnt.ham} wanted messages"
        found.append(_finding("spam.learnt", taught, says))
    if is_bulk(seen):
        found.append(_finding(BULK, 0.0, "It was sent to many, by a list or a mailing service"))
    return Weighed(sum(one.weight for one in found), tuple(found))


def is_bulk(seen: Seen) -> bool:
    """Whether it is a mailing by its own word, or ends as mailings do with a way to end them."""
    said = any(name in seen.traits for name in _SENT_TO_MANY)
    return said or (seen.traits.get("say.footer", 0.0) >= 1.5 and "link.unsubscribe" in seen.traits)


def _groups(seen: Seen, model: Model, scale: float) -> Iterator[Finding]:
    """One finding for each group of traits of which anything is there."""
    parts: dict[Group, list[tuple[float, str]]] = {}
    for name, amount in seen.traits.items():
        weight = amount * model.traits.get(name, 0.0) * scale
        if weight:
            parts.setdefault(TRAITS[name].group, []).append((weight, TRAITS[name].sentence))
    for group, weights in parts.items():
        weights.sort(key=lambda one: -abs(one[0]))
        told = ", ".join(f"{sentence} ({weight:+.1f})" for weight, sentence in weights[:TOLD])
        more = f", and {len(weights) - TOLD} more" if len(weights) > TOLD else ""
        yield _finding(group.value, sum(weight for weight, _ in weights), f"{told[:1].upper()}{told[1:]}{more}")


def _mail(weight: float) -> str:
    return "unwanted mail" if weight > 0 else "wanted mail"


def _finding(kind: str, weight: float, evidence: str) -> Finding:
    return Finding(
        engine=ENGINE,
        kind=kind,
        severity=Severity.NOTE,
        confidence=Confidence.MEDIUM,
        part=ROOT,
        evidence=f"{evidence}.",
        weight=round(weight, _PLACES),
    )
