"""The edits that policy orders for malicious mail which is delivered, and for parts that were not seen."""

from collections.abc import Iterable
from typing import Final

from mailock.core.evidence.coverage import ROOT
from mailock.core.evidence.examination import Examination
from mailock.core.evidence.filetype import Family
from mailock.core.evidence.finding import Finding, Severity, Shown
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Incomplete
from mailock.core.mail.shown import cleaned
from mailock.core.mime.part import PartPath
from mailock.core.policy.profile import Changes
from mailock.core.rewriting.edits import AddText, Edit, Place, PrefixSubject, ReplaceLink, SetHeader, StripPart
from mailock.core.rewriting.texts import expand, listed, neutralise
from mailock.core.verdict.sentences import confidence_word, files_of
from mailock.core.verdict.verdict import Verdict

LINK_KINDS: Final = ("url.", "link.", "phishing.")
"""Kinds of finding that are about a link of the part, not about the part."""
_READ: Final = frozenset({Family.TEXT, Family.HTML})
_NAME_LENGTH: Final = 120


def of_malicious(examination: Examination, verdict: Verdict, changes: Changes) -> tuple[Edit, ...] | None:
    """What is changed in a malicious message that is delivered; None where what is malicious cannot be taken out."""
    edits: list[Edit] = []
    grave = [finding for finding in examination.findings if finding.severity is Severity.MALICIOUS]
    if changes.remove:
        taken = _taken_out(examination, grave, changes)
        if taken is None:
            return None
        edits += taken
    threat, confidence = verdict.threat.name.lower(), confidence_word(verdict.confidence)
    if changes.header:
        edits.append(SetHeader(name=changes.header, value=f"{threat}; confidence={confidence}"))
    if changes.subject_prefix:
        edits.append(PrefixSubject(text=changes.subject_prefix))
    if changes.body_text:
        text = expand(changes.body_text, {"verdicts": listed(verdict.because)})
        edits.append(AddText(text=text, place=Place.TOP))
    return tuple(edits)


def of_unseen(examination: Examination, unseen: Iterable[Incomplete], changes: Changes) -> tuple[Edit, ...] | None:
    """The parts that were not seen, taken out; None where one of them is the message itself."""
    files = files_of(examination)
    edits: dict[PartPath, Edit] = {}
    for gap in unseen:
        file = files.get(gap.part)
        if file is None or not _can_be_stripped(file):
            return None
        edits[gap.part] = _strip(file, changes.unscanned_text)
    return tuple(edits.values())


def _taken_out(examination: Examination, grave: list[Finding], changes: Changes) -> list[Edit] | None:
    files = files_of(examination)
    edits: list[Edit] = []
    for part in dict.fromkeys(finding.part for finding in grave):
        file = files.get(part)
        if file is None:
            return None
        about_links = all(one.kind.startswith(LINK_KINDS) for one in grave if one.part == part)
        links = _neutralised(examination, part, changes) if about_links and file.families & _READ else []
        if links:
            edits += links
        elif _can_be_stripped(file):
            edits.append(_strip(file, changes.attachment_text))
        else:
            return None
    return edits


def _can_be_stripped(file: File) -> bool:
    """Whether a part is one of several; a message cannot be taken out of itself, unless it is nothing but a file."""
    return file.looked_into and (file.path != ROOT or file.disposition == "attachment")


def _strip(file: File, text: str) -> StripPart:
    name = cleaned(file.untrusted_names[0])[:_NAME_LENGTH] if file.untrusted_names else f"part {file.path}"
    sha256 = file.sha256[0] if file.sha256 else ""
    # $md5$ is filled in where the bytes are.
    filled = expand(text, {"filename": name, "sha256": sha256})
    return StripPart(part=file.path, text=filled, name=f"{name}.removed.txt")


def _neutralised(examination: Examination, part: PartPath, changes: Changes) -> list[Edit]:
    return [
        ReplaceLink(
            part=part,
            untrusted_raw=link.untrusted_raw,
            replacement=expand(changes.link_text, {"neutralized_url": neutralise(link.untrusted_url)}),
            clickable=False,
        )
        for link in examination.links
        if link.part == part and link.shown is not Shown.INSIDE
    ]
