"""What an entity declares of itself in its Content- fields: type, encoding, disposition, names, boundaries: everything
that some client could read there, the most likely first.
"""

from dataclasses import dataclass, field
from typing import Final, TypeVar

from mailock.core.mime import charsets, extended, parameters, words
from mailock.core.mime.defects import Defect
from mailock.core.mime.naming import Names

Fields = tuple[tuple[bytes, bytes], ...]
_Item = TypeVar("_Item", str, bytes)

MOST_FIELDS: Final = 12
"""Fields of one name that are read; more are ambiguous."""
_MOST_BOUNDARIES: Final = 24
_ENCODINGS: Final = (
    (b"base64", "base64"),
    (b"quoted", "quoted-printable"),
    (b"uu", "uuencode"),
    (b"yenc", "yenc"),
    (b"hqx", "binhex"),
    (b"binhex", "binhex"),
)
"""How a name of an encoding is recognised where it is not exactly one that everybody knows."""
_EXACT: Final = {
    b"7bit": "identity",
    b"8bit": "identity",
    b"binary": "identity",
    b"base64": "base64",
    b"quoted-printable": "quoted-printable",
    b"x-uuencode": "uuencode",
    b"uuencode": "uuencode",
    b"x-uue": "uuencode",
    b"x-yenc": "yenc",
}
_LOOSE_IDENTITY: Final = frozenset(
    {b"7-bit", b"8-bit", b"7bits", b"8bits", b"none", b"us-ascii", b"utf-8", b"iso-8859-1"}
)
_TOKEN: Final = b"abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`{|}~"
_STRIPPED: Final = b" \t\r\n\v\f\0\"'"


@dataclass(slots=True)
class Declared:
    """Everything declared. Lists without doubles."""

    types: list[str] = field(default_factory=list)
    charsets: list[str] = field(default_factory=list)
    boundaries: list[bytes] = field(default_factory=list)
    encodings: list[str] = field(default_factory=list)
    """As they stand, in lower case."""
    decoders: list[str] = field(default_factory=list)
    """What they may mean: identity, base64, quoted-printable, uuencode, yenc, binhex; empty where none is told."""
    dispositions: list[str] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    pieces: list[parameters.Parameters] = field(default_factory=list)
    """The pieces of continued parameters, of each field that has some."""
    defects: set[Defect] = field(default_factory=set)


def declared(fields: Fields) -> Declared:
    """Read the fields of one header reading."""
    found = Declared()
    by_name: dict[bytes, dict[bytes, None]] = {}
    for name, value in fields:
        by_name.setdefault(name, {})[value] = None
    for name, distinct in by_name.items():
        values = list(distinct)
        if len(values) > MOST_FIELDS:
            found.defects.add(Defect.AMBIGUOUS)
            values[MOST_FIELDS - 1 :] = values[-1:]
        if name == b"content-type":
            _note(found, values, Defect.DUPLICATE_CONTENT_TYPE)
            for value in values:
                _read_type(found, value)
        elif name == b"content-transfer-encoding":
            _note(found, values, Defect.DUPLICATE_ENCODING)
            for value in values:
                _read_encoding(found, value)
        elif name == b"content-disposition":
            _note(found, values, Defect.DUPLICATE_DISPOSITION)
            for value in values:
                _read_disposition(found, value)
        elif name in (b"content-description", b"content-location", b"content-name"):
            for value in values:
                found.names.fall_back(name, value)
    if len(found.pieces) > 1:
        _join(found, tuple(piece for pieces in found.pieces for piece in pieces))
    if found.names.cut:
        found.defects.add(Defect.AMBIGUOUS)
    if len(found.decoders) > 1 and len(by_name.get(b"content-transfer-encoding", ())) < 2:
        found.defects.add(Defect.UNKNOWN_ENCODING)
    return found


def _note(found: Declared, values: list[bytes], defect: Defect) -> None:
    if len(values) > 1:
        found.defects.add(defect)


def _spellings(found: Declared, raw: bytes) -> list[bytes]:
    """A value as it stands, and with its encoded words decoded where it has some."""
    if b"=?" not in raw:
        return [raw]
    found.defects.add(Defect.ENCODED_PARAMETERS)
    return [raw, words.decode(raw).encode("utf-8", "replace")]


def _read_type(found: Declared, raw: bytes) -> None:
    for spelling in _spellings(found, raw):
        value = parameters.split(spelling)
        if value.cut:
            found.defects.add(Defect.AMBIGUOUS)
        if value.odd:
            found.defects.add(Defect.BROKEN_PARAMETERS)
        for media in _media(found, value):
            _add(found.types, media)
        _take_boundaries(found, _listed(found, value, b"boundary"))
        _read_names(found, value)
        for _, charset in _listed(found, value, b"charset"):
            _add(found.charsets, charset.decode("latin-1").lower().strip(" '\""))


def _media(found: Declared, value: parameters.Value) -> list[str]:
    """The types that the first word of a value may be read as."""
    lower = value.first.lower()
    main, slash, sub = lower.partition(b"/")
    if slash and main and sub and not main.translate(None, _TOKEN) and not sub.translate(None, _TOKEN):
        return [lower.decode("ascii")]
    found.defects.add(Defect.BROKEN_CONTENT_TYPE)
    media: list[str] = []
    for text in (parameters.without_comments(lower), lower, value.raw.lower()):
        squeezed = text.translate(None, _STRIPPED)
        for candidate in (text.strip(_STRIPPED), squeezed):
            end = next((index for index, octet in enumerate(candidate) if octet not in _TOKEN + b"/"), len(candidate))
            if b"/" in candidate[1:end]:
                _add(media, candidate[:end].decode("ascii"))
        if b"multipart" in squeezed and not any(known.startswith("multipart/") for known in media):
            _add(media, "multipart/mixed")
        if b"rfc822" in squeezed:
            _add(media, "message/rfc822")
    return media or ["text/plain"]


def _take_boundaries(found: Declared, listed: list[tuple[bytes, bytes]]) -> None:
    for _, octets in listed:
        for spelling in (octets, octets.rstrip(b" \t"), octets.strip(b" \t'")):
            _add(found.boundaries, spelling)
            if b"=?" in spelling:
                found.defects.add(Defect.ENCODED_PARAMETERS)
                _add(found.boundaries, words.decode(spelling).encode("utf-8", "replace"))
    if len(found.boundaries) > _MOST_BOUNDARIES:
        found.defects.add(Defect.AMBIGUOUS)
        del found.boundaries[_MOST_BOUNDARIES:]


def _listed(found: Declared, value: parameters.Value, name: bytes) -> list[tuple[bytes, bytes]]:
    """The values of a parameter, (charset, octets): as the RFC reads it, then as careless readers may."""
    listed, _ = extended.values(value.parameters, name)
    if value.odd:
        hunted = tuple(parameters.hunt(value.raw, name))
        if len(hunted) >= parameters.MOST:
            found.defects.add(Defect.AMBIGUOUS)
        for candidate in extended.values(hunted, name)[0]:
            if candidate not in listed:
                listed.append(candidate)
    return listed


def _read_encoding(found: Declared, raw: bytes) -> None:
    for spelling in _spellings(found, raw):
        lower = spelling.lower()
        token = lower.strip(_STRIPPED)
        _add(found.encodings, charsets.shown(lower))
        if (exact := _EXACT.get(token)) is not None:
            _add(found.decoders, exact)
            continue
        bare = parameters.without_comments(lower)
        token = bare.split(b";")[0].translate(None, _STRIPPED)
        if (exact := _EXACT.get(token)) is not None:
            _add(found.decoders, exact)
        named = [decoder for word, decoder in _ENCODINGS if word in lower or word in token.replace(b"-", b"")]
        for decoder in named:
            _add(found.decoders, decoder)
        _add(found.decoders, "identity")
        if not named and token and token not in _LOOSE_IDENTITY:
            found.defects.add(Defect.UNKNOWN_ENCODING)
            _add(found.decoders, "base64")
            _add(found.decoders, "quoted-printable")


def _read_disposition(found: Declared, raw: bytes) -> None:
    for spelling in _spellings(found, raw):
        value = parameters.split(spelling)
        if value.odd:
            found.defects.add(Defect.BROKEN_PARAMETERS)
        if value.cut:
            found.defects.add(Defect.AMBIGUOUS)
        _add(found.dispositions, charsets.shown(value.first.lower()))
        _read_names(found, value)


def _read_names(found: Declared, value: parameters.Value) -> None:
    found.names.read(value)
    pieces = tuple(each for each in value.parameters if b"*" in each[0])
    if pieces:
        found.pieces.append(pieces)


def _join(found: Declared, pieces: parameters.Parameters) -> None:
    """Read what is continued from one field in another, as a reader does who throws all parameters together."""
    found.names.join(pieces)
    _take_boundaries(found, extended.values(pieces, b"boundary")[0])


def _add(known: list[_Item], item: _Item) -> None:
    if item not in known:
        known.append(item)
