"""Words, as search understands them: without case, without accents, found by their beginnings.

The same folding is used when a text is indexed, when a term is looked up and when a candidate is checked, so the
index can offer too much but never too little. Scripts that write without spaces (Chinese, Japanese) have a word in
every character.
"""

import ipaddress
import unicodedata


def folded(text: str) -> str:
    """A text without case and accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def indexable(text: str) -> str:
    """A text whose words only ASCII punctuation and spaces separate, for SQLite's `ascii` tokenizer."""
    plain = folded(text)
    if plain.isascii():
        return plain.replace("\0", " ")
    return "".join(_apart(c) for c in plain)


def tokens(term: str) -> list[str]:
    """The words of a term, folded, in order."""
    return "".join(c if c.isalnum() else " " for c in indexable(term)).split()


def begins_word(term: str, text: str) -> bool:
    """Whether a term stands in a text at the beginning of a word. Both are folded, and the term is not empty."""
    at = text.find(term)
    while at >= 0:
        if at == 0 or not term[0].isalnum() or not _inside(text[at - 1]) or _alone(term[0]):
            return True
        at = text.find(term, at + 1)
    return False


def ends_inside(term: str) -> bool:
    """Whether the last word of a term may go on in what is found."""
    return bool(term) and term[-1].isalnum()


def address_key(text: str) -> str:
    """An IP address, or whole numbers from its beginning, as one word: keys share a beginning where addresses do."""
    text = text.strip().lower()
    if ":" not in text:
        return _key(text.rstrip(".").split("."))
    try:
        return _key(
            ipaddress.IPv6Address(text).exploded.split(":") if not text.endswith("::") else text[:-2].split(":")
        )
    except ValueError:
        return _key(text.rstrip(":").split(":"))


def _key(numbers: list[str]) -> str:
    return "".join(f"{''.join(filter(str.isalnum, number)).lstrip('0') or '0'}x" for number in numbers)


def _inside(character: str) -> bool:
    return character.isalnum() and not _alone(character)


def _apart(character: str) -> str:
    if character.isascii():
        return character if character != "\0" else " "
    if not character.isalnum():
        return " "
    return f" {character} " if _alone(character) else character


def _alone(character: str) -> bool:
    """Whether a character is a word by itself: Han, Hiragana, Katakana."""
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff" or character >= "\U00020000"
