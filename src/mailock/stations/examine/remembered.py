"""What external scanners said of contents, remembered for as long as their version stays the same (DECISIONS 23).

Only whole answers are remembered, by the content's SHA-256; what was found is told of whatever part has the content.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from mailock.core.evidence.finding import Finding
from mailock.core.mime.part import PartPath

MOST: Final = 50_000
Key = tuple[str, str, str]
"""Engine, its version, SHA-256."""


class Remembered:
    """The memory of one process; the least recently asked is forgotten first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[Key, tuple[Finding, ...]] = OrderedDict()

    def get(self, key: Key, part: PartPath) -> tuple[Finding, ...] | None:
        """What is known of a content, told of this part; None where nothing is."""
        known = self._known.get(key)
        if known is None:
            return None
        self._known.move_to_end(key)
        return tuple(replace(finding, part=part) for finding in known)

    def put(self, key: Key, findings: Sequence[Finding]) -> None:
        """Remembers a whole answer."""
        self._known[key] = tuple(findings)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
