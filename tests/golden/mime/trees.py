"""Trees of parts, as another project's suite expects them and as we see them, in one shape that can be compared."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailock.core.mime import charsets
from mailock.core.mime.part import Anatomy, Part, Provenance


@dataclass(frozen=True, slots=True)
class Tree:
    """A part: a multipart, a message within a message, or a leaf with its content."""

    kind: str
    content: str | bytes = b""
    children: tuple["Tree", ...] = ()

    @property
    def shape(self) -> tuple[Any, ...]:
        """The kinds only."""
        return (self.kind, *(child.shape for child in self.children))

    def leaves(self) -> Iterator["Tree"]:
        """Parts without parts, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def ours(anatomy: Anatomy) -> tuple[Tree, dict[int, Part]]:
    """The most likely reading; and which part each leaf is."""
    below: dict[str, list[Part]] = {}
    for part in anatomy.parts:
        if part.parent is not None and not part.alternate and part.provenance in (Provenance.MIME, Provenance.RFC822):
            below.setdefault(part.parent, []).append(part)
    places: dict[int, Part] = {}

    def tree(part: Part) -> Tree:
        children = below.get(part.path, [])
        if not children:
            leaf = Tree("leaf", part.readings[0].content if part.readings else anatomy.raw_body(part))
            places[id(leaf)] = part
            return leaf
        kind = "message" if children[0].provenance is Provenance.RFC822 else "multipart"
        return Tree(kind, b"", tuple(tree(child) for child in children))

    return tree(anatomy.root), places


def same_content(expected: str | bytes, content: bytes, declared: tuple[str, ...]) -> bool:
    """Whether a content is the expected one: octets as they are, text by its charset; line ends do not matter."""
    if isinstance(expected, bytes):
        return _lines(expected) == _lines(content)
    return any(_text(expected) == _text(text) for text in charsets.texts(content, declared or ("us-ascii",)))


def _lines(octets: bytes) -> bytes:
    return octets.replace(b"\r\n", b"\n").rstrip(b"\r\n")


def _text(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip("\r\n").removeprefix("\ufeff")


def differences(expected: Tree, anatomy: Anatomy) -> list[str]:
    """How the expected tree differs from our most likely reading."""
    seen, places = ours(anatomy)
    if expected.shape != seen.shape:
        return [f"shape {seen.shape} instead of {expected.shape}"]
    found: list[str] = []
    for theirs, leaf in zip(expected.leaves(), seen.leaves(), strict=True):
        part = places[id(leaf)]
        assert isinstance(leaf.content, bytes)
        if not same_content(theirs.content, leaf.content, part.charsets):
            found.append(f"content of {part.path}")
    return found


def unseen(expected: Tree, anatomy: Anatomy) -> list[str | bytes]:
    """Contents that stand in no reading of ours: what the rule forbids."""
    return [
        leaf.content
        for leaf in expected.leaves()
        if leaf.content.strip()
        and not any(
            same_content(leaf.content, content, part.charsets)
            for part in anatomy.parts
            for content in (*(reading.content for reading in part.readings), _as_file(part, anatomy))
        )
    ]


def _as_file(part: Part, anatomy: Anatomy) -> bytes:
    """The body of a message within a message, which can be saved as it is."""
    return anatomy.raw_body(part) if part.types[0].startswith("message/") else b""


def stalwart(path: Path) -> Tree:
    """The tree in a file of mail-parser's suite."""
    return _stalwart(json.loads(path.read_text(encoding="utf-8")), 0)


def _stalwart(message: dict[str, Any], index: int) -> Tree:
    body = message["parts"][index]["body"]
    kind, value = next(iter(body.items()))
    match kind:
        case "Multipart":
            return Tree("multipart" if value else "leaf", b"", tuple(_stalwart(message, child) for child in value))
        case "Message":
            return Tree("message", b"", (_stalwart(value, 0),))
        case "Text" | "Html":
            return Tree("leaf", value)
        case _:
            return Tree("leaf", bytes(value))


def mime4j(path: Path) -> Tree:
    """The tree in a file of mime4j's suite, with the contents that stand beside it."""
    return _mime4j(ElementTree.parse(path).getroot(), path.parent)


def _mime4j(element: ElementTree.Element, folder: Path) -> Tree:
    for child in element:
        if child.tag == "multipart":
            parts = tuple(_mime4j(part, folder) for part in child if part.tag == "body-part")
            preamble = "".join(part.text or "" for part in child if part.tag == "preamble")
            return Tree("multipart", b"", parts) if parts else Tree("leaf", preamble.lstrip("\n"))
        if child.tag == "message":
            return Tree("message", b"", (_mime4j(child, folder),))
        if child.tag in ("text-body", "binary-body"):
            return Tree("leaf", (folder / child.attrib["name"]).read_bytes())
    return Tree("leaf")
