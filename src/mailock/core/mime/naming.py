"""The file names of a part: every spelling that a client may show or save under.

A name comes from `filename` of Content-Disposition or `name` of Content-Type (and each of them from the other field, as
careless clients read it), plainly, continued or with a charset (RFC 2231), as encoded words (RFC 2047) although that is
forbidden, in quotes or not, percent-encoded or not. A name that is given in several ways is listed in each.
"""

from typing import Final
from urllib.parse import unquote_to_bytes

from mailock.core.mime import charsets, extended, parameters, words

_NAMES: Final = (b"filename", b"name")
_LONGEST: Final = 4_096
_BLANKS: Final = " \t\r\n\0"
_FOLDS: Final = {ord("\r"): None, ord("\n"): None}
_CONTROLS: Final = dict.fromkeys((*range(32), 127))


class Names:
    """The names found so far, without doubles."""

    __slots__ = ("_last_resort", "_told", "cut", "found", "odd")

    def __init__(self) -> None:
        self.found: list[str] = []
        self.odd = False
        """Whether clients may show different ones."""
        self._told: set[str] = set()
        self.cut = False
        """Whether there are more than were looked at."""
        self._last_resort: list[str] = []

    def read(self, value: parameters.Value) -> None:
        """Take the names out of a Content-Type or a Content-Disposition."""
        if not value.odd and b"name" not in value.raw.lower():
            return
        for name in _NAMES:
            self._take(value.parameters, name)
        if value.odd:
            for name in _NAMES:
                hunted = tuple(parameters.hunt(value.raw, name))
                self.cut = self.cut or len(hunted) >= parameters.MOST
                self._take(hunted, name)

    def join(self, pieces: parameters.Parameters) -> None:
        """Take the names whose pieces stand in several fields."""
        for name in _NAMES:
            self._take(tuple(piece for piece in pieces if piece[0].startswith(name)), name)

    def fall_back(self, field: bytes, raw: bytes) -> None:
        """Take a Content-Description or Content-Location, which some clients show where there is no name."""
        text = words.decode(raw)
        if field == b"content-location":
            text = text.partition("?")[0].rpartition("/")[2]
        self._last_resort.append(text.strip(_BLANKS + '"'))

    def add(self, octets: bytes, charset: str = "") -> None:
        """Take one name in every spelling that it has."""
        octets = octets[:_LONGEST]
        spellings = [charsets.text(octets, charset), charsets.text_turned(octets, charset)] if charset else []
        if b"=?" in octets:
            unbroken = octets.translate(None, b" \t\r\n")
            spellings += [words.decode(octets), words.decode_turned(octets), words.decode(unbroken)]
        spellings.append(charsets.shown(octets))
        if b"%" in octets and (unquoted := unquote_to_bytes(octets)) != octets:
            spellings.append(charsets.shown(unquoted))
        if b"\0" in octets:
            spellings.append(charsets.shown(octets.partition(b"\0")[0]))
        self._told.add(spellings[0].translate(_FOLDS).strip(_BLANKS))
        self.odd = self.odd or len(self._told) > 1
        # A system that cannot have control characters in a name leaves them out.
        for spelling in (*spellings, *(each.translate(_CONTROLS) for each in spellings)):
            name = spelling.translate(_FOLDS).strip(_BLANKS)
            if name and name not in self.found:
                self.found.append(name)

    def listed(self) -> tuple[str, ...]:
        """The names, the most likely first."""
        return tuple(self.found or dict.fromkeys(name for name in self._last_resort if name))

    def _take(self, listed: parameters.Parameters, name: bytes) -> None:
        values, odd = extended.values(listed, name)
        self.odd = self.odd or odd
        for charset, octets in values:
            self.add(octets, charset.decode("latin-1"))
