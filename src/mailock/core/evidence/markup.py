"""Attributes of markup as they stand in its text: everything that some client could read as one.

A parser's tree says what one browser shows; it has no place for the letters as they were written, and none for what
stands in comments, which Outlook reads (conditional comments). So this looks at every equals sign with a name before
it, in comments, scripts and values too. It finds more than a browser, and it is linear whatever it is given.
Source: WHATWG HTML, section 13.2.5 (the states of a tag and its attributes).
"""

import html
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_LONGEST: Final = 65_536
"""Characters of a value without quotes, and between a tag's beginning and its attribute."""
_LONGEST_NAME: Final = 24
_MOST_BLANKS: Final = 4096
"""Characters between a name and its equals sign."""
_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};?)")


class Attribute(NamedTuple):
    """An attribute with a value."""

    tag: str
    """The element's name, in lower case."""
    name: str
    """In lower case."""
    untrusted_raw: str
    """The value as it stands, without its quotes."""
    start: int
    """Where the value begins."""


class _Finder:
    """Where a mark stands next; asked again for a place before it, it knows."""

    __slots__ = ("_found", "_mark", "_since", "_text")

    def __init__(self, text: str, mark: str) -> None:
        self._text, self._mark, self._since, self._found = text, mark, 0, -1

    def behind(self, at: int) -> int:
        """The first place of the mark from a place on; the end of the text where there is none."""
        if not self._since <= at <= self._found:
            found = self._text.find(self._mark, at)
            self._since, self._found = at, found if found >= 0 else len(self._text)
        return self._found


def attributes(text: str, wanted: frozenset[str]) -> Iterator[Attribute]:
    """Everything that reads `name=value` with one of these names, in its order."""
    finders = {quote: _Finder(text, quote) for quote in "\"'"}
    brackets = _Finder(text, ">")
    at = text.find("=")
    while at >= 0:
        name = _name(text, at, wanted)
        if not name:
            at = text.find("=", at + 1)
            continue
        start = at + 1
        while text[start : start + 1].isspace():
            start += 1
        quote = text[start : start + 1]
        if quote in finders:
            start += 1
            raw, behind = text[start : finders[quote].behind(start)], start
        else:
            value = text[start : min(brackets.behind(start), start + _LONGEST)].split(None, 1)
            raw = value[0] if value else ""
            behind = max(start, at + 1) + len(raw)
        yield Attribute(_tag(text, at), name, raw, start)
        # Within a value in quotes the search goes on: another reader may not have seen the quote.
        at = text.find("=", behind)


def _name(text: str, equals: int, wanted: frozenset[str]) -> str:
    """The wanted name before an equals sign; empty where it is another, or part of something else."""
    window = text[max(0, equals - _LONGEST_NAME) : equals]
    if window[-1:].isspace():
        window = text[max(0, equals - _MOST_BLANKS) : equals].rstrip()[-_LONGEST_NAME:]
    words = window.split()
    if not words:
        return ""
    word = words[-1].lower()
    if word in wanted and len(words) > 1:
        return word
    # An attribute follows blanks, a slash, or the quote of the one before it; never a question mark or an ampersand.
    cut = max(map(word.rfind, "/\"'<>"))
    name = word[cut + 1 :]
    return name if name in wanted and cut >= 0 else ""


def _tag(text: str, at: int) -> str:
    """The name of the element whose tag has begun last."""
    start = text.rfind("<", max(0, at - _LONGEST), at)
    words = text[start + 1 : start + 33].split(None, 1) if start >= 0 else []
    return words[0].partition("/")[0].partition(">")[0].lower() if words else ""


def plain(untrusted_raw: str) -> str:
    """The value of an attribute with its character references undone (WHATWG HTML, section 13.2.5.73)."""
    if "&" not in untrusted_raw:
        return untrusted_raw

    def undone(match: re.Match[str]) -> str:
        reference = match[0]
        if not reference.endswith(";") and reference[1] != "#":
            # In attributes `&copy=` stays, or the query fields of half the Web would break.
            after = untrusted_raw[match.end() : match.end() + 1]
            if after == "=" or after.isalnum():
                return reference
        return html.unescape(reference)

    return _REFERENCE.sub(undone, untrusted_raw)
