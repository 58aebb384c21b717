"""What leaves the jail about how a message reads: traits by their names, and features by their places, as one document.

Nothing in it is text of the message. Reading it back checks every type, bound and name, since who took the jail over
may write anything; what does not fit is BadDocument, and the message counts as one that nobody could weigh.
"""

import binascii
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from sys import byteorder
from typing import Final

from mailock.core.classify.hashing import PLACES, pairs, salt
from mailock.core.classify.traits import TRAITS

VERSION: Final = "3"
FAMILIES: Final = ("text", "words", "head", "route", "hops", "readers", "authors")
"""Runs of the text; words of text, subject, links and markup; runs of the header; where it came through, and the words
that its hops left; to whom it went; who wrote it, address and all."""
MOST: Final = 6000
"""Features of one family."""
LARGEST: Final = 8.0
"""The amount of one trait."""


_TOGETHER: Final = salt("together")
_OUTSIDE: Final = (0x1_0000_0000 - PLACES).to_bytes(4, byteorder)
"""The bits that no place has: a whole family is looked at with it at once."""


class BadDocument(ValueError):
    """It is not what the jail writes."""


# Without slots, since what follows from it is worked out once, and only where it is asked for.
@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a message looks like."""

    traits: Mapping[str, float]
    """How much there is of each trait (`core.classify.traits`) that is there at all."""
    features: Mapping[str, "array[int]"]
    """The places (`core.classify.hashing`) of each family, in the order in which they were met."""

    @cached_property
    def together(self) -> "array[int]":
        """The places of every two traits that are there: what says little alone may say much beside another.

        They follow from the traits, so the jail neither works them out nor tells them.
        """
        return array("I", pairs(sorted(self.traits), _TOGETHER))

    @property
    def families(self) -> "tuple[array[int], ...]":
        """All that is hashed of it."""
        return (*(self.features[name] for name in FAMILIES), self.together)

    @property
    def digest(self) -> bytes:
        """Names the message by what it says, however it came: 16 octets."""
        hashed = blake2b(digest_size=16)
        for family in ("text", "words", "head"):
            hashed.update(self.features[family].tobytes() + b"|")
        return hashed.digest()


def write(seen: Seen) -> str:
    """The document: version, traits, and each family in base64, between semicolons."""
    traits = ",".join(f"{name}={amount:.4g}" for name, amount in sorted(seen.traits.items()))
    families = (binascii.b2a_base64(seen.features[name].tobytes(), newline=False).decode() for name in FAMILIES)
    return ";".join((VERSION, traits, *families))


def read(untrusted_text: str) -> Seen:
    """What a document says. Raises BadDocument."""
    pieces = untrusted_text.split(";")
    if len(pieces) != 2 + len(FAMILIES) or pieces[0] != VERSION:
        raise BadDocument("it has other fields")
    features = {name: _family(text) for name, text in zip(FAMILIES, pieces[2:], strict=True)}
    return Seen(traits=dict(_trait(one) for one in pieces[1].split(",") if one), features=features)


def _trait(untrusted_text: str) -> tuple[str, float]:
    name, _, told = untrusted_text.partition("=")
    if name not in TRAITS:
        raise BadDocument("a trait is unknown")
    try:
        amount = float(told)
    except ValueError:
        raise BadDocument("an amount is no number") from None
    if not 0.0 <= amount <= LARGEST:
        raise BadDocument("an amount is out of bounds")
    return name, amount


def _family(untrusted_text: str) -> "array[int]":
    if len(untrusted_text) > MOST * 4 * 4 // 3 + 4:
        raise BadDocument("there are too many features")
    places = array("I")
    try:
        places.frombytes(binascii.a2b_base64(untrusted_text.encode("ascii"), strict_mode=True))
    except (ValueError, UnicodeEncodeError):
        raise BadDocument("features cannot be read") from None
    if int.from_bytes(places.tobytes(), byteorder) & int.from_bytes(_OUTSIDE * len(places), byteorder):
        raise BadDocument("a feature lies outside of the space")
    return places
