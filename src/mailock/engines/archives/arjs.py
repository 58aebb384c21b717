"""ARJ: its files are for 7-Zip's library; that it is one volume of several only its headers say (UNARJ.DOC)."""

from collections.abc import Iterator
from typing import Final

from mailock.core.evidence.finding import Child, Finding
from mailock.engines.archives.opening import Opening
from mailock.engines.archives.seven import reading

_SIGNATURE: Final = b"\x60\xea"
_GOES_ON, _WENT_BEFORE = 4, 8


def opened(opening: Opening) -> Iterator[Child | Finding]:
    """Every file of an ARJ, wherever in the content it begins."""
    if _is_volume(opening.beginning("arj")):
        yield from opening.piece("it is a volume of an ARJ in several")
    yield from reading.opened(opening, kind="arj")


def _is_volume(content: bytes) -> bool:
    """Whether the main header says that it goes on, or that of the first file that it began elsewhere."""
    size = int.from_bytes(content[2:4], "little")
    if len(content) > 9 and content[8] & _GOES_ON:
        return True
    further = 8 + size
    at = further + 2
    if extended := int.from_bytes(content[further:at], "little"):
        at += extended + 4
    head = content[at : at + 9]
    return len(head) == 9 and head[:2] == _SIGNATURE and bool(head[8] & (_GOES_ON | _WENT_BEFORE))
