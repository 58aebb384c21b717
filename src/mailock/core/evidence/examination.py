"""What examining a message came to: its anatomy without bytes, everything seen, and the coverage."""

from dataclasses import dataclass, field

from mailock.core.authentication.authentication import Authentication
from mailock.core.evidence.coverage import Coverage
from mailock.core.evidence.finding import Fact, Finding, Link
from mailock.core.evidence.part import File
from mailock.core.evidence.wording import Wording
from mailock.core.mime.defects import Defect
from mailock.core.mime.part import PartPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A defect with the part that has it."""

    part: PartPath
    defect: Defect


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The outcome of station 2. Times are Unix seconds."""

    started: float
    ended: float
    files: tuple[File, ...]
    links: tuple[Link, ...]
    facts: tuple[Fact, ...]
    coverage: Coverage
    defects: tuple[Contradiction, ...]
    authentication: Authentication | None = None
    """Who sent it; None where nobody was asked."""
    wording: Wording = field(default_factory=Wording)
    """The words that rules ask for, and which of them it has."""

    @property
    def proven(self) -> frozenset[str]:
        """Domains that are proven to stand behind the message, and are aligned with its author."""
        return self.authentication.proven if self.authentication is not None else frozenset()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found, of complete and incomplete reports."""
        return tuple(finding for report in self.coverage.reports for finding in report.findings)


def nothing_due(at: float) -> Examination:
    """The examination of a message of which nothing was due to be examined, at a time in Unix seconds."""
    return Examination(
        started=at, ended=at, files=(), links=(), facts=(), coverage=Coverage(reports=(), due=0), defects=()
    )
