"""What a rule that matched means: its metadata, read with defaults. Nothing here raises: rules come from many houses.

severity     "malicious", "suspicious" or "note"; a rule that does not say is suspicious
score        0 to 100, as large public collections have it, where there is no severity: from 75 malicious, from 40
             suspicious
confidence   "high", "medium" or "low"; a rule that does not say is medium
kind         the word by which policy names the finding; a rule that does not say is `yara.rule`
description  what it recognises, as the finding's evidence repeats it
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Final

from mailock.core.evidence.finding import Confidence, Severity
from mailock.core.mail.shown import cleaned

ANY_KIND: Final = "yara.rule"
MALICIOUS_SCORE: Final = 75
SUSPICIOUS_SCORE: Final = 40
_DESCRIPTION: Final = 160
_SEVERITIES: Final = {severity.name.lower(): severity for severity in Severity}
_CONFIDENCES: Final = {confidence.name.lower(): confidence for confidence in Confidence}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a rule says of what it matches."""

    kind: str
    severity: Severity
    confidence: Confidence
    description: str


def meaning(metadata: Iterable[tuple[str, object]], kinds: Set[str]) -> Meaning:
    """The meaning of a rule's metadata. A kind that is not among `kinds`, which the manifest names, is `yara.rule`."""
    words = {name.lower(): value for name, value in metadata}
    kind = str(words.get("kind", ANY_KIND))
    return Meaning(
        kind=kind if kind in kinds else ANY_KIND,
        severity=_severity(words),
        confidence=_CONFIDENCES.get(str(words.get("confidence", "")).lower(), Confidence.MEDIUM),
        description=cleaned(str(words.get("description", "")))[:_DESCRIPTION],
    )


def _severity(words: dict[str, object]) -> Severity:
    said = _SEVERITIES.get(str(words.get("severity", "")).lower())
    if said is not None:
        return said
    score = words.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float):
        return Severity.SUSPICIOUS
    if score >= MALICIOUS_SCORE:
        return Severity.MALICIOUS
    return Severity.SUSPICIOUS if score >= SUSPICIOUS_SCORE else Severity.NOTE
