"""Text that the reader does not see. Newsletters hide a line of preview; phish hides letters within words."""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST_NODES: Final = 2000
"""Elements with a style that are looked at."""
_DEEPEST: Final = 40
"""Elements above one that are asked for its background."""
_HINT: Final = re.compile(
    r"none|hidden|opacity|font(?:-size)?\s*:|size\s*=|mso-hide|text-indent|(?:max-)?(?:height|width)\s*:\s*0|left\s*:|top\s*:|"
    r"clip|color",
    re.IGNORECASE,
)
_ZERO: Final = re.compile(r"^[+-]?0*(?:\.0*)?(?:px|pt|em|rem|ex|%|vw|vh)?$")
_TINY: Final = re.compile(r"^0*(?:\.\d+|1(?:\.0*)?)(?:px|pt)$|^0*\.0\d*(?:em|rem)?$")
_FAR: Final = re.compile(r"^-\d{3,}(?:\.\d+)?(?:px|pt|em|rem)?$")
_INLINE: Final = frozenset(
    {"span", "font", "b", "i", "u", "em", "strong", "small", "big", "bdo", "a", "s", "sub", "sup", "code"}
)
_UNSEEN: Final = dict.fromkeys((0xAD, 0x34F, *range(0x200B, 0x2010), *range(0x2060, 0x2065), 0xFEFF, 0xA0, 0x180E))
_NAMED: Final = {
    "white": "ffffff",
    "black": "000000",
    "red": "ff0000",
    "yellow": "ffff00",
    "snow": "fffafa",
    "ivory": "fffff0",
}


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is hidden: letters in all, a piece of them, how, and how often a hidden piece stands within a word."""

    letters: int
    untrusted_piece: str
    how: str
    within_words: int


def hidden(text: str, tree: LexborHTMLParser) -> Hidden | None:
    """What a page hides; None where it hides nothing."""
    if not _HINT.search(text):
        return None
    letters = within = 0
    piece = how = ""
    for number, node in enumerate(_candidates(tree)):
        if number >= MOST_NODES:
            break
        way = _way(node)
        if not way:
            continue
        content = node.text().translate(_UNSEEN).strip()
        if not content:
            continue
        letters += len(content)
        within += _within_a_word(node)
        if not piece:
            piece, how = content[:200], way
    return Hidden(letters, piece, how, within) if letters else None


def _candidates(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    yield from tree.css("[style],[hidden],font[size],font[color]")


def _way(node: LexborNode) -> str:
    """How an element is hidden; empty where it is seen."""
    given = node.attributes
    style = declarations(given.get("style") or "")
    size = style.get("font-size", "")
    if "hidden" in given or style.get("display") == "none" or style.get("visibility") == "hidden":
        return "not displayed"
    if size and (_ZERO.match(size) or _TINY.match(size)):
        return "of no size"
    if style.get("mso-hide") == "all" or _ZERO.match(style.get("opacity", "1")):
        return "not displayed"
    if any(_FAR.match(style.get(name, "")) for name in ("text-indent", "left", "top", "margin-left", "margin-top")):
        return "off the page"
    if any(_ZERO.match(style.get(name, "1")) for name in ("height", "max-height", "width", "max-width")):
        return "of no size" if "hidden" in style.get("overflow", "") else ""
    colour = style.get("color") or given.get("color") or ""
    if colour and _colour(colour) == _background(node):
        return "in the colour of its background"
    return ""


@functools.lru_cache(maxsize=256)
def declarations(style: str) -> Mapping[str, str]:
    """A style attribute, taken apart; names and values in lower case, without `!important`."""
    found: dict[str, str] = {}
    for piece in style[:4096].lower().split(";"):
        name, colon, value = piece.partition(":")
        if colon:
            found[name.strip()] = value.partition("!")[0].strip()
    if "font" in found and "font-size" not in found:
        found["font-size"] = next((word.partition("/")[0] for word in found["font"].split() if word[:1].isdigit()), "")
    return found


def _background(node: LexborNode) -> str:
    """The colour behind an element, as far as it is told; a picture is no colour, and a page is white."""
    above: LexborNode | None = node
    for _ in range(_DEEPEST):
        if above is None or above.tag is None:
            break
        given = above.attributes if above.is_element_node else {}
        if not given:
            above = above.parent
            continue
        style = declarations(given.get("style") or "")
        told = style.get("background-color") or style.get("background") or given.get("bgcolor") or ""
        if "url(" in told or "gradient" in told or given.get("background"):
            return ""
        if told and told not in ("transparent", "inherit", "none"):
            return _colour(told.split()[0])
        above = above.parent
    return ""


def _colour(told: str) -> str:
    told = told.strip().lower()
    if told.startswith("#"):
        digits = told[1:]
        return "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits[:6]
    if told.startswith("rgb"):
        numbers = re.findall(r"\d+", told)[:3]
        return "".join(f"{min(int(number), 255):02x}" for number in numbers if len(number) < 5)
    return _NAMED.get(told, told)


def _within_a_word(node: LexborNode) -> bool:
    """Whether a hidden piece has letters directly before and behind it."""
    if node.tag not in _INLINE:
        return False
    before, behind = node.prev, node.next
    if before is None or behind is None or not before.is_text_node or not behind.is_text_node:
        return False
    return before.text()[-1:].isalnum() and behind.text()[:1].isalnum()
