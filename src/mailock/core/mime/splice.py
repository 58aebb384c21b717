"""Put new octets in the place of some, and leave every other octet as it is."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailock.core.mime.part import Span


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands in the place of a range; an empty range is a place to insert at."""

    span: Span
    octets: bytes


def splice(original: bytes, replacements: Iterable[Replacement]) -> bytes:
    """The original with its ranges replaced. Raises ValueError where two overlap or one lies outside."""
    pieces: list[bytes] = []
    position = 0
    for replacement in sorted(replacements, key=lambda each: (each.span.start, each.span.end)):
        span = replacement.span
        if not position <= span.start <= span.end <= len(original):
            raise ValueError(
                f"octets {span.start} to {span.end} lie outside the message or in a range replaced already"
            )
        pieces += [original[position : span.start], replacement.octets]
        position = span.end
    pieces.append(original[position:])
    return b"".join(pieces)
