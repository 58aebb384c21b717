"""A part as it is known outside the jail: what it is and says of itself, without its bytes."""

from dataclasses import dataclass

from mailock.core.evidence.filetype import Family, FileType
from mailock.core.mime.defects import Defect
from mailock.core.mime.part import PartPath


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One part. Everything about it comes from a hostile message."""

    path: PartPath
    parent: PartPath | None
    provenance: str
    """How it came to light: `mime`, `rfc822`, `zip`, `ole` …"""
    alternate: bool
    """Whether only another reading of the message has it."""
    looked_into: bool
    """Whether it has content that engines look at; a multipart, whose parts they look at, has none."""
    types: tuple[FileType, ...]
    """What it is, in each reading that differs; the first is the most likely one's."""
    declared: tuple[str, ...]
    """Media types that it claims."""
    untrusted_names: tuple[str, ...]
    disposition: str
    """`attachment`, `inline`, or empty."""
    content_id: str
    size: int
    """Octets of the most likely reading."""
    sha256: tuple[str, ...]
    """Of each reading, lower-case hex."""
    defects: frozenset[Defect] = frozenset()
    encrypted: bool = False
    """Whether it came out of something that has a password."""

    @property
    def families(self) -> frozenset[Family]:
        """The families it belongs to, in any reading."""
        return frozenset(type_.family for type_ in self.types)
