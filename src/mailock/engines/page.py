"""What a page of HTML shows: read once for the engines that look at it as its reader does.

No engine: engines share it. Two of them look at the same page one after the other, in the process of one message; so
what was read last is kept, which is sound as it follows from the page alone.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from mailock.core.evidence.nesting import parsable

MOST: Final = 400
"""Links, and pictures, that are read."""
LONGEST_URL: Final = 2000
LONGEST_LABEL: Final = 200
_UNSEEN: Final = ["style", "script", "noscript", "template", "title", "head"]
_KEPT: Final = 4
"""Pages of a message that are kept."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link or the target of a form, with what is shown in its place."""

    untrusted_url: str
    untrusted_text: str
    pictured: bool
    """Whether a picture stands in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page shows."""

    text: str = ""
    anchors: tuple[Anchor, ...] = ()
    pictures: tuple[str, ...] = ()
    """Addresses of images, as they stand."""
    fields: bool = False
    """Whether there is a form or a field to fill in."""
    passwords: int = 0
    """Fields for passwords."""


@lru_cache(maxsize=_KEPT)
def shown(untrusted_page: str) -> Shown:
    """What it shows; nothing where it nests too deep to be parsed."""
    if not parsable(untrusted_page):
        return Shown()
    tree = LexborHTMLParser(untrusted_page)
    anchors = tuple(_anchors(tree))
    pictures = tuple((node.attributes.get("src") or "").strip()[:LONGEST_URL] for node in tree.css("img")[:MOST])
    fields = tree.css_first("form,input") is not None
    passwords = len(tree.css("input[type=password i]")) if fields else 0
    tree.strip_tags(_UNSEEN)
    text = tree.body.text(separator=" ") if tree.body is not None else ""
    return Shown(text=text, anchors=anchors, pictures=pictures, fields=fields, passwords=passwords)


def _anchors(tree: LexborHTMLParser) -> list[Anchor]:
    found = []
    for node in tree.css("a[href],area[href],form[action]")[:MOST]:
        given = node.attributes
        url = (given.get("href") or given.get("action") or "").strip()[:LONGEST_URL]
        linked = node.tag == "a"
        label = node.text(strip=True)[:LONGEST_LABEL] if linked else ""
        found.append(Anchor(url, label, linked and node.css_first("img") is not None))
    return found
