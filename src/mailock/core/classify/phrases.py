"""Phrases by what they are about, in several languages. A phrase counts wherever its words follow each other.

Words are looked up, so that a text costs one look a word however many phrases there are. Letters are in lower case and
without accents (`engines.spam.wording.folded`), and an asterisk at a word's end stands for any ending of at most four
letters, which serves plurals and cases. Languages that put no blanks between words have their own table, which is
searched as it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log2
from typing import Final

from mailock.core.classify.phrases_more import MORE, UNSPACED
from mailock.core.classify.phrases_trade import TRADE

ENDING: Final = 4
"""Letters that an asterisk stands for."""
WORD_ALONE: Final = 0.6
"""What a phrase of one word counts, which may stand for many things."""
MOST: Final = 3.0
_LETTERS: Final = 2
"""Letters that every stem has."""
ORDINARY: Final = 250
"""Words of a text up to which each phrase counts whole."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    rest: tuple[str, ...]
    """The words behind the second."""
    kind: str


@dataclass(frozen=True, slots=True)
class _Start:
    """What may follow a first word."""

    alone: list[str] = field(default_factory=list)
    """Kinds of which the word is a phrase by itself."""
    exact: dict[str, list[_Phrase]] = field(default_factory=dict)
    stems: dict[str, list[tuple[str, _Phrase]]] = field(default_factory=dict)
    """Second words that are stems, by their first letters."""


def _indexed() -> tuple[dict[str, _Start], dict[str, _Start]]:
    """The first words, and the first words that are stems."""
    whole: dict[str, _Start] = {}
    stems: dict[str, _Start] = {}
    for kind, text in (*TRADE.items(), *MORE.items()):
        for phrase in text.split(","):
            first, *rest = phrase.split()
            table = stems if first.endswith("*") else whole
            start = table.setdefault(first.rstrip("*"), _Start())
            if not rest:
                start.alone.append(kind)
            elif rest[0].endswith("*"):
                stem = rest[0][:-1]
                start.stems.setdefault(stem[:_LETTERS], []).append((stem, _Phrase(tuple(rest[1:]), kind)))
            else:
                start.exact.setdefault(rest[0], []).append(_Phrase(tuple(rest[1:]), kind))
    return whole, stems


_WHOLE, _STEMS = _indexed()
_PREFIXES: Final = frozenset(stem[:3] for stem in _STEMS)


def spoken(words: Sequence[str], text: str) -> dict[str, float]:
    """How much is said of each kind: of phrases that are there, each counted once, the logarithm of their sum.

    `words` are folded; `text` is as it stands.
    """
    found: set[tuple[str, str, str]] = set()
    starts = _starting(set(words))
    for at in [at for at, word in enumerate(words) if word in starts]:
        for first, start in starts[words[at]]:
            _follow(found, words, at, first, start)
    sums: dict[str, float] = {}
    for kind, _, second in found:
        sums[kind] = sums.get(kind, 0.0) + (1.0 if second else WORD_ALONE)
    if not text.isascii():
        for kind, pieces in UNSPACED.items():
            if hits := sum(piece in text for piece in pieces):
                sums[kind] = sums.get(kind, 0.0) + hits
    # A long text says a little of everything.
    share = min(1.0, (ORDINARY / max(1, len(words))) ** 0.7)
    return {kind: min(MOST, log2(1.0 + total * share)) for kind, total in sums.items()}


def _starting(words: set[str]) -> dict[str, list[tuple[str, _Start]]]:
    """What phrases may start with which of the words: by itself, and by the stems that it begins with."""
    starts = {word: [(word, _WHOLE[word])] for word in words & _WHOLE.keys()}
    for word in [word for word in words if word[:3] in _PREFIXES]:
        stems = (word[:length] for length in range(max(3, len(word) - ENDING), len(word) + 1))
        if told := [(stem, _STEMS[stem]) for stem in stems if stem in _STEMS]:
            starts.setdefault(word, []).extend(told)
    return starts


def _follow(found: set[tuple[str, str, str]], words: Sequence[str], at: int, first: str, start: _Start) -> None:
    for kind in start.alone:
        found.add((kind, first, ""))
    if at + 1 >= len(words):
        return
    second = words[at + 1]
    for phrase in start.exact.get(second, ()):
        if _goes_on(words, at + 2, phrase.rest):
            found.add((phrase.kind, first, " ".join((second, *phrase.rest))))
    for stem, phrase in start.stems.get(second[:_LETTERS], ()):
        if _is(second, stem) and _goes_on(words, at + 2, phrase.rest):
            found.add((phrase.kind, first, " ".join((stem, *phrase.rest))))


def _goes_on(words: Sequence[str], at: int, rest: tuple[str, ...]) -> bool:
    if at + len(rest) > len(words):
        return False
    return all(
        _is(words[at + number], wanted[:-1]) if wanted.endswith("*") else words[at + number] == wanted
        for number, wanted in enumerate(rest)
    )


def _is(word: str, stem: str) -> bool:
    return word.startswith(stem) and len(word) <= len(stem) + ENDING
