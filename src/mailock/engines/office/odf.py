"""OpenDocument files: scripts, events, links and DDE in their XML (OASIS OpenDocument 1.3, parts 2 and 3)."""

from collections.abc import Iterator

from mailock.core.evidence.finding import Confidence, Severity, Sighting
from mailock.engines.office.fields import dde
from mailock.engines.office.findings import Document, quoted, remote
from mailock.engines.office.macros import judged
from mailock.engines.office.markup import Element, declared, elements
from mailock.engines.office.vba import addresses
from mailock.engines.office.zipped import Zipped

_SCRIPTS = (".py", ".js", ".bsh", ".java", ".jar", ".sh", ".bas")
_BEGUN = frozenset({"dde-source", "dde-connection-decl", "event-listener", "encryption-data"})
_AT_START = frozenset({"dom:load", "office:on-load", "dom:unload", "office:load-finished", "on-load"})


def document_parts(document: Document) -> Iterator[Sighting]:
    """What the parts of a document do. Raises Unfinished(UNREADABLE) where it is no archive."""
    zipped = Zipped(document)
    sources: list[str] = []
    started = False
    for member in zipped.members:
        name = member.name.lower()
        if name.endswith(_SCRIPTS) and ("scripts/" in name or "basic/" in name):
            text = zipped.read(member).decode("utf-8", "replace")
            sources.append(text)
            says = f"There is a script in the document ({member.name})."
            yield from document.says("office.macro", Severity.SUSPICIOUS, Confidence.MEDIUM, says)
        elif name.endswith((".xml", ".rdf")):
            content = zipped.read(member)
            # Modules of Basic have a declaration of their type in every document that has any.
            if not name.startswith(("basic/", "dialogs/")):
                yield from declared(content, document, member.name)
            for element in elements(content, document, where=member.name, begun=_BEGUN):
                if element.name == "module" and name.startswith("basic/"):
                    sources.append(element.untrusted_text)
                if element.name == "event-listener" and element.attributes.get("event-name", "").lower() in _AT_START:
                    started = True
                yield from _element(element, document, member.name)
    yield from _macros("\n".join(sources), started, document)


def _macros(source: str, started: bool, document: Document) -> Iterator[Sighting]:
    if not source.strip():
        return
    # An event of the document starts what in VBA starts by its name.
    judgement = judged("Sub AutoOpen\n" + source if started else source)
    yield from document.says("office.macro", judgement.severity, judgement.confidence, f"{judgement.says} (Basic).")
    yield from addresses(source, document)
    document.file("odf", source.encode("utf-8", "replace"), "macros.bas")


def _element(element: Element, document: Document, where: str) -> Iterator[Sighting]:
    given = element.attributes
    if element.begins:
        match element.name:
            case "dde-source" | "dde-connection-decl":
                yield from dde(given.get("dde-application", ""), given.get("dde-topic", ""), document, where)
            case "event-listener":
                to = given.get("href", "") or given.get("macro-name", "")
                says = f"The event {quoted(given.get('event-name', ''))} calls {quoted(to, 120)} ({where})."
                yield from document.says("office.event", Severity.SUSPICIOUS, Confidence.LOW, says)
            case "encryption-data":
                yield from document.says(
                    "office.encrypted", Severity.NOTE, Confidence.HIGH, "The document has a password."
                )
            case _:
                pass
    elif (to := given.get("href", "")) and element.name not in ("event-listener",):
        opened = element.name == "a"
        if not opened and remote(to):
            linked = element.name in ("object", "object-ole", "template", "section-source", "plugin", "floating-frame")
            kind = "office.linked_object" if linked else "office.remote"
            level = Severity.SUSPICIOUS if linked else Severity.NOTE
            says = f"The document loads {quoted(to, 160)} ({element.name}, {where})."
            yield from document.says(kind, level, Confidence.MEDIUM, says)
        yield from document.link(to, opened=opened)
