"""Texts that a client may make of HTML's octets, and what the page around a part says of it."""

import re
from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.specimen import Specimen
from mailock.core.mime.charsets import codec, texts

MOST_TEXTS: Final = 4
"""Readings of one content that are looked at."""
_META: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_SNIFFED: Final = 4096
_INLINE: Final = frozenset({"mime", "rfc822"})


def readings(specimen: Specimen) -> tuple[str, ...]:
    """By the declared charset, by the page's own, by its mark, and without the NULs that old clients leave out."""
    content = specimen.content
    own = tuple(name.decode("ascii") for name in _META.findall(content[:_SNIFFED]))
    found = texts(content, tuple(dict.fromkeys((*specimen.charsets, *own))))
    if not content.startswith((b"\xff\xfe", b"\xfe\xff")) and b"<\0" in content[:_SNIFFED]:
        found += (content.decode("utf-16-le", "replace"),)
    if not content.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0<" in content[:_SNIFFED]:
        found += (content.decode("utf-16-be", "replace"),)
    found += tuple(text.replace("\0", "") for text in found if "\0" in text)
    return tuple(dict.fromkeys(found))[:MOST_TEXTS]


def says_utf7(specimen: Specimen) -> bool:
    """Whether the part, its page or its mark says UTF-7."""
    names = [*specimen.charsets, *(name.decode("ascii") for name in _META.findall(specimen.content[:_SNIFFED]))]
    return specimen.content.startswith(b"+/v") or any(codec(name) == "utf-7" for name in names)


def attached(specimen: Specimen) -> bool:
    """Whether a reader opens it as a file, in a browser, not as the mail's text."""
    if specimen.provenance not in _INLINE or specimen.ancestors or any(specimen.untrusted_names):
        return True
    return any("attachment" in part for part in _dispositions(specimen))


def _dispositions(specimen: Specimen) -> Iterator[str]:
    for part in specimen.whole.anatomy.parts:
        if part.path == specimen.part:
            yield from part.dispositions
