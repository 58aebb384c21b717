"""Files that are written into a text: uuencode, BinHex, yEnc and base64 as a file of its own, and what calendars, cards
and armour hold.

The parts of a mail were read so when it was taken apart (`core.mime.enclosed`); here it is about texts that are packed.

Sources: POSIX (uuencode), RFC 1741 (BinHex), RFC 7468.
"""

from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Child, Finding
from mailock.core.evidence.report import Why
from mailock.core.mime import base64text, binhex, property, uuencode, yenc
from mailock.engines.archives.opening import Opening, quoted

KINDS: Final = frozenset({"txt", "csv", "ics", "vcf", "pem", "cer"})
_WRITTEN: Final = (
    ("uuencode", uuencode.files),
    ("binhex", binhex.files),
    ("yenc", yenc.files),
    ("property", property.files),
)
_BASE64_NAMES: Final = (".b64", ".base64")
_MOST: Final = 1000
"""Blocks of armour."""
_SEQUENCE: Final = b"\x30"
"""What all that armour is made for begins with, in DER."""


def opened(opening: Opening) -> Iterator[Child | Finding]:
    """Every file in a packed text, and in an attached one what the mail was not searched for."""
    specimen = opening.specimen
    content = specimen.content
    if specimen.type.name in ("pem", "cer"):
        yield from _armoured(opening, content)
        return
    if specimen.ancestors:
        for provenance, files in _WRITTEN:
            for file in files(content):
                name = file.untrusted_name.decode("utf-8", "replace")
                yield from opening.child(opening.fit(file.content), name, provenance)
                if file.cut:
                    opening.miss(Why.TOO_COSTLY, f"{quoted(name)} has more escapes than are followed")
    if any(name.lower().endswith(_BASE64_NAMES) for name in specimen.untrusted_names):
        stem = specimen.untrusted_names[0].rpartition(".")[0]
        yield from opening.child(base64text.lenient(content), stem, "base64")


def _armoured(opening: Opening, content: bytes) -> Iterator[Child | Finding]:
    """What stands between lines as certificates have them and is none: certutil decodes whatever it is."""
    begin = content.find(b"-----BEGIN ")
    for _ in range(_MOST):
        if begin < 0:
            return
        start = content.find(b"\n", begin)
        end = content.find(b"-----END", begin)
        if start < 0:
            return
        inside = base64text.lenient(content[start : end if end > 0 else len(content)])
        if inside and not inside.startswith(_SEQUENCE) and b":" not in content[start : start + 80]:
            yield from opening.child(inside, "", "armour")
        begin = content.find(b"-----BEGIN ", start)
