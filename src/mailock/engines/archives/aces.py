"""ACE, by acefile. It is Python alone, and slow, so that an archive has its seconds as well as its octets."""

import io
from collections.abc import Iterator
from time import monotonic
from typing import Any, Final

import acefile  # type: ignore[import-untyped]  # it ships no types

from mailock.core.evidence.finding import Child, Confidence, Finding, Severity
from mailock.core.evidence.report import Why
from mailock.engines.archives.names import leads_out
from mailock.engines.archives.opening import Broken, Cut, Opening, quoted

_FAULTS: Final = (
    acefile.AceError, ValueError, IndexError, KeyError, TypeError, AttributeError, EOFError, OSError, AssertionError,
    OverflowError, ArithmeticError,
)  # fmt: skip  # the library raises whatever a broken structure leads to
_SECONDS: Final = 15.0
"""How long one archive may take."""


def opened(opening: Opening) -> Iterator[Child | Finding]:
    """Every file of an ACE, wherever in the content it begins."""
    try:
        archive = acefile.open(io.BytesIO(opening.beginning("ace")))
        members = [member for member in archive.getmembers() if not member.is_dir()]
        volume = archive.is_multivolume()
    except _FAULTS as error:
        raise Broken(f"the ACE is damaged: {error}") from error
    if volume:
        yield from opening.piece("it is a volume of an ACE in several")
    if len(members) > opening.files_left:
        opening.too_many(len(members))
    until = monotonic() + _SECONDS
    for member in members:
        yield from _file(opening, archive, member, until)


def _file(opening: Opening, archive: Any, member: Any, until: float) -> Iterator[Child | Finding]:
    name = bytes(member.raw_filename).decode("utf-8", "replace")
    if leads_out(name):
        what = f"the name {quoted(name)} leads out of the folder"
        yield from opening.finding("archive.traversal", Severity.SUSPICIOUS, Confidence.HIGH, what)
    locked = bool(member.is_enc())
    words: Iterator[str | None] = opening.passwords() if locked else iter((None,))
    for word in words:
        try:
            content = _unpacked(opening, archive, member, word, until)
        except _FAULTS as error:
            if not locked:
                opening.miss(Why.UNREADABLE, f"{quoted(name)} is damaged: {error}")
                return
            # A wrong password shows as damage.
            continue
        if word is not None:
            opening.opened_with.add(word)
        yield from opening.child(content, name, "ace", encrypted=locked)
        return
    opening.locked(name)


def _unpacked(opening: Opening, archive: Any, member: Any, word: str | None, until: float) -> bytes:
    pieces: list[bytes] = []
    got = 0
    for piece in archive.readblocks(member, pwd=word):
        pieces.append(bytes(piece))
        got += len(piece)
        if got > opening.room:
            opening.overflow(got)
        if monotonic() > until:
            raise Cut(Why.TOO_COSTLY, f"it takes more than {_SECONDS:.0f} seconds to unpack", bomb=False)
    return b"".join(pieces)
