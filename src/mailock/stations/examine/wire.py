"""What goes through the jail's door: the order that goes in, and the frames that come out.

A frame is a list of [tag, value] in MessagePack. Everything that comes out is untrusted: it is decoded into the types
of `core.evidence`, and what does not fit is `Garbled`, never guessed at.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from mailock.core.evidence.examination import Contradiction
from mailock.core.evidence.finding import Fact, Link
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Incomplete, Looked
from mailock.core.evidence.wording import Sought
from mailock.core.mime.part import PartPath

TASK: Final = "examine"
"""What the jail is asked to do with an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the jail is told of a message besides its bytes."""

    words: tuple[str, ...]
    """Configured passwords."""
    given: tuple[str, ...] = ()
    """Passwords that a recipient gave for this message, which are tried first."""
    engines: tuple[str, ...]
    """Names of the jailed engines that look."""
    exhibit: tuple[str, ...]
    """Families (their values) of parts whose contents are put out for external scanners."""
    sought: tuple[Sought, ...]
    """Words that rules ask for."""
    digests: tuple[str, ...]
    """Digests (`md5`, `sha1`) that are told of each content besides its SHA-256, for those who know files by them."""
    depth: int
    files: int
    octets: int
    ratio: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """An engine was given a part: should the jail die now, we know over what."""

    engine: str
    part: PartPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """The content of a part was written to the output, for external scanners."""

    part: PartPath
    start: int
    size: int
    sha256: str
    untrusted_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """The words of the order were looked for."""

    seen: tuple[tuple[int, PartPath], ...]
    """The number of each that stands there, and the part that has it."""
    whole: bool
    """Whether everything was looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """All is said. Without it the jail's account is not whole."""

    milliseconds: float


Word = File | Began | Looked | Incomplete | Link | Fact | Contradiction | Exposed | Searched | Finished

_KINDS: Final[tuple[type[Word], ...]] = (
    File,
    Began,
    Looked,
    Incomplete,
    Link,
    Fact,
    Contradiction,
    Exposed,
    Searched,
    Finished,
)
_TAGS: Final[dict[type, int]] = {kind: tag for tag, kind in enumerate(_KINDS)}
_DECODERS: Final[tuple[msgspec.msgpack.Decoder[Any], ...]] = tuple(msgspec.msgpack.Decoder(kind) for kind in _KINDS)
_encode: Final = msgspec.msgpack.Encoder().encode
_split: Final = msgspec.msgpack.Decoder[list[tuple[int, msgspec.Raw]]](list[tuple[int, msgspec.Raw]]).decode
_order: Final = msgspec.msgpack.Decoder(Order).decode


class Garbled(Exception):
    """What came out of the jail is not what its inmates are told to say."""


def write_order(order: Order) -> bytes:
    """The order as the jail gets it."""
    return _encode(order)


def read_order(octets: bytes) -> Order:
    """The order, inside the jail. It comes from us, so what does not fit is a bug and raises."""
    return _order(octets)


def write_frame(words: Iterable[Word]) -> bytes:
    """A frame that says these things."""
    return _encode([(_TAGS[type(word)], word) for word in words])


def read_frame(untrusted_frame: bytes) -> Iterator[Word]:
    """What a frame says. Raises Garbled at the first thing that does not fit."""
    try:
        for tag, raw in _split(untrusted_frame):
            if not 0 <= tag < len(_DECODERS):
                raise Garbled(f"a word of an unknown kind, {tag}")
            yield _DECODERS[tag].decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise Garbled(str(fault)) from None
