"""Lists of tags: `v=1; a=rsa-sha256; …`, as DKIM, ARC and DMARC write them (RFC 6376 section 3.2)."""

from typing import Final

LONGEST: Final = 64 << 10
"""Octets of a list that are read."""
TAGS: Final = 100
"""Tags of one list that are read."""

_FOLDING: Final = b" \t\r\n"
_NAME: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class BadTags(ValueError):
    """It is no list of tags; the sentence says why."""


def read(untrusted: bytes) -> dict[str, str]:
    """The tags, each value without the white space around it. Folding inside a value stays. Raises BadTags.

    A tag that stands in it twice makes the whole list void (section 3.2).
    """
    if len(untrusted) > LONGEST:
        raise BadTags(f"it has more than {LONGEST} octets")
    pieces = untrusted.split(b";")
    if not pieces[-1].strip(_FOLDING):
        pieces.pop()
    if len(pieces) > TAGS:
        raise BadTags(f"it has more than {TAGS} tags")
    tags: dict[str, str] = {}
    for piece in pieces:
        name, equals, value = piece.partition(b"=")
        name = name.strip(_FOLDING)
        if not equals or not name or not _NAME.issuperset(name) or not name[:1].isalpha():
            raise BadTags(f"{shown(piece)} is no tag")
        key = name.decode("ascii")
        if key in tags:
            raise BadTags(f"the tag {key}= stands in it twice")
        value = value.strip(_FOLDING)
        if b"\0" in value:
            raise BadTags(f"the value of {key}= holds a NUL")
        tags[key] = value.decode("utf-8", "surrogateescape")
    return tags


def without_spaces(value: str) -> str:
    """A value whose white space means nothing: base64, a list of names."""
    return "".join(value.split())


def shown(octets: bytes) -> str:
    """Octets of a record, made fit for a sentence."""
    return repr(octets.strip(_FOLDING)[:40].decode("ascii", "replace"))
