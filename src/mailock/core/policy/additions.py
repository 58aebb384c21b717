"""What is added to mail as it goes through, whatever was found in it: the signature, and the banner for mail from
outside (FEATURES 8).

Both say that we looked, so they are added only where everything that was due was looked at: never to mail that was let
through unexamined, and never to our own. They change nothing about where mail goes.
"""

from dataclasses import dataclass, field, replace

from mailock.core.lifecycle.copies import Disposition
from mailock.core.mail.envelope import Direction
from mailock.core.policy.case import Case
from mailock.core.policy.decision import Decision
from mailock.core.rewriting.edits import AddText, Edit

_GOES_ON = frozenset({Disposition.DELIVER, Disposition.HOLD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A text, and the mail that it is added to."""

    text: AddText
    directions: frozenset[Direction] = field(default_factory=lambda: frozenset(Direction))


def with_additions(
    case: Case, decisions: tuple[Decision, ...], additions: tuple[Addition, ...]
) -> tuple[Decision, ...]:
    """The decisions, with the texts that are added to what goes on."""
    if not additions or case.message.own is not None or not case.examination.coverage.complete:
        return decisions
    added: list[Decision] = []
    for party, decision in zip(case.parties, decisions, strict=True):
        texts: tuple[Edit, ...] = tuple(each.text for each in additions if party.direction in each.directions)
        goes_on = decision.disposition in _GOES_ON and not party.monitoring
        added.append(replace(decision, edits=(*decision.edits, *texts)) if goes_on and texts else decision)
    return tuple(added)
