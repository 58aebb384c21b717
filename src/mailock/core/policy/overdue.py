"""What it does to a judgement that its message waited longer than the maximum delay (DECISIONS 8 and 14)."""

from dataclasses import replace
from typing import Final

from mailock.core.lifecycle.copies import Disposition
from mailock.core.policy.decide import Judgement
from mailock.core.policy.decision import Decision
from mailock.core.policy.installed import Timeliness
from mailock.core.policy.rule import MTA_RULE
from mailock.core.verdict.verdict import Threat

BLOCKING: Final = frozenset({Timeliness.QUARANTINE, Timeliness.RETURN})
BLOCKED: Final = ("it waited longer than the maximum delay", "mail_settings block late mail")


def in_time(judgement: Judgement, timeliness: Timeliness) -> Judgement | None:
    """The judgement with what lateness adds to it; None for late mail that simply goes back to its sender."""
    if timeliness not in BLOCKING:
        return judgement
    clean = judgement.verdict.threat < Threat.SUSPICIOUS
    if timeliness is Timeliness.RETURN and clean and all(map(_goes_on, judgement.decisions)):
        return None
    # What is found to be bad is never returned to whom its sender claims to be, so it is kept (DECISIONS 14).
    kept = (_late(decision) if _goes_on(decision) else decision for decision in judgement.decisions)
    return replace(judgement, decisions=tuple(kept))


def _goes_on(decision: Decision) -> bool:
    return decision.disposition in (Disposition.DELIVER, Disposition.HOLD)


def _late(decision: Decision) -> Decision:
    return replace(
        decision,
        disposition=Disposition.QUARANTINE,
        quarantine_class="late",
        edits=(),
        rule=MTA_RULE,
        because=(*BLOCKED, *decision.because),
    )
