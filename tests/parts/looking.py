"""Shows a content to a jailed engine as the station does: identified, with a purse that every child is taken from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from mailock.config.engines import EngineSettings
from mailock.core.evidence.filetype import FileType
from mailock.core.evidence.finding import Child, Fact, Finding, Link, Severity
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.evidence.specimen import Purse, Specimen, Whole
from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath
from mailock.engines.catalogue import JAILED, identifier
from mailock.ports.engine import Jailed

IDENTIFIER: Final = identifier()
SETTINGS: Final = EngineSettings()
_MAIL: Final = parse(b"Subject: x\r\n\r\ntext\r\n")


@dataclass(slots=True)
class Seen:
    """What an engine said of one content."""

    type: FileType
    children: list[Child] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    why: Why | None = None
    detail: str = ""

    @property
    def contents(self) -> list[bytes]:
        """What was unpacked."""
        return [child.content for child in self.children]

    @property
    def names(self) -> list[str]:
        """The names of what was unpacked."""
        return [child.untrusted_name for child in self.children]

    @property
    def kinds(self) -> set[str]:
        """The kinds of findings."""
        return {finding.kind for finding in self.findings}

    def worst(self) -> Severity:
        """The gravest of the findings."""
        return max((finding.severity for finding in self.findings), default=Severity.NOTE)


def purse(*, octets: int = 256 << 20, files: int = 10_000, depth: int = 10, ratio: int = 1000) -> Purse:
    """A purse like the one that a message gets."""
    return Purse(octets=octets, files=files, depth=depth, ratio=ratio)


def specimen(
    content: bytes,
    *names: str,
    declared: Sequence[str] = (),
    words: Sequence[str] = (),
    money: Purse | None = None,
    ancestors: tuple[FileType, ...] = (),
    provenance: str = "mime",
) -> Specimen:
    """A content as an engine is given it."""
    return Specimen(
        part=PartPath("1"),
        content=content,
        type=IDENTIFIER.identify(content, names, declared),
        untrusted_names=tuple(names),
        declared=tuple(declared),
        charsets=(),
        provenance=provenance,
        whole=Whole(anatomy=_MAIL, subject="", words=tuple(words)),
        purse=money or purse(),
        ancestors=ancestors,
    )


def looked(engine: Jailed, shown: Specimen) -> Seen:
    """Everything that an engine says; the purse is charged for each child."""
    seen = Seen(shown.type)
    try:
        for sighting in engine.look(shown):
            match sighting:
                case Child():
                    assert shown.purse.files > 0
                    assert shown.purse.octets >= len(sighting.content)
                    shown.purse.files -= 1
                    shown.purse.octets -= len(sighting.content)
                    seen.children.append(sighting)
                case Finding():
                    assert sighting.kind in engine.manifest.kinds
                    seen.findings.append(sighting)
                case Link() | Fact():
                    raise AssertionError("neither engine gives these")
    except Unfinished as unfinished:
        seen.why, seen.detail = unfinished.why, unfinished.detail
    return seen


def taken_apart(
    content: bytes, *names: str, money: Purse | None = None, words: Sequence[str] = ()
) -> list[tuple[int, str, bytes]]:
    """Everything in a content at any depth, as the station goes about it: depth, name, octets."""
    engine = archives()
    shared = money or purse()
    found: list[tuple[int, str, bytes]] = []
    waiting: list[tuple[bytes, tuple[str, ...], tuple[FileType, ...]]] = [(content, names, ())]
    while waiting:
        octets, called, around = waiting.pop()
        shown = specimen(octets, *called, words=words, money=shared, ancestors=around)
        for child in looked(engine, shown).children:
            found.append((len(around) + 1, child.untrusted_name, child.content))
            waiting.append((child.content, (child.untrusted_name,), (*around, shown.type)))
    return found


def archives() -> Jailed:
    """The engine that opens what holds files."""
    return JAILED["archives"](SETTINGS)


def filetype() -> Jailed:
    """The engine that judges types and names."""
    return JAILED["filetype"](SETTINGS)
