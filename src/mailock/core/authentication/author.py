"""Whose name stands on a message: every address that any client may display as its author.

Clients disagree on what is a From field: some take the first, some the last, some trim blanks or NULs around its name,
some unfold one that is folded before its colon, some take a line that begins with a blank for a field. So every line is
looked at that any of them may read as From, and only a message with exactly one, written plainly, has an author that
can be authenticated. Where there is none, clients show Sender or Resent-From instead; those are told too.

They disagree as well on what ends a line and what ends the header. A bare CR, and a line that is no field before From
or right behind it, leave no author: some clients see another From below, none at all, or one with more in it.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from mailock.core.authentication import looks, mailbox
from mailock.core.authentication.fields import Split

MOST: Final = 20
"""From fields that are looked at."""

_VISIBLE: Final = bytes(range(33, 127))
_INVISIBLE: Final = bytes(octet for octet in range(256) if not 33 <= octet <= 126)
_LINE_ENDS: Final = bytes(10 if octet in b"\v\f\x1c\x1d\x1e\x85" else octet for octet in range(256))
"""What Python and others take for line ends too."""
_SEPARATORS: Final = (b"\xe2\x80\xa8", b"\xe2\x80\xa9")
_BLANKS: Final = b" \t\v\f\0\r"
_UNSURE: Final = "a line that is no field stands before From or right behind it; some clients end the header there"
_FALLBACKS: Final = (b"sender", b"resent-from")


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who seems to have written a message."""

    address: str
    """The one that is plainly shown; empty where that cannot be said."""
    addresses: tuple[str, ...]
    """Every one that may be shown."""
    named: tuple[str, ...] = ()
    """Addresses of other domains that stand in the display name."""
    odd: tuple[str, ...] = ()
    """Why it cannot be said who the author is; empty where it can."""

    @property
    def domain(self) -> str:
        """The domain of `address`."""
        return self.address.rpartition("@")[2]


class _Form(Enum):
    """How a line is a From field."""

    PROPER = "proper"
    ODD = "odd"
    STRAY = "stray"
    """It begins with a blank, so that most clients take it for the rest of the field above."""


@dataclass(frozen=True, slots=True)
class _Line:
    form: _Form
    value: bytes


def author(message: Split) -> Author:
    """The author of a message."""
    lines = _lines(message.block)
    found = _from_lines(lines)
    bare = _bare(message.block)
    odd = [message.too_long] if message.too_long else []
    broken = _broken(lines) if not bare else b""
    if bare or broken:
        odd.append(bare or _UNSURE)
    if len(found) == 1 and found[0].form is _Form.PROPER:
        shown = mailbox.read(found[0].value)
        if shown.odd:
            odd.append(f"From cannot be read in one way only: {shown.odd}")
        if not odd:
            return Author(address=shown.address, addresses=shown.addresses, named=shown.named)
        if not bare and not broken:
            return Author(address="", addresses=shown.addresses or _others(lines), odd=tuple(odd))
    elif not found:
        odd.append("there is no From field")
    elif len(found) > 1:
        odd.append(f"there are {len(found) if len(found) < MOST else 'many'} lines that clients may read as From")
    else:
        odd.append("the name of the From field is not written as it should be")
    if bare:
        found += _from_lines(message.block.split(b"\r\n"))
    addresses = [address for line in found for address in mailbox.every(line.value[: mailbox.LONGEST])]
    addresses += mailbox.every(broken[: mailbox.LONGEST])
    if broken or not any(line.form is _Form.PROPER for line in found):
        addresses += _others(lines)
    return Author(address="", addresses=tuple(dict.fromkeys(addresses))[: looks.MOST], odd=tuple(odd))


def _lines(block: bytes) -> list[bytes]:
    """The lines of a header block, for those too who take a bare CR or LF for a line end."""
    if b"\r" in block.replace(b"\r\n", b""):
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return block.split(b"\n")
    return block.replace(b"\r\n", b"\n").split(b"\n")


def _bare(block: bytes) -> str:
    """Whether clients disagree on where its lines end."""
    is_bare = b"\r" in block.replace(b"\r\n", b"")
    return "a bare CR stands in the header, which some clients take for a line end" if is_bare else ""


def _broken(lines: list[bytes]) -> bytes:
    """The line where some clients end the header, or go on with From, and others do not; empty where there is none."""
    behind = False
    for number, line in enumerate(lines):
        if line[:1] in (b" ", b"\t") and line.strip(_BLANKS):
            continue
        name, colon, _ = line.partition(b":")
        name = name.rstrip(b" \t")
        is_field = bool(colon and name) and not name.translate(None, _VISIBLE)
        # What stands on top (`From ` of an mbox) hides nothing above it.
        if number and line and not is_field:
            return line
        if behind:
            break
        behind = name.lower() == b"from"
    return b""


def _from_lines(lines: list[bytes]) -> list[_Line]:
    found: list[_Line] = []
    for number, line in enumerate(lines):
        found += _hidden(line)
        form = _form(lines, number, line, b"from")
        if form is None:
            continue
        value = _value(lines, number)
        if form is _Form.STRAY and number and not _is_mailbox(line.partition(b":")[2]):
            # Most likely the names that a signature covers: ` From:To:Subject;`
            continue
        found.append(_Line(form, value))
        if len(found) >= MOST:
            break
    return found


def _hidden(line: bytes) -> list[_Line]:
    """From fields within a line, for those who end it earlier."""
    if b"from" not in line.lower():
        return []
    ended = line.translate(_LINE_ENDS)
    for separator in _SEPARATORS:
        ended = ended.replace(separator, b"\n")
    rest = ended.split(b"\n")[1:]
    return [_Line(_Form.ODD, _value([one], 0)) for one in rest if _form([one], 0, one, b"from") is not None]


def _form(lines: list[bytes], number: int, line: bytes, wanted: bytes) -> _Form | None:
    """How a line is a field of that name; None where it is none."""
    name, colon, _ = line.partition(b":")
    if name.lower() == wanted:
        # Folded before its colon, it is From to those who unfold first.
        after = lines[number + 1 : number + 2]
        folded = bool(after) and after[0][:1] in (b" ", b"\t") and after[0].lstrip().startswith(b":")
        return _Form.PROPER if colon else (_Form.ODD if folded else None)
    if not colon or wanted not in name.translate(None, _INVISIBLE).lower():
        return None
    visible = {name.translate(None, _INVISIBLE).lower(), name.partition(b"\0")[0].translate(None, _INVISIBLE).lower()}
    if wanted not in visible:
        return None
    return _Form.STRAY if line[:1] in (b" ", b"\t") else _Form.ODD


def _value(lines: list[bytes], number: int) -> bytes:
    """What stands behind the colon, and the lines that go on with it."""
    value = [lines[number].partition(b":")[2]]
    size = len(value[0])
    for index in range(number + 1, len(lines)):
        line = lines[index]
        if line[:1] not in (b" ", b"\t") or size > mailbox.LONGEST:
            break
        value.append(line)
        size += len(line)
    return b"".join(value)


def _is_mailbox(value: bytes) -> bool:
    return (b"<" in value and b"@" in value) or not mailbox.read(value).odd


def _others(lines: list[bytes]) -> tuple[str, ...]:
    """What clients show where there is no From."""
    found: list[str] = []
    for wanted in _FALLBACKS:
        for number, line in enumerate(lines):
            if len(found) < MOST and _form(lines, number, line, wanted) is not None:
                found += mailbox.every(_value(lines, number)[: mailbox.LONGEST])
    return tuple(found)
