"""What an engine says it saw: a finding, a link, a fact to ask others about, or a file that was packed into another.

A finding says what is there, never what should happen (ARCHITECTURE.md, law 1). Its `severity` speaks of danger; its
`weight` speaks of being wanted, and moves the mail class alone: no weight, however low, makes a danger smaller
(DECISIONS 20).
"""

from dataclasses import dataclass
from enum import Enum, IntEnum

from mailock.core.mime.part import PartPath


class Severity(IntEnum):
    """How dangerous what was seen is by itself."""

    NOTE = 0
    """Worth knowing; no danger by itself."""
    SUSPICIOUS = 1
    MALICIOUS = 2


class Confidence(IntEnum):
    """How sure the engine is."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing seen."""

    engine: str
    kind: str
    """The word by which rules and exceptions name it, `office.macro`; the engine's manifest documents each."""
    severity: Severity
    confidence: Confidence
    part: PartPath
    evidence: str
    """A sentence for people: what was seen, and where. What it quotes of the mail is cut and made printable."""
    weight: float = 0.0
    """For the mail class: above zero speaks for spam, below for ham."""


class Shown(Enum):
    """How a link stands in the message: by that it is found again when it has to be changed."""

    TEXT = "text"
    """Written out in text."""
    HTML = "html"
    """A target in HTML: of a link, a form, an image, a style …"""
    INSIDE = "inside"
    """In a document, a code in an image, a file: it cannot be rewritten in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A URL that the message leads to."""

    part: PartPath
    untrusted_url: str
    """As a client would open it: entities, wrappers and defanging undone, host in lower case and IDNA."""
    untrusted_raw: str
    """As it stands in the part."""
    untrusted_text: str = ""
    """What the reader sees in its place, cut."""
    shown: Shown = Shown.INSIDE


class FactKind(Enum):
    """What online engines are asked about, which get no bytes (ARCHITECTURE.md, law 4)."""

    SHA256 = "sha256"
    SHA1 = "sha1"
    MD5 = "md5"
    DOMAIN = "domain"
    ADDRESS = "address"
    URL = "url"
    DKIM = "dkim"
    """A signature with the digests that the jail computed, as a document of its engine."""
    READING = "reading"
    """How the message reads, as a document of the classifier's jailed half."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something to ask others about. From a hostile message: whoever asks checks it first."""

    part: PartPath
    kind: FactKind
    untrusted_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A file that was packed into the one that was looked at. It comes back as a part and goes round again."""

    provenance: str
    """A word for the container: `zip`, `ole`, `pdf`, `rtf` … It stands in the part's path: `1.2/zip:3`."""
    content: bytes
    untrusted_name: str = ""
    encrypted: bool = False
    """Whether a password had to be found to get at it."""


Sighting = Finding | Link | Fact | Child
