"""The receipt: what was changed in a message, where, and which of its octets were left as they are.

It is made where the change is made, in the jail, and is untrusted outside until it was checked against the bytes.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from mailock.core.mime.part import Span

VERSION: Final = 1
MOST_CHANGES: Final = 10_000
MOST_KEPT: Final = 100_000
SHOWN: Final = 300
"""Characters of a sentence at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that was done, or was not because it needed not."""

    part: str
    """The part that was changed; empty for the header of the message."""
    did: str
    """A sentence for people: `Removed part 1.2 (invoice.exe).`"""
    before: str = ""
    """SHA-256 of the content that stood there; empty where there was none."""
    after: str = ""
    """SHA-256 of the content that stands there now."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Octets that were not changed: a range of the message as it came, and where it starts now."""

    span: Span
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a message."""

    changes: tuple[Change, ...]
    sha256_before: str
    sha256_after: str
    size_before: int
    size_after: int
    kept: tuple[Kept, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was done, for people: each sentence once."""
        return tuple(dict.fromkeys(change.did for change in self.changes))


class Garbled(ValueError):
    """A receipt is not what this version writes."""


def write_receipt(receipt: Receipt) -> bytes:
    """A receipt as it is kept."""
    document = {
        "version": VERSION,
        "changes": [[change.part, change.did, change.before, change.after] for change in receipt.changes],
        "before": [receipt.sha256_before, receipt.size_before],
        "after": [receipt.sha256_after, receipt.size_after],
        "kept": [[kept.span.start, kept.span.end, kept.now] for kept in receipt.kept],
    }
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def read_receipt(untrusted: bytes) -> Receipt:
    """The receipt that `write_receipt` wrote: its sentences cut and made printable. Raises Garbled."""
    try:
        read = json.loads(untrusted)
        if read["version"] != VERSION:
            raise Garbled(f"a receipt of version {read['version']} is not known")
        changes, kept = read["changes"], read["kept"]
        if len(changes) > MOST_CHANGES or len(kept) > MOST_KEPT:
            raise Garbled("a receipt has more entries than a change can make")
        return Receipt(
            changes=tuple(_change(*change) for change in changes),
            sha256_before=_digest(read["before"][0]),
            sha256_after=_digest(read["after"][0]),
            size_before=_whole(read["before"][1]),
            size_after=_whole(read["after"][1]),
            kept=tuple(Kept(Span(_whole(start), _whole(end)), _whole(now)) for start, end, now in kept),
        )
    except Garbled:
        raise
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as fault:
        raise Garbled(f"a receipt cannot be read: {fault}") from fault


def kept_around(size: int, replaced: Iterable[tuple[Span, int]]) -> tuple[Kept, ...]:
    """The octets that stay, where ranges (in order) are replaced by so many octets."""
    kept: list[Kept] = []
    position = now = 0
    for span, octets in replaced:
        if span.start > position:
            kept.append(Kept(Span(position, span.start), now))
        now += span.start - position + octets
        position = span.end
    if position < size:
        kept.append(Kept(Span(position, size), now))
    return tuple(kept)


def shown(text: str) -> str:
    """Text of a hostile message within a sentence: printable, in one line, cut."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in text[: SHOWN + 1])
    return clean if len(clean) <= SHOWN else clean[: SHOWN - 1] + "…"


def _change(part: Any, did: Any, before: Any, after: Any) -> Change:
    if not all(isinstance(each, str) for each in (part, did, before, after)):
        raise Garbled("a receipt names what is no text")
    return Change(
        part=shown(part),
        did=shown(did),
        before=_digest(before) if before else "",
        after=_digest(after) if after else "",
    )


def _digest(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 64 or value.strip("0123456789abcdef"):
        raise Garbled("a receipt has a digest that is none")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Garbled("a receipt has a place that is no number")
    return value
