"""Texts put into what a reader sees: at its top or at its bottom, in plain text and in HTML.

In HTML the bottom is before the tag that ends the body, and never behind something that was opened and does not end (a
comment, a tag, a script), where nobody would see it; the top is behind the body's tag, or behind whatever of a head
there is.
"""

import html
from dataclasses import dataclass
from typing import Final

from mailock.core.mime.compose import one_line
from mailock.core.rewriting.edits import AddText, Place
from mailock.core.rewriting.markup import Kind, tokens
from mailock.core.rewriting.texts import as_html

_SQUEEZED: Final = {ord(letter): None for letter in " \t\r\n\f\xa0>|"}
_HEAD: Final = frozenset({"html", "head", "title", "meta", "link", "base", "style", "script", "object", "noscript"})


@dataclass(frozen=True, slots=True)
class _Spots:
    """Where text may be put into a page."""

    top: int
    bottom: int


def has(text: str, addition: AddText, *, markup: bool) -> bool:
    """Whether a text, or what is quoted in it, holds an addition already. Blanks, lines, quote marks do not count."""
    wanted = _squeezed(visible(addition.html) if addition.html else addition.text)
    there = _squeezed(visible(text) if markup else text)
    return bool(wanted) and wanted in there


def in_plain(text: str, addition: AddText, *, flowed: bool) -> str:
    """Plain text with an addition. `flowed`: lines are as RFC 3676 has them."""
    # A blank at the end of a line would join it to the next in flowed text; the line above a signature has one.
    lines = [line if line == "-- " else one_line(line).rstrip(" ") for line in addition.text.splitlines()]
    if flowed:
        # RFC 3676 section 4.4: what would be taken for a quote mark or for stuffing is stuffed.
        lines = [f" {line}" if line.startswith((" ", ">", "From ")) else line for line in lines]
    added = "\r\n".join(lines)
    if addition.place is Place.TOP:
        return f"{added}\r\n\r\n{text}"
    ending = "" if text.endswith("\n") or not text else "\r\n"
    return f"{text}{ending}\r\n{added}\r\n"


def in_html(text: str, addition: AddText) -> str:
    """HTML with an addition."""
    inner = addition.html or as_html(addition.text)
    # References stand for themselves in every charset.
    added = f"<div>{inner}</div>".encode("ascii", "xmlcharrefreplace").decode("ascii")
    spots = _spots(text)
    place = spots.top if addition.place is Place.TOP else spots.bottom
    return f"{text[:place]}\r\n{added}\r\n{text[place:]}"


def visible(text: str) -> str:
    """The text of a page, roughly as it reads: without markup, entities undone."""
    return "".join(html.unescape(text[t.start : t.end]) for t in tokens(text) if t.kind is Kind.TEXT)


def _spots(text: str) -> _Spots:
    body = head = None
    heading = True
    closing = broken = len(text)
    for token in tokens(text):
        heading = heading and _heads(text, token.kind, token.name, token.start, token.end)
        match token.kind:
            case Kind.OPEN if token.name == "body" and body is None:
                body = token.end
                closing = len(text)
            case Kind.CLOSE if token.name in ("body", "html"):
                closing = min(closing, token.start)
            case Kind.BROKEN:
                broken = min(broken, token.start)
            case Kind.OPEN | Kind.TEXT if text[token.start : token.end].strip():
                # Text behind the end of the body is shown in it all the same; the last end counts.
                closing = len(text)
        if heading:
            head = token.end
    bottom = min(closing, broken)
    top = body if body is not None else (head or 0)
    return _Spots(min(top, broken, bottom) if body is None else min(top, broken), bottom)


def _heads(text: str, kind: Kind, name: str, start: int, end: int) -> bool:
    """Whether a token may stand before the body of a page."""
    if kind is Kind.TEXT:
        return not text[start:end].strip()
    return kind in (Kind.COMMENT, Kind.RAW) or (kind in (Kind.OPEN, Kind.CLOSE) and name in _HEAD)


def _squeezed(text: str) -> str:
    return text.translate(_SQUEEZED)
