"""A message in 7 bits, for a next hop that takes no other (RFC 6152 section 3): parts with 8-bit octets are written in
quoted-printable or base64, and what is around them says so.

What every part decodes to stays the same. Where that cannot be (a signature over the octets, encrypted content, 8-bit
octets in a header or between parts, parts that clients read in several ways) nothing is converted.
"""

from typing import Final

from mailock.core.mime.compose import base64_lines, quoted_printable
from mailock.core.mime.part import Anatomy, How, Part, Provenance, Span
from mailock.core.mime.splice import Replacement
from mailock.core.rewriting.fields import placed
from mailock.core.rewriting.partfields import declared, rewritten
from mailock.core.rewriting.places import Atlas, is_around
from mailock.core.rewriting.receipt import Change
from mailock.core.rewriting.textbody import Octets, Unwritable

_IDENTITY: Final = frozenset({"", "7bit", "8bit", "binary"})
_ENTITIES: Final = frozenset({Provenance.MIME, Provenance.RFC822})
_COMPOSITE: Final = ("multipart/", "message/")
"""Types that only `7bit`, `8bit` and `binary` may encode (RFC 2045 section 6.4)."""


def convert(atlas: Atlas) -> tuple[list[Replacement], list[Change]]:
    """What makes a message 7bit, and what is told of it. Raises Unwritable."""
    replacements: list[Replacement] = []
    changes: list[Change] = []
    anatomy = atlas.anatomy
    for part in anatomy.parts:
        if part.space != 0 or part.alternate or not (part.provenance in _ENTITIES or is_around(part)):
            continue
        if not anatomy.raw_header(part).isascii():
            raise Unwritable(f"the header of part {part.path} has 8-bit octets")
        if anatomy.raw_body(part).isascii():
            continue
        _check(atlas, part)
        if any(child.provenance in _ENTITIES for child in atlas.children(part)):
            replacements += declared(anatomy, part, "7bit")
            continue
        octets = _written(part, anatomy.raw_body(part))
        replacements += _versioned(anatomy, part)
        replacements += rewritten(anatomy, part, octets)
        changes.append(Change(part=part.path, did=f"Wrote part {part.path} as {octets.encoding}, which is 7bit."))
    return replacements, changes


def same_contents(before: Anatomy, after: Anatomy) -> bool:
    """Whether every part still decodes to what it did."""
    return _contents(before) == _contents(after)


def _check(atlas: Atlas, part: Part) -> None:
    """Raises Unwritable where a part has 8-bit octets that have to stay."""
    if atlas.sealed(part):
        raise Unwritable(f"part {part.path} is signed or encrypted, and converting it would break that")
    if is_around(part):
        raise Unwritable("text before or behind its parts has 8-bit octets")
    if part.encodings and part.encodings[0] not in _IDENTITY:
        raise Unwritable(f"part {part.path} has 8-bit octets and says that it is encoded")
    told = (part.types, part.charsets, part.encodings, part.readings)
    if any(len(each) > 1 for each in told):
        raise Unwritable(f"part {part.path} is read in several ways")


def _written(part: Part, raw: bytes) -> Octets:
    if part.types[0].startswith(_COMPOSITE) or [one.how for one in part.readings] != [How.IDENTITY]:
        raise Unwritable(f"part {part.path} is of a kind that may not be encoded")
    in_base64 = base64_lines(raw)
    if part.types[0].startswith("text/"):
        quoted = quoted_printable(raw)
        if len(quoted) <= len(in_base64):
            return Octets(quoted, "quoted-printable", None)
    return Octets(in_base64, "base64", None)


def _versioned(anatomy: Anatomy, part: Part) -> list[Replacement]:
    """Encodings count only in a message that says that it is MIME (RFC 2045 section 4)."""
    is_message = part.parent is None or part.provenance is Provenance.RFC822
    if not is_message or any(each.name == "mime-version" for each in placed(anatomy.raw_header(part))):
        return []
    start = part.header.start
    return [Replacement(Span(start, start), b"MIME-Version: 1.0\r\n")]


def _contents(anatomy: Anatomy) -> list[tuple[str, tuple[bytes, ...]]]:
    return [
        (part.path, tuple(reading.content for reading in part.readings))
        for part in anatomy.parts
        if part.provenance is Provenance.MIME and not part.alternate
    ]
