"""What a page of HTML shows and how it is made: its text, its links and pictures, and traits of its markup."""

import re
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from mailock.core.evidence.nesting import parsable
from mailock.engines.spam.forms import Form
from mailock.engines.spam.heads import Amounts

MOST_LINKS: Final = 200
_TAGS: Final = re.compile(r"<[^>]{0,2000}>")
_TAG_NAMES: Final = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]{0,10}|!--)")
_HIDDEN: Final = Form(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0[;\"' ]|mso-hide|max-height\s*:\s*0",
    ("display", "visibility", "font-size", "opacity", "mso-hide", "max-height"),
)
_TINY: Final = Form(
    r"font-size\s*:\s*[12](?:px|pt)|<font[^>]{0,80}size=[\"']?(?:0|-[5-9])",
    ("font-size", "<font"),
)
_WHITE: Final = Form(
    r"color(?<![-\w]color)\s*[:=]\s*[\"']?\s*#?(?:ffffff|fffff[0-9a-e]|fefefe|fff|white)\b",
    ("color",),
)
_SPLIT: Final = re.compile(
    r"<(?<=[a-z]<)(?:!--[^>]{0,60}-->|(?!/?(?:br|p|td|tr|div|li|b|i|u|a|span|font|em|strong|h\d|sup|sub)\b)/?[a-z]{3,12}[^>]{0,30}>)[a-z]"
)
_ENTITY: Final = Form(r"&#(?:x[46-7][0-9a-f]|(?:6[5-9]|[7-9]\d|1[01]\d|12[0-2]));", ("&#",))
_LOUD: Final = Form(
    r"size=[\"']?(?:[5-7]|\+[2-5])\b|color=[\"']?#?(?:ff0000|red|0000ff|ff00ff|00ff00|lime)",
    ("size=", "color="),
)
_WORDY: Final = (
    "mso-",
    "msonormal",
    "urn:schemas-microsoft-com",
    'class="gmail_',
    "class=gmail_",
    "moz-",
    "apple-style",
    "apple-interchange",
    'meta name="generator',
    "meta name=generator",
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link with what is shown in its place."""

    untrusted_url: str
    untrusted_text: str


@dataclass(slots=True)
class Page:
    """What was found in one or more pages."""

    text: str = ""
    anchors: list[Anchor] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    """Addresses of images."""
    linked_pictures: int = 0
    markup: str = ""
    """The names of its tags, in their order."""
    amounts: Amounts = field(default_factory=dict)


def read(pages: tuple[str, ...]) -> Page:
    """All pages of a message, as one."""
    found = Page()
    for source in pages:
        tree = LexborHTMLParser(source if parsable(source) else "")
        _gather(found, tree)
        _marks(found.amounts, source, tree)
        found.markup += " ".join(_TAG_NAMES.findall(source[:20_000])).lower() + " "
    return found


def _gather(found: Page, tree: LexborHTMLParser) -> None:
    for node in tree.css("a[href],area[href],form[action]")[:MOST_LINKS]:
        given = node.attributes
        url = given.get("href") or given.get("action") or ""
        found.anchors.append(Anchor(url.strip()[:2000], node.text()[:200].strip()))
        if node.tag == "a" and node.css_first("img") is not None:
            found.linked_pictures += 1
    for node in tree.css("img")[:MOST_LINKS]:
        found.pictures.append((node.attributes.get("src") or "").strip()[:2000])
    tree.strip_tags(["style", "script", "title", "head"])
    body = tree.body
    found.text += (body.text(separator=" ") if body is not None else "") + "\n"


def _marks(amounts: Amounts, source: str, tree: LexborHTMLParser) -> None:
    lowered = source[:25_000].lower()
    beginning = source[:4000].lower()
    marks = {
        "html.hidden": _HIDDEN.is_in(lowered),
        "html.tiny": _TINY.is_in(lowered),
        "html.split": _splits(lowered) > 4,
        "html.entities": _ENTITY.count(lowered) > 20,
        "html.loud": _LOUD.count(lowered) > 2,
        "html.form": "<form" in beginning or tree.css_first("form,input") is not None,
        "html.script": "<script" in lowered,
        "html.broken": "<html" in beginning and "</html" not in source.lower(),
        "html.bits": "<html" not in beginning and "<!doctype" not in beginning,
        "html.rich": "<style" in beginning and source.count("<t", 0, 25_000) > 30,
        "html.word": any(mark in lowered for mark in _WORDY),
    }
    amounts.update({name: 1.0 for name, is_there in marks.items() if is_there})
    if "bgcolor" not in beginning and "background" not in lowered and _WHITE.is_in(lowered):
        amounts["html.hidden"] = 1.0


def _splits(lowered: str) -> int:
    """How often a word has a comment, or a tag that shows nothing, between two of its letters."""
    found = end = 0
    for match in _SPLIT.finditer(lowered):
        # A letter between two tags counts for one of them.
        if match.start() > end:
            found, end = found + 1, match.end()
    return found
