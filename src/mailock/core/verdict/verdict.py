"""The verdict: two answers that do not mix, how dangerous a message is and whether it is wanted."""

from dataclasses import dataclass
from enum import Enum, IntEnum

from mailock.core.evidence.finding import Confidence


class Threat(IntEnum):
    """How dangerous, from mild to strict."""

    BENIGN = 0
    """Everything that was due was looked at, and nothing was found."""
    UNKNOWN = 1
    """Nothing was found, and not everything was looked at. Policy says what happens then."""
    SUSPICIOUS = 2
    MALICIOUS = 3


class MailClass(Enum):
    """What kind of mail it is to its reader, from wanted to dangerous."""

    HAM = "ham"
    BULK = "bulk"
    SUSPECTED_SPAM = "suspected_spam"
    SPAM = "spam"
    PHISHING = "phishing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is believed. `because` holds a sentence for each thing that counted, the weightiest first."""

    threat: Threat
    confidence: Confidence
    mail_class: MailClass
    score: float
    """Of the mail class: the higher, the less wanted."""
    because: tuple[str, ...] = ()
