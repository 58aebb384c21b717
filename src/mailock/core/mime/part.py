"""The anatomy of a message: its parts, what each says of itself, and what its body decodes to, in every reading.

A *part* is an entity with a header block and a body (RFC 2045 section 2.4), or something that was packed into one: an
attachment in uuencode, a file in a TNEF container. A *reading* is one content that some client makes of its body. Parts
are listed flat, in the order in which they stand; parts that only another reading of the message has come last.

A part's ranges count in a *space*: space 0 is the message itself, the others are decoded contents that hold parts of
their own (a base64 body that is a message). Only ranges of space 0 can be replaced by `splice`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from mailock.core.mime.defects import CUT_OFF, Defect

PartPath = NewType("PartPath", str)
"""Names a part within its message. The message is `1`, its second part `1.2`; what was found otherwise than as a part
of a multipart is `1.2/uuencode:1`; the parts of a second way to split `1` are `1/split2:1` and so on.
"""


class Provenance(StrEnum):
    """How a part came to light."""

    MIME = "mime"
    """The message itself, or a part of a multipart."""
    RFC822 = "rfc822"
    """A message within a message."""
    PREAMBLE = "preamble"
    """Text before the first delimiter."""
    EPILOGUE = "epilogue"
    """Text behind the last delimiter."""
    STRAY = "stray"
    """Header fields of MIME within a body: what another client may take for a part."""
    UUENCODE = "uuencode"
    """A file between `begin` and `end` within text."""
    YENC = "yenc"
    """A file between `=ybegin` and `=yend` within text."""
    BINHEX = "binhex"
    """A file in BinHex 4.0 within text (RFC 1741)."""
    PROPERTY = "property"
    """A file in a property of a calendar or a card (RFC 5545, RFC 6350)."""
    TNEF = "tnef"
    """A file, or the body, in a TNEF container (winmail.dat)."""
    DATA_URI = "data-uri"
    """Content within a data: URL of a text (RFC 2397)."""


class How(StrEnum):
    """How a reading was decoded."""

    IDENTITY = "identity"
    BASE64 = "base64"
    BASE64_SECTIONS = "base64-sections"
    """Padding ends a section, and another begins."""
    BASE64_FIRST = "base64-first"
    """Padding ends it all."""
    BASE64_MERGED = "base64-merged"
    """Padding is overlooked."""
    BASE64_ZEROS = "base64-zeros"
    """Padding inside counts as zero bits."""
    BASE64_GROUPS = "base64-groups"
    """Padding inside a group of four letters shortens it, or counts as zero bits in it."""
    BASE64_BY_LINE = "base64-by-line"
    """Each line is decoded by itself."""
    BASE64_WHOLE = "base64-whole"
    """Only whole groups of four letters count."""
    BASE64_UNTIL_JUNK = "base64-until-junk"
    """The first foreign character ends it all."""
    BASE64_LINES = "base64-lines"
    """Lines with foreign characters are left out, or what stands behind these in their lines."""
    BASE64_URLSAFE = "base64-urlsafe"
    """The alphabet of RFC 4648 section 5."""
    QUOTED_PRINTABLE = "quoted-printable"
    QUOTED_PRINTABLE_LOOSE = "quoted-printable-loose"
    """Equals signs that escape nothing are left out, alone or with the letters behind them."""
    QUOTED_PRINTABLE_CAPITALS = "quoted-printable-capitals"
    """Only escapes in capitals are escapes."""
    QUOTED_PRINTABLE_JOINED = "quoted-printable-joined"
    """Lines are joined before escapes are looked for."""
    QUOTED_PRINTABLE_LEGAL = "quoted-printable-legal"
    """What may not stand there is left out."""
    UUENCODE = "uuencode"
    YENC = "yenc"
    BINHEX = "binhex"
    TNEF = "tnef"
    DATA_URI = "data-uri"


@dataclass(frozen=True, slots=True)
class Span:
    """Octets from `start` up to, not including, `end`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Reading:
    """One content that a body decodes to."""

    how: How
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part. Everything that it says of itself is a tuple: every reading, the most likely first."""

    path: PartPath
    parent: PartPath | None
    provenance: Provenance
    alternate: bool
    """Whether only another reading than the most likely one has it, or a part above it."""
    space: int
    header: Span
    """The header block, without the empty line behind it; empty where there is none."""
    body: Span
    types: tuple[str, ...]
    """Declared (or default) media types, in lower case: `text/plain`."""
    charsets: tuple[str, ...]
    encodings: tuple[str, ...]
    """Declared transfer encodings, in lower case, as they stand; empty where there is none."""
    dispositions: tuple[str, ...]
    untrusted_names: tuple[str, ...]
    boundaries: tuple[bytes, ...]
    """Boundaries by which it was split."""
    readings: tuple[Reading, ...]
    """Contents of its body; none for a multipart that has only parts."""
    defects: frozenset[Defect]


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """A message, taken apart."""

    spaces: tuple[bytes, ...]
    """What the ranges of parts count in; the first is the message as it came."""
    parts: tuple[Part, ...]
    """At least one: the message itself."""
    defects: frozenset[Defect]
    """Those of all parts, and what was cut off."""

    @property
    def root(self) -> Part:
        """The message itself."""
        return self.parts[0]

    @property
    def ambiguous(self) -> bool:
        """Whether clients may show something that stands in no reading here."""
        return Defect.AMBIGUOUS in self.defects

    @property
    def complete(self) -> bool:
        """Whether nothing was cut off."""
        return not self.defects & CUT_OFF

    def children(self, path: PartPath) -> tuple[Part, ...]:
        """The parts directly within a part."""
        return tuple(part for part in self.parts if part.parent == path)

    def raw_header(self, part: Part) -> bytes:
        """The octets of a part's header block."""
        return self.spaces[part.space][part.header.start : part.header.end]

    def raw_body(self, part: Part) -> bytes:
        """The octets of a part's body, not decoded."""
        return self.spaces[part.space][part.body.start : part.body.end]


def names(part: Part) -> tuple[str, ...]:
    """Every file name that a client may show for a part, the most likely first."""
    return part.untrusted_names


def decoded(part: Part) -> tuple[Reading, ...]:
    """Every content that a client may make of a part's body, the most likely first."""
    return part.readings
