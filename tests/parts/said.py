"""What an engine said of a content, sorted, for tests to ask about."""

from dataclasses import dataclass, field

from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.finding import Child, Confidence, Fact, Finding, Link, Severity
from mailock.core.evidence.report import Unfinished
from mailock.core.evidence.specimen import Purse, Specimen, Whole
from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath
from mailock.ports.engine import Jailed

WHOLE = parse(b"Subject: x\r\n\r\nx\r\n")


@dataclass(slots=True)
class Said:
    """What an engine said."""

    findings: list[Finding] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    unfinished: Unfinished | None = None

    @property
    def kinds(self) -> set[str]:
        """The kinds of its findings."""
        return {finding.kind for finding in self.findings}

    @property
    def urls(self) -> list[str]:
        """The URLs of its links."""
        return [link.untrusted_url for link in self.links]

    def worst(self, kind: str) -> tuple[Severity, Confidence]:
        """The gravest finding of a kind."""
        return max((finding.severity, finding.confidence) for finding in self.findings if finding.kind == kind)


def look(
    engine: Jailed,
    content: bytes,
    family: Family = Family.TEXT,
    *,
    name: str = "",
    charset: str = "utf-8",
    provenance: str = "mime",
    words: tuple[str, ...] = (),
    octets: int = 64 << 20,
) -> Said:
    """Has an engine look at a content, and sorts what it says; every kind that it names has to be in its manifest."""
    specimen = Specimen(
        part=PartPath("1"),
        content=content,
        type=FileType(family=family, name=family.value, media=""),
        untrusted_names=(name,) if name else (),
        declared=(),
        charsets=(charset,) if charset else (),
        provenance=provenance,
        whole=Whole(anatomy=WHOLE, subject="", words=words),
        purse=Purse(octets=octets, files=1000, depth=10),
    )
    return _heard(engine, specimen)


def look_at_message(engine: Jailed, octets: bytes) -> Said:
    """Has an engine of whole messages look at one."""
    specimen = Specimen(
        part=PartPath("1"),
        content=octets,
        type=FileType(family=Family.MESSAGE, name="eml", media="message/rfc822"),
        untrusted_names=(),
        declared=("message/rfc822",),
        charsets=(),
        provenance="message",
        whole=Whole(anatomy=parse(octets), subject=""),
        purse=Purse(octets=64 << 20, files=1000, depth=10),
    )
    return _heard(engine, specimen)


def _heard(engine: Jailed, specimen: Specimen) -> Said:
    said = Said()
    try:
        for sighting in engine.look(specimen):
            match sighting:
                case Finding():
                    assert sighting.kind in engine.manifest.kinds, sighting
                    assert sighting.engine == engine.manifest.name
                    assert sighting.evidence.isprintable(), sighting
                    said.findings.append(sighting)
                case Link():
                    said.links.append(sighting)
                case Fact():
                    said.facts.append(sighting)
                case Child():
                    said.children.append(sighting)
    except Unfinished as unfinished:
        said.unfinished = unfinished
    return said
