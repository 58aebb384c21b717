"""Weighs an examination: what is believed of a message, from what was seen and what was not.

How dangerous it is follows the gravest finding alone, with the confidence of the surest engine that says so. Many
suspicious findings stay suspicious, however many: what makes *malicious* is a finding that says malicious. *Benign*
takes engines against malware that were due and saw all of it, and a message that was read in every way in which a
client may read it; without that the best is *unknown* (ARCHITECTURE.md, law 6). Other defects change nothing by
themselves: ordinary newsletters are broken.

How wanted it is follows the sum of the weights, against two thresholds. Weights below zero speak for a message and
touch its class only; no sum of them makes a danger smaller (DECISIONS 20).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mailock.core.evidence.examination import Examination
from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.manifest import Duty
from mailock.core.verdict.gaps import gaps, is_covered, unread
from mailock.core.verdict.sentences import files_of, of_finding, of_gap, of_unread, of_weight
from mailock.core.verdict.verdict import MailClass, Threat, Verdict

SENTENCES: Final = 24
"""How many things a verdict tells in sentences; the examination has them all."""
PHISHING: Final = "phishing."
"""Kinds of finding that begin with this make the class phishing where they are suspicious or worse."""
BULK: Final = "bulk"
"""The kind of finding that makes ham bulk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From which score on mail counts as what."""

    suspected: float = 5.0
    spam: float = 10.0


SHIPPED: Final = Thresholds()


def weigh(examination: Examination, duties: Mapping[str, Duty], thresholds: Thresholds = SHIPPED) -> Verdict:
    """What is believed. `duties` says what each engine is for; one that it does not know counts for malware."""
    findings = examination.findings
    threat, confidence = _threat(examination, findings, duties)
    score = sum(finding.weight for finding in findings)
    return Verdict(
        threat=threat,
        confidence=confidence,
        mail_class=_class(findings, score, thresholds),
        score=score,
        because=_because(examination, findings, duties, threat),
    )


def _threat(
    examination: Examination, findings: tuple[Finding, ...], duties: Mapping[str, Duty]
) -> tuple[Threat, Confidence]:
    worst = max((finding.severity for finding in findings), default=Severity.NOTE)
    if worst is not Severity.NOTE:
        surest = max(finding.confidence for finding in findings if finding.severity is worst)
        return Threat.MALICIOUS if worst is Severity.MALICIOUS else Threat.SUSPICIOUS, surest
    if is_covered(examination, duties, Duty.MALWARE) and not unread(examination):
        return Threat.BENIGN, Confidence.HIGH
    return Threat.UNKNOWN, Confidence.LOW


def _class(findings: tuple[Finding, ...], score: float, thresholds: Thresholds) -> MailClass:
    if any(finding.kind.startswith(PHISHING) and finding.severity > Severity.NOTE for finding in findings):
        return MailClass.PHISHING
    if score >= thresholds.spam:
        return MailClass.SPAM
    if score >= thresholds.suspected:
        return MailClass.SUSPECTED_SPAM
    return MailClass.BULK if any(finding.kind == BULK for finding in findings) else MailClass.HAM


def _because(
    examination: Examination, findings: tuple[Finding, ...], duties: Mapping[str, Duty], threat: Threat
) -> tuple[str, ...]:
    files = files_of(examination)
    grave = sorted(
        (finding for finding in findings if finding.severity > Severity.NOTE),
        key=lambda finding: (-finding.severity, -finding.confidence),
    )
    heavy = sorted((finding for finding in findings if finding.weight), key=lambda finding: -abs(finding.weight))
    missed = gaps(examination, duties, Duty.MALWARE)
    told = [of_finding(finding, files) for finding in grave]
    told += [of_unread(one, files) for one in unread(examination)]
    told += [of_gap(gap, files) for gap in missed]
    told += [of_weight(finding, files) for finding in heavy]
    if threat is Threat.BENIGN:
        told.insert(0, "every part was examined by every engine that was due, and nothing dangerous was found")
    elif threat is Threat.UNKNOWN and not missed and not unread(examination):
        told.insert(0, "no engine against malware was due, so nothing can be said")
    return _cut(told)


def _cut(sentences: list[str]) -> tuple[str, ...]:
    """The first of them, each once, and how many more there are."""
    told = list(dict.fromkeys(sentences))
    more = len(told) - SENTENCES
    return (*told[:SENTENCES], f"and {more} more") if more > 0 else tuple(told)
