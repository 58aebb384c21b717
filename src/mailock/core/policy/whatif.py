"""What another policy would have decided on a case that is remembered: the same, something else, or nobody knows
(DECISIONS 22). It never guesses: where that policy would have looked with other engines or other bounds, or where
an engine was left out because the outcome was fixed, the answer is that a scan is missing.
"""

from dataclasses import dataclass
from enum import Enum

from mailock.core.evidence.report import Why
from mailock.core.evidence.wording import BODY, Sought
from mailock.core.lifecycle.copies import Disposition
from mailock.core.mail.message import Message
from mailock.core.policy.decide import Judgement, judge
from mailock.core.policy.decision import Decision
from mailock.core.policy.installed import Installed
from mailock.core.policy.remembered import Remembered, again


class Answer(Enum):
    """What is known of another policy's decision."""

    SAME = "same"
    DIFFERS = "differs"
    NEEDS_SCAN = "needs a scan that was not made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would be otherwise for one recipient."""

    before: Decision
    after: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The answer for one message."""

    answer: Answer
    changes: tuple[Change, ...] = ()
    """For the recipients for whom it differs."""
    missing: tuple[str, ...] = ()
    """Why a scan would be needed, in sentences."""


def replay(message: Message, remembered: Remembered, policy: Installed, missing: tuple[str, ...] = ()) -> Replayed:
    """The answer. `missing` says how that policy would have looked otherwise than it was looked."""
    skipped = [gap for gap in remembered.examination.coverage.incomplete if gap.why is Why.NOT_NEEDED]
    unseen = tuple(
        f"{gap.engine} did not look at part {gap.part}, because the outcome was fixed already" for gap in skipped
    )
    wanted = sorted(policy.rulebase.sought - remembered.examination.wording.sought)
    unread = tuple(f'nobody looked for "{one.word}" in its {_place(one)}' for one in wanted)
    if missing or unseen or unread:
        return Replayed(answer=Answer.NEEDS_SCAN, missing=(*missing, *unseen, *unread))
    judgement = judge(again(message, remembered, policy.routes), policy.rulebase)
    changes = tuple(_changes(remembered.judgement, judgement))
    return Replayed(answer=Answer.DIFFERS if changes else Answer.SAME, changes=changes)


def _place(sought: Sought) -> str:
    return "text" if sought.place == BODY else f"field {sought.place.capitalize()}"


def _changes(before: Judgement, after: Judgement) -> list[Change]:
    pairs = zip(before.decisions, after.decisions, strict=True)
    return [Change(before=one, after=other) for one, other in pairs if _effect(one) != _effect(other)]


def _effect(decision: Decision) -> tuple[object, ...]:
    """What a recipient, or whoever looks into quarantine, would notice."""
    kept = decision.quarantine_class if decision.disposition is Disposition.QUARANTINE else None
    way = decision.way.sender, decision.way.recipient, decision.way.hop
    return decision.disposition, kept, decision.edits, decision.copies_to, way, decision.added, decision.would_have
