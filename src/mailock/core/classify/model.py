"""The shipped model: a weight for each trait, and one octet for each place of the hashed features.

The file holds a header in JSON and the weights, compressed (RFC 1950). It is made by `make model` and read back
strictly: a file that was damaged is BadModel, and never half a model.

What it says of a message is a sum in natural log odds, `logit`. The administrator's scale is another: 5 is where one
wanted message of a thousand was suspected in cross-validation, 10 where next to none was; `slope` and `offset` lead
from one to the other, so the score is as continuous as the sum.
"""

import json
import zlib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, sqrt
from operator import itemgetter
from typing import Final

from mailock.core.classify.hashing import PLACES
from mailock.core.classify.seen import Seen
from mailock.core.classify.traits import TRAITS

MAGIC: Final = b"MAILOCK-MODEL 1\n"
SHIPPED: Final = ("text", "words", "head")
"""The families that are weighed. Where a message came through says much, but of one site only."""

_FEW: Final = 2
"""Places below which none is divided by anything, and which an itemgetter would not give as a tuple."""


class BadModel(ValueError):
    """It is no model, or not of this version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was learnt before it was shipped."""

    version: str
    """Of its content; it changes with every training that changes a weight."""
    base: float
    """What any message weighs."""
    traits: Mapping[str, float]
    places: "array[int]"
    """A weight for each place, in quanta."""
    quantum: float
    slope: float
    offset: float

    def wording(self, seen: Seen) -> float:
        """What the features weigh, in log odds: of each family the sum over the square root of its size."""
        return sum(self.quantum * spread(self.places, seen.features[name]) for name in SHIPPED)

    def together(self, seen: Seen) -> float:
        """What the traits weigh beside each other, over what each of them weighs, in log odds."""
        return self.quantum * spread(self.places, seen.together)

    def logit(self, seen: Seen) -> float:
        """What the whole message weighs, in log odds."""
        traits = sum(amount * self.traits.get(name, 0.0) for name, amount in seen.traits.items())
        return self.base + traits + self.wording(seen) + self.together(seen)


def spread(weights: "array[int] | array[float]", places: "array[int]") -> float:
    """The sum of the weights of places, over the square root of their number: long messages weigh as short ones do."""
    if len(places) < _FEW:
        return float(sum(weights[place] for place in places))
    return float(sum(itemgetter(*places)(weights))) / sqrt(len(places))


def write(model: Model) -> bytes:
    """The file."""
    header = {
        "version": model.version,
        "base": model.base,
        "quantum": model.quantum,
        "slope": model.slope,
        "offset": model.offset,
        "traits": dict(sorted(model.traits.items())),
    }
    told = json.dumps(header, separators=(",", ":")).encode("ascii")
    return MAGIC + len(told).to_bytes(4, "big") + told + zlib.compress(model.places.tobytes(), 9)


def read(octets: bytes) -> Model:
    """The model of a file. Raises BadModel."""
    start = len(MAGIC) + 4
    if not octets.startswith(MAGIC):
        raise BadModel("it is no model of this version")
    end = start + int.from_bytes(octets[len(MAGIC) : start], "big")
    try:
        header = json.loads(octets[start:end])
        places = array("b", zlib.decompress(octets[end:]))
        numbers = [float(header[name]) for name in ("base", "quantum", "slope", "offset")]
        traits = {str(name): float(weight) for name, weight in header["traits"].items()}
        version = str(header["version"])
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error, RecursionError) as fault:
        raise BadModel(f"it is damaged: {fault}") from None
    if len(places) != PLACES or not all(map(isfinite, (*numbers, *traits.values()))) or numbers[2] <= 0:
        raise BadModel("its weights are not whole")
    base, quantum, slope, offset = numbers
    known = {name: weight for name, weight in traits.items() if name in TRAITS}
    return Model(version=version, base=base, traits=known, places=places, quantum=quantum, slope=slope, offset=offset)
