"""What an engine is, what it wants to see, and what it can find: a value, known before anything runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from mailock.core.evidence.filetype import Family

EVERY_FAMILY: frozenset[Family] = frozenset(Family)


class Where(Enum):
    """Where an engine works (ARCHITECTURE.md, law 4: nobody has both the bytes and the network)."""

    JAILED = "jailed"
    """Gets bytes, and no network."""
    ONLINE = "online"
    """Gets facts, and no bytes."""
    EXTERNAL = "external"
    """Another program, reached by a forwarder that streams and never parses."""


class Scope(Enum):
    """What an engine is given."""

    PART = "part"
    """Each part that it wants, in every reading."""
    MESSAGE = "message"
    """The whole message, once; its report is about part `1`."""


class Duty(Enum):
    """What an engine is for: it decides what policy does where the engine could not look."""

    MALWARE = "malware"
    SPAM = "spam"
    SENDER = "sender"
    """Who sent it: authentication, impersonation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is known of an engine before it runs."""

    name: str
    version: str
    """Of its code and of its content; a verdict that is remembered holds for this version only."""
    where: Where
    scope: Scope
    duty: Duty
    families: frozenset[Family] = EVERY_FAMILY
    """Which parts it wants, of Scope.PART."""
    largest: int = 256 << 20
    """Octets of one part; a larger one is Incomplete(TOO_LARGE)."""
    seconds: float = 30.0
    """For one part."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Every kind of finding, with a sentence for the documentation."""
    needs: frozenset[str] = frozenset()
    """What a remembered verdict depends on besides the bytes: `name`, `declared`, `words`, `parent` (DECISIONS 23)."""
    settings: str = ""
    """Those of its settings on which an answer depends, as text: a remembered verdict holds for them only."""
