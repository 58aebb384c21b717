"""What was found of a sender, frozen: it stands in a field of ours before the message is changed, and whoever pretended
to be us before loses his (RFC 8601 section 5, DECISIONS 25).
"""

from dataclasses import replace

from mailock.core.authentication import results
from mailock.core.lifecycle.copies import Disposition
from mailock.core.policy.case import Case
from mailock.core.policy.decision import Decision
from mailock.core.rewriting.edits import RemoveHeader

_GOES_ON = frozenset({Disposition.DELIVER, Disposition.HOLD})


def frozen_results(case: Case) -> bytes:
    """Our Authentication-Results field with its CRLF; empty for mail of our own sources, and where nobody was asked."""
    found = case.examination.authentication
    if found is None or found.spf is None or not found.receiver:
        return b""
    return results.field(found)


def without_forgeries(case: Case, decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
    """The decisions, with the removal of fields that bear our name, for what goes on."""
    found = case.examination.authentication
    if found is None or not found.forged:
        return decisions
    removals = tuple(RemoveHeader(name=results.NAME, beginning=beginning) for beginning in found.forged)
    made: list[Decision] = []
    for party, decision in zip(case.parties, decisions, strict=True):
        goes_on = decision.disposition in _GOES_ON and not party.monitoring
        made.append(replace(decision, edits=(*removals, *decision.edits)) if goes_on else decision)
    return tuple(made)
