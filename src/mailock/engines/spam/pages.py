"""What a page of HTML shows and how it is made: its text, its links and pictures, and traits of its markup."""

import re
from dataclasses import dataclass, field
from typing import Final

from mailock.engines.page import Anchor, Shown, shown
from mailock.engines.spam.heads import Amounts

LOOKED_AT: Final = 25_000
"""Characters of a page in which marks are sought."""
_TAG_NAMES: Final = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]{0,10}|!--)")
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0[;\"' ]|max-height\s*:\s*0"
)
_TINY: Final = re.compile(r"font-size\s*:\s*[12](?:px|pt)|<font[^>]{0,80}size=[\"']?(?:0|-[5-9])")
_WHITE: Final = re.compile(r"color(?<![-\w]color)\s*[:=]\s*[\"']?\s*#?(?:ffffff|fffff[0-9a-e]|fefefe|fff|white)\b")
_SPLIT: Final = re.compile(
    r"<(?<=[a-z]<)(?:!--[^>]{0,60}-->|(?!/?(?:br|p|td|tr|div|li|b|i|u|a|span|font|em|strong|h\d|sup|sub)\b)/?[a-z]{3,12}[^>]{0,30}>)[a-z]"
)
_ENTITY: Final = re.compile(r"&#(?:x[46-7][0-9a-f]|(?:6[5-9]|[7-9]\d|1[01]\d|12[0-2]));")
_LOUD: Final = re.compile(r"size=[\"']?(?:[5-7]|\+[2-5])\b|color=[\"']?#?(?:ff0000|red|0000ff|ff00ff|00ff00|lime)")
_WORDY: Final = (
    "mso-",
    "msonormal",
    "urn:schemas-microsoft-com",
    'class="gmail_',
    "class=gmail_",
    "moz-",
    "apple-style",
    "apple-interchange",
    "meta name=generator",
    'meta name="generator',
)


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
        page = shown(source)
        found.anchors += page.anchors
        found.linked_pictures += sum(anchor.pictured for anchor in page.anchors)
        found.pictures += page.pictures
        found.text += f"{page.text}\n"
        found.markup += " ".join(_TAG_NAMES.findall(source[:20_000])).lower() + " "
        _marks(found.amounts, source, page)
    return found


def _marks(amounts: Amounts, source: str, page: Shown) -> None:
    """Lower case is made once, and an expression is tried only where a word of it stands: none ignores case itself."""
    lowered = source[:LOOKED_AT].lower()
    start = lowered[:4000]
    sized = "font-size" in lowered
    styled = sized or any(one in lowered for one in ("display", "visibility", "opacity", "max-height"))
    marks = {
        "html.hidden": "mso-hide" in lowered or (styled and bool(_HIDDEN.search(lowered))),
        "html.tiny": (sized or "<font" in lowered) and bool(_TINY.search(lowered)),
        "html.split": len(_SPLIT.findall(lowered)) > 4,
        "html.entities": lowered.count("&#") > 20 and len(_ENTITY.findall(lowered)) > 20,
        "html.loud": len(_LOUD.findall(lowered)) > 2,
        "html.form": page.fields,
        "html.script": "<script" in lowered,
        "html.broken": "<html" in start and "</html" not in source[-LOOKED_AT:].lower(),
        "html.bits": "<html" not in start and "<!doctype" not in start,
        "html.rich": "<style" in start and lowered.count("<t") > 30,
        "html.word": any(one in lowered for one in _WORDY),
    }
    amounts.update({name: 1.0 for name, is_there in marks.items() if is_there})
    bare = "bgcolor" not in start and "background" not in lowered
    if bare and _WHITE.search(lowered):
        amounts["html.hidden"] = 1.0
