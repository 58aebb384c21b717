"""The header fields of a message, byte for byte, as signatures see them.

Another reader of headers than the one that shows a few fields in the log: here the whole block counts, up to a bound
behind which nothing is believed. What is no field (no colon, or no name before it) belongs to no signature.
"""

from dataclasses import dataclass
from typing import Final

LONGEST: Final = 1 << 20
"""Octets of a header block that are read; a message with more is not authenticated."""
MOST: Final = 5_000
"""Fields that are read."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field with its folded lines and its line end."""

    raw: bytes

    @property
    def lower(self) -> str:
        """Its name in lower case, without white space around it."""
        return self.raw.partition(b":")[0].strip(b" \t\r\n").lower().decode("latin-1")

    @property
    def value(self) -> bytes:
        """What stands behind its colon, folding included."""
        return self.raw.partition(b":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A message, split."""

    fields: tuple[Field, ...]
    block: bytes
    """The header block, without the empty line behind it."""
    body: bytes
    too_long: str = ""
    """Empty, or why not all of the header was read."""


def split(message: bytes) -> Split:
    """The fields and the body of a message whose lines end with CRLF."""
    if message.startswith(b"\r\n"):
        return Split(fields=(), block=b"", body=message[2:])
    end = message.find(b"\r\n\r\n", 0, LONGEST + 4)
    if end < 0:
        block, rest = message[:LONGEST], b""
        too_long = f"the header has more than {LONGEST} octets" if len(message) > LONGEST else ""
    else:
        block, rest, too_long = message[: end + 2], message[end + 4 :], ""
    found = _fields(block)
    if len(found) > MOST:
        return Split(fields=tuple(found[:MOST]), block=block, body=rest, too_long=f"more than {MOST} header fields")
    return Split(fields=tuple(found), block=block, body=rest, too_long=too_long)


def _fields(block: bytes) -> list[Field]:
    """The fields in order; lines that are no field, and what continues them, are left out."""
    found: list[Field] = []
    current: list[bytes] = []
    for line in block.split(b"\r\n"):
        if line[:1] in (b" ", b"\t"):
            if current:
                current.append(line)
            continue
        if current:
            found.append(Field(b"\r\n".join(current) + b"\r\n"))
        current = [line] if line.find(b":") > 0 else []
        if len(found) > MOST:
            break
    if current:
        found.append(Field(b"\r\n".join(current) + b"\r\n"))
    return found


def as_crlf(message: bytes) -> tuple[bytes, bool]:
    """A file's message with CRLF line ends, and whether its line ends were mixed (DECISIONS 26)."""
    lines = message.count(b"\n")
    with_return = message.count(b"\r\n")
    if lines == with_return:
        return message, False
    return message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), with_return > 0
