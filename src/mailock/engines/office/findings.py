"""What the readers of the formats hand in: findings and links of one document, files for the end, and what was cut."""

from collections.abc import Iterator

from mailock.core.evidence.finding import Child, Confidence, Finding, Severity, Shown, Sighting
from mailock.core.evidence.links.gathering import Gathering
from mailock.core.evidence.links.target import target
from mailock.core.evidence.quoting import quoted
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.evidence.specimen import Specimen
from mailock.engines.office.kinds import MANIFEST
from mailock.engines.suffixes import site

_MOST_FILES = 300
_LEAST_ALLOWED = 64 << 20
"""Octets that any document may unpack to for reading; ordinary ones of a few megabytes do."""


class Document:
    """One document that is looked at."""

    __slots__ = ("_left", "cut", "files", "gathering", "links", "specimen")

    def __init__(self, specimen: Specimen) -> None:
        self.specimen = specimen
        self.gathering = Gathering(MANIFEST.name, specimen.part, site)
        self.files: list[Child] = []
        self.links = 0
        self.cut: Unfinished | None = None
        purse = specimen.purse
        self._left = min(max(0, purse.octets), max(_LEAST_ALLOWED, purse.ratio * len(specimen.content)))

    @property
    def left(self) -> int:
        """Octets that may still be unpacked for reading."""
        return self._left

    def spend(self, octets: int) -> None:
        """So many octets were unpacked."""
        self._left -= octets

    def miss(self, why: Why, detail: str) -> None:
        """Something could not be looked at; the first reason is kept."""
        if self.cut is None:
            self.cut = Unfinished(why, detail)

    def says(self, kind: str, severity: Severity, confidence: Confidence, evidence: str) -> Iterator[Finding]:
        """A finding."""
        yield from self.gathering.finding(kind, severity, confidence, evidence)

    def link(self, untrusted: str, *, opened: bool = True) -> Iterator[Sighting]:
        """A link in the document; nothing where it is no URL."""
        url = untrusted.strip().strip('"')
        if url[:4].lower() == "www.":
            url = "http://" + url
        if target(url) is None:
            return
        self.links += 1
        yield from self.gathering.add(
            untrusted, Shown.INSIDE, untrusted_url=url if url != untrusted else "", opened=opened
        )

    def file(self, provenance: str, content: bytes, untrusted_name: str = "") -> None:
        """A file that was packed in the document; it is handed on when everything else is said."""
        if len(self.files) >= _MOST_FILES:
            self.miss(Why.TOO_MANY, f"More than {_MOST_FILES} files are packed in the document.")
        elif len(content) > self.left:
            self.miss(Why.TOO_COSTLY, "The document unpacks to more octets than the budget has.")
        elif content:
            self.spend(len(content))
            self.files.append(Child(provenance=provenance, content=content, untrusted_name=untrusted_name[:255]))

    def ended(self) -> Iterator[Sighting]:
        """What is said at the end. Raises Unfinished where something was cut off."""
        if self.links:
            says = f"The document leads to {self.links} places."
            yield from self.says("office.link", Severity.NOTE, Confidence.HIGH, says)
        yield from self.files
        if self.cut is not None:
            raise self.cut


def remote(untrusted: str) -> bool:
    """Whether something lies on another machine: a URL with a host, or a share."""
    found = target(untrusted.strip())
    return found is not None and (bool(found.host) or found.scheme in ("mhtml", "ms-msdt", "mk", "its", "ms-its"))


__all__ = ["Document", "quoted", "remote"]
