"""Files that are written into a text: uuencode, BinHex, yEnc and base64 as a file of its own, and what calendars, cards
and armour hold.

The text of a mail was read by whoever took the mail apart; here it is about texts that are attached, or packed.

Sources: POSIX (uuencode), RFC 1741 (BinHex), RFC 5545 section 3.8.1.1 (ATTACH), RFC 6350 (PHOTO and others), RFC 7468.
"""

from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Child, Finding
from mailock.core.evidence.report import Why
from mailock.core.mime import base64text, binhex, uuencode, yenc
from mailock.engines.archives.opening import Opening, quoted

KINDS: Final = frozenset({"txt", "csv", "ics", "vcf", "pem", "cer"})
_LINES: Final = (("uuencode", uuencode.files), ("binhex", binhex.files), ("yenc", yenc.files))
_BASE64_NAMES: Final = (".b64", ".base64")
_MOST_PROPERTIES: Final = 1000
_SHORTEST: Final = 16
_SEQUENCE: Final = b"\x30"
"""What all that armour is made for begins with, in DER."""


def opened(opening: Opening) -> Iterator[Child | Finding]:
    """Every file in an attached text."""
    specimen = opening.specimen
    if not specimen.untrusted_names and not specimen.ancestors:
        return
    content = specimen.content
    if specimen.type.name in ("ics", "vcf"):
        yield from _properties(opening, content)
    elif specimen.type.name in ("pem", "cer"):
        yield from _armoured(opening, content)
    else:
        for provenance, files in _LINES:
            for file in files(content):
                name = file.untrusted_name.decode("utf-8", "replace")
                yield from opening.child(opening.fit(file.content), name, provenance)
                if file.cut:
                    opening.miss(Why.TOO_COSTLY, f"{quoted(name)} has more escapes than are followed")
        if any(name.lower().endswith(_BASE64_NAMES) for name in specimen.untrusted_names):
            stem = specimen.untrusted_names[0].rpartition(".")[0]
            yield from opening.child(base64text.lenient(content), stem, "base64")


def _properties(opening: Opening, content: bytes) -> Iterator[Child | Finding]:
    """Values in base64 of a calendar or a card; a line that begins with a blank goes on with the one before."""
    unfolded = content.replace(b"\r\n", b"\n").replace(b"\n ", b"").replace(b"\n\t", b"")
    count = 0
    for line in unfolded.split(b"\n"):
        head, _, value = line.partition(b":")
        parameters = [one.strip().upper() for one in head.split(b";")[1:]]
        packed = any(one in (b"ENCODING=BASE64", b"ENCODING=B", b"BASE64") for one in parameters)
        if value[:5].lower() == b"data:":
            value, packed = value.partition(b",")[2], b";base64" in value[:200].lower()
        if packed and len(value) >= _SHORTEST:
            count += 1
            if count > _MOST_PROPERTIES:
                opening.too_many(count)
            yield from opening.child(base64text.lenient(value), _named(head), "property")


def _named(head: bytes) -> str:
    """The name that Outlook and others put beside a file."""
    for one in head.split(b";")[1:]:
        key, _, value = one.partition(b"=")
        if key.strip().upper() in (b"X-FILENAME", b"FILENAME", b"X-APPLE-FILENAME"):
            return value.strip(b' "').decode("utf-8", "replace")
    return ""


def _armoured(opening: Opening, content: bytes) -> Iterator[Child | Finding]:
    """What stands between lines as certificates have them and is none: certutil decodes whatever it is."""
    begin = content.find(b"-----BEGIN ")
    for _ in range(_MOST_PROPERTIES):
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
