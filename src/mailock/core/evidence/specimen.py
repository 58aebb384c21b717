"""What a jailed engine is given to look at. Values of this kind never leave the jail."""

from dataclasses import dataclass, field

from mailock.core.evidence.filetype import FileType
from mailock.core.mime.part import Anatomy, PartPath


@dataclass(slots=True, kw_only=True)
class Purse:
    """What is left for one message, shared by all that is unpacked from it. Engines that unpack look here first, and
    never unpack more than `octets` before they yield a child.
    """

    octets: int
    """Octets that may still be unpacked."""
    files: int
    """Files that may still be unpacked."""
    depth: int
    """Containers within containers."""
    ratio: int = 1000
    """How many times its own size one container may unpack to, beyond a first 10 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What engines may know of the message around a part."""

    anatomy: Anatomy
    subject: str
    words: tuple[str, ...] = ()
    """Candidates for passwords, the most likely first: configured ones, and words of the subject and the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """One reading of one part; of a Scope.MESSAGE engine the whole message, as it came."""

    part: PartPath
    content: bytes
    type: FileType
    untrusted_names: tuple[str, ...]
    declared: tuple[str, ...]
    charsets: tuple[str, ...]
    provenance: str
    whole: Whole
    purse: Purse
    ancestors: tuple[FileType, ...] = field(default=())
    """The containers it came out of, the innermost last."""
