"""Examinations to judge: files, findings, reports and gaps, each with what a test does not care about filled in."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mailock.core.evidence.coverage import Coverage
from mailock.core.evidence.examination import Contradiction, Examination
from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.finding import Confidence, Finding, Link, Severity, Shown
from mailock.core.evidence.manifest import Duty
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Incomplete, Looked, Report, Why
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import Message
from mailock.core.mime.defects import Defect
from mailock.core.mime.part import PartPath
from mailock.core.policy.case import Case, Party
from tests.parts.stories import NOON, message

DUTIES: Mapping[str, Duty] = {"av": Duty.MALWARE, "yara": Duty.MALWARE, "bayes": Duty.SPAM, "dmarc": Duty.SENDER}
EXE = FileType(family=Family.EXECUTABLE, name="exe", media="application/vnd.microsoft.portable-executable")
ZIP = FileType(family=Family.ARCHIVE, name="zip", media="application/zip")
TXT = FileType(family=Family.TEXT, name="txt", media="text/plain")
HTML = FileType(family=Family.HTML, name="html", media="text/html")
DOC = FileType(family=Family.OLE, name="doc", media="application/msword")


def file(
    path: str,
    kind: FileType = TXT,
    *,
    name: str = "",
    parent: str | None = "1",
    sha256: str = "",
    provenance: str = "mime",
    looked_into: bool = True,
    disposition: str = "",
) -> File:
    """A part."""
    return File(
        path=PartPath(path),
        parent=None if parent is None or path == "1" else PartPath(parent),
        provenance=provenance,
        alternate=False,
        looked_into=looked_into,
        types=(kind,),
        declared=(kind.media,),
        untrusted_names=(name,) if name else (),
        disposition=disposition or ("attachment" if name else ""),
        content_id="",
        size=100,
        sha256=(sha256 or hashlib.sha256(path.encode()).hexdigest(),),
    )


BODY = file("1.1")
ZIPPED = file("1.2", ZIP, name="a.zip")
PROGRAM = file("1.2/zip:1", EXE, name="run.exe", parent="1.2", provenance="zip")
FILES = (file("1", looked_into=False), BODY, ZIPPED, PROGRAM)


def finding(
    severity: Severity = Severity.SUSPICIOUS,
    confidence: Confidence = Confidence.HIGH,
    *,
    kind: str = "office.macro",
    engine: str = "av",
    part: str = "1.2",
    weight: float = 0.0,
    evidence: str = "It was seen.",
) -> Finding:
    """Something that was seen."""
    return Finding(
        engine=engine,
        kind=kind,
        severity=severity,
        confidence=confidence,
        part=PartPath(part),
        evidence=evidence,
        weight=weight,
    )


def looked(engine: str = "av", part: str = "1.1", *findings: Finding) -> Looked:
    """An engine saw a part."""
    return Looked(engine=engine, version="1", part=PartPath(part), milliseconds=1.0, findings=findings)


def missed(why: Why = Why.TIMED_OUT, engine: str = "av", part: str = "1.2", *findings: Finding) -> Incomplete:
    """An engine did not see a part."""
    return Incomplete(engine=engine, version="1", part=PartPath(part), why=why, findings=findings)


def examined(
    *reports: Report,
    files: Sequence[File] = FILES,
    defects: Iterable[tuple[str, Defect]] = (),
    links: Sequence[Link] = (),
) -> Examination:
    """What examining came to."""
    return Examination(
        started=NOON,
        ended=NOON + 1,
        files=tuple(files),
        links=tuple(links),
        facts=(),
        coverage=Coverage(reports=reports, due=len(reports)),
        defects=tuple(Contradiction(part=PartPath(part), defect=defect) for part, defect in defects),
    )


def found(*findings: Finding, engine: str = "av") -> Examination:
    """An examination in which everything was seen, and this was found."""
    return examined(looked(engine, "1.1"), looked(engine, "1.2", *findings), looked(engine, "1.2/zip:1"))


def link(url: str = "https://evil.example/x", *, part: str = "1.1", shown: Shown = Shown.TEXT) -> Link:
    """A link as it stands in a text."""
    return Link(part=PartPath(part), untrusted_url=url, untrusted_raw=url, shown=shown)


def case(
    examination: Examination,
    *,
    to: Sequence[str] = ("bob@dest.test",),
    of: Message | None = None,
    direction: Direction = Direction.INCOMING,
    monitoring: Sequence[int] = (),
    in_session: bool = False,
    proven: Sequence[str] = (),
    now: float = NOON,
) -> Case:
    """A case of a message to these recipients."""
    of = of or message(to=to)
    recipients = tuple(replace(one, direction=direction) for one in of.envelope.recipients)
    of = replace(of, envelope=replace(of.envelope, recipients=recipients))
    return Case(
        message=of,
        examination=examination,
        duties=DUTIES,
        parties=tuple(
            Party(number=n, address=one.address, direction=direction, monitoring=n in monitoring)
            for n, one in enumerate(recipients)
        ),
        now=now,
        proven=frozenset(proven),
        in_session=in_session,
    )
