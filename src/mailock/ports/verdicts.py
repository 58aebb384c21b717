"""The verdict cache: what external scanners said of contents, by SHA-256 and everything else that it depends on.

Only whole answers of scanners outside of the jail are in it, for contents that we hashed ourselves (ADR 8).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mailock.core.evidence.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of whom (DECISIONS 23): an answer holds for this and for nothing else."""

    sha256: bytes
    """Of the content, 32 octets."""
    engine: str
    version: str
    """Of the engine and of its content."""
    inputs: bytes
    """A digest of the settings, and of what else of the part its manifest declares; empty where there is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """One answer."""

    asked: Asked
    findings: tuple[Finding, ...]
    """Empty: nothing was found. Told of part `1`, whatever part the content was."""
    since: float
    """Unix seconds at which the scanner answered."""
    until: float


class Verdicts(Protocol):
    """Remembers and is asked, while mail flows: neither waits for a disk for longer than a look-up takes."""

    def get(self, asked: Asked, now: float) -> tuple[Finding, ...] | None:
        """What is known, told of part `1`; None where nothing is."""
        ...

    def put(self, asked: Asked, findings: Sequence[Finding], now: float) -> None:
        """Remembers a whole answer."""
        ...


class VerdictDesk(Protocol):
    """What people do with it."""

    async def find(self, *, sha256: bytes | None, engine: str | None, now: float, limit: int) -> Sequence[Remembered]:
        """Answers that still hold, the newest first. Raises OSError."""
        ...

    async def purge(self, *, sha256: bytes | None, engine: str | None) -> int:
        """Forgets answers, and says how many. Raises OSError."""
        ...
