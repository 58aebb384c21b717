"""What a letter wants: the themes of phishing, and how words of many languages speak for one.

A theme is met by words that stand near each other, in either order ("verify your account", "Ihr Konto bestätigen"), or
by a phrase. Two different ones count more than one, a tenth no more than a third.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mailock.core.impersonation.wording import Wording, plain

_GAP: Final = 5
"""Words between two that belong together."""


class Theme(Enum):
    """What a letter is about, in words that end a sentence."""

    ACCOUNT = "an account that has to be verified or will be shut"
    MAILBOX = "a mailbox that is full or holds mail back"
    PASSWORD = "a password that expires"
    SIGN_IN = "a sign-in that nobody made"
    PARCEL = "a parcel that cannot be delivered"
    PAYMENT = "a payment that failed or has to be changed"
    BANK_CHANGE = "bank details that have changed"
    REFUND = "money that is to be refunded"
    PRIZE = "a prize or reward"
    FUND = "a fortune that somebody wants to share"
    GIFT_CARD = "gift cards to be bought"
    FAVOUR = "a favour that has to be quick and quiet"
    EXTORTION = "a threat to publish, against payment in cryptocurrency"
    WALLET = "a wallet of cryptocurrency to be connected or verified"
    RENEWAL = "a renewal that was charged and can be cancelled by telephone"
    SHARED_FILE = "a document or message that waits to be seen"
    URGENCY = "a deadline of hours or days"
    NO_NAME = "a greeting without a name"
    SCAN = "a code to be scanned"


@dataclass(frozen=True, slots=True)
class Near:
    """A word of the first kind within a few words of one of the second."""

    first: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One of these phrases, as it stands."""

    phrases: tuple[str, ...]


Signs = Mapping[Theme, tuple[Near | Said, ...]]


def near(first: str, second: str) -> Near:
    """Words with blanks between them."""
    return Near(tuple(plain(first).split()), tuple(plain(second).split()))


def said(*phrases: str) -> Said:
    """Phrases, a string each."""
    return Said(tuple(f" {plain(phrase)} " for phrase in phrases))


def within(*phrases: str) -> Said:
    """Phrases of a script that has no blanks, or beginnings of words."""
    return Said(tuple(plain(phrase) for phrase in phrases))


class Lexicon:
    """The signs of all languages, by the words that a text must have for them: most texts have hardly any."""

    __slots__ = ("_by_word", "_pairs", "_phrases", "_pieces", "_words")

    def __init__(self, languages: Iterable[Signs]) -> None:
        self._pairs: list[tuple[Theme, Near]] = []
        self._by_word: dict[str, list[int]] = {}
        self._phrases: dict[str, list[tuple[Theme, str]]] = {}
        self._pieces: list[tuple[Theme, str]] = []
        for language in languages:
            for theme, signs in language.items():
                for sign in signs:
                    self._add(theme, sign)
        seconds = (pair.second for _, pair in self._pairs)
        self._words = frozenset(self._by_word).union(self._phrases, *seconds)
        """Every word whose place in a text is asked for."""

    def _add(self, theme: Theme, sign: Near | Said) -> None:
        match sign:
            case Near():
                for word in sign.first:
                    self._by_word.setdefault(word, []).append(len(self._pairs))
                self._pairs.append((theme, sign))
            case Said():
                for phrase in sign.phrases:
                    if phrase.startswith(" "):
                        self._phrases.setdefault(phrase.split()[0], []).append((theme, phrase))
                    else:
                        self._pieces.append((theme, phrase))

    def themes(self, wording: Wording) -> dict[Theme, tuple[str, ...]]:
        """The themes of a text, with the words that speak for each."""
        found: dict[Theme, dict[str, None]] = {}
        places, text = wording.places(self._words), wording.text
        for word in places.keys() & self._by_word.keys():
            for number in self._by_word[word]:
                theme, pair = self._pairs[number]
                for other in _beside(places, word, pair.second):
                    found.setdefault(theme, {})[f"{word} … {other}"] = None
        for word in places.keys() & self._phrases.keys():
            for theme, phrase in self._phrases[word]:
                if phrase in text:
                    found.setdefault(theme, {})[phrase.strip()] = None
        for theme, piece in self._pieces:
            if piece in text:
                found.setdefault(theme, {})[piece] = None
        return {theme: tuple(sorted(words)) for theme, words in found.items()}


def _beside(places: Mapping[str, Sequence[int]], word: str, others: tuple[str, ...]) -> list[str]:
    """Up to three of the others that stand near a word."""
    mine = places[word][:50]
    return [other for other in others if other != word and other in places and _close(mine, places[other][:50])][:3]


def _close(first: Sequence[int], second: Sequence[int]) -> bool:
    return any(0 < abs(one - other) <= _GAP for one in first for other in second)
