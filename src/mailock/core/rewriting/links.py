"""Other targets in the place of links, wherever they stand in a text, plain or HTML.

A link is sought as it stands in the part, and in each other spelling that a client takes for the same: with or without
entities, with blanks of any kind in an attribute, broken over lines. A link that becomes another link is replaced only
where it ends as it ends there, for `http://a/x` also begins `http://a/xy`; one that must not be followed is broken
wherever it stands, within a longer one too.
"""

import html
from bisect import bisect_left
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
    shut: list[tuple[int, int]] = []
    opened: int | None = None
    for token in tokens(text):
        for attribute in token.attributes:
            link = wanted.get(_as_followed(text[attribute.value : attribute.value_end]))
            if link is None:
                continue
            if link.clickable and not _is_clicked(token, attribute):
                shut.append((attribute.start, attribute.end))
                continue
            found.add(link)
            places.append(_in_attribute(text, attribute, link))
        opened = _follow_anchor(token, opened, anchors)
    whole = [(place.start, place.end) for place in places]
    # The text of a link that leads elsewhere now may go on naming where it leads in the end.
    kept = {False: _Ranges(whole), True: _Ranges([*whole, *anchors, *shut])}
    for link in _longest_first(links):
        instead = html.escape(link.replacement)
        for spelling in _spellings(link.untrusted_raw):
            spots = list(_spots(text, spelling, exact=link.clickable))
            if spots:
                found.add(link)
            besides = kept[link.clickable]
            places += [_Place(start, end, instead) for start, end in spots if not besides.meet(start, end)]
        if link not in found:
            spots = list(_broken(text, link))
            places += [_Place(start, end, instead) for start, end in spots]
            if spots:
                found.add(link)
    return Relinked(_replaced(text, places), frozenset(found))


def remaining(text: str, links: Iterable[ReplaceLink], *, markup: bool) -> frozenset[ReplaceLink]:
    """The links that can still be followed in a text that they were taken out of."""
    gone = [link for link in links if not link.clickable and link.untrusted_raw not in link.replacement]
    left = {
        link
        for link in gone
        if any(spelling in text for spelling in (_spellings(link.untrusted_raw) if markup else (link.untrusted_raw,)))
    }
    if markup and gone:
        wanted = {_as_followed(link.untrusted_raw): link for link in gone}
        for token in tokens(text):
            for attribute in token.attributes:
                link = wanted.get(_as_followed(text[attribute.value : attribute.value_end]))
                if link is not None:
                    left.add(link)
    return frozenset(left)


def _is_clicked(token: Token, attribute: Attribute) -> bool:
    """Whether a reader follows it by a click. A picture that came from us instead would not be shown."""
    return token.name in ("a", "area") and attribute.name == "href"


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


class _Ranges:
    """Ranges of a text, merged where they overlap, to be asked many times."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(ranges):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def meet(self, start: int, end: int) -> bool:
        """Whether one of them has something of a range."""
        index = bisect_left(self._starts, end) - 1
        return index >= 0 and self._ends[index] > start


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
