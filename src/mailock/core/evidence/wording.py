"""Words that rules ask for, looked for where the bytes are: in the jail, which says which of them it saw.

The words are plain ones, no patterns: their search is linear whatever the text is. A page is read three ways: as it is
written, with its tags taken out, and with
a blank for each tag that parts words. That finds more than a reader sees, and never less.
"""

import html
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mailock.core.mime.charsets import texts
from mailock.core.mime.headers import fields
from mailock.core.mime.part import Anatomy, Part, PartPath
from mailock.core.mime.words import decode

BODY: Final = "body"
"""The place of words of the text; the others are names of header fields, in lower case."""
READABLE: Final = 1 << 20
"""Octets of one text that are looked at."""
LONGEST: Final = 200
"""Characters of one word."""
MOST: Final = 500
"""Words that the rules of one policy may ask for."""
_NAME: Final = 24
"""Characters of a tag in which its name stands."""
_INLINE: Final = "a abbr b big code del em font i ins kbd mark s small span strike strong sub sup tt u wbr"
_WITHIN: Final = frozenset(_INLINE.split())
"""Elements that stand within a line, and part no word (HTML, section 4.5)."""
_UNSEEN: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
"""Characters that nobody sees, and that part a word for whoever looks for it."""


@dataclass(frozen=True, slots=True, order=True)
class Sought:
    """A word that is looked for."""

    place: str
    """`body`, or the name of a header field in lower case."""
    word: str
    """As `folded` gives it."""


@dataclass(frozen=True, slots=True)
class Spotted:
    """A word that was looked for and stands there."""

    sought: Sought
    part: PartPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What became of looking for words."""

    sought: frozenset[Sought] = frozenset()
    spotted: tuple[Spotted, ...] = ()
    whole: bool = True
    """Whether all of the text could be looked at; where it could not, any word may stand in the rest."""

    def may_have(self, wanted: Iterable[Sought]) -> bool:
        """Whether one of these words was seen, or may stand in what was not looked at."""
        seen = {one.sought for one in self.spotted}
        return not self.whole or any(one in seen for one in wanted)


def folded(untrusted_text: str) -> str:
    """A text in the form in which words are compared: compatible letters as one, one case, one blank between words."""
    if not untrusted_text.isascii():
        untrusted_text = unicodedata.normalize("NFKC", untrusted_text.translate(_UNSEEN))
    return " ".join(untrusted_text.casefold().split())


def spot(anatomy: Anatomy, sought: Sequence[Sought]) -> tuple[list[tuple[int, PartPath]], bool]:
    """The words that stand in a message, by their numbers in `sought` and the first part that has each; and whether
    everything was looked at.
    """
    seen: dict[int, PartPath] = {}
    whole = True
    of_body = [(number, one.word) for number, one in enumerate(sought) if one.place == BODY]
    for part in anatomy.parts if of_body else ():
        if not _is_text(part):
            continue
        for reading in part.readings:
            whole = whole and len(reading.content) <= READABLE
            for form in _forms(texts(reading.content[:READABLE], part.charsets)):
                for number, word in of_body:
                    if number not in seen and word in form:
                        seen[number] = part.path
    for name, value in _header(anatomy, {one.place for one in sought}):
        for number, one in enumerate(sought):
            if one.place == name and one.word in value:
                seen.setdefault(number, anatomy.root.path)
    return sorted(seen.items()), whole


def _is_text(part: Part) -> bool:
    """Whether a client may show a part as the text of the message; a part without a type is plain text."""
    return not part.types or any(one.startswith("text/") for one in part.types)


def _forms(untrusted_texts: Iterable[str]) -> Iterator[str]:
    for text in untrusted_texts:
        yield folded(text)
        if "<" in text or "&" in text:
            yield folded(html.unescape(_untagged(text, parted=False)))
            yield folded(html.unescape(_untagged(text, parted=True)))


def _untagged(text: str, *, parted: bool) -> str:
    """A page without its tags; `parted`: with a blank for each that parts words."""
    first, *pieces = text.split("<")
    kept = [first]
    for piece in pieces:
        tag, closed, behind = piece.partition(">")
        name = tag[:_NAME].strip("/").split(None, 1)
        if parted and not (name and name[0].lower() in _WITHIN):
            kept.append(" ")
        kept.append(behind if closed else tag)
    return "".join(kept)


def _header(anatomy: Anatomy, places: set[str]) -> Iterator[tuple[str, str]]:
    """The fields of these names, each decoded and folded."""
    if places <= {BODY}:
        return
    for one in fields(anatomy.raw_header(anatomy.root)):
        name = one.name.decode("ascii", "replace").strip().lower()
        if name in places:
            yield name, folded(decode(one.value))
