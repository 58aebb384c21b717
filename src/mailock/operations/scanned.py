"""What examining and judging a message came to, as others read it: the object of `mailock scan --json`.

What comes from the message was made printable by whoever found it, or is made so here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from mailock.core.evidence.examination import Examination
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Incomplete
from mailock.core.lifecycle.copies import Disposition
from mailock.core.mail.message import Message
from mailock.core.mail.shown import cleaned
from mailock.core.policy.decide import Judgement
from mailock.core.policy.decision import Decision
from mailock.core.policy.proposal import rank
from mailock.core.policy.way import shown as way_shown
from mailock.core.rewriting.edits import shown
from mailock.operations.track import Json

MOST: Final = 5_000
"""Parts, links and findings that are shown of one message."""


NOT_ASKED: Final[dict[str, Json]] = {
    "spf": "none",
    "dkim": [],
    "arc": "none",
    "dmarc": {"result": "none", "policy": "none", "aligned": False},
    "header_from": [],
}
"""What is told of who sent it, where nobody was asked."""


def scanned(
    message: Message, examination: Examination, judgement: Judgement, sender: Mapping[str, object] | None
) -> dict[str, Json]:
    """One message; `sender` is what authentication came to, as it is told.

    `mailock scan` puts the file's name before it and the time that it took behind it.
    """
    verdict, decisions = judgement.verdict, judgement.decisions
    strictest = max(decisions, key=lambda one: rank(one.disposition))
    changed = tuple(dict.fromkeys(shown(edit) for one in decisions for edit in one.edits))
    return {
        "verdict": verdict.threat.name.lower(),
        "confidence": verdict.confidence.name.lower(),
        "class": verdict.mail_class.value,
        "score": round(verdict.score, 2),
        "disposition": _strictest(decisions),
        "coverage": coverage(examination),
        "rule": strictest.rule,
        "because": [cleaned(one) for one in _because(judgement, strictest)],
        "defects": [{"kind": one.defect.value, "part": one.part} for one in examination.defects[:MOST]],
        "recipients": [_recipient(message, one) for one in decisions],
        "incomplete": [
            {"engine": one.engine, "part": one.part, "why": one.why.value, "detail": cleaned(one.detail)}
            for one in examination.coverage.incomplete[:MOST]
        ],
        "findings": [
            {
                "engine": one.engine,
                "kind": one.kind,
                "severity": one.severity.name.lower(),
                "confidence": one.confidence.name.lower(),
                "part": one.part,
                "evidence": cleaned(one.evidence),
                "weight": round(one.weight, 3),
            }
            for one in examination.findings[:MOST]
        ],
        "parts": [_part(one) for one in examination.files[:MOST]],
        "urls": list(dict.fromkeys(cleaned(link.untrusted_url) for link in examination.links[:MOST])),
        "auth": cast("Json", dict(sender)) if sender is not None else NOT_ASKED,
        "edits": list(changed),
    }


def coverage(examination: Examination) -> str:
    """Whether all that was due was looked at: complete, incomplete, or nothing due."""
    if not examination.coverage.due:
        return "nothing due"
    return "complete" if examination.coverage.complete else "incomplete"


def engines(examination: Examination) -> list[Json]:
    """Each engine that was due, with the time it took and how it ended; the ones that took longest first."""
    spent: dict[str, list[float]] = {}
    missed: dict[str, str] = {}
    for report in examination.coverage.reports:
        spent.setdefault(report.engine, []).append(report.milliseconds)
        if isinstance(report, Incomplete):
            missed.setdefault(report.engine, report.why.value)
    ordered = sorted(spent, key=lambda name: -sum(spent[name]))
    return [
        {
            "engine": name,
            "parts": len(spent[name]),
            "milliseconds": round(sum(spent[name]), 3),
            "incomplete": missed.get(name),
        }
        for name in ordered
    ]


def _strictest(decisions: Sequence[Decision]) -> str:
    return max((_disposition(one) for one in decisions), key=_ORDER.index)


_ORDER: Final = ("deliver", "deliver_changed", "hold", "quarantine", "reject", "discard")


def _disposition(decision: Decision) -> str:
    if decision.disposition is Disposition.DELIVER and decision.edits:
        return "deliver_changed"
    return decision.disposition.value


def _because(judgement: Judgement, strictest: Decision) -> Iterable[str]:
    return dict.fromkeys((*strictest.because, *judgement.verdict.because))


def _recipient(message: Message, decision: Decision) -> dict[str, Json]:
    return {
        "address": cleaned(str(message.envelope.recipients[decision.recipient].address)),
        "disposition": _disposition(decision),
        "quarantine_class": decision.quarantine_class,
        "would_have": decision.would_have.value if decision.would_have else None,
        "rule": decision.rule,
        "because": [cleaned(one) for one in decision.because],
        "edits": [shown(edit) for edit in decision.edits],
        "way": list(way_shown(decision.way)),
        "added": list(decision.added),
    }


def _part(file: File) -> dict[str, Json]:
    true = file.types[0] if file.types else None
    return {
        "path": file.path,
        "name": cleaned(file.untrusted_names[0]) if file.untrusted_names else "",
        "names": [cleaned(name) for name in file.untrusted_names],
        "type": true.media if true else "",
        "extension": true.name if true else "",
        "declared": cleaned(file.declared[0]) if file.declared else "",
        "provenance": file.provenance,
        "alternate": file.alternate,
        "disposition": cleaned(file.disposition),
        "size": file.size,
        "sha256": file.sha256[0] if file.sha256 else "",
        "digests": list(file.sha256),
    }
