"""Relationships of a document's parts: what lies outside, and how it is taken in (ECMA-376 part 2, section 6.5)."""

import re
from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Confidence, Severity, Sighting
from mailock.engines.office.findings import Document, quoted, remote
from mailock.engines.office.markup import Element

_EXPLOIT: Final = re.compile(
    r"mhtml:|x-usc:|ms-msdt:|!x-usc|\.html?!|script:|ms-its:|mk:@|\.hta(?:$|[?#!])|search-ms:", re.IGNORECASE
)
_LOADED_AT_ONCE: Final = {
    "attachedtemplate": ("office.remote_template", Severity.SUSPICIOUS, Confidence.HIGH, "loads its template from"),
    "oleobject": ("office.linked_object", Severity.SUSPICIOUS, Confidence.HIGH, "takes an object from"),
    "package": ("office.linked_object", Severity.SUSPICIOUS, Confidence.MEDIUM, "takes an object from"),
    "frame": ("office.remote", Severity.SUSPICIOUS, Confidence.HIGH, "loads a frame from"),
    "subdocument": ("office.remote", Severity.SUSPICIOUS, Confidence.MEDIUM, "takes in the document"),
    "slidemaster": ("office.remote", Severity.SUSPICIOUS, Confidence.MEDIUM, "takes its slides from"),
    "afchunk": ("office.remote", Severity.SUSPICIOUS, Confidence.HIGH, "takes in a part from"),
    "mailmergesource": ("office.query", Severity.SUSPICIOUS, Confidence.MEDIUM, "takes its data from"),
    "externallinkpath": ("office.remote", Severity.NOTE, Confidence.LOW, "takes values from"),
    "video": ("office.remote", Severity.NOTE, Confidence.LOW, "plays"),
    "audio": ("office.remote", Severity.NOTE, Confidence.LOW, "plays"),
    "media": ("office.remote", Severity.NOTE, Confidence.LOW, "plays"),
    "image": ("office.remote", Severity.NOTE, Confidence.LOW, "loads a picture from"),
}


def relation(element: Element, document: Document, where: str) -> Iterator[Sighting]:
    """What one relationship does."""
    given = {name.lower(): value for name, value in element.attributes.items()}
    kind = given.get("type", "").rstrip("/").rpartition("/")[2].lower()
    to = given.get("target", "")
    if given.get("targetmode", "").strip().lower() != "external":
        if kind == "afchunk":
            says = f"The document takes in {quoted(to)}, a part in another format ({where})."
            yield from document.says("office.alternative", Severity.SUSPICIOUS, Confidence.LOW, says)
        return
    if kind != "hyperlink" and _EXPLOIT.search(to):
        says = f"The document loads {quoted(to, 160)} when it is opened, as known attacks do ({where})."
        yield from document.says("office.exploit", Severity.MALICIOUS, Confidence.HIGH, says)
    elif kind in _LOADED_AT_ONCE and remote(to):
        finding, severity, sure, does = _LOADED_AT_ONCE[kind]
        share = to.startswith(("\\\\", "//")) or to.lower().startswith(("file:", "smb:"))
        if share and severity is Severity.NOTE and kind == "image":
            # A picture on a share shows nobody anything; it takes the reader's credentials there.
            severity, sure = Severity.SUSPICIOUS, Confidence.MEDIUM
        says = f"The document {does} {quoted(to, 160)} ({where})."
        yield from document.says(finding, severity, sure, says)
    yield from document.link(to, opened=kind == "hyperlink")
