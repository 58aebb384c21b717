"""What one reason asks for, before all of them are joined by the strictest."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailock.core.lifecycle.copies import Disposition
from mailock.core.policy.rule import Rule
from mailock.core.policy.track import Track
from mailock.core.policy.way import STRAIGHT, Way
from mailock.core.rewriting.edits import Edit
from mailock.core.rewriting.orders import Sealed

ORDER = tuple(Disposition)
"""From mild to strict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One reason, and what it asks for."""

    disposition: Disposition
    rule: str
    because: tuple[str, ...]
    quarantine_class: str = "policy"
    edits: tuple[Edit, ...] = ()
    copies_to: tuple[str, ...] = ()
    way: Way = STRAIGHT
    added: tuple[str, ...] = ()
    if_unfit: Disposition = Disposition.QUARANTINE
    sealed: Sealed = Sealed.UNFIT
    detect_only: bool = False
    """Whether it is only told what would have been done."""
    track: Track = Track.NONE


def ordered(rule: Rule) -> Proposal:
    """What the `then` of a rule asks for. Raises ValueError where it has none."""
    then = rule.then
    if then is None:
        raise ValueError(f"rule {rule.name} orders nothing")
    reason = f": {rule.because}" if rule.because else ""
    sentences = [f"rule {rule.name} says {then.disposition.value}{reason}"]
    if then.added:
        sentences.append(f"rule {rule.name} adds {', '.join(then.added)}")
    return Proposal(
        disposition=then.disposition,
        rule=rule.name,
        because=tuple(sentences),
        quarantine_class=then.quarantine_class,
        edits=then.edits,
        copies_to=then.copies_to,
        way=then.way,
        added=then.added,
        if_unfit=then.if_unfit,
    )


def rank(disposition: Disposition) -> int:
    """How strict: the higher, the stricter."""
    return ORDER.index(disposition)


def strictest(dispositions: Iterable[Disposition]) -> Disposition:
    """The strictest of several; of none, DELIVER."""
    return max(dispositions, key=rank, default=Disposition.DELIVER)
