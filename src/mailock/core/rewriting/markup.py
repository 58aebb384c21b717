"""HTML taken into tokens as browsers do it, so that something can be put in, or taken out, at the right place.

Only the outermost grammar is read (WHATWG HTML, section 13.2.5): tags with their attributes, comments, text, and the
elements whose content is no markup. No tree is built. Whatever the text is, the tokens cover it without gaps, in linear
time, and what is opened and never closed shows as `BROKEN`: nothing that stands behind its start is seen by a reader.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Kind(Enum):
    """What a token is."""

    TEXT = auto()
    OPEN = auto()
    CLOSE = auto()
    COMMENT = auto()
    """A comment, a doctype, a processing instruction: nothing that is shown, except to clients that look into it."""
    RAW = auto()
    """The content of script, style and the like."""
    BROKEN = auto()
    """A tag, a comment or such content that does not end."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a tag. Places count in the text."""

    name: str
    """In lower case."""
    start: int
    """Before its name."""
    value: int
    """Where its value starts, behind the quote."""
    value_end: int
    end: int
    """Behind its closing quote."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text."""

    kind: Kind
    start: int
    end: int
    name: str = ""
    """Of a tag, in lower case."""
    attributes: tuple[Attribute, ...] = ()


RAW_ELEMENTS: Final = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
MOST_ATTRIBUTES: Final = 1_000
_BLANKS: Final = " \t\r\n\f"
_BETWEEN: Final = "/ \t\r\n\f"
_NAME_ENDS: Final = " \t\r\n\f/>"
_ATTRIBUTE_ENDS: Final = " \t\r\n\f/>="
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, in order."""
    position = start = 0
    while True:
        place = text.find("<", position)
        if place < 0:
            break
        token = _markup(text, place)
        if token is None:
            position = place + 1
            continue
        if place > start:
            yield Token(Kind.TEXT, start, place)
        yield token
        position = start = token.end
        if token.kind is Kind.OPEN and token.name in RAW_ELEMENTS:
            raw = _raw(text, token)
            if raw.end > raw.start:
                yield raw
            position = start = raw.end
    if start < len(text):
        yield Token(Kind.TEXT, start, len(text))


def _markup(text: str, place: int) -> Token | None:
    """The token that starts with this `<`; None where it is only a letter."""
    following = text[place + 1 : place + 2]
    if following in _LETTERS:
        return _tag(text, place, place + 1, Kind.OPEN)
    if following == "/":
        if text[place + 2 : place + 3] in _LETTERS:
            return _tag(text, place, place + 2, Kind.CLOSE)
        return _until(text, place, ">") if place + 2 < len(text) else None
    if text.startswith("<!--", place):
        return _comment(text, place)
    return _until(text, place, ">") if following in ("!", "?") else None


def _comment(text: str, place: int) -> Token:
    for short in ("<!-->", "<!--->"):
        if text.startswith(short, place):
            return Token(Kind.COMMENT, place, place + len(short))
    end = text.find("-->", place + 4)
    other = text.find("--!>", place + 4, len(text) if end < 0 else end)
    if other >= 0:
        return Token(Kind.COMMENT, place, other + 4)
    return Token(Kind.BROKEN, place, len(text)) if end < 0 else Token(Kind.COMMENT, place, end + 3)


def _until(text: str, place: int, mark: str) -> Token:
    end = text.find(mark, place)
    return Token(Kind.BROKEN, place, len(text)) if end < 0 else Token(Kind.COMMENT, place, end + 1)


def _tag(text: str, place: int, name_start: int, kind: Kind) -> Token:
    position = _first_of(text, name_start, _NAME_ENDS)
    name = text[name_start:position].lower()
    attributes: list[Attribute] = []
    while position < len(text):
        while position < len(text) and text[position] in _BETWEEN:
            position += 1
        if text[position : position + 1] == ">":
            return Token(kind, place, position + 1, name, tuple(attributes[:MOST_ATTRIBUTES]))
        if position >= len(text):
            break
        attribute, position = _attribute(text, position)
        if attribute is not None:
            attributes.append(attribute)
    return Token(Kind.BROKEN, place, len(text))


def _attribute(text: str, start: int) -> tuple[Attribute | None, int]:
    """The attribute that starts here, and where to go on; None where it does not end."""
    end = _first_of(text, start + 1, _ATTRIBUTE_ENDS)
    name = text[start:end].lower()
    behind = _behind_blanks(text, end)
    if text[behind : behind + 1] != "=":
        return Attribute(name, start, end, end, end), end
    value = _behind_blanks(text, behind + 1)
    quote = text[value : value + 1]
    if quote in ('"', "'"):
        close = text.find(quote, value + 1)
        if close < 0:
            return None, len(text)
        return Attribute(name, start, value + 1, close, close + 1), close + 1
    close = _first_of(text, value, " \t\r\n\f>")
    return Attribute(name, start, value, close, close), close


def _raw(text: str, opened: Token) -> Token:
    """What stands between a tag and the one that closes it."""
    lower_mark = f"</{opened.name}"
    position = opened.end
    while (place := text.find("</", position)) >= 0:
        after = place + len(lower_mark)
        if text[place:after].lower() == lower_mark and text[after : after + 1] in ("", *_NAME_ENDS):
            return Token(Kind.RAW, opened.end, place)
        position = place + 2
    return Token(Kind.BROKEN, opened.end, len(text))


def _first_of(text: str, start: int, stops: str) -> int:
    position = start
    while position < len(text) and text[position] not in stops:
        position += 1
    return position


def _behind_blanks(text: str, start: int) -> int:
    while start < len(text) and text[start] in _BLANKS:
        start += 1
    return start
