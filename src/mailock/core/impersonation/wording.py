"""Text as it is searched: one case, no accents, nothing invisible, and where a word mixes scripts the letters that it
is taken for.

Who disguises a word writes it for people and against programs; so how much had to be undone is told too.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from mailock.core.evidence.links.hosts import glanced, lookalike, mixed
from mailock.core.mail.unseen import UNSEEN

_JOINERS: Final = frozenset({0x200B, 0x200C, 0x2060, 0xAD})
_BREAKS: Final = str.maketrans(dict.fromkeys('\r\n\t\v\f\u00a0\u3000.,;:!?()[]{}<>"“”„«»‘’‚|/\\*_=+~#', " "))


_NO_NAME: Final = dict.fromkeys(map(ord, "®™©℠"))
_MASKS: Final = str.maketrans("013457@$|", "oieastasl")
_SPACED: Final = 4
"""Single letters of a name from which on somebody has drawn it apart."""
_TURNS: Final = "\u202e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text, folded."""

    text: str
    """The words with one blank between them, and one at each end."""
    spoken: tuple[str, ...]
    """The words in their order."""
    disguised: tuple[str, ...]
    """Words that mixed scripts or had invisible letters inside, as a reader sees them."""

    @property
    def words(self) -> int:
        """How many there are."""
        return len(self.spoken)

    def places(self, wanted: frozenset[str]) -> dict[str, list[int]]:
        """Where each of the words that are wanted stands, counted in words; those that are not there are left out."""
        found: dict[str, list[int]] = {word: [] for word in wanted.intersection(self.spoken)}
        for number, word in enumerate(self.spoken):
            if word in found:
                found[word].append(number)
        return found


def fold(untrusted_text: str, longest: int) -> Wording:
    """A text as it is searched."""
    disguised: list[str] = []
    text = untrusted_text[:longest]
    if not text.isascii():
        text = _shown(text, disguised)
    words = text.translate(_BREAKS).lower().split()
    spoken = tuple([word.strip("'`´-") or "-" for word in words])
    return Wording(text=f" {' '.join(spoken)} ", spoken=spoken, disguised=tuple(dict.fromkeys(disguised)))


def plain(words: str) -> str:
    """A word or two of ours, as `fold` would leave them."""
    if words.isascii():
        return words.lower()
    bare = unicodedata.normalize("NFKD", words.lower())
    return "".join(letter for letter in bare if not unicodedata.combining(letter)).replace("ß", "ss").replace("ł", "l")


def spoken(untrusted_name: str) -> tuple[str, ...]:
    """A display name as readers may take it, folded: as it stands, and, where that is another, by what its letters look
    like, with its letters put together, and backwards where a mark turns it.
    """
    bare = unicodedata.normalize("NFKC", untrusted_name.translate(_NO_NAME).translate(UNSEEN))
    found = [plain(bare)]
    if not bare.isascii():
        found.append(plain(" ".join(word if word.isascii() else glanced(word) for word in bare.split())))
    words = [_unmasked(word) for word in (bare if bare.isascii() else glanced(bare)).replace(".", " ").split()]
    found.append(plain(" ".join(words)))
    if sum(len(word) == 1 for word in words) >= _SPACED:
        found.append(plain("".join(words)))
    if _TURNS in untrusted_name:
        found += [name[::-1] for name in found]
    return tuple(dict.fromkeys(found))


def _unmasked(word: str) -> str:
    """A word whose letters others stand for: `PayPaI`, `Micros0ft`. Words of digits, and of capitals, are none."""
    if not any(letter.islower() for letter in word):
        return word
    begin, rest = word[:1], word[1:].replace("I", "l")
    return begin + rest.translate(_MASKS) if any(letter.isalpha() for letter in rest) else word


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
