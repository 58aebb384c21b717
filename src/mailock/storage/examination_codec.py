"""How an examination is written down with what was decided on it: for `mailock show`, and for judging it again under
another policy.

One array in MessagePack, versioned, read back strictly, as in `codec`. Parts and engines stand in tables and are named
by their numbers, because most of what is seen is that fifteen engines looked at five parts and found nothing. Links are
cut at `LINKS`; facts, which only serve to ask others, are not kept.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import msgspec

from mailock.core.evidence.coverage import Coverage
from mailock.core.evidence.examination import Contradiction, Examination
from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.finding import Confidence, Finding, Link, Severity, Shown
from mailock.core.evidence.manifest import Duty
from mailock.core.evidence.outline import outline
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Incomplete, Looked, Report, Why
from mailock.core.evidence.wording import Sought, Spotted, Wording
from mailock.core.lifecycle.copies import Disposition
from mailock.core.mime.defects import Defect
from mailock.core.mime.part import PartPath
from mailock.core.policy.decide import Judgement
from mailock.core.policy.decision import Decision
from mailock.core.policy.remembered import Remembered
from mailock.core.policy.way import Way
from mailock.core.rewriting.orders import Orders, read_orders, write_orders
from mailock.core.rewriting.orders import Unreadable as UnreadableOrders
from mailock.core.verdict.verdict import MailClass, Threat, Verdict
from mailock.storage.codec import Unreadable

VERSION: Final = 3
LINKS: Final = 1000
"""How many links of a message are kept."""

TypeWire: TypeAlias = tuple[Family, str, str, str, list[str]]
FileWire: TypeAlias = tuple[
    str, str | None, str, bool, bool, list[TypeWire], list[str], list[str], str, str, int, list[str], list[Defect], bool
]
FindingWire: TypeAlias = tuple[int, str, Severity, Confidence, int, str, float]
ReportWire: TypeAlias = tuple[int, int, Why | None, str, float, list[FindingWire]]
"""Engine, part, why it did not look (None: it did), detail, milliseconds, findings."""
LinkWire: TypeAlias = tuple[int, str, str, str, Shown]
VerdictWire: TypeAlias = tuple[Threat, Confidence, MailClass, float, list[str]]
WayWire: TypeAlias = tuple[str, str, str, str]
DecisionWire: TypeAlias = tuple[
    int, Disposition, str, list[str], str | None, bytes, Disposition, list[str], Disposition | None, WayWire, list[str]
]
SenderWire: TypeAlias = dict[str, object] | None
CircumstancesWire: TypeAlias = tuple[float, float, list[str], str | None, bool, list[list[str]], list[int], SenderWire]
"""When, offset to UTC, what was proven, country, in session, groups of each recipient, who is monitored, the sender."""
WordingWire: TypeAlias = tuple[list[tuple[str, str]], list[tuple[int, str]], bool]
"""Words that were looked for, the numbers of those that were seen with their parts, whether all was looked at."""
DocumentWire: TypeAlias = tuple[
    Literal[3],
    float,
    float,
    list[str],
    list[tuple[str, str, Duty | None]],
    list[FileWire],
    list[LinkWire],
    int,
    list[ReportWire],
    list[tuple[int, Defect]],
    CircumstancesWire,
    VerdictWire,
    list[DecisionWire],
    WordingWire,
]

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder[DocumentWire](DocumentWire).decode


def encode_judged(judged: Remembered) -> bytes:
    """The document."""
    examination = judged.examination
    tables = _Tables(judged.duties)
    reports = [tables.report(report) for report in examination.coverage.reports]
    links = [tables.link(link) for link in examination.links[:LINKS]]
    defects = [(tables.part(one.part), one.defect) for one in examination.defects]
    return _encode(
        (
            VERSION,
            examination.started,
            examination.ended,
            list(tables.parts),
            tables.crew(),
            [_file_wire(file) for file in examination.files],
            links,
            examination.coverage.due,
            reports,
            defects,
            _circumstances_wire(judged),
            _verdict_wire(judged.judgement.verdict),
            [_decision_wire(decision) for decision in judged.judgement.decisions],
            _wording_wire(examination.wording),
        )
    )


def decode_judged(document: bytes) -> Remembered:
    """What `encode_judged` wrote. Raises Unreadable."""
    try:
        return _judged_from(_decode(_upgraded(document)))
    except (msgspec.MsgspecError, UnicodeDecodeError, IndexError, UnreadableOrders) as fault:
        raise Unreadable(
            f"a stored examination cannot be read ({fault}): it is damaged, or a newer Mailock wrote it"
        ) from fault


def _upgraded(document: bytes) -> bytes:
    """An older document as one of this version: 1 knew of no words that were looked for, 2 of no ways.

    What is none of them is left as it is, for the reader to refuse.
    """
    told = msgspec.msgpack.decode(document)
    if not isinstance(told, list) or told[:1] not in ([1], [2]):
        return document
    if told[0] == 1:
        told.append(([], [], True))
    if not (isinstance(told[-2], list) and all(isinstance(decision, list) for decision in told[-2])):
        return document
    told[-2] = [(*decision, ("", "", "", ""), ()) for decision in told[-2]]
    return _encode([VERSION, *told[1:]])


class _Tables:
    """Numbers for parts and for engines, given in the order in which they are met."""

    def __init__(self, duties: Mapping[str, Duty]) -> None:
        self._duties = duties
        self.parts: dict[str, int] = {}
        self._engines: dict[tuple[str, str], int] = {}

    def part(self, path: PartPath) -> int:
        return self.parts.setdefault(path, len(self.parts))

    def engine(self, name: str, version: str) -> int:
        return self._engines.setdefault((name, version), len(self._engines))

    def crew(self) -> list[tuple[str, str, Duty | None]]:
        met = [(name, version, self._duties.get(name)) for name, version in self._engines]
        names = {name for name, _ in self._engines}
        return met + [(name, "", duty) for name, duty in self._duties.items() if name not in names]

    def report(self, report: Report) -> tuple[object, ...]:
        why, detail = (report.why, report.detail) if isinstance(report, Incomplete) else (None, "")
        findings = [self._finding(finding, report.version) for finding in report.findings]
        engine = self.engine(report.engine, report.version)
        return engine, self.part(report.part), why, detail, report.milliseconds, findings

    def link(self, link: Link) -> tuple[object, ...]:
        return self.part(link.part), link.untrusted_url, link.untrusted_raw, link.untrusted_text, link.shown

    def _finding(self, one: Finding, version: str) -> tuple[object, ...]:
        engine = self.engine(one.engine, version)
        return engine, one.kind, one.severity, one.confidence, self.part(one.part), one.evidence, one.weight


def _file_wire(file: File) -> tuple[object, ...]:
    return (
        file.path,
        file.parent,
        file.provenance,
        file.alternate,
        file.looked_into,
        [(one.family, one.name, one.media, one.untrusted_mismatch, one.polyglot) for one in file.types],
        file.declared,
        file.untrusted_names,
        file.disposition,
        file.content_id,
        file.size,
        file.sha256,
        sorted(file.defects),
        file.encrypted,
    )


def _circumstances_wire(judged: Remembered) -> tuple[object, ...]:
    groups = [sorted(names) for names in judged.groups]
    monitored = sorted(judged.monitored)
    proven, country = sorted(judged.proven), judged.country
    return judged.at, judged.offset, proven, country, judged.in_session, groups, monitored, judged.sender


def _wording_wire(wording: Wording) -> tuple[object, ...]:
    sought = sorted(wording.sought)
    numbers = {one: number for number, one in enumerate(sought)}
    spotted = [(numbers[one.sought], one.part) for one in wording.spotted]
    return [(one.place, one.word) for one in sought], spotted, wording.whole


def _wording_from(wire: WordingWire) -> Wording:
    words, spotted, whole = wire
    sought = [Sought(place, word) for place, word in words]
    seen = tuple(Spotted(sought[number], PartPath(part)) for number, part in spotted)
    return Wording(sought=frozenset(sought), spotted=seen, whole=whole)


def _verdict_wire(verdict: Verdict) -> tuple[object, ...]:
    return verdict.threat, verdict.confidence, verdict.mail_class, verdict.score, verdict.because


def _decision_wire(decision: Decision) -> tuple[object, ...]:
    return (
        decision.recipient,
        decision.disposition,
        decision.rule,
        decision.because,
        decision.quarantine_class,
        write_orders(Orders(edits=decision.edits, sealed=decision.sealed)),
        decision.if_unfit,
        decision.copies_to,
        decision.would_have,
        (decision.way.sender, decision.way.recipient, decision.way.via, decision.way.hop),
        decision.added,
    )


def _judged_from(wire: DocumentWire) -> Remembered:
    _, started, ended, parts, crew, files, links, due, reports, defects = wire[:10]
    circumstances, verdict, decisions, wording = wire[10:]
    paths = [PartPath(part) for part in parts]
    at, offset, proven, country, in_session, groups, monitored, sender = circumstances
    examination = Examination(
        started=started,
        ended=ended,
        files=tuple(map(_file_from, files)),
        links=tuple(_link_from(link, paths) for link in links),
        facts=(),
        coverage=Coverage(reports=tuple(_report_from(report, crew, paths) for report in reports), due=due),
        defects=tuple(Contradiction(part=paths[part], defect=defect) for part, defect in defects),
        wording=_wording_from(wording),
    )
    return Remembered(
        examination=examination,
        duties={name: duty for name, _, duty in crew if duty is not None},
        at=at,
        judgement=Judgement(
            verdict=_verdict_from(verdict),
            decisions=tuple(map(_decision_from, decisions)),
            outline=outline(examination),
        ),
        offset=offset,
        proven=frozenset(proven),
        country=country,
        in_session=in_session,
        groups=tuple(frozenset(names) for names in groups),
        monitored=frozenset(monitored),
        sender=sender,
    )


def _file_from(wire: FileWire) -> File:
    path, parent, provenance, alternate, looked, types, declared = wire[:7]
    names, disposition, content_id, size, sha256, defects, encrypted = wire[7:]
    return File(
        path=PartPath(path),
        parent=None if parent is None else PartPath(parent),
        provenance=provenance,
        alternate=alternate,
        looked_into=looked,
        types=tuple(map(_type_from, types)),
        declared=tuple(declared),
        untrusted_names=tuple(names),
        disposition=disposition,
        content_id=content_id,
        size=size,
        sha256=tuple(sha256),
        defects=frozenset(defects),
        encrypted=encrypted,
    )


def _type_from(wire: TypeWire) -> FileType:
    family, name, media, mismatch, polyglot = wire
    return FileType(family=family, name=name, media=media, untrusted_mismatch=mismatch, polyglot=tuple(polyglot))


def _link_from(wire: LinkWire, paths: list[PartPath]) -> Link:
    part, url, raw, text, shown = wire
    return Link(part=paths[part], untrusted_url=url, untrusted_raw=raw, untrusted_text=text, shown=shown)


def _report_from(wire: ReportWire, crew: list[Any], paths: list[PartPath]) -> Report:
    engine, part, why, detail, milliseconds, findings = wire
    name, version, _ = crew[engine]
    found = tuple(_finding_from(one, crew, paths) for one in findings)
    if why is None:
        return Looked(engine=name, version=version, part=paths[part], milliseconds=milliseconds, findings=found)
    return Incomplete(
        engine=name,
        version=version,
        part=paths[part],
        why=why,
        detail=detail,
        milliseconds=milliseconds,
        findings=found,
    )


def _finding_from(wire: FindingWire, crew: list[Any], paths: list[PartPath]) -> Finding:
    engine, kind, severity, confidence, part, evidence, weight = wire
    return Finding(
        engine=crew[engine][0],
        kind=kind,
        severity=severity,
        confidence=confidence,
        part=paths[part],
        evidence=evidence,
        weight=weight,
    )


def _verdict_from(wire: VerdictWire) -> Verdict:
    threat, confidence, mail_class, score, because = wire
    return Verdict(threat=threat, confidence=confidence, mail_class=mail_class, score=score, because=tuple(because))


def _decision_from(wire: DecisionWire) -> Decision:
    number, disposition, rule, because, quarantine_class, orders, if_unfit, copies_to, would_have, way, added = wire
    sender, recipient, via, hop = way
    read = read_orders(orders)
    return Decision(
        recipient=number,
        disposition=disposition,
        rule=rule,
        because=tuple(because),
        quarantine_class=quarantine_class,
        edits=read.edits,
        sealed=read.sealed,
        if_unfit=if_unfit,
        copies_to=tuple(copies_to),
        would_have=would_have,
        way=Way(sender=sender, recipient=recipient, via=via, hop=hop),
        added=tuple(added),
    )
