"""Where in a message something is changed: which part of it stands for what was seen, what its reader reads, what is
signed or encrypted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mailock.core.mime.part import Anatomy, Part, PartPath, Provenance, Span

SEALED_TYPES: Final = frozenset(
    {
        "multipart/signed",
        "multipart/encrypted",
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
        "application/pgp-encrypted",
    }
)
_PGP: Final = b"-----BEGIN PGP "
_AROUND: Final = (Provenance.PREAMBLE, Provenance.EPILOGUE)
_TEXTS: Final = frozenset({"text/plain", "text/html"})


@dataclass(frozen=True, slots=True)
class Site:
    """What can be replaced of a message, in its own octets: parts, each as a whole."""

    parts: tuple[Part, ...]


class Atlas:
    """A message's parts by their paths."""

    def __init__(self, anatomy: Anatomy) -> None:
        self.anatomy = anatomy
        self._parts = {part.path: part for part in reversed(anatomy.parts)}
        self._children: dict[PartPath, list[Part]] = {}
        for part in anatomy.parts:
            if part.parent is not None and not part.alternate:
                self._children.setdefault(part.parent, []).append(part)

    def nearest(self, path: PartPath) -> Part:
        """The part of that path, or the one that holds what has it: the attachment around a packed file."""
        text = str(path)
        while text not in self._parts:
            cut = max(text.rfind("/"), text.rfind("."))
            if cut < 0:
                return self.anatomy.root
            text = text[:cut]
        return self._parts[PartPath(text)]

    def part(self, path: PartPath) -> Part | None:
        """The part of exactly that path."""
        return self._parts.get(path)

    def children(self, part: Part) -> list[Part]:
        """The parts directly within a part, in its most likely reading."""
        return self._children.get(part.path, [])

    def within(self, part: Part) -> Iterator[Part]:
        """A part and all that lies within it, in every reading."""
        below = (f"{part.path}.", f"{part.path}/")
        for other in self.anatomy.parts:
            if other.path == part.path or other.path.startswith(below):
                yield other

    def above(self, part: Part) -> Iterator[Part]:
        """A part and those around it, from the inside out."""
        current: Part | None = part
        while current is not None:
            yield current
            current = None if current.parent is None else self._parts[current.parent]

    def sites(self, part: Part) -> list[Site]:
        """What can be replaced so that a part is gone: from the least to the whole message."""
        found: list[Site] = []
        for each in self.above(part):
            if each.space != 0:
                continue
            if each.alternate:
                found += self._beneath(each)
            elif self._replaceable(each):
                found.append(Site((each,)))
        return found

    def sealed(self, part: Part) -> bool:
        """Whether a part is signed or encrypted, or lies within what is."""
        return any(not SEALED_TYPES.isdisjoint(each.types) for each in self.above(part)) or _has_pgp(part)

    def readable(self) -> list[Part]:
        """The texts that a reader reads first: one, or its alternatives, plain and HTML."""
        return self._readable(self.anatomy.root)

    def _readable(self, part: Part) -> list[Part]:
        if not SEALED_TYPES.isdisjoint(part.types):
            return []
        children = [child for child in self.children(part) if child.provenance is Provenance.MIME]
        if not part.types[0].startswith("multipart/"):
            return [part] if self._is_text(part) else []
        if part.types[0] == "multipart/alternative":
            return [found for child in children for found in self._readable(child)]
        for child in children:
            found = self._readable(child)
            if found:
                return found
        return []

    def _is_text(self, part: Part) -> bool:
        """Whether a part is a text to read, in every reading of what it says of itself."""
        if part.space != 0 or part.alternate or not _TEXTS.issuperset(part.types) or not part.readings:
            return False
        attached = any(word != "inline" for word in part.dispositions) or bool(part.untrusted_names)
        return not attached and not _has_pgp(part) and not self.children(part)

    def _replaceable(self, part: Part) -> bool:
        """Whether a part is an entity that another one can take the place of."""
        return part.provenance in (Provenance.MIME, Provenance.RFC822, *_AROUND)

    def _beneath(self, alternate: Part) -> list[Site]:
        """The parts of the most likely reading that have octets of a part of another reading."""
        span = extent(alternate)
        parts = tuple(
            part
            for part in self.anatomy.parts
            if part.space == 0
            and not part.alternate
            and part.provenance in (Provenance.MIME, *_AROUND)
            and not any(child.provenance is Provenance.MIME for child in self.children(part))
            and _overlap(extent(part), span)
            and part is not self.anatomy.root
        )
        return [Site(parts)] if parts else []


def extent(part: Part) -> Span:
    """All octets of a part, header and body."""
    return Span(part.header.start, part.body.end)


def is_around(part: Part) -> bool:
    """Whether a part is text around the parts of a multipart, which is no entity."""
    return part.provenance in _AROUND


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _has_pgp(part: Part) -> bool:
    """PGP within text, signed or encrypted (RFC 4880 section 6.2)."""
    return part.types[0].startswith("text/") and any(_PGP in reading.content for reading in part.readings)
