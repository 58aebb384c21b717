"""A profile: how every kind of thing that was seen, or was not, is treated. Rules select one.

What ships is what a careful administrator would choose, and why:

- *Malicious* mail is kept from its recipients; only an administrator lets it go.
- *Suspicious* mail is kept where an engine is confident at least at a medium level: programs, scripts that reach out,
  archives that contradict themselves. What engines are less sure of is delivered: simple macros and odd links are
  everyday things, and a quarantine that nobody can look through protects nobody.
- *Ambiguous* mail, which clients may read differently and which could not be read in every way, is kept.
- What engines against malware could not see is kept (fail-close), whatever the direction: an engine that is down is
  what an attacker wants. What anti-spam could not see is delivered when it comes in (fail-open), since spam is a
  nuisance and lost mail is a loss; on the way out it is kept, since spam of ours is our reputation. Who sent our own
  outgoing mail is known by other means than its authentication, so that fails open.
- Files that a password protects are kept when they come from outside: that is how much malware travels, and whoever
  knows the password can have them released. From inside they pass: sending them so is what data protection asks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final

from mailock.core.evidence.finding import Confidence
from mailock.core.evidence.manifest import Duty
from mailock.core.lifecycle.copies import Disposition
from mailock.core.mail.envelope import Direction
from mailock.core.policy.track import Track
from mailock.core.rewriting.edits import Place
from mailock.core.rewriting.orders import Sealed
from mailock.core.rewriting.texts import COPY_TEMPLATE
from mailock.core.verdict.weigh import Thresholds

SHIPPED_PASSWORDS: Final = ("infected", "malware", "virus", "password", "Password1", "1234", "12345", "123456")
"""What samples are usually protected with, and what those take who have to set something."""


class FailMode(Enum):
    """What becomes of mail that an engine should have seen and did not, from mild to strict."""

    OPEN = "open"
    """Delivered; the log says that it was not examined."""
    STRIP = "strip"
    """Delivered with a text in the place of each part that was not seen."""
    HOLD = "hold"
    """Kept in the queue until somebody lets it go."""
    CLOSE = "close"
    """Quarantined as `unscanned`."""


class Protected(Enum):
    """What becomes of files that a password protects, where none was found, from mild to strict."""

    DELIVER = "deliver"
    NOTE = "note"
    """Delivered with a line that says that nobody looked into them."""
    QUARANTINE = "quarantine"
    """Quarantined as `encrypted`."""
    MALICIOUS = "malicious"
    """Treated like malicious mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is changed in malicious mail that is delivered. Texts take `$filename$`, `$sha256$`, `$md5$`,
    `$neutralized_url$` and `$verdicts$`.
    """

    remove: bool = True
    """Whether attachments and links that were found malicious are taken out."""
    attachment_text: str = (
        "The attachment $filename$ was removed because it was found to be malicious.\nSHA-256: $sha256$\n"
    )
    unscanned_text: str = "The attachment $filename$ was removed because it could not be examined.\n"
    link_text: str = "[malicious link removed: $neutralized_url$]"
    header: str = "X-Mailock-Verdict"
    """The name of a header field with verdict and confidence; empty for none."""
    subject_prefix: str = ""
    body_text: str = ""
    """Added at the top of what the reader sees."""
    sealed: Sealed = Sealed.UNFIT
    """What becomes of signed and encrypted content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaliciousMail:
    """The malicious mail policy: the MTA's own rule, which stands above all others."""

    disposition: Disposition = Disposition.QUARANTINE
    """QUARANTINE, REJECT or DISCARD is Block; DELIVER is Allow, with changes."""
    changes: Changes = field(default_factory=Changes)
    copies_to: tuple[str, ...] = ()
    """Who gets a copy, with the original attached, of what was blocked and what was allowed."""
    copy_text: str = COPY_TEMPLATE
    """What the copies say, those that rules order too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpamAction:
    """What becomes of one class of unwanted mail."""

    disposition: Disposition = Disposition.DELIVER
    subject_prefix: str = ""
    header: str = ""
    """A header field's name; its value is the class and the score."""
    track: Track = Track.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class AntiSpam:
    """What becomes of mail by its class."""

    enabled: bool = True
    detect_only: bool = False
    """Whether what would be done is only logged."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    suspected: SpamAction = field(default_factory=lambda: SpamAction(subject_prefix="[SUSPECTED SPAM] "))
    spam: SpamAction = field(
        default_factory=lambda: SpamAction(
            disposition=Disposition.QUARANTINE, subject_prefix="[SPAM] ", track=Track.LOG
        )
    )
    phishing: SpamAction = field(
        default_factory=lambda: SpamAction(
            disposition=Disposition.QUARANTINE, subject_prefix="[PHISHING] ", track=Track.LOG
        )
    )
    bulk: SpamAction = field(default_factory=SpamAction)


FailModes = Mapping[tuple[Direction, Duty], FailMode]
SHIPPED_FAIL_MODES: FailModes = MappingProxyType(
    {
        (direction, duty): FailMode.OPEN
        if duty is Duty.SENDER or (duty is Duty.SPAM and direction is not Direction.OUTGOING)
        else FailMode.CLOSE
        for direction in Direction
        for duty in Duty
    }
)
SHIPPED_PROTECTED: Mapping[Direction, Protected] = MappingProxyType(
    {
        Direction.INCOMING: Protected.QUARANTINE,
        Direction.OUTGOING: Protected.DELIVER,
        Direction.INTERNAL: Protected.DELIVER,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One way to treat mail."""

    name: str = "default"
    malicious: MaliciousMail = field(default_factory=MaliciousMail)
    suspicious: Disposition = Disposition.QUARANTINE
    suspicious_from: Confidence = Confidence.MEDIUM
    """How sure an engine must be that something is suspicious before that disposition is taken."""
    ambiguous: Disposition = Disposition.QUARANTINE
    fail: FailModes = field(default_factory=lambda: SHIPPED_FAIL_MODES)
    protected: Mapping[Direction, Protected] = field(default_factory=lambda: SHIPPED_PROTECTED)
    protected_text: str = "An attachment of this message is protected by a password and was not examined."
    anti_spam: AntiSpam = field(default_factory=AntiSpam)
    excluded_types: frozenset[str] = frozenset()
    """File types of which only *malicious* counts: what else is found in them, or not seen of them, is let be."""
    note_place: Place = Place.TOP
