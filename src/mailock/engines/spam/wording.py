"""Words of a text, folded so that the same word is the same string however it is written."""

import re
import unicodedata
from typing import Final

MOST_WORDS: Final = 700
_LIKE: Final = str.maketrans("авеёкморстухіјѕԁɡοαερυνικτАВЕКМНОРСТУХІЈЅ", "abeekmopctyxijsdgoaepuviktabekmhopctyxijs")
"""Letters of Cyrillic and Greek that look like Latin ones; only words that hold Latin letters too are folded by it."""
_GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
INVISIBLE: Final = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff]")
_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_LATIN: Final = re.compile(r"[A-Za-z]")
_FOREIGN: Final = re.compile("[\u0370-\u03ff\u0400-\u04ff]")
_MIXED: Final = re.compile("[A-Za-z][\u0370-\u03ff\u0400-\u04ff]|[\u0370-\u03ff\u0400-\u04ff][A-Za-z]")
_STYLED: Final = re.compile("[\uff01-\uff5e\U0001d400-\U0001d7ff]")


def folded(text: str) -> str:
    """Lower case, without accents, invisible characters and lookalikes; German umlauts as two letters."""
    if text.isascii():
        return text.lower()
    if _STYLED.search(text):
        text = unicodedata.normalize("NFKC", text)
    text = INVISIBLE.sub("", text.lower()).replace("’", "'").translate(_GERMAN)
    if _MIXED.search(text):
        text = " ".join(_latin(word) for word in text.split(" "))
    if not text.isascii() and not _FOREIGN.search(text):
        text = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return text


def words_of(text: str) -> list[str]:
    """The words of a folded text: letters and digits; what stands behind an apostrophe is a word of its own."""
    return text.replace("'", " ").translate(_BETWEEN).split()[:MOST_WORDS]


_BETWEEN: Final = {code: " " for code in range(128) if not chr(code).isalnum()} | dict.fromkeys(
    map(ord, "“”„«»‹›…–—•·、。「」！？：；，（）\u00a0\u3000"), " "
)


def is_mixed(text: str) -> bool:
    """Whether letters of Latin and of Cyrillic or Greek stand next to each other."""
    return not text.isascii() and _MIXED.search(text) is not None


def _latin(word: str) -> str:
    return word.translate(_LIKE) if _LATIN.search(word) else word


_SPACED: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z0-9@$!|][ .,_*~^:;'`\-]{1,2}){4,}[A-Za-z0-9@$!|](?![A-Za-z0-9])"
)
_LEET: Final = re.compile(r"(?<![\w./:@#=&?%-])(?=[a-z@$!|]*[a-z][0-9@$!|][a-z])[a-z0-9@$!|]{5,14}(?![\w@./=&-])")
_PLAIN: Final = str.maketrans("0134578@$!|", "oieastbasil")


def spaced(text: str) -> str:
    """The first word that is spelled with signs between its letters, put together; empty where there is none."""
    match = _SPACED.search(text)
    return "".join(letter for letter in match[0] if letter.isalnum()).lower() if match else ""


def leet(lowered: str) -> list[str]:
    """Words with digits and signs for letters, read as they are meant."""
    return [word.translate(_PLAIN) for word in _LEET.findall(lowered)[:40]]


_CONSONANTS: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]{6,}")
_TURNS: Final = re.compile(r"(?<=[0-9])(?=[a-z])|(?<=[a-z])(?=[0-9])")


def is_random(word: str) -> bool:
    """Whether a word (lower-case, ASCII) can hardly be spoken: letters and digits in turn, or no vowels."""
    if len(word) < 6 or not word.isascii():
        return False
    if word.isalpha():
        return _CONSONANTS.search(word) is not None
    return len(_TURNS.findall(word)) >= 3


def random_in(words: set[str]) -> int:
    """How many of the words are so; all that are of letters are looked through at once."""
    spelled = " ".join(word for word in words if word.isalpha())
    others = sum(is_random(word) for word in words if not word.isalpha())
    return others + (len(_CONSONANTS.findall(spelled)) if spelled.isascii() else sum(map(is_random, spelled.split())))


_COMMON: Final = (
    "the of and to in a is that for it as was with be by on not he i this are or his from at which but have an had they"
    " you were their one all we can her has there been if more when will would who so no out up said what its about"
    " than into them only other new some could these two may then do first any my now such like our over me even most"
    " made after also did many before must through your der die das und ist nicht ein eine zu den von mit sich des auf"
    " fuer im dem ich sie es wir auch als an werden aus er hat dass bei le la les de et des un une que qui dans pour"
    " est pas sur au avec il ce plus par vous nous se ou son el los las y en por con una su para no lo como mas pero"
    " del al si di che per non sono con da come anche o do e os as um uma em no na com nao mais dos se het een van en"
    " dat niet op te zijn voor met die w z na sie nie to jest jak do i oraz в и не на что с по это как я а за к у"
)
COMMON: Final = frozenset(_COMMON.split())
"""The commonest words of ten languages: a text without them has no sentences."""
