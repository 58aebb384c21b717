"""How costly it would be to parse a page: browsers stop at some depth, the parser that engines use does not.

The tree that the standard demands may take time by the square of the depth of its elements (each tag asks which others
are open), and memory by the product of open formatting elements and paragraphs (each opens them all again): WHATWG
HTML, sections 13.2.4.2 and 13.2.4.3. Both are reckoned up here before they are paid.
"""

from typing import Final

_UNASKED: Final = 2000
"""Tags of a page that can cost nothing worth reckoning."""
_MOST_STEPS: Final = 400_000_000
_MOST_COPIES: Final = 2_000_000
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
    | {"p", "li", "dd", "dt", "option", "tr", "td", "th", "tbody", "thead", "tfoot"}
)
"""Elements without content, and those that the next one of their kind ends."""
_FORMATTING: Final = frozenset(
    ("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
)


def parsable(text: str) -> bool:
    """Whether a page can be parsed at a cost that one message may have."""
    if text.count("<") <= _UNASKED:
        return True
    stack: list[str] = []
    within: dict[str, int] = {}
    formatting: dict[str, int] = {}
    opened = steps = copies = 0
    at = text.find("<")
    while at >= 0:
        closes = text[at + 1 : at + 2] == "/"
        name = _name(text, at + 1 + closes)
        if name in _FORMATTING:
            change = -1 if closes else 1
            if change > 0 or formatting.get(name, 0) > 0:
                formatting[name] = formatting.get(name, 0) + change
                opened += change
        elif closes:
            _close(name, stack, within)
        elif name and name not in _VOID:
            stack.append(name)
            within[name] = within.get(name, 0) + 1
        steps += len(stack) + opened
        copies += opened
        if steps > _MOST_STEPS or copies > _MOST_COPIES:
            return False
        at = text.find("<", at + 1)
    return True


def _close(name: str, stack: list[str], within: dict[str, int]) -> None:
    """Ends an element, and all that are still open in it; an end tag of nothing that is open ends nothing."""
    while within.get(name, 0) > 0:
        last = stack.pop()
        within[last] -= 1
        if last == name:
            return


def _name(text: str, at: int) -> str:
    letters = text[at : at + 16]
    if not letters[:1].isalpha():
        return ""
    end = 1
    while end < len(letters) and (letters[end].isalnum() or letters[end] == "-"):
        end += 1
    return letters[:end].lower()
