"""Correspondents of one process: those of whom nothing was heard for longest are forgotten first."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from mailock.core.impersonation.acquaintance import Contact, Kind, Mark, alike_keys, keys_to_ask

MOST: Final = 500_000
MOST_ALIKE: Final = 200


class MemoryCorrespondents:
    """Implements `ports.correspondents.Correspondents`."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[tuple[str, Kind, str], Contact] = OrderedDict()
        self._alike: dict[tuple[str, str], dict[str, None]] = {}

    def find(self, system: str, marks: Sequence[Mark]) -> dict[Mark, Contact]:
        """See the port."""
        found = ((mark, self._known.get((system, mark.kind, mark.text))) for mark in marks)
        return {mark: contact for mark, contact in found if contact is not None}

    def alike(self, system: str, site: str) -> Sequence[str]:
        """See the port."""
        found = dict.fromkeys(one for key in keys_to_ask(site) for one in self._alike.get((system, key), ()))
        return tuple(found)[:MOST_ALIKE]

    def note(self, system: str, marks: Sequence[Mark], now: float, *, wrote: bool) -> None:
        """See the port."""
        for mark in marks:
            key = (system, mark.kind, mark.text)
            before = self._known.pop(key, None) or Contact(first=now, last=now, wrote=0, heard=0)
            self._known[key] = before.with_one(now, wrote=wrote, site=mark.site)
            if mark.kind is Kind.SITE:
                for one in alike_keys(mark.text):
                    self._alike.setdefault((system, one), {})[mark.text] = None
        while len(self._known) > self._most:
            (system, kind, text), _ = self._known.popitem(last=False)
            if kind is Kind.SITE:
                for one in alike_keys(text):
                    self._alike.get((system, one), {}).pop(text, None)
