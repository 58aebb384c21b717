"""The header block of a message, byte for byte: where it ends, its fields as they stand, and the few that the log
shows.

Nothing here believes or decodes anything, and nothing raises: whatever bytes come, there is an answer. A line ends with
LF, with or without a CR before it; a field goes on over lines that start with a space or a tab (RFC 5322 section
2.2.3). At most the first 64 KiB are looked at. Only searches in C and slices are used, so the time is linear in the
size of the block.
"""

from dataclasses import dataclass
from typing import Final

from mailock.core.mail.message import Glimpse

LOOKED_AT: Final = 65_536
"""Octets of a message in which its header block is looked for."""
SHOWN: Final = 998
"""Octets of a field that a Glimpse shows."""

_FOLDS: Final = b"\r\n"
_NAMED: Final = bytes(range(33, 127))
_UNNAMED: Final = bytes(octet for octet in range(256) if octet not in range(33, 127))
_HARMLESS: Final = bytes(32 if code == 9 else 63 if code < 32 or code == 127 else code for code in range(256))
"""Control characters become `?`, a tab becomes a space: a log line must stay a line."""


@dataclass(frozen=True, slots=True)
class Field:
    """One header field. `name` is as it stands, without the colon; empty for a line that is no field at all."""

    name: bytes
    raw: bytes
    """All of its octets: folded lines and line end included."""

    @property
    def value(self) -> bytes:
        """What stands behind the colon, unfolded and stripped."""
        return unfolded(self.raw[len(self.name) + 1 :] if self.name else self.raw)

    @property
    def read_as(self) -> str:
        """Its name as the most generous client reads it, who overlooks blanks, folds and NULs in it, in lower case;
        empty where no colon follows.
        """
        name, colon, _ = self.raw.partition(b":")
        return name.translate(None, _UNNAMED).lower().decode("ascii") if colon else ""

    @property
    def said(self) -> bytes:
        """The value for that client."""
        return unfolded(self.raw.partition(b":")[2])


def end_of_headers(message: bytes) -> int:
    """Where the body starts: behind the first empty line. The length of what was looked at, where there is none."""
    return _ends(message)[1]


def header_block(message: bytes) -> bytes:
    """The header fields with their line ends, without the empty line behind them."""
    return message[: _ends(message)[0]]


def fields(block: bytes) -> tuple[Field, ...]:
    """The fields of a header block, in order; joined, their raw octets are the block again."""
    found: list[Field] = []
    start = 0
    while start < len(block):
        end = _end_of_field(block, start)
        raw = block[start:end]
        name, colon, _ = raw.partition(b":")
        found.append(Field(name if colon and _is_name(name) else b"", raw))
        start = end
    return tuple(found)


def first(block: bytes, name: bytes) -> bytes | None:
    """The value of the first field of this name (lower-case), unfolded and stripped; None where there is none."""
    return _value(block, block.lower(), name)


def glimpse(block: bytes) -> Glimpse:
    """The fields that the log shows. Octets that are not UTF-8 come out as U+FFFD, control characters as `?`."""
    # The first field gets a line end before it as all others have: one search finds each, then.
    block = b"\n" + block[:LOOKED_AT]
    lower = block.lower()
    return Glimpse(
        message_id=_shown(block, lower, b"\nmessage-id:"),
        subject=_shown(block, lower, b"\nsubject:"),
        from_=_shown(block, lower, b"\nfrom:"),
        to=_shown(block, lower, b"\nto:"),
        cc=_shown(block, lower, b"\ncc:"),
    )


def received_count(block: bytes) -> int:
    """How many Received fields stand in the block: how many servers had the message (RFC 5321 section 6.3)."""
    lower = block[:LOOKED_AT].lower()
    return lower.count(b"\nreceived:") + lower.startswith(b"received:")


def unfolded(value: bytes) -> bytes:
    """A value without the line ends in it, stripped."""
    return value.translate(None, _FOLDS).strip(b" \t")


def _shown(block: bytes, lower: bytes, start: bytes) -> str:
    """A field as the log shows it; `start` is its name in lower case between a line end and the colon."""
    at = lower.find(start)
    if at < 0:
        return ""
    at += len(start)
    value = unfolded(block[at : _end_of_field(block, at)])
    if len(value) > SHOWN:
        value = _cut(value)
    return value.translate(_HARMLESS).decode("utf-8", "replace")


def _cut(value: bytes) -> bytes:
    """The first octets of a value, not ending inside a character of UTF-8."""
    end = SHOWN
    while end > SHOWN - 4 and value[end] & 0xC0 == 0x80:
        end -= 1
    return value[:end]


def _value(block: bytes, lower: bytes, name: bytes) -> bytes | None:
    if lower.startswith(name + b":"):
        start = len(name) + 1
    else:
        start = lower.find(b"\n" + name + b":") + len(name) + 2
        if start < len(name) + 2:
            return None
    return unfolded(block[start : _end_of_field(block, start)])


def _ends(message: bytes) -> tuple[int, int]:
    """Where the fields end, and where the body starts: before and behind the first empty line."""
    if message.startswith((b"\n", b"\r\n")):
        return 0, 1 + message.startswith(b"\r")
    crlf = message.find(b"\n\r\n", 0, LOOKED_AT)
    lf = message.find(b"\n\n", 0, LOOKED_AT if crlf < 0 else crlf + 1)
    if lf >= 0:
        return lf + 1, lf + 2
    if crlf >= 0:
        return crlf + 1, crlf + 3
    end = min(len(message), LOOKED_AT)
    return end, end


def _end_of_field(block: bytes, start: int) -> int:
    """Behind the line end of a field's last line."""
    end = block.find(b"\n", start) + 1
    while end and block[end : end + 1] in (b" ", b"\t"):
        end = block.find(b"\n", end) + 1
    return end or len(block)


def _is_name(name: bytes) -> bool:
    """Whether octets are a field name (RFC 5322 section 2.2); the old syntax lets a blank stand before the colon."""
    stripped = name.rstrip(b" \t")
    return bool(stripped) and not stripped.translate(None, _NAMED)
