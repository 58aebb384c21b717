"""TNEF, Outlook's container (winmail.dat): its files, their names, and the bodies in it.

The format is [MS-OXTNEF]: a signature, a key, then attributes of level, id, length, data and checksum. Attachments are
opened by attAttachRendData; their long names and embedded messages stand in MAPI properties ([MS-OXPROPS]). Lengths
out of the stream are never trusted.
"""

from dataclasses import dataclass
from typing import Final

SIGNATURE: Final = b"\x78\x9f\x3e\x22"
_RENDERING, _DATA, _TITLE, _PROPERTIES = 0x9002, 0x800F, 0x8010, 0x9005
_MESSAGE_PROPERTIES, _BODY = 0x9003, 0x800C
_DATA_BINARY, _LONG_NAME, _NAME, _DISPLAY_NAME, _PATH_NAME = 0x3701, 0x3707, 0x3704, 0x3001, 0x370D
_TEXT, _HTML, _COMPRESSED_RTF = 0x1000, 0x1013, 0x1009
_NAME_PROPERTIES: Final = (_LONG_NAME, _NAME, _DISPLAY_NAME, _PATH_NAME)
_SIZES: Final = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_VARIABLE: Final = frozenset({13, 30, 31, 258})
_OBJECT, _UNICODE = 13, 31
_MOST: Final = 10_000


@dataclass(slots=True)
class Enclosed:
    """A file, or a body, in the container. Contents in every form that it is given in."""

    names: list[str]
    contents: list[bytes]
    media: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Container:
    """What a TNEF stream holds."""

    enclosed: tuple[Enclosed, ...]
    whole: bool
    """Whether every length fitted."""
    cut: bool
    """Whether there is more in it than is listed."""


def unpack(stream: bytes) -> Container:
    """List a stream that starts with the signature. What its end cuts off is given as far as it goes."""
    found: list[Enclosed] = []
    attachment: Enclosed | None = None
    position = 6
    whole = True
    for _ in range(_MOST):
        if position + 9 > len(stream):
            return Container(_worthwhile(found), whole and position == len(stream), cut=False)
        level = stream[position]
        identity = int.from_bytes(stream[position + 1 : position + 3], "little")
        length = int.from_bytes(stream[position + 5 : position + 9], "little")
        data = stream[position + 9 : position + 9 + length]
        whole = whole and len(data) == length and level in (1, 2)
        position += 9 + length + 2
        if identity == _RENDERING or (level == 2 and attachment is None):
            attachment = Enclosed([], [])
            found.append(attachment)
        if level == 2 and attachment is not None:
            _note(attachment, identity, data)
        elif identity == _BODY:
            found.append(Enclosed([], [data.rstrip(b"\0")], "text/plain"))
        elif identity == _MESSAGE_PROPERTIES:
            found.extend(_bodies(data))
    return Container(_worthwhile(found), whole=False, cut=True)


def _worthwhile(found: list[Enclosed]) -> tuple[Enclosed, ...]:
    return tuple(enclosed for enclosed in found if enclosed.contents or enclosed.names)


def _note(attachment: Enclosed, identity: int, data: bytes) -> None:
    """Take one attribute of an attachment."""
    if identity == _DATA:
        _add(attachment.contents, data)
    elif identity == _TITLE:
        _add_name(attachment, data.partition(b"\0")[0].decode("cp1252", "replace"))
    elif identity == _PROPERTIES:
        for tag, kind, value in _properties(data):
            if tag == _DATA_BINARY:
                # An embedded object starts with the interface that reads it, 16 octets.
                _add(attachment.contents, value[16:] if kind == _OBJECT else value)
            elif tag in _NAME_PROPERTIES:
                _add_name(attachment, _string(kind, value))


def _bodies(data: bytes) -> list[Enclosed]:
    media = {_TEXT: "text/plain", _HTML: "text/html", _COMPRESSED_RTF: "application/x-compressed-rtf"}
    found: list[Enclosed] = []
    for tag, kind, value in _properties(data):
        if tag in media:
            content = _string(kind, value).encode() if kind == _UNICODE else value
            found.append(Enclosed([], [content], media[tag]))
    return found


def _properties(data: bytes) -> list[tuple[int, int, bytes]]:
    """MAPI properties: (id, type, value), as far as they can be followed."""
    found: list[tuple[int, int, bytes]] = []
    position = 4
    while position + 4 <= len(data) and len(found) < _MOST:
        kind = int.from_bytes(data[position : position + 2], "little")
        tag = int.from_bytes(data[position + 2 : position + 4], "little")
        position += 4
        if tag >= 0x8000:
            position = _behind_name(data, position)
        many = bool(kind & 0x1000)
        kind &= 0x0FFF
        values = 1
        if many or kind in _VARIABLE:
            values = int.from_bytes(data[position : position + 4], "little")
            position += 4
        for _ in range(min(values, _MOST)):
            if kind in _VARIABLE:
                size = int.from_bytes(data[position : position + 4], "little")
                position += 4
                found.append((tag, kind, data[position : position + size]))
                position += size + (-size % 4)
            elif kind in _SIZES:
                position += _SIZES[kind]
            else:
                return found
            if position > len(data):
                return found
    return found


def _behind_name(data: bytes, position: int) -> int:
    """Behind the GUID and name of a named property."""
    by_name = int.from_bytes(data[position + 16 : position + 20], "little")
    if by_name == 0:
        return position + 24
    size = int.from_bytes(data[position + 20 : position + 24], "little")
    return position + 24 + size + (-size % 4)


def _string(kind: int, value: bytes) -> str:
    text = value.decode("utf-16-le" if kind == _UNICODE else "cp1252", "replace")
    return text.partition("\0")[0]


def _add(contents: list[bytes], content: bytes) -> None:
    if content and content not in contents:
        contents.append(content)


def _add_name(attachment: Enclosed, name: str) -> None:
    if name and name not in attachment.names:
        attachment.names.append(name)
