"""The XML of documents, element by element: without entities, files or network, and never as a whole tree."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree  # type: ignore[import-untyped]  # it ships no types

from mailock.core.evidence.finding import Confidence, Severity, Sighting
from mailock.core.evidence.report import Why
from mailock.engines.office.findings import Document

_SNIFFED: Final = 4096
_MOST_ELEMENTS: Final = 3_000_000


@dataclass(frozen=True, slots=True)
class Element:
    """An element that has ended (or, where it says so, begun), by its local names."""

    name: str
    attributes: Mapping[str, str]
    untrusted_text: str
    begins: bool = False


def elements(
    content: bytes, document: Document, *, where: str, begun: frozenset[str] = frozenset()
) -> Iterator[Element]:
    """Its elements as they end; those named in `begun` also as they begin. What is broken ends it, and is missed."""
    if not content.strip(b"\0 \r\n\t"):
        return
    try:
        events = etree.iterparse(
            io.BytesIO(content),
            events=("start", "end") if begun else ("end",),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            recover=False,
        )
        for number, (event, node) in enumerate(events):
            if number > _MOST_ELEMENTS:
                document.miss(Why.TOO_MANY, f"{where} has more than {_MOST_ELEMENTS} elements.")
                return
            name = _local(node.tag)
            if event == "start":
                if name in begun:
                    yield Element(name, _attributes(node), "", begins=True)
                continue
            yield Element(name, _attributes(node) if node.attrib else {}, node.text or "")
            node.clear(keep_tail=False)
            while node.getprevious() is not None and (above := node.getparent()) is not None:
                del above[0]
    except (etree.LxmlError, ValueError, LookupError) as error:
        document.miss(Why.UNREADABLE, f"{where} is no proper XML: {error}"[:200])


def declared(content: bytes, document: Document, where: str) -> Iterator[Sighting]:
    """A finding where XML declares a document type: Office writes none, and refuses to read any."""
    head = content[:_SNIFFED]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head[:64]:
        head = head.replace(b"\0", b"")
    if b"<!doctype" in head.lower() or b"<!entity" in head.lower():
        says = f"{where} declares a document type or entities."
        yield from document.says("office.declares_entities", Severity.SUSPICIOUS, Confidence.MEDIUM, says)


def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _attributes(node: Any) -> dict[str, str]:
    return {_local(name): str(value) for name, value in node.attrib.items()}
