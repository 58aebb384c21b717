"""Forms of text that hardly any message has: each is sought only where a word stands that it cannot be without.

Finding out that a word is not there costs a hundredth of what an expression of alternatives costs, which the
interpreter's engine tries at every character.
"""

import re
from typing import Final


class Form:
    """A regular expression for text in lower case, and the words of which it needs one."""

    __slots__ = ("_needs", "_pattern")

    def __init__(self, pattern: str, needs: tuple[str, ...]) -> None:
        """Whatever matches `pattern` has to hold one of `needs`."""
        self._pattern: Final = re.compile(pattern)
        self._needs: Final = needs

    def is_in(self, lowered: str) -> bool:
        """Whether a text holds it."""
        return self._may_be_in(lowered) and self._pattern.search(lowered) is not None

    def count(self, lowered: str) -> int:
        """How often a text holds it."""
        return len(self._pattern.findall(lowered)) if self._may_be_in(lowered) else 0

    def _may_be_in(self, lowered: str) -> bool:
        return any(word in lowered for word in self._needs)
