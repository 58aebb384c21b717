"""Every dictionary of a PDF, also of objects that nothing refers to: actions hide where only some readers look.

Source: ISO 32000-2, sections 7.3 (objects), 7.11 (file specifications) and 12.6 (actions).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pikepdf

from mailock.core.evidence.report import Unfinished, Why

MOST_OBJECTS: Final = 300_000
MOST_NODES: Final = 3_000_000
DEEPEST: Final = 60
"""Direct objects within each other; qpdf refuses what is deeper than 499."""
TOLD: Final = frozenset(
    {
        "/S",
        "/JS",
        "/AA",
        "/OpenAction",
        "/URI",
        "/EF",
        "/XFA",
        "/RichMediaContent",
        "/RichMediaSettings",
        "/F",
        "/Filter",
    }
    | {"/JavaScript", "/Subtype", "/Names", "/Base"}
)


@dataclass(frozen=True, slots=True)
class Node:
    """A dictionary, or a stream's, with one of the keys that tell something."""

    number: int
    """Of the indirect object that it is in."""
    value: Any
    keys: frozenset[str]


@dataclass(slots=True)
class Walk:
    """Goes through a document; counts what it has seen."""

    pdf: pikepdf.Pdf
    nodes: int = field(default=0)

    def dictionaries(self) -> Iterator[Node]:
        """The dictionaries that tell something. Raises Unfinished(TOO_MANY) where there is no end of objects."""
        yield from self._within(0, self.pdf.trailer, 0)
        for number, value in enumerate(self.pdf.objects, start=1):
            if number > MOST_OBJECTS:
                raise Unfinished(Why.TOO_MANY, f"The document has more than {MOST_OBJECTS} objects.")
            yield from self._within(number, value, 0)

    def _within(self, number: int, value: Any, depth: int) -> Iterator[Node]:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise Unfinished(Why.TOO_MANY, f"The document has more than {MOST_NODES} values.")
        if depth > DEEPEST:
            return
        if isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
            keys = frozenset(value.keys())
            if keys & TOLD:
                yield Node(number, value, keys)
            for key in keys:
                if key not in _FAR:
                    yield from self._inner(number, value.get(key), depth)
        elif isinstance(value, pikepdf.Array):
            for item in value:
                yield from self._inner(number, item, depth)

    def _inner(self, number: int, value: Any, depth: int) -> Iterator[Node]:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            yield from self._within(number, value, depth + 1)


_FAR: Final = frozenset({"/Parent", "/P", "/Prev", "/Next"})


def text(value: Any, longest: int = 65_536) -> str:
    """A string object as text: UTF-16 or UTF-8 by its mark, else as Latin-1 (ISO 32000-2, section 7.9.2)."""
    if isinstance(value, pikepdf.Object):
        try:
            raw = bytes(value)
        except (TypeError, ValueError, NotImplementedError, pikepdf.PdfError):
            return ""
    elif isinstance(value, str):
        return value[:longest]
    else:
        return ""
    raw = raw[: longest * 2]
    for mark, charset in ((b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"), (b"\xef\xbb\xbf", "utf-8")):
        if raw.startswith(mark):
            return raw[len(mark) :].decode(charset, "replace")[:longest]
    return raw.decode("latin-1")[:longest]


def name(value: Any) -> str:
    """A name object's text; empty for anything else."""
    return str(value) if isinstance(value, pikepdf.Name) else ""


def content(value: Any, longest: int) -> bytes:
    """The decoded content of a stream or string. Raises Unfinished where it is larger, or cannot be decoded."""
    if not isinstance(value, pikepdf.Stream):
        return text(value).encode("utf-8", "replace")
    try:
        found = value.read_bytes()
    except pikepdf.PdfError as error:
        if "limit" in str(error).lower() or "memory" in str(error).lower():
            raise Unfinished(Why.TOO_COSTLY, "A stream of the document unpacks to more than the budget has.") from error
        return bytes(value.read_raw_bytes())[:longest]
    if len(found) > longest:
        raise Unfinished(Why.TOO_COSTLY, "A stream of the document unpacks to more than the budget has.")
    return bytes(found)
