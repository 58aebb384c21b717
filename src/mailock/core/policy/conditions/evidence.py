"""Conditions on evidence: what was found, in which files, how dangerous and how unwanted that makes the message, and
what was not seen. Each means "this, or worse".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mailock.core.evidence.coverage import NOT_DUE
from mailock.core.evidence.finding import Confidence, Severity
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Why
from mailock.core.evidence.wording import Sought
from mailock.core.mime.defects import Defect
from mailock.core.mime.part import PartPath
from mailock.core.policy.conditions.condition import View, wildcard
from mailock.core.verdict.sentences import files_of
from mailock.core.verdict.verdict import MailClass, Threat

_CLASSES = tuple(MailClass)


@dataclass(frozen=True, slots=True)
class HasFile:
    """A file of which all of this is so: name, true type, hash, and what it was packed into. What is empty is not
    asked. Names and types count in every reading.
    """

    names: tuple[str, ...] = ()
    """`*` stands for anything; case does not matter."""
    types: frozenset[str] = frozenset()
    """Types (`exe`) and families (`executable`)."""
    hashes: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()
    """Types and families of containers, or words for how a file came to light: `zip`, `tnef`."""
    on_evidence: bool = field(default=True, init=False)

    def holds(self, view: View) -> bool:
        """Whether there is such a file."""
        files = files_of(view.case.examination)
        return any(self._is_meant(file, files) for file in files.values())

    def _is_meant(self, file: File, files: Mapping[PartPath, File]) -> bool:
        if self.names and not any(like(name) for like in map(wildcard, self.names) for name in file.untrusted_names):
            return False
        if self.types and self.types.isdisjoint(words_of(file)):
            return False
        if self.hashes and self.hashes.isdisjoint(file.sha256):
            return False
        return not self.inside or any(not self.inside.isdisjoint(words) for words in _containers(file, files))


@dataclass(frozen=True, slots=True)
class Dangerous:
    """How dangerous the message is at least, and how sure an engine is of it."""

    threat: Threat
    confidence: Confidence = Confidence.LOW
    on_evidence: bool = field(default=True, init=False)

    def holds(self, view: View) -> bool:
        """Whether it is. With a confidence, one finding has to be both that grave and that sure."""
        if self.threat <= Threat.UNKNOWN:
            return view.verdict.threat >= self.threat
        least = Severity.MALICIOUS if self.threat is Threat.MALICIOUS else Severity.SUSPICIOUS
        return any(
            finding.severity >= least and finding.confidence >= self.confidence
            for finding in view.case.examination.findings
        )


@dataclass(frozen=True, slots=True)
class Unwanted:
    """The class of mail that it is at least: ham, bulk, suspected_spam, spam, phishing."""

    mail_class: MailClass
    on_evidence: bool = field(default=True, init=False)

    def holds(self, view: View) -> bool:
        """Whether it is of this class, or a worse one."""
        return _CLASSES.index(view.verdict.mail_class) >= _CLASSES.index(self.mail_class)


@dataclass(frozen=True, slots=True)
class Scores:
    """The score of the mail class that it reaches."""

    least: float
    on_evidence: bool = field(default=True, init=False)

    def holds(self, view: View) -> bool:
        """Whether it does."""
        return view.verdict.score >= self.least


@dataclass(frozen=True, slots=True)
class Missed:
    """Whether something was not seen, for one of these reasons; of no reason: for any."""

    reasons: frozenset[Why] = frozenset()
    on_evidence: bool = field(default=True, init=False)

    def holds(self, view: View) -> bool:
        """Whether something was missed."""
        missed = (gap.why for gap in view.case.examination.coverage.incomplete)
        return any(why in self.reasons if self.reasons else why not in NOT_DUE for why in missed)


@dataclass(frozen=True, slots=True)
class Contradicts:
    """A way in which the message contradicts itself."""

    defects: frozenset[Defect]
    on_evidence: bool = field(default=True, init=False)

    def holds(self, view: View) -> bool:
        """Whether it has such a defect."""
        return any(one.defect in self.defects for one in view.case.examination.defects)


@dataclass(frozen=True, slots=True)
class Found:
    """A kind of finding."""

    kinds: frozenset[str]
    on_evidence: bool = field(default=True, init=False)

    def holds(self, view: View) -> bool:
        """Whether something of such a kind was found."""
        return any(finding.kind in self.kinds for finding in view.case.examination.findings)


@dataclass(frozen=True, slots=True)
class FoundBy:
    """An engine that found something suspicious or malicious."""

    engines: frozenset[str]
    on_evidence: bool = field(default=True, init=False)

    def holds(self, view: View) -> bool:
        """Whether one of these did."""
        return any(
            finding.engine in self.engines and finding.severity > Severity.NOTE
            for finding in view.case.examination.findings
        )


@dataclass(frozen=True, slots=True)
class Contains:
    """Words of the text, or of a header field, that the jail looked for."""

    sought: frozenset[Sought]
    on_evidence: bool = field(default=True, init=False)

    def holds(self, view: View) -> bool:
        """Whether it has one of them, or may have: what could not be looked at may hold any."""
        return view.case.examination.wording.may_have(self.sought)


def words_of(file: File) -> frozenset[str]:
    """Every type and family that a file is of, in any reading."""
    words = {word for kind in file.types for word in (kind.name, kind.family.value, *kind.polyglot)}
    return frozenset(words)


def _containers(file: File, files: Mapping[PartPath, File]) -> Iterator[frozenset[str]]:
    """The words for each container that a file is in, the innermost first."""
    seen: set[PartPath] = set()
    while file.parent is not None and file.path not in seen:
        seen.add(file.path)
        yield frozenset({file.provenance})
        if file.parent not in files:
            return
        file = files[file.parent]
        yield words_of(file)
