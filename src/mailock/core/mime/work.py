"""What is still to be read of a message: entities and enclosures, and the offspring of what was read."""

from dataclasses import dataclass, field

from mailock.core.mime.boundaries import Splitting
from mailock.core.mime.defects import Defect
from mailock.core.mime.enclosed import Enclosed
from mailock.core.mime.part import Part, PartPath, Provenance, Reading, Span

DEFAULT = "text/plain"
"""The type of an entity that declares none (RFC 2045 section 5.2)."""


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
    default: str
    """The type where none is declared: message/rfc822 in a digest (RFC 2046 section 5.1.5)."""


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
        work.append(_below(entity, path, Provenance.STRAY, entity.space, span, DEFAULT, alternate=True))
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
        default=default,
    )
