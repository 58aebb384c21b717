"""What a draft would have decided on the mail of the last days: replayed over what the log keeps of each message.

Nothing is examined again. Where the draft would have looked otherwise, the answer is that a scan is missing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from mailock.config.looking import differences
from mailock.config.model import Policy
from mailock.core.lifecycle.record import Record
from mailock.core.mail.message import show_id
from mailock.core.mail.shown import cleaned, header
from mailock.core.policy.decision import Decision
from mailock.core.policy.installed import Installed
from mailock.core.policy.remembered import Remembered
from mailock.core.policy.way import shown as way_shown
from mailock.core.policy.whatif import Answer, Change, Replayed, replay
from mailock.core.rewriting.edits import shown
from mailock.operations.track import Json, moment

UNEXAMINED: Final = "it was not examined"
UNREADABLE: Final = "what the log keeps of its examination cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A message of the log, with the answer."""

    record: Record
    replayed: Replayed


def what_if(
    records: Iterable[Record],
    draft: Policy,
    compiled: Installed,
    *,
    policy_of: Callable[[int], Policy | None],
    decode: Callable[[bytes], Remembered],
) -> Iterator[Answered]:
    """The answer for each message that was judged; others are left out.

    `policy_of` gives a revision's policy, or None where it is gone; `decode` reads what the log keeps, and raises
    ValueError where that cannot be read.
    """
    known: dict[int, Policy | None] = {}
    for record in records:
        if record.message is None or record.judge_revision is None or record.message.own is not None:
            continue
        if record.judge_revision not in known:
            known[record.judge_revision] = policy_of(record.judge_revision)
        yield Answered(record=record, replayed=_tested(record, draft, compiled, known[record.judge_revision], decode))


def answer_json(tested: Answered) -> dict[str, Json]:
    """One answer, as others read it."""
    record, replayed = tested.record, tested.replayed
    return {
        "id": show_id(record.queue_id),
        "arrival": moment(record.arrival),
        "subject": header(record.glimpse.subject),
        "sender": cleaned(record.sender),
        "answer": replayed.answer.value,
        "missing": list(replayed.missing),
        "changes": [_change_json(record, change) for change in replayed.changes],
    }


def summary(tested: Iterable[Answered]) -> dict[str, int]:
    """How many messages have which answer."""
    counts = {answer.value: 0 for answer in Answer}
    for one in tested:
        counts[one.replayed.answer.value] += 1
    return counts


def _tested(
    record: Record,
    draft: Policy,
    compiled: Installed,
    before: Policy | None,
    decode: Callable[[bytes], Remembered],
) -> Replayed:
    if record.message is None or record.scan is None or not record.scan.document:
        return Replayed(answer=Answer.NEEDS_SCAN, missing=(UNEXAMINED,))
    try:
        remembered = decode(record.scan.document)
    except ValueError:
        return Replayed(answer=Answer.NEEDS_SCAN, missing=(UNREADABLE,))
    if before is None:
        gone = f"revision {record.judge_revision}, by which it was examined, cannot be read any more"
        return Replayed(answer=Answer.NEEDS_SCAN, missing=(gone,))
    gaps = frozenset(gap.why for gap in remembered.examination.coverage.incomplete)
    return replay(record.message, remembered, compiled, differences(before, draft, gaps))


def _change_json(record: Record, change: Change) -> dict[str, Json]:
    number = change.before.recipient
    address = record.recipients[number].address if number < len(record.recipients) else ""
    return {
        "recipient": cleaned(address),
        "before": _decision_json(change.before),
        "after": _decision_json(change.after),
    }


def _decision_json(decision: Decision) -> dict[str, Json]:
    return {
        "disposition": decision.disposition.value,
        "quarantine_class": decision.quarantine_class,
        "rule": decision.rule,
        "because": [cleaned(sentence) for sentence in decision.because],
        "edits": [shown(edit) for edit in decision.edits],
        "way": list(way_shown(decision.way)),
        "added": list(decision.added),
        "would_have": decision.would_have.value if decision.would_have is not None else None,
    }
