"""Header fields of the message changed: added on top, taken out, a text put before the subject.

What is added comes from policy and is brought into its line; nothing that is put in can begin another field. What is
taken out is taken out wherever it stands in the header block, in any spelling of its name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mailock.core.mime.compose import LINE, encoded_words, field, one_line
from mailock.core.mime.headers import Field, fields
from mailock.core.mime.part import Span
from mailock.core.mime.splice import Replacement
from mailock.core.mime.words import decode
from mailock.core.rewriting.edits import Edit, PrefixSubject, RemoveHeader, SetHeader
from mailock.core.rewriting.receipt import Change, shown

_BLANKS: Final = b" \t"
_REPLIES: Final = frozenset(
    {
        "re",
        "aw",
        "sv",
        "vs",
        "antw",
        "ref",
        "rif",
        "res",
        "odp",
        "fw",
        "fwd",
        "wg",
        "tr",
        "vl",
        "enc",
        "rv",
        "i",
        "doorst",
    }
)
"""What mail programs put before the subject of a reply or a forwarded message."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A field where it stands."""

    name: str
    """In lower case, without blanks; empty for a line that is no field."""
    field: Field
    span: Span


@dataclass(frozen=True, slots=True)
class Refielded:
    """What became of the header block."""

    fields: bytes
    """Fields that go on top."""
    replacements: tuple[Replacement, ...]
    changes: tuple[Change, ...]


class IllegalField(ValueError):
    """Policy named a field that none can be called."""


def placed(block: bytes, start: int = 0) -> Iterator[Placed]:
    """The fields of a header block that starts there."""
    for each in fields(block):
        end = start + len(each.raw)
        yield Placed(each.name.strip(_BLANKS).lower().decode("ascii", "replace"), each, Span(start, end))
        start = end


def added_fields(edits: Sequence[Edit], *, subject: bool) -> bytes:
    """The fields that edits put on top of a message. `subject`: whether it has one already. Raises IllegalField."""
    lines: list[bytes] = []
    for edit in edits:
        if isinstance(edit, SetHeader):
            lines.append(field(_legal(edit.name), edit.value))
    prefixes = [edit.text for edit in edits if isinstance(edit, PrefixSubject)]
    if prefixes and not subject and not any(isinstance(e, SetHeader) and e.name.lower() == "subject" for e in edits):
        lines.append(field("Subject", " ".join(dict.fromkeys(prefixes))))
    return b"".join(lines)


def change_fields(block: bytes, edits: Sequence[Edit]) -> Refielded:
    """What edits make of a header block that starts the message. Raises IllegalField."""
    present = list(placed(block))
    removed: set[int] = set()
    changes: list[Change] = []
    for edit in edits:
        match edit:
            case SetHeader(name=name):
                forged = _chosen(present, _legal(name), "", removed)
                changes.append(Change(part="", did=f"Set the field {name}{_instead(len(forged))}."))
                removed |= forged
            case RemoveHeader(name=name, beginning=beginning):
                chosen = _chosen(present, _legal(name), beginning, removed)
                if chosen:
                    changes.append(Change(part="", did=f"Removed {len(chosen)} field(s) {name}."))
                removed |= chosen
            case _:
                pass
    subjects = [p for n, p in enumerate(present) if p.name == "subject" and n not in removed]
    replacements = [Replacement(present[n].span, b"") for n in sorted(removed)]
    prefixes = tuple(dict.fromkeys(edit.text for edit in edits if isinstance(edit, PrefixSubject)))
    put = [] if subjects else list(prefixes)
    for each in subjects:
        octets = each.field.raw
        for prefix in reversed(prefixes):
            before, octets = octets, _prefixed(octets, len(each.field.name), prefix)
            if octets != before and prefix not in put:
                put.append(prefix)
        if octets != each.field.raw:
            replacements.append(Replacement(each.span, octets))
    changes += [Change(part="", did=f"Put {shown(prefix.strip())} before the subject.") for prefix in put]
    replacements.sort(key=lambda replacement: replacement.span.start)
    return Refielded(added_fields(edits, subject=bool(subjects)), tuple(replacements), tuple(changes))


def has_subject(block: bytes, edits: Sequence[Edit]) -> bool:
    """Whether a header block keeps a subject."""
    gone: set[int] = set()
    present = list(placed(block))
    for edit in edits:
        if isinstance(edit, SetHeader | RemoveHeader):
            beginning = edit.beginning if isinstance(edit, RemoveHeader) else ""
            gone |= _chosen(present, _legal(edit.name), beginning, gone)
    return any(p.name == "subject" and n not in gone for n, p in enumerate(present))


def _instead(forged: int) -> str:
    return f", in the place of {forged} that came with the message" if forged else ""


def _chosen(present: Sequence[Placed], name: str, beginning: str, removed: set[int]) -> set[int]:
    lower = name.lower()
    return {
        n
        for n, each in enumerate(present)
        if n not in removed and each.field.read_as == lower and decode(each.field.said).startswith(beginning)
    }


def _prefixed(raw: bytes, name: int, prefix: str) -> bytes:
    """A subject field with a text before what it says, unless it says so already, behind `Re:` or not."""
    prefix = one_line(prefix).strip()
    value = raw[name + 1 :]
    blanks = len(value) - len(value.lstrip(b" \t\r\n"))
    said = decode(Field(b"", value).value)
    if not prefix or _begins(_behind_replies(said), prefix) or _begins(said, prefix):
        return raw
    head = raw[:name] + b":"
    rest = value[blanks:]
    if not rest.strip():
        return field(raw[:name].decode("ascii").strip(), prefix)
    # A reader joins encoded words that stand beside each other, so the blank has to stand within ours.
    joined = not prefix.isascii() and rest.startswith(b"=?")
    words = _words(prefix, joined=joined)
    first_line = rest.split(b"\n", 1)[0].rstrip(b"\r")
    fits = len(head) + 2 + len(words.rsplit(b"\n", 1)[-1]) + len(first_line) <= LINE and prefix.isascii()
    return head + b" " + words + (b" " if fits else b"\r\n ") + rest


def _begins(subject: str, prefix: str) -> bool:
    """Whether a subject has a prefix already, as words of its own."""
    return subject.startswith(prefix) and not (
        prefix[-1:].isalnum() and subject[len(prefix) : len(prefix) + 1].isalnum()
    )


def _words(prefix: str, *, joined: bool) -> bytes:
    """A prefix as it stands in a field, without the name and the last line end."""
    if prefix.isascii():
        return field("Subject", prefix)[len("Subject: ") : -2]
    return "\r\n ".join(encoded_words(f"{prefix} " if joined else prefix)).encode("ascii")


def _behind_replies(subject: str) -> str:
    """A subject without the marks of replies before it."""
    while True:
        mark, colon, rest = subject.partition(":")
        if not colon or mark.strip().lower().rstrip("0123456789[]()*") not in _REPLIES:
            return subject
        subject = rest.lstrip()


def _legal(name: str) -> str:
    """A name that a field may have (RFC 5322 section 2.2), and that says nothing of how a message is made up.

    Raises IllegalField.
    """
    if name.lower().startswith("content-") or name.lower() == "mime-version":
        raise IllegalField(f"{name} says how a message is made up, and cannot be set or removed")
    if not name or len(name) > 70 or not all(33 <= ord(letter) <= 126 and letter != ":" for letter in name):
        raise IllegalField(f"{name!r} is no name for a header field: letters, digits and hyphens make one")
    return name
