"""What a change has to hold to, shown on its outcome: the message is taken apart again, and compared.

Whoever carries edits out is not believed: what was to go is gone in every reading, what was not to be touched is the
same octets in the same place of the structure, and nothing is wrong with the message that was not wrong before.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mailock.core.mime.defects import Defect
from mailock.core.mime.part import Anatomy, Part, Provenance, Span
from mailock.core.rewriting.places import Atlas, extent


@dataclass(frozen=True, slots=True)
class Failing:
    """What does not hold."""

    why: str
    strip: int | None = None
    """The part, by its place among those to be removed, that is still there."""


def line_ends(octets: bytes) -> bool:
    """Whether CRLF is the only line end."""
    ends = octets.count(b"\r\n")
    return octets.count(b"\r") == ends and octets.count(b"\n") == ends


def prove(
    before: Atlas, after: Anatomy, removed: Collection[tuple[int, Part]], touched: Iterable[Span]
) -> Failing | None:
    """What does not hold of a change; None where all does. `touched`: the ranges of the message that were replaced."""
    new = after.defects - before.anatomy.defects
    if new:
        return Failing(f"the changed message has defects that it had not before: {', '.join(sorted(new))}")
    spans = sorted(touched, key=lambda span: span.start)
    untouched = [part for part in before.anatomy.parts if _is_entity(part) and not _touches(spans, extent(part))]
    lost = _lost(before.anatomy, untouched, after)
    if lost is not None:
        return Failing(f"part {lost.path} is not the same any more, and was not to be changed")
    allowed = {_digest(reading.content) for part in untouched for reading in part.readings}
    there: set[bytes] | None = None
    for index, part in removed:
        wanted = _contents(before, part) - allowed
        if not wanted:
            continue
        if there is None:
            there = {_digest(reading.content) for each in after.parts for reading in each.readings}
        if wanted & there:
            return Failing(f"what part {part.path} holds could not be taken out in every reading", index)
    return None


def _is_entity(part: Part) -> bool:
    return part.space == 0 and not part.alternate and part.provenance is Provenance.MIME and part.parent is not None


def _touches(spans: list[Span], span: Span) -> bool:
    # What is put in at the very end of a part belongs to it; between two parts a delimiter stands.
    return any(each.start <= span.end and span.start <= each.end for each in spans)


def _lost(before: Anatomy, untouched: Iterable[Part], after: Anatomy) -> Part | None:
    """A part that should be as it was and is not."""
    there = {part.path: part for part in reversed(after.parts) if part.space == 0}
    for part in untouched:
        now = there.get(part.path)
        if now is None or _octets(before, part) != _octets(after, now):
            return part
    return None


def _octets(anatomy: Anatomy, part: Part) -> bytes:
    span = extent(part)
    return anatomy.spaces[0][span.start : span.end]


def _contents(before: Atlas, part: Part) -> set[bytes]:
    """Digests of all that a part holds, in every reading. Blank contents are nothing."""
    return {
        _digest(reading.content) for each in before.within(part) for reading in each.readings if reading.content.strip()
    }


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


AGAINST: frozenset[Defect] = frozenset({Defect.HEADER_TOO_LONG})
"""Defects that no change is made in spite of: the header block was not read to its end."""
