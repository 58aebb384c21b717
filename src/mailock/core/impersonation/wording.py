"""Text as it is searched: one case, no accents, nothing invisible, and where a word mixes scripts the letters that it
is taken for.

Who disguises a word writes it for people and against programs; so how much had to be undone is told too.
"""

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from mailock.core.evidence.links.hosts import lookalike, mixed
from mailock.core.mail.unseen import UNSEEN

_JOINERS: Final = frozenset({0x200B, 0x200C, 0x2060, 0xAD})
_BREAKS: Final = str.maketrans(dict.fromkeys('\r\n\t\v\f\u00a0\u3000.,;:!?()[]{}<>"“”„«»‘’‚|/\\*_=+~#', " "))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text, folded."""

    text: str
    """The words with one blank between them, and one at each end."""
    places: dict[str, list[int]]
    """Where each word stands, counted in words."""
    disguised: tuple[str, ...]
    """Words that mixed scripts or had invisible letters inside, as a reader sees them."""

    @property
    def words(self) -> int:
        """How many there are."""
        return self.text.count(" ") - 1


def fold(untrusted_text: str, longest: int) -> Wording:
    """A text as it is searched."""
    disguised: list[str] = []
    text = untrusted_text[:longest]
    if not text.isascii():
        text = _shown(text, disguised)
    words = text.translate(_BREAKS).lower().split()
    words = [word.strip("'`´-") or "-" for word in words]
    places: defaultdict[str, list[int]] = defaultdict(list)
    for number, word in enumerate(words):
        places[word].append(number)
    places.default_factory = None
    return Wording(text=f" {' '.join(words)} ", places=places, disguised=tuple(dict.fromkeys(disguised)))


def plain(words: str) -> str:
    """A word or two of ours, as `fold` would leave them."""
    bare = unicodedata.normalize("NFKD", words.lower())
    return "".join(letter for letter in bare if not unicodedata.combining(letter)).replace("ß", "ss").replace("ł", "l")


def _shown(text: str, disguised: list[str]) -> str:
    """A text in compatibility form, without accents and what nobody sees; a word that mixes scripts as it is taken."""
    words = []
    for word in text.split():
        if word.isascii():
            words.append(word)
            continue
        seen = word.translate(UNSEEN)
        if len(seen) != len(word) and _splits(word):
            disguised.append(seen)
        folded = plain(unicodedata.normalize("NFKC", seen))
        if not folded.isascii() and mixed(folded):
            taken = lookalike(folded)
            if taken and any("a" <= letter <= "z" for letter in folded):
                disguised.append(seen)
                folded = taken
        words.append(folded)
    return " ".join(words)


def _splits(word: str) -> bool:
    """Whether letters that nobody sees stand between two Latin letters: no language writes so."""
    return any(
        ord(letter) in _JOINERS and word[at - 1 : at].isascii() and word[at - 1 : at].isalpha()
        and word[at + 1 : at + 2].isascii() and word[at + 1 : at + 2].isalpha()
        for at, letter in enumerate(word)
    )  # fmt: skip  # the four halves of one question
