"""The octets of a PDF, not read as a document: readers mend broken ones each in its own way, and filters read names.

Source: ISO 32000-2, sections 7.3.5 (names, `#` and two hexadecimal digits), 7.5 (the structure of a file).
"""

import re
from dataclasses import dataclass
from typing import Final

DANGEROUS: Final = frozenset(
    {b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/AA", b"/EmbeddedFile", b"/RichMedia", b"/XFA", b"/URI"}
    | {b"/SubmitForm", b"/GoToE", b"/GoToR", b"/ImportData", b"/JBIG2Decode", b"/EmbeddedFiles"}
)
_HEXED: Final = re.compile(rb"/[A-Za-z0-9#]{0,40}#[0-9A-Fa-f]{2}[A-Za-z0-9#]{0,40}")
_NAME: Final = re.compile(
    rb"/(?:JavaScript|JS|Launch|OpenAction|AA|EmbeddedFiles?|RichMedia|XFA|SubmitForm|GoToE|GoToR|ImportData)(?![A-Za-z0-9])"
)
_URI: Final = re.compile(rb"/URI\s{0,20}\(((?:[^()\\]|\\.){1,4096})\)", re.DOTALL)
_SCANNED: Final = 64 << 20
_MOST_URIS: Final = 2000


@dataclass(frozen=True, slots=True)
class Octets:
    """What stands in the octets."""

    names: frozenset[str]
    """Names of actions, as they stand."""
    hexed: frozenset[str]
    """Names of actions that stand in hexadecimal."""
    untrusted_uris: tuple[bytes, ...]
    header_at: int
    """Where the document begins; -1 where nothing says that it does."""
    appended: int
    """Octets behind its last end mark."""
    revisions: int


def octets(content: bytes) -> Octets:
    """What stands in the octets of a PDF."""
    scanned = content[:_SCANNED]
    hexed = set()
    for match in _HEXED.finditer(scanned):
        plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda pair: bytes((int(pair[1], 16),)), match[0])
        if plain in DANGEROUS:
            hexed.add(plain.decode("ascii"))
    end = content.rfind(b"%%EOF")
    uris = []
    for match in _URI.finditer(scanned):
        uris.append(re.sub(rb"\\(.)", rb"\1", match[1]))
        if len(uris) >= _MOST_URIS:
            break
    return Octets(
        names=frozenset(match[0].decode("ascii") for match in _NAME.finditer(scanned)),
        hexed=frozenset(hexed),
        untrusted_uris=tuple(uris),
        header_at=content[:65_536].find(b"%PDF-"),
        appended=len(content[end + 5 :].strip(b"\r\n \0")) if end >= 0 else 0,
        revisions=content.count(b"%%EOF"),
    )
