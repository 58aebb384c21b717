"""A text part written again: its body, and the MIME fields that have to say something else of it now.

Where clients read the part in one way, only the fields that no longer hold are replaced, and of a body that is not
encoded only the octets that differ. Where they read it in several ways, body and MIME fields are written anew, so that
afterwards there is one.
"""

from collections.abc import Sequence
from typing import Final

from mailock.core.mime.charsets import codec
from mailock.core.mime.compose import field
from mailock.core.mime.headers import unfolded
from mailock.core.mime.parameters import split
from mailock.core.mime.part import Anatomy, Part, Provenance, Span
from mailock.core.mime.splice import Replacement
from mailock.core.rewriting.fields import Placed, placed
from mailock.core.rewriting.textbody import Letters, Octets, Unwritable, changed_range

_KEPT: Final = frozenset({"content-id", "content-location", "content-language", "content-disposition", "content-base"})
_TOKEN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`{|}~")
_CODED: Final = frozenset({"content-transfer-encoding"})
_TYPED: Final = frozenset({"content-type"})


def replacements(anatomy: Anatomy, part: Part, octets: Octets, before: Letters) -> list[Replacement]:
    """What puts a changed text in the place of the one that stood in a part. Raises Unwritable."""
    told = (part.readings, part.types, part.charsets, part.encodings)
    if any(len(each) > 1 for each in told):
        return _renewed(anatomy, part, octets, before)
    return rewritten(anatomy, part, octets)


def is_flowed(anatomy: Anatomy, part: Part) -> bool:
    """Whether the lines of a text are as RFC 3676 has them."""
    return _parameter_of(list(placed(anatomy.raw_header(part))), b"format") == b"flowed"


def declared(anatomy: Anatomy, part: Part, encoding: str) -> list[Replacement]:
    """What has a part declare another transfer encoding, where it declares one; its body stays."""
    present = list(placed(anatomy.raw_header(part), part.header.start))
    if not any(each.name in _CODED for each in present):
        return []
    return _put(part, present, _CODED, field("Content-Transfer-Encoding", encoding))


def rewritten(anatomy: Anatomy, part: Part, octets: Octets) -> list[Replacement]:
    """For a part that clients read in one way: its body with what is new in it, and the fields that have to say
    something else now.
    """
    body, old = part.body, anatomy.raw_body(part)
    data = anatomy.spaces[part.space]
    new = _as_long(part, old, octets.octets)
    present = list(placed(anatomy.raw_header(part), part.header.start))
    found: list[Replacement] = []
    if octets.charset is not None:
        line = field("Content-Type", _content_type(present, part, octets.charset))
        found += _put(part, present, _TYPED, line)
    if octets.encoding is not None:
        line = field("Content-Transfer-Encoding", octets.encoding)
        found += _put(part, present, _CODED, line)
    ended = part.header.end == part.header.start or data[part.header.end - 1] == 0x0A
    behind = [n for n, each in enumerate(found) if each.span.start == part.header.end]
    if behind and not ended:
        first = found[behind[0]]
        found[behind[0]] = Replacement(first.span, b"\r\n" + first.octets)
    if body.start == part.header.end:
        # No empty line ends the header, so what is put in would become one more field.
        found.append(Replacement(body, (b"\r\n" if ended or behind else b"\r\n\r\n") + new))
    else:
        start, end = changed_range(old, new)
        found.append(Replacement(Span(body.start + start, body.end - end), new[start : len(new) - end]))
    return _merged(found)


def _renewed(anatomy: Anatomy, part: Part, octets: Octets, before: Letters) -> list[Replacement]:
    """Body and MIME fields written anew, so that there is one way to read them."""
    header = list(placed(anatomy.raw_header(part), part.header.start))
    kept = {
        each.name: each.field.raw
        for each in reversed(header)
        if each.name in _KEPT and each.field.raw.endswith(b"\r\n")
    }
    value = f"{_media(part)}; charset={octets.charset or _charset(part, before)}{_format(part, header)}"
    encoding = octets.encoding or _encoding(part, octets)
    lines = field("Content-Type", value) + field("Content-Transfer-Encoding", encoding)
    new = _as_long(part, anatomy.raw_body(part), octets.octets)
    if part.parent is not None and part.provenance is not Provenance.RFC822:
        entity = b"".join(kept[name] for name in sorted(kept)) + lines + b"\r\n" + new
        return [Replacement(Span(part.header.start, part.body.end), entity)]
    gone = [
        Replacement(each.span, b"") for each in header if each.name.startswith("content-") and each.name not in _KEPT
    ]
    end = part.header.end
    ending = b"" if end == part.header.start or anatomy.spaces[0][end - 1] == 0x0A else b"\r\n"
    return [*gone, Replacement(Span(end, part.body.end), ending + lines + b"\r\n" + new)]


def _put(part: Part, present: Sequence[Placed], names: frozenset[str], line: bytes) -> list[Replacement]:
    """A field in the place of those of its name, or behind the others."""
    spans = [each.span for each in present if each.name in names]
    if spans:
        return [Replacement(spans[0], line), *(Replacement(span, b"") for span in spans[1:])]
    return [Replacement(Span(part.header.end, part.header.end), line)]


def _merged(found: Sequence[Replacement]) -> list[Replacement]:
    """Replacements in order; what is put in at one place is put in together, and before what is replaced there."""
    merged: list[Replacement] = []
    for each in sorted(found, key=lambda replacement: (replacement.span.start, replacement.span.end)):
        if merged and merged[-1].span.start == each.span.start and not len(merged[-1].span):
            merged[-1] = Replacement(each.span, merged[-1].octets + each.octets)
        else:
            merged.append(each)
    return merged


def _as_long(part: Part, old: bytes, new: bytes) -> bytes:
    """A new body that ends where the old one did: the line end before a delimiter is the delimiter's."""
    inside = part.parent is not None and part.provenance is Provenance.MIME
    if inside and new.endswith(b"\r\n") and not old.endswith(b"\n"):
        return new[:-2]
    return new


def _content_type(present: Sequence[Placed], part: Part, charset: str) -> str:
    """The type as it was declared, with another charset."""
    raws = [each.field.value for each in present if each.name == "content-type"]
    value = split(unfolded(raws[0])) if raws else None
    if value is None or value.odd:
        return f"{_media(part)}; charset={charset}{_format(part, present)}"
    others = [
        f"; {name.decode('ascii')}={_quoted(given.decode('ascii'))}"
        for name, given in value.parameters
        if name != b"charset" and not name.startswith(b"charset*") and name.isascii() and given.isascii()
    ]
    return f"{_media(part)}; charset={charset}{''.join(others)}"


def _format(part: Part, present: Sequence[Placed]) -> str:
    """Format and DelSp (RFC 3676), which say how lines are joined."""
    told = "".join(
        f"; {name}={value}"
        for name in ("format", "delsp")
        if (value := _parameter_of(present, name.encode()).decode("ascii", "replace"))
        in ("flowed", "fixed", "yes", "no")
    )
    return told if part.types[0] == "text/plain" else ""


def _parameter_of(present: Sequence[Placed], name: bytes) -> bytes:
    """A parameter of the Content-Type, in lower case."""
    for each in present:
        if each.name == "content-type":
            for known, value in split(unfolded(each.field.value)).parameters:
                if known == name:
                    return value.lower()
    return b""


def _media(part: Part) -> str:
    media = part.types[0]
    if media.count("/") != 1 or not _TOKEN.issuperset(media.replace("/", "")):
        raise Unwritable(f"part {part.path} declares a type that cannot be written again")
    return media


def _charset(part: Part, before: Letters) -> str:
    declared = part.charsets[0] if part.charsets else ""
    if declared and codec(declared) is not None and _TOKEN.issuperset(declared):
        return declared
    return {"ascii": "us-ascii", "utf-8": "utf-8"}.get(before.codec, "windows-1252")


def _encoding(part: Part, octets: Octets) -> str:
    declared = part.encodings[0] if part.encodings else ""
    if declared in ("base64", "quoted-printable"):
        return declared
    return "7bit" if octets.octets.isascii() else "8bit"


def _quoted(value: str) -> str:
    if value and _TOKEN.issuperset(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
