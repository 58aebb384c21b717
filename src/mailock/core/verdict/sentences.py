"""The sentences of a verdict: what was seen, where, and how sure its engine is."""

from collections.abc import Mapping
from typing import Final

from mailock.core.evidence.examination import Contradiction, Examination
from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Incomplete
from mailock.core.mail.shown import cleaned
from mailock.core.mime.defects import Defect
from mailock.core.mime.part import PartPath

NAME_LENGTH: Final = 80
"""Characters of a file name that a sentence repeats."""
_UNREAD: Final[Mapping[Defect, str]] = {
    Defect.AMBIGUOUS: "it can be read in more ways than are followed",
    Defect.TOO_DEEP: "its parts are nested deeper than is looked",
    Defect.TOO_MANY_PARTS: "it has more parts than are looked at",
    Defect.TOO_LARGE: "it decodes to more than is looked at",
    Defect.HEADER_TOO_LONG: "its header is longer than is looked at",
    Defect.PARTIAL: "it is a piece of a message that a client puts together elsewhere (message/partial): "
    "ask the sender to send it whole",
    Defect.EXTERNAL_BODY: "its content lies elsewhere (message/external-body)",
}
_LEVELS: Final = {Severity.NOTE: "noted", Severity.SUSPICIOUS: "suspicious", Severity.MALICIOUS: "malicious"}


def confidence_word(confidence: Confidence) -> str:
    """As rules, headers and JSON write it."""
    return confidence.name.lower()


def severity_word(severity: Severity) -> str:
    """As rules and JSON write it."""
    return severity.name.lower()


def named(files: Mapping[PartPath, File], part: PartPath) -> str:
    """A part as people know it: `part 1.2 "invoice.doc"`."""
    file = files.get(part)
    if part == "1":
        return "the message"
    if file is None or not file.untrusted_names:
        return f"part {part}"
    return f'part {part} "{cleaned(file.untrusted_names[0])[:NAME_LENGTH]}"'


def files_of(examination: Examination) -> dict[PartPath, File]:
    """The parts by their paths."""
    return {file.path: file for file in examination.files}


def of_finding(finding: Finding, files: Mapping[PartPath, File]) -> str:
    """One thing seen: `yara found eicar in part 1.2 "a.zip", malicious with high confidence: …`."""
    evidence = f": {finding.evidence.rstrip('.')}" if finding.evidence else ""
    sure = f"{_LEVELS[finding.severity]} with {confidence_word(finding.confidence)} confidence"
    return f"{finding.engine} found {finding.kind} in {named(files, finding.part)}, {sure}{evidence}"


def of_weight(finding: Finding, files: Mapping[PartPath, File]) -> str:
    """What one finding weighs for the mail class."""
    # What is more than a note was told of in a sentence of its own.
    evidence = f": {finding.evidence.rstrip('.')}" if finding.evidence and finding.severity is Severity.NOTE else ""
    return f"{finding.kind} of {finding.engine} in {named(files, finding.part)} weighs {finding.weight:+.1f}{evidence}"


def of_gap(gap: Incomplete, files: Mapping[PartPath, File]) -> str:
    """One thing not seen: `clamav did not look at part 1.2: timed out`."""
    detail = f" ({gap.detail.rstrip('.')})" if gap.detail and gap.detail != gap.why.value else ""
    return f"{gap.engine} did not see all of {named(files, gap.part)}: {gap.why.value}{detail}"


def of_unread(one: Contradiction, files: Mapping[PartPath, File]) -> str:
    """Why a part cannot be said to have been examined."""
    why = _UNREAD.get(one.defect, one.defect.value)
    return f"{named(files, one.part)} was not examined in every reading: {why}; the defect is {one.defect.value}"
