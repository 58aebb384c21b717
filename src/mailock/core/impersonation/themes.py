"""What a letter wants: the themes of phishing, and how words of many languages speak for one.

A theme is met by words that stand near each other, in either order ("verify your account", "Ihr Konto bestätigen"), or
by a phrase. Two different ones count more than one, a tenth no more than a third.
"""

from collections.abc import Iterable, Mapping
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


def themes(wording: Wording, languages: Iterable[Signs]) -> dict[Theme, tuple[str, ...]]:
    """The themes of a text, with the words that speak for each."""
    found: dict[Theme, dict[str, None]] = {}
    for language in languages:
        for theme, signs in language.items():
            for sign in signs:
                words = _near(wording, sign) if isinstance(sign, Near) else _said(wording, sign)
                if words:
                    found.setdefault(theme, {}).update(dict.fromkeys(words))
    return {theme: tuple(words) for theme, words in found.items()}


def _said(wording: Wording, sign: Said) -> list[str]:
    text = wording.text
    return [phrase.strip() for phrase in sign.phrases if phrase in text]


def _near(wording: Wording, sign: Near) -> list[str]:
    places = wording.places
    first = [word for word in sign.first if word in places]
    if not first:
        return []
    second = [word for word in sign.second if word in places]
    return [
        f"{one} … {other}"
        for one in first
        for other in second
        if one != other and _close(places[one][:50], places[other][:50])
    ][:3]


def _close(first: list[int], second: list[int]) -> bool:
    return any(0 < abs(one - other) <= _GAP for one in first for other in second)
