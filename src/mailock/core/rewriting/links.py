"""Other targets in the place of links, wherever they stand in a text, plain or HTML.

A link is sought as it stands in the part, and in each other spelling that a client takes for the same: with or without
entities, with blanks of any kind in an attribute, broken over lines. A link that becomes another link is replaced only
where it ends as it ends there, for `http://a/x` also begins `http://a/xy`; one that must not be followed is broken
wherever it stands, within a longer one too.
"""

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mailock.core.rewriting.edits import ReplaceLink
from mailock.core.rewriting.markup import Attribute, Kind, Token, tokens

_GOES_ON = frozenset("/?#=&%-_~+@$*")
_MAY_END = frozenset(".,;:!'()[]")
_GONE = {ord(letter): None for letter in "\t\r\n\f"}
_BLANKS = {ord(letter): None for letter in " \t\r\n\f\xa0"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something is to be replaced."""

    start: int
    end: int
    instead: str


@dataclass(frozen=True, slots=True)
class Relinked:
    """A text with its links replaced, and those of them that were found."""

    text: str
    found: frozenset[ReplaceLink]


def in_plain(text: str, links: Sequence[ReplaceLink]) -> Relinked:
    """Replaces links in plain text."""
    places: list[_Place] = []
    found: set[ReplaceLink] = set()
    for link in _longest_first(links):
        spots = list(_spots(text, link.untrusted_raw, exact=link.clickable)) or list(_broken(text, link))
        places += [_Place(start, end, link.replacement) for start, end in spots]
        if spots:
            found.add(link)
    return Relinked(_replaced(text, places), frozenset(found))


def in_html(text: str, links: Sequence[ReplaceLink]) -> Relinked:
    """Replaces links in HTML. One that may not be followed loses its attribute; its text is replaced."""
    wanted = {_as_followed(link.untrusted_raw): link for link in reversed(links)}
    places: list[_Place] = []
    found: set[ReplaceLink] = set()
    anchors: list[tuple[int, int]] = []
    opened: int | None = None
    for token in tokens(text):
        for attribute in token.attributes:
            link = wanted.get(_as_followed(text[attribute.value : attribute.value_end]))
            if link is not None:
                found.add(link)
                places.append(_in_attribute(text, attribute, link))
        opened = _follow_anchor(token, opened, anchors)
    whole = [(place.start, place.end) for place in places]
    for link in _longest_first(links):
        instead = html.escape(link.replacement)
        for spelling in _spellings(link.untrusted_raw):
            spots = list(_spots(text, spelling, exact=link.clickable))
            if spots:
                found.add(link)
            # The text of a link that leads elsewhere now may go on naming where it leads in the end.
            besides = [*whole, *anchors] if link.clickable else whole
            places += [_Place(start, end, instead) for start, end in _outside(spots, besides)]
        if link not in found:
            spots = list(_broken(text, link))
            places += [_Place(start, end, instead) for start, end in spots]
            if spots:
                found.add(link)
    return Relinked(_replaced(text, places), frozenset(found))


def remains(text: str, link: ReplaceLink, *, markup: bool) -> bool:
    """Whether a link can still be followed in a text that it was taken out of."""
    raw = link.untrusted_raw
    if link.clickable or raw in link.replacement:
        return False
    if markup:
        wanted = _as_followed(raw)
        for token in tokens(text):
            if any(_as_followed(text[a.value : a.value_end]) == wanted for a in token.attributes):
                return True
    return any(spelling in text for spelling in (_spellings(raw) if markup else (raw,)))


def _follow_anchor(token: Token, opened: int | None, anchors: list[tuple[int, int]]) -> int | None:
    """Where the link began that the next token stands in; what ended is added to `anchors`."""
    if token.name != "a":
        return opened
    if opened is not None:
        anchors.append((opened, token.start))
    leads = any(attribute.name == "href" for attribute in token.attributes)
    return token.end if token.kind is Kind.OPEN and leads else None


def _in_attribute(text: str, attribute: Attribute, link: ReplaceLink) -> _Place:
    if not link.clickable:
        return _Place(attribute.start, attribute.end, "")
    quoted = attribute.end > attribute.value_end
    value = html.escape(link.replacement)
    return _Place(attribute.value, attribute.value_end, value if quoted else f'"{value}"')


def _as_followed(value: str) -> str:
    """An attribute's value as a browser takes it for a URL."""
    return html.unescape(value).translate(_GONE).strip()


def _spellings(raw: str) -> tuple[str, ...]:
    """A link as it may stand in HTML, outside an attribute of its own."""
    plain = html.unescape(raw)
    spelt = (raw, plain, html.escape(plain), html.escape(plain, quote=False))
    return tuple(each for each in dict.fromkeys(spelt) if each.strip())


def _longest_first(links: Iterable[ReplaceLink]) -> list[ReplaceLink]:
    return sorted(dict.fromkeys(links), key=lambda link: -len(link.untrusted_raw))


def _spots(text: str, raw: str, *, exact: bool) -> Iterator[tuple[int, int]]:
    """Where a link stands. `exact`: only where it does not go on."""
    if not raw.strip():
        return
    place = text.find(raw)
    while place >= 0:
        end = place + len(raw)
        if not exact or _ends(text, end):
            yield place, end
        place = text.find(raw, end)


def _ends(text: str, end: int) -> bool:
    """Whether a link that ends here does not go on."""
    while end < len(text) and text[end] in _MAY_END:
        end += 1
    return end >= len(text) or not (text[end].isalnum() or text[end] in _GOES_ON)


def _broken(text: str, link: ReplaceLink) -> Iterator[tuple[int, int]]:
    """Where a link stands that is broken over lines, or has blanks in it: found without any."""
    raw = link.untrusted_raw.translate(_BLANKS)
    if not raw:
        return
    kept = [place for place, letter in enumerate(text) if ord(letter) not in _BLANKS]
    squeezed = text.translate(_BLANKS)
    place = squeezed.find(raw)
    while place >= 0:
        end = place + len(raw)
        if not link.clickable or _ends(text, kept[end - 1] + 1):
            yield kept[place], kept[end - 1] + 1
        place = squeezed.find(raw, end)


def _outside(spots: Iterable[tuple[int, int]], others: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spots that lie in no other range."""
    ranges = sorted(others)
    index = 0
    reach = 0
    for start, end in spots:
        while index < len(ranges) and ranges[index][0] < end:
            reach = max(reach, ranges[index][1])
            index += 1
        if start >= reach:
            yield start, end


def _replaced(text: str, places: Iterable[_Place]) -> str:
    """A text with places replaced; of those that overlap, the first that begins, and of these the longest, counts."""
    pieces: list[str] = []
    position = 0
    for place in sorted(places, key=lambda each: (each.start, -each.end)):
        if place.start < position:
            continue
        pieces += [text[position : place.start], place.instead]
        position = place.end
    return "".join([*pieces, text[position:]])
