"""What is still to be read of a message: entities and enclosures, and the offspring of what was read."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from typing import Final

from mailock.core.mime.boundaries import Splitting, splittings
from mailock.core.mime.defects import Defect
from mailock.core.mime.enclosed import Enclosed, enclosed
from mailock.core.mime.part import Part, PartPath, Provenance, Reading, Span

DEFAULT: Final = "text/plain"
"""The type of an entity that declares none (RFC 2045 section 5.2)."""
MESSAGE_NAMES: Final = (".eml", ".mht", ".mhtml", ".nws", ".emlx", ".mim", ".mime", ".mbox", ".mbx")
"""Ends of names that clients open as messages."""
_LATE_LINES: Final = 2_000
_LATE_PARTS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Octets that are to be read as an entity."""

    path: PartPath
    parent: PartPath | None
    provenance: Provenance
    alternate: bool
    depth: int
    space: int
    start: int
    end: int
    limit: int
    """Where it would end if no outer multipart ended it."""
    default: str
    """The type where none is declared: message/rfc822 in a digest (RFC 2046 section 5.1.5)."""
    names: tuple[str, ...] = ()
    """Names of the part around it, whose fields may go on here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that was found within a content."""

    path: PartPath
    parent: PartPath
    alternate: bool
    depth: int
    space: int
    span: Span
    file: Enclosed


@dataclass(slots=True)
class Outcome:
    """What an entity turned out to be."""

    header: Span
    body: Span
    readings: list[Reading] = field(default_factory=list)
    boundaries: list[bytes] = field(default_factory=list)
    defects: set[Defect] = field(default_factory=set)
    ways: list[tuple[int, Splitting, bool]] = field(default_factory=list)
    """(space, way to split, whether it is another reading than the most likely one)."""
    messages: list[tuple[int, Span]] = field(default_factory=list)
    strays: list[Span] = field(default_factory=list)
    enclosed: list[Enclosed] = field(default_factory=list)


Work = Entity | Enclosure


def split_off(entity: Entity, part: Part, outcome: Outcome, spaces: list[bytes]) -> list[Work]:
    """The parts of a multipart, in each way in which it is split."""
    work: list[Work] = []
    default = "message/rfc822" if "multipart/digest" in part.types else DEFAULT
    for number, (space, way, other) in enumerate(outcome.ways, start=1):
        stem = f"{entity.path}/split{number}:" if other else f"{entity.path}."
        alternate = entity.alternate or other
        data = spaces[space]
        for provenance, span in ((Provenance.PREAMBLE, way.preamble), (Provenance.EPILOGUE, way.epilogue)):
            if data[span.start : span.end].strip():
                path = PartPath(f"{stem.rstrip('.:')}/{provenance}")
                work.append(_below(entity, path, provenance, space, span, DEFAULT, alternate=alternate))
        for count, span in enumerate(way.parts, start=1):
            path = PartPath(f"{stem}{count}")
            work.append(_below(entity, path, Provenance.MIME, space, span, default, alternate=alternate))
    return work


def found_within(entity: Entity, part: Part, outcome: Outcome) -> list[Work]:
    """Messages, stray parts and files within a body."""
    work: list[Work] = []
    for number, (space, span) in enumerate(dict.fromkeys(outcome.messages), start=1):
        path = PartPath(f"{entity.path}/rfc822:{number}")
        alternate = entity.alternate or number > 1
        work.append(_below(entity, path, Provenance.RFC822, space, span, DEFAULT, alternate=alternate))
    for number, span in enumerate(outcome.strays, start=1):
        path = PartPath(f"{entity.path}/stray:{number}")
        below = _below(entity, path, Provenance.STRAY, entity.space, span, DEFAULT, alternate=True)
        work.append(replace(below, names=part.untrusted_names))
    for number, file in enumerate(outcome.enclosed, start=1):
        work.append(
            Enclosure(
                path=PartPath(f"{entity.path}/{file.provenance}:{number}"),
                parent=entity.path,
                alternate=entity.alternate,
                depth=entity.depth + 1,
                space=entity.space,
                span=part.body,
                file=file,
            )
        )
    return work


def _below(
    entity: Entity, path: PartPath, provenance: Provenance, space: int, span: Span, default: str, *, alternate: bool
) -> Entity:
    return Entity(
        path=path,
        parent=entity.path,
        provenance=provenance,
        alternate=alternate,
        depth=entity.depth + 1,
        space=space,
        start=span.start,
        end=span.end,
        limit=max(span.end, entity.limit) if space == entity.space else span.end,
        default=default,
    )


def within_enclosure(work: Enclosure, kept: list[Reading], defects: set[Defect], spaces: list[bytes]) -> list[Work]:
    """Messages and files within a file; what is wrong with them is added to `defects`."""
    offspring: list[Work] = []
    if any(name.lower().endswith(MESSAGE_NAMES) for name in work.file.untrusted_names):
        for number, reading in enumerate(kept, start=1):
            spaces.append(reading.content)
            offspring.append(
                Entity(
                    path=PartPath(f"{work.path}/{Provenance.RFC822}:{number}"),
                    parent=work.path,
                    provenance=Provenance.RFC822,
                    alternate=work.alternate,
                    depth=work.depth + 1,
                    space=len(spaces) - 1,
                    start=0,
                    end=len(reading.content),
                    limit=len(reading.content),
                    default=DEFAULT,
                )
            )
    found, wrong = enclosed(kept)
    defects |= wrong
    for number, file in enumerate(found, start=1):
        path = PartPath(f"{work.path}/{file.provenance}:{number}")
        offspring.append(
            Enclosure(
                path=path,
                parent=work.path,
                alternate=work.alternate,
                depth=work.depth + 1,
                space=work.space,
                span=work.span,
                file=file,
            )
        )
    return offspring


def late(data: bytes, part: Part, entity: Entity, boundaries: Set[bytes]) -> tuple[list[Work], bool]:
    """The parts of a body that was not split, by boundaries of other multiparts that stand in it after all.

    And whether there are more than were looked at.
    """
    start, end = part.body.start, part.body.end
    found: list[Work] = []
    tried: set[bytes] = set()
    ways = 0
    for count, line in enumerate(_dashed_lines(data, start, end)):
        if count >= _LATE_LINES:
            return found, True
        boundary = line if line in boundaries else line.removesuffix(b"--")
        if boundary not in boundaries or boundary in tried:
            continue
        tried.add(boundary)
        split = splittings(data, start, end, boundary, _LATE_PARTS)
        for way in split.ways:
            ways += 1
            # What stands before the first delimiter belongs to this very part, which ends there for such a client.
            for index, span in enumerate((Span(entity.start, way.preamble.end), *way.parts)):
                path = PartPath(f"{entity.path}/late{ways}:{index}")
                found.append(_below(entity, path, Provenance.STRAY, entity.space, span, DEFAULT, alternate=True))
        if split.cut:
            return found, True
    return found, False


def _dashed_lines(data: bytes, start: int, end: int) -> Iterator[bytes]:
    """What follows `--` on the lines that start so, without blanks."""
    if data.startswith(b"--", start, end):
        yield _dashed_line(data, start, end)
    place = data.find(b"\n--", start, end)
    while place >= 0:
        yield _dashed_line(data, place + 1, end)
        place = data.find(b"\n--", place + 1, end)


def _dashed_line(data: bytes, start: int, end: int) -> bytes:
    feed = data.find(b"\n", start, end)
    return data[start + 2 : min(end if feed < 0 else feed, start + 1_000)].strip()
