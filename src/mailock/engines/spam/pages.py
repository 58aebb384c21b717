"""What a page of HTML shows and how it is made: its text, its links and pictures, and traits of its markup."""

import re
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from mailock.core.evidence.nesting import parsable
from mailock.engines.spam.heads import Amounts

MOST_LINKS: Final = 200
_TAGS: Final = re.compile(r"<[^>]{0,2000}>")
_TAG_NAMES: Final = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]{0,10}|!--)")
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0[;\"' ]|mso-hide|max-height\s*:\s*0",
    re.IGNORECASE,
)
_TINY: Final = re.compile(r"font-size\s*:\s*[12](?:px|pt)|<font[^>]{0,80}size=[\"']?(?:0|-[5-9])", re.IGNORECASE)
_WHITE: Final = re.compile(
    r"(?<![-\w])color\s*[:=]\s*[\"']?\s*#?(?:ffffff|fffff[0-9a-e]|fefefe|fff|white)\b", re.IGNORECASE
)
_SPLIT: Final = re.compile(
    r"[a-z](?:<!--[^>]{0,60}-->|<(?!/?(?:br|p|td|tr|div|li|b|i|u|a|span|font|em|strong|h\d|sup|sub)\b)/?[a-z]{3,12}[^>]{0,30}>)[a-z]",
    re.IGNORECASE,
)
_ENTITY: Final = re.compile(r"&#(?:x[46-7][0-9a-f]|(?:6[5-9]|[7-9]\d|1[01]\d|12[0-2]));", re.IGNORECASE)
_LOUD: Final = re.compile(
    r"size=[\"']?(?:[5-7]|\+[2-5])\b|color=[\"']?#?(?:ff0000|red|0000ff|ff00ff|00ff00|lime)", re.IGNORECASE
)
_WORDY: Final = re.compile(
    r"mso-|msonormal|urn:schemas-microsoft-com|class=\"?gmail_|moz-|apple-(?:style|interchange)|meta name=\"?generator",
    re.IGNORECASE,
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
    start = source[:60_000]
    split = len(_SPLIT.findall(start))
    entities = len(_ENTITY.findall(start))
    lowered = start[:4000].lower()
    marks = {
        "html.hidden": bool(_HIDDEN.search(start)),
        "html.tiny": bool(_TINY.search(start)),
        "html.split": split > 4,
        "html.entities": entities > 20,
        "html.loud": len(_LOUD.findall(start)) > 2,
        "html.form": "<form" in lowered or tree.css_first("form,input") is not None,
        "html.script": "<script" in start.lower(),
        "html.broken": "<html" in lowered and "</html" not in source.lower(),
        "html.bits": "<html" not in lowered and "<!doctype" not in lowered,
        "html.rich": "<style" in lowered and start.count("<t") > 30,
        "html.word": bool(_WORDY.search(start)),
    }
    amounts.update({name: 1.0 for name, is_there in marks.items() if is_there})
    if _WHITE.search(start) and "bgcolor" not in lowered and "background" not in start.lower():
        amounts["html.hidden"] = 1.0
