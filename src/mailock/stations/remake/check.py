"""What came out of the jail is checked here, against the message and against the orders (DECISIONS 7).

Whoever took the jail over could say anything. So its account is held against the bytes: every range that it says to
have left is compared, the digest and the size are taken again, lines end with CRLF and are no longer than they were,
the header block has the fields that came, but for those that were ordered to change, and where no order reaches into
the body, the body is the same. Nothing is decoded here and nothing is taken apart but the header's lines. Reads in
pieces, and blocks: called in a thread.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from mailock.core.mime.compose import LONGEST
from mailock.core.mime.headers import end_of_headers, header_block
from mailock.core.rewriting.edits import (
    AddText,
    Edit,
    PrefixSubject,
    RemoveHeader,
    ReplaceLink,
    SetHeader,
    StripPart,
    ToSevenBit,
)
from mailock.core.rewriting.fields import has_subject, placed
from mailock.core.rewriting.receipt import Kept, Receipt

PIECE: Final = 256 * 1024
HEADER: Final = 65_536


class Distrusted(Exception):
    """What the jail gave is not what it says; the sentence says in what."""


@dataclass(slots=True)
class _Lines:
    """How the lines of a body are, seen piece by piece."""

    longest: int = 0
    eight_bit: bool = False
    nul: bool = False
    bare: bool = False
    size: int = 0
    _open: int = 0
    _last: bytes = b""
    _hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def feed(self, piece: bytes) -> None:
        """The next piece."""
        self.size += len(piece)
        self._hash.update(piece)
        self.eight_bit = self.eight_bit or not piece.isascii()
        self.nul = self.nul or b"\0" in piece
        data = self._last + piece
        self._last = b"\r" if data.endswith(b"\r") else b""
        whole = data[: len(data) - len(self._last)]
        ends = whole.count(b"\r\n")
        self.bare = self.bare or whole.count(b"\r") != ends or whole.count(b"\n") != ends
        lines = whole.split(b"\r\n")
        lines[0] = b"x" * self._open + lines[0] if self._open else lines[0]
        self.longest = max(self.longest, max(map(len, lines)))
        self._open = min(len(lines[-1]), LONGEST + 1)

    def end(self) -> str:
        """The digest, once all was seen."""
        self.bare = self.bare or bool(self._last)
        return self._hash.hexdigest()


def check(original: int, remade: int | None, receipt: Receipt, edits: Sequence[Edit]) -> None:
    """Raises Distrusted where a body (None: it is the one that came) is not what its receipt says, or OSError."""
    before = _lines(original)
    if (before.end(), before.size) != (receipt.sha256_before, receipt.size_before):
        raise Distrusted("its receipt is for another message")
    if remade is None:
        if (receipt.sha256_after, receipt.size_after) != (receipt.sha256_before, receipt.size_before):
            raise Distrusted("its receipt names a change that is not there")
        return
    after = _lines(remade)
    if (after.end(), after.size) != (receipt.sha256_after, receipt.size_after):
        raise Distrusted("its receipt is for another outcome")
    if after.bare:
        raise Distrusted("its lines do not all end with CRLF")
    if after.longest > max(LONGEST, before.longest):
        raise Distrusted("it has lines that are too long")
    if after.eight_bit and any(isinstance(edit, ToSevenBit) for edit in edits):
        raise Distrusted("it was to be 7bit, and is not")
    if (after.eight_bit and not before.eight_bit) or (after.nul and not before.nul):
        raise Distrusted("it has octets that not every server carries, and had none before")
    _check_kept(original, remade, receipt)
    _check_header(os.pread(original, HEADER, 0), os.pread(remade, HEADER, 0), receipt, edits)


def subject_stands(original: int, edits: Sequence[Edit]) -> bool:
    """Whether the message has a subject that edits leave, so that none is put before it. Raises OSError."""
    return has_subject(header_block(os.pread(original, HEADER, 0)), edits)


def _check_kept(original: int, remade: int, receipt: Receipt) -> None:
    position = now = 0
    for kept in receipt.kept:
        span = kept.span
        fits = position <= span.start <= span.end <= receipt.size_before and now <= kept.now
        if not fits or kept.now + len(span) > receipt.size_after:
            raise Distrusted("its receipt keeps ranges that cannot be")
        position, now = span.end, kept.now + len(span)
        if not _same(original, remade, kept):
            raise Distrusted("octets that it says to have left are others")


def _check_header(original: bytes, remade: bytes, receipt: Receipt, edits: Sequence[Edit]) -> None:
    named = _named(edits)
    old, new = _told(header_block(original), named), _told(header_block(remade), named)
    if len(original) < HEADER > len(remade) and old != new:
        raise Distrusted("header fields that nobody ordered to change are others")
    if not any(isinstance(edit, StripPart | ReplaceLink | AddText | ToSevenBit) for edit in edits):
        body = end_of_headers(original)
        if body < receipt.size_before and not any(
            kept.span.start <= body and kept.span.end == receipt.size_before for kept in receipt.kept
        ):
            raise Distrusted("its body is another, and nobody ordered that")


def _named(edits: Sequence[Edit]) -> frozenset[str]:
    """The fields that orders change. What says how a message is made up changes with its body."""
    named = {edit.name.lower() for edit in edits if isinstance(edit, SetHeader | RemoveHeader)}
    if any(isinstance(edit, PrefixSubject) for edit in edits):
        named.add("subject")
    return frozenset(named)


def _told(block: bytes, named: frozenset[str]) -> list[bytes]:
    """The fields of a header block that stay, as they stand."""
    return [
        each.field.raw
        for each in placed(block)
        if each.field.read_as not in named and not each.name.startswith("content-") and each.name != "mime-version"
    ]


def _lines(descriptor: int) -> _Lines:
    seen = _Lines()
    for piece in pieces(descriptor, 0, os.fstat(descriptor).st_size):
        seen.feed(piece)
    return seen


def _same(original: int, remade: int, kept: Kept) -> bool:
    first = pieces(original, kept.span.start, len(kept.span))
    second = pieces(remade, kept.now, len(kept.span))
    return all(one == other for one, other in zip(first, second, strict=True))


def pieces(descriptor: int, start: int, size: int) -> Iterator[bytes]:
    """A range of a file, piece by piece. Raises OSError where it ends before."""
    while size > 0:
        piece = os.pread(descriptor, min(PIECE, size), start)
        if not piece:
            raise OSError("a body ends before its size")
        yield piece
        start += len(piece)
        size -= len(piece)
