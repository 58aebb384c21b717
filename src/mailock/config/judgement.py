"""The settings that judge mail: what is done with what was seen and with what was not, by profile.

[judgement], [malicious_mail] and [anti_spam] at the top of the file serve everybody for whom no rule selects a profile;
[profile.NAME] holds the same sections again, and what one of them leaves out is as at the top (`inherit`).
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Final

from mailock.config.filters import Rspamd, SpamAssassin
from mailock.config.names import absolute_path, address, plain_name
from mailock.config.setting import required, setting
from mailock.config.units import Duration, Size, shown
from mailock.core.lifecycle.copies import Disposition
from mailock.core.policy.lists import Pinned
from mailock.core.policy.profile import SHIPPED_PASSWORDS, Changes, FailMode, Protected
from mailock.core.policy.track import Track
from mailock.core.rewriting.texts import COPY_TEMPLATE, unknown_variables

INHERITED: Final = ("judgement", "malicious_mail", "anti_spam")
"""Sections that a profile holds again."""
_SHIPPED: Final = Changes()
_CLASS: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_HEADER: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def header_name(text: str) -> str:
    """The name of a header field of ours; empty for none."""
    if text and not (_HEADER.fullmatch(text) and text.casefold().startswith("x-")):
        raise ValueError(f'{shown(text)} is no name of a field of ours: write one such as "X-Mailock-Verdict"')
    return text


def prefix(text: str) -> str:
    """What stands before a subject."""
    if not text.isprintable() or len(text) > 64:
        raise ValueError(f"{shown(text)} does not fit before a subject: write up to 64 characters on one line")
    return text


def template(text: str) -> str:
    """A text with variables."""
    wrong = unknown_variables(text)
    if wrong:
        raise ValueError(f"there is no variable ${wrong[0]}$: docs/settings.md lists them")
    return text


def quarantine_class(text: str) -> str:
    """The name of a class in quarantine."""
    if not _CLASS.fullmatch(text):
        raise ValueError(f'{shown(text)} is no class of quarantine: write a word such as "policy", in small letters')
    return text


def sha256(text: str) -> str:
    """A SHA-256."""
    folded = text.strip().lower()
    if not _HASH.fullmatch(folded):
        raise ValueError(f"{shown(text)} is no SHA-256: write its 64 hexadecimal digits")
    return folded


@dataclass(frozen=True, slots=True)
class Day:
    """A day, to its end in UTC."""

    day: date

    @classmethod
    def read(cls, raw: object) -> "Day":
        """From a date, with or without quotes: `2027-01-31`."""
        if isinstance(raw, date) and not isinstance(raw, datetime):
            return cls(raw)
        try:
            return cls(date.fromisoformat(raw.strip() if isinstance(raw, str) else ""))
        except ValueError:
            raise ValueError(f"{shown(raw)} is no day: write one such as 2027-01-31") from None

    @property
    def end(self) -> float:
        """Unix seconds."""
        if self.day == date.max:
            return datetime.combine(self.day, datetime.min.time(), UTC).timestamp()
        return datetime.combine(self.day + timedelta(days=1), datetime.min.time(), UTC).timestamp()

    def __str__(self) -> str:
        """As the file writes it."""
        return self.day.isoformat()


class Sureness(Enum):
    """How sure an engine is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Action(Enum):
    """What becomes of malicious mail."""

    QUARANTINE = "quarantine"
    REJECT = "reject"
    DISCARD = "discard"
    ALLOW = "allow"
    """Delivered, with changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What was not seen of incoming mail: open delivers, strip takes the parts out, hold and close keep."""

    malware: FailMode = setting(FailMode.CLOSE, "Where engines against malware could not look.")
    spam: FailMode = setting(FailMode.OPEN, "Where anti-spam could not look.")
    sender: FailMode = setting(FailMode.OPEN, "Where the sender could not be authenticated.")
    protected: Protected = setting(
        Protected.QUARANTINE, "Files that a password protects, where none was found: note delivers with a line of text."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """The same for outgoing mail."""

    malware: FailMode = setting(FailMode.CLOSE, "Where engines against malware could not look.")
    spam: FailMode = setting(FailMode.CLOSE, "Where anti-spam could not look.")
    sender: FailMode = setting(FailMode.OPEN, "Where the sender could not be authenticated.")
    protected: Protected = setting(Protected.DELIVER, "Files that a password protects, where none was found.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Internal:
    """The same for mail that stays inside."""

    malware: FailMode = setting(FailMode.CLOSE, "Where engines against malware could not look.")
    spam: FailMode = setting(FailMode.OPEN, "Where anti-spam could not look.")
    sender: FailMode = setting(FailMode.OPEN, "Where the sender could not be authenticated.")
    protected: Protected = setting(Protected.DELIVER, "Files that a password protects, where none was found.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is done with what was seen, and with what could not be."""

    suspicious: Disposition = setting(Disposition.QUARANTINE, "What becomes of suspicious mail.")
    suspicious_from: Sureness = setting(
        Sureness.MEDIUM, "How sure an engine has to be for that; below it, such mail is delivered."
    )
    ambiguous: Disposition = setting(
        Disposition.QUARANTINE, "What becomes of mail that clients may read in more ways than could be examined."
    )
    protected_text: str = setting(
        "An attachment of this message is protected by a password and was not examined.",
        'The line that `protected = "note"` adds.',
        parse=template,
    )
    exclude_types: tuple[str, ...] = setting(
        (),
        "File types and families of which only what is malicious counts.",
        parse=plain_name,
        example='["font"]',
    )
    incoming: Incoming = setting(Incoming())
    outgoing: Outgoing = setting(Outgoing())
    internal: Internal = setting(Internal())


@dataclass(frozen=True, slots=True, kw_only=True)
class MaliciousMail:
    """The malicious mail policy: the rule above all others. Texts may hold `$filename$`, `$md5$`, `$sha256$`,
    `$neutralized_url$` and `$verdicts$`.
    """

    enabled: bool = setting(True, "Whether it is on; without it, malicious mail is delivered as it is, and logged.")
    action: Action = setting(Action.QUARANTINE, "What becomes of malicious mail; allow delivers it with changes.")
    remove: bool = setting(True, "With allow: whether malicious attachments and links are taken out.")
    attachment_text: str = setting(
        _SHIPPED.attachment_text, "Stands in the place of a malicious attachment.", parse=template
    )
    unscanned_text: str = setting(
        _SHIPPED.unscanned_text, "Stands in the place of an attachment that could not be examined.", parse=template
    )
    link_text: str = setting(_SHIPPED.link_text, "Stands in the place of a malicious link.", parse=template)
    header: str = setting(
        _SHIPPED.header, "With allow: the header field that says the verdict; empty for none.", parse=header_name
    )
    subject_prefix: str = setting("", "With allow: what is put before the subject.", parse=prefix)
    body_text: str = setting("", "With allow: what is added above the text.", parse=template)
    change_signed: bool = setting(
        False, "Whether signed mail is changed too, which breaks its signature; otherwise it is quarantined."
    )
    send_copy_to: tuple[str, ...] = setting(
        (),
        "Who gets a copy of malicious mail, with the original attached.",
        parse=address,
        example='["security@example.com"]',
    )
    copy_text: str = setting(
        COPY_TEMPLATE,
        "What such a copy says. Of profiles, only that at the top of the file counts.",
        parse=template,
        shown_default="a text with all of the variables below",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectedSpam:
    """What becomes of mail that is suspected to be spam."""

    action: Disposition = setting(Disposition.DELIVER, "What becomes of it.")
    flag_subject: str = setting("[SUSPECTED SPAM] ", "What is put before its subject; empty for nothing.", parse=prefix)
    flag_header: str = setting("", "A header field with its class and score; empty for none.", parse=header_name)
    track: Track = setting(Track.NONE, "Whether somebody is told, besides what the log has of every message.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spam:
    """What becomes of spam."""

    action: Disposition = setting(Disposition.QUARANTINE, "What becomes of it.")
    flag_subject: str = setting("[SPAM] ", "What is put before its subject, where it is delivered.", parse=prefix)
    flag_header: str = setting("", "A header field with its class and score; empty for none.", parse=header_name)
    track: Track = setting(Track.LOG, "Whether somebody is told, besides what the log has of every message.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phishing:
    """What becomes of phishing."""

    action: Disposition = setting(Disposition.QUARANTINE, "What becomes of it.")
    flag_subject: str = setting("[PHISHING] ", "What is put before its subject, where it is delivered.", parse=prefix)
    flag_header: str = setting("", "A header field with its class and score; empty for none.", parse=header_name)
    track: Track = setting(Track.LOG, "Whether somebody is told, besides what the log has of every message.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What becomes of advertising that somebody may have ordered."""

    action: Disposition = setting(Disposition.DELIVER, "What becomes of it.")
    flag_subject: str = setting("", "What is put before its subject; empty for nothing.", parse=prefix)
    flag_header: str = setting("", "A header field with its class and score; empty for none.", parse=header_name)
    track: Track = setting(Track.NONE, "Whether somebody is told, besides what the log has of every message.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AntiSpam:
    """Anti-Spam: what becomes of mail by its class. Its engines run where it is on for the top of the file or for any
    profile.
    """

    enabled: bool = setting(True, "Whether it is on.")
    detect_only: bool = setting(False, "Whether what would be done is only logged.")
    suspected_from: float = setting(5.0, "The score from which on spam is suspected.", minimum=-100, maximum=1000)
    spam_from: float = setting(10.0, "The score from which on mail is spam.", minimum=-100, maximum=1000)
    suspected: SuspectedSpam = setting(SuspectedSpam())
    spam: Spam = setting(Spam())
    phishing: Phishing = setting(Phishing())
    bulk: Bulk = setting(Bulk())
    rspamd: Rspamd = setting(Rspamd())
    spamassassin: SpamAssassin = setting(SpamAssassin())


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Another way to treat mail, for the rules that name it. What it leaves out is as at the top of the file."""

    name: str = required("The name.", parse=plain_name)
    judgement: Judgement = setting(Judgement())
    malicious_mail: MaliciousMail = setting(MaliciousMail())
    anti_spam: AntiSpam = setting(AntiSpam())


class PinVerdict(Enum):
    """What a file is, by order."""

    BENIGN = Pinned.BENIGN.value
    MALICIOUS = Pinned.MALICIOUS.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What you say of one file, whatever engines say. Only this lifts *malicious*, and for that very file alone."""

    sha256: str = required("The SHA-256 of the file.", parse=sha256, example=f'"{"0" * 64}"')
    verdict: PinVerdict = required('"benign" or "malicious".', example='"benign"')
    because: str = required("Why; the log repeats it.", parse=prefix, example='"checked by hand, ticket 4711"')
    until: Day | None = setting(None, "The last day on which it holds.", example="2099-12-31")


class Expected(Enum):
    """What a golden case is to come to, at the strictest of its recipients."""

    DELIVER = "deliver"
    DELIVER_CHANGED = "deliver_changed"
    HOLD = "hold"
    QUARANTINE = "quarantine"
    REJECT = "reject"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """A message of which you know what is to become of it. A policy that decides otherwise is not installed."""

    file: str = required("The message.", parse=absolute_path, example='"/etc/mailock/golden/invoice.eml"')
    expect: Expected = required("What is to become of it.", example='"quarantine"')
    sender: str = setting("", "Its envelope's sender; without it, who From says it is.")
    recipients: tuple[str, ...] = setting(
        (), "Its recipients; without them, those in To and Cc.", parse=address, example='["anna@example.com"]'
    )
    client_ip: str = setting("", "The address that it came from; without it, one that is nobody's.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What examining one message may cost. What a bound cuts off was not seen, and is treated so."""

    time: Duration = setting(Duration(60), "How long the whole of it may take.")
    depth: int = setting(16, "Containers within containers that are opened.", minimum=1, maximum=64)
    files: int = setting(10_000, "Files that are unpacked.", minimum=1, maximum=1_000_000)
    unpacked: Size = setting(Size(512 << 20), "What everything that is unpacked may come to.")
    ratio: int = setting(
        1000,
        "How many times its own size a container may unpack to, beyond its first 10 MB.",
        minimum=10,
        maximum=1_000_000,
    )
    links: int = setting(5000, "Different links of one text or page that are looked at.", minimum=1, maximum=100_000)
    link_text: Size = setting(
        Size(8 << 20),
        "How much of one text or page is read for links and what hides there; of plain text never more than 4 MiB.",
        minimum=1 << 10,
        maximum=8 << 20,
    )
    passwords: tuple[str, ...] = setting(
        SHIPPED_PASSWORDS,
        "Passwords that are tried on archives and documents, besides the words of the message itself.",
        shown_default="a short list of usual ones",
    )
