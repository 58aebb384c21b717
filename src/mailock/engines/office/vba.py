"""VBA projects of a compound file, wherever they stand in it, and what is to be said of them."""

import io
from collections.abc import Iterator
from typing import Final

import olefile

from mailock.core.evidence.finding import Confidence, Severity, Shown, Sighting
from mailock.core.evidence.links.written import written
from mailock.core.evidence.payloads import payloads
from mailock.core.evidence.report import Why
from mailock.engines.office.findings import Document
from mailock.engines.office.macros import code, judged, only_compiled, plain
from mailock.engines.office.ovba import Module, carved, modules
from mailock.engines.suffixes import site

FAULTS: Final = (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RuntimeError)
"""What olefile raises for broken files."""
_LARGEST_STREAM: Final = 32 << 20
_MOST_STREAMS: Final = 20_000
_CALLS: Final = frozenset({"shell", "createobject", "wscript", "shellexecute", "powershell"})


def compound(content: bytes) -> olefile.OleFileIO | None:
    """A compound file; None where it cannot be read."""
    try:
        return olefile.OleFileIO(io.BytesIO(content), raise_defects=olefile.DEFECT_FATAL)
    except FAULTS:
        return None


def stream(file: olefile.OleFileIO, path: list[str], document: Document) -> bytes:
    """A stream's octets; empty where it is broken or larger than allowed."""
    try:
        size = file.get_size(path)
        if size > min(_LARGEST_STREAM, document.left):
            document.miss(Why.TOO_COSTLY, f"A stream of the document has {size} octets.")
            return b""
        found = file.openstream(path).read(_LARGEST_STREAM)
    except FAULTS:
        return b""
    document.spend(len(found))
    return bytes(found)


def paths(file: olefile.OleFileIO, document: Document) -> list[list[str]]:
    """The streams of a compound file."""
    try:
        found: list[list[str]] = file.listdir(streams=True, storages=False)
    except FAULTS:
        return []
    if len(found) > _MOST_STREAMS:
        document.miss(Why.TOO_MANY, f"The document has more than {_MOST_STREAMS} streams.")
    return found[:_MOST_STREAMS]


def macros(content: bytes, document: Document, where: str) -> Iterator[Sighting]:
    """The VBA of a compound file: of a document, or of the project that a newer document holds."""
    file = compound(content)
    if file is None:
        yield from _told(carved(content), b"", document, where)
        return
    with file:
        storages: dict[str, dict[str, bytes]] = {}
        for path in paths(file, document):
            if len(path) >= 2 and path[-2].lower() == "vba":
                storages.setdefault("/".join(path[:-1]), {})[path[-1].lower()] = stream(file, path, document)
        for name, streams in storages.items():
            inside = f"{where}{name}" if where else name
            yield from _told(modules(streams), streams.get("_vba_project", b""), document, inside)
    if not storages and (found := carved(content)):
        yield from _told(found, b"", document, where or "its octets")


def carved_macros(content: bytes, document: Document) -> Iterator[Sighting]:
    """The macros that stand in octets, whatever these are."""
    yield from _told(carved(content), b"", document, "its octets")


def _told(found: list[Module], project: bytes, document: Document, where: str) -> Iterator[Sighting]:
    sources = "\n".join(code(module.untrusted_source) for module in found)
    silent = [module.untrusted_name for module in found if module.compiled > 0 and not module.untrusted_source.strip()]
    hidden = only_compiled(project, sources) if project else frozenset()
    if hidden & _CALLS and (hidden - _CALLS or silent):
        says = f"The compiled macros use {', '.join(sorted(hidden))}, and their source does not ({where})."
        yield from document.says("office.macro_hidden", Severity.MALICIOUS, Confidence.MEDIUM, says)
    elif hidden or silent:
        what = ", ".join(sorted(hidden)) or f"no source for {', '.join(silent[:3])}"
        says = f"The compiled macros and their source are not the same: {what} ({where})."
        level = Confidence.HIGH if hidden & _CALLS else Confidence.LOW
        yield from document.says("office.macro_hidden", Severity.SUSPICIOUS, level, says)
    if not sources.strip():
        return
    judgement = judged(sources)
    yield from document.says("office.macro", judgement.severity, judgement.confidence, f"{judgement.says} ({where}).")
    yield from addresses(plain(sources), document)
    document.file("vba", sources.encode("utf-8", "replace"), "macros.vba")


def addresses(text: str, document: Document) -> Iterator[Sighting]:
    """The links and the packed files in a macro's text."""
    for seen in written(text, site):
        if "//" in seen.untrusted_raw or "\\\\" in seen.untrusted_raw:
            yield from document.gathering.add(
                seen.untrusted_raw, Shown.INSIDE, untrusted_url=seen.untrusted_url, opened=False
            )
    for payload in payloads(text, document.left):
        if payload.what:
            says = f"A macro holds {payload.what}, as text ({payload.how})."
            yield from document.says("office.macro", Severity.MALICIOUS, Confidence.MEDIUM, says)
            document.file("vba", payload.content)
