"""Addresses in a text as its reader sees it: where clients show a display name and nothing else, it is the author."""

import unicodedata
from typing import Final

from mailock.core.mail.unseen import UNSEEN
from mailock.core.mime import charsets, words
from mailock.core.smtp.domain import read_domain

MOST: Final = 20
"""Addresses that are told."""
_STOPS: Final = frozenset(' \t\r\n\0<>()[],;:"\\@')
_ENDS: Final = "'`.-_=?!*|{}&#~/"
_THIN: Final = "\u2006\u2008\u2009\u200a\u202f\u205f"
"""Blanks that are as good as none."""
_GONE: Final = {
    **UNSEEN,
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), *map(ord, _THIN))),
    **dict.fromkeys(map(ord, "\u3002\uff61"), "."),
}
"""What a display name is shown without; and dots that domains may be written with."""
_REVERSED: Final = "\u202e"
"""The mark behind which text runs backwards."""


def seen(text: str) -> str:
    """What a reader sees: encoded words decoded, invisible characters gone, wide letters as narrow ones; and the same
    backwards where a mark turns it. Words count that begin within another, for some clients know no unclosed ones.
    """
    if text.isascii() and "=?" not in text:
        return text
    octets = text.encode("utf-8", "replace")
    starts, position = [0], octets.find(b"=?", 1)
    while position > 0 and len(starts) < MOST:
        starts.append(position)
        position = octets.find(b"=?", position + 1)
    shown = " ".join(charsets.shown(octets[:start]) + words.decode(octets[start:]) for start in starts)
    visible = unicodedata.normalize("NFKC", shown.translate(_GONE))
    return f"{visible} {visible[::-1]}" if _REVERSED in shown else visible


def scan(text: str) -> list[str]:
    """Whatever looks like an address."""
    found: list[str] = []
    position = text.find("@")
    while position >= 0 and len(found) < MOST:
        start, end = position, position + 1
        while start > 0 and text[start - 1] not in _STOPS:
            start -= 1
        while end < len(text) and text[end] not in _STOPS and (text[end] in "-._" or text[end].isalnum()):
            end += 1
        local, domain = text[start:position].lstrip(_ENDS), text[position + 1 : end].strip("-.")
        if local and domain:
            found.append(f"{local}@{read_domain(domain) or domain.lower()}")
        position = text.find("@", position + 1)
    return found
