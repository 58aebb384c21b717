"""What one engine says of one part: that it looked, or why it did not. There is no third thing and no default."""

from dataclasses import dataclass
from enum import Enum

from mailock.core.evidence.finding import Finding
from mailock.core.mime.part import PartPath


class Why(Enum):
    """Why something was not looked at. The value is the word in logs and rules."""

    NOT_CONFIGURED = "not configured"
    """The administrator switched it off; it was not due."""
    NOT_NEEDED = "not needed"
    """The outcome was fixed for every recipient already (DECISIONS 22)."""
    EXCLUDED = "excluded"
    """An exclusion of the policy."""
    MISSING = "not installed"
    """A library or program that it needs is not there."""
    UNREACHABLE = "unreachable"
    """The program behind it does not answer."""
    RELOADING = "reloading"
    NONSENSE = "answered nonsense"
    DIED = "died"
    """Its process died, or it raised what it should not."""
    TIMED_OUT = "timed out"
    TOO_LARGE = "too large"
    TOO_DEEP = "too deep"
    TOO_MANY = "too many"
    """More parts, files or readings than the budget has."""
    TOO_COSTLY = "too costly"
    """It unpacks to more than the budget has: octets, ratio."""
    ENCRYPTED = "encrypted"
    """No password was found."""
    UNREADABLE = "unreadable"
    """Broken in a way that cannot be read, or of a kind that nobody here can read."""
    SILENT = "silent"
    """It was due and said nothing: a bug, made visible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The engine saw the part, all of it; what it found may be nothing."""

    engine: str
    version: str
    part: PartPath
    milliseconds: float
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """The engine did not see the part, or not all of it. What it found until then still counts."""

    engine: str
    version: str
    part: PartPath
    why: Why
    detail: str = ""
    """A sentence for people."""
    milliseconds: float = 0.0
    findings: tuple[Finding, ...] = ()


Report = Looked | Incomplete


class Unfinished(Exception):
    """Raised by an engine that cannot look at all of what it was given; becomes Incomplete."""

    def __init__(self, why: Why, detail: str = "", findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(detail or why.value)
        self.why = why
        self.detail = detail
        self.findings = findings
        """What was found until then, by an engine that does not yield."""
