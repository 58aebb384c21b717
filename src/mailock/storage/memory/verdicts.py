"""The verdict cache of one process: what is least recently asked for is forgotten first."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from mailock.core.evidence.finding import Finding
from mailock.core.mime.part import PartPath
from mailock.ports.verdicts import Asked, Remembered

MOST: Final = 20_000
SECONDS: Final = 7 * 86_400.0
"""For how long an answer holds."""
ROOT: Final = PartPath("1")


class MemoryVerdicts:
    """Implements `ports.verdicts.Verdicts` and `VerdictDesk`."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[Asked, Remembered] = OrderedDict()

    def get(self, asked: Asked, now: float) -> tuple[Finding, ...] | None:
        """See the port."""
        known = self._known.get(asked)
        if known is None or known.until <= now:
            return None
        self._known.move_to_end(asked)
        return known.findings

    def put(self, asked: Asked, findings: Sequence[Finding], now: float) -> None:
        """See the port."""
        self.keep(remembered(asked, findings, now))

    def keep(self, one: Remembered) -> None:
        """Keeps an answer with the times that it has."""
        self._known[one.asked] = one
        self._known.move_to_end(one.asked)
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    async def find(self, *, sha256: bytes | None, engine: str | None, now: float, limit: int) -> Sequence[Remembered]:
        """See the port."""
        found = sorted((one for one in self._meant(sha256, engine) if one.until > now), key=lambda one: -one.since)
        return found[:limit]

    async def purge(self, *, sha256: bytes | None, engine: str | None) -> int:
        """See the port."""
        return self.forget(sha256=sha256, engine=engine)

    def forget(self, *, sha256: bytes | None, engine: str | None) -> int:
        """The same, at once."""
        meant = list(self._meant(sha256, engine))
        for one in meant:
            del self._known[one.asked]
        return len(meant)

    def _meant(self, sha256: bytes | None, engine: str | None) -> Iterator[Remembered]:
        for asked, one in self._known.items():
            if sha256 in (None, asked.sha256) and engine in (None, asked.engine):
                yield one


def remembered(asked: Asked, findings: Sequence[Finding], now: float) -> Remembered:
    """An answer given now. What was found is told of part `1`: the same content may be any part next time."""
    told = tuple(replace(finding, part=ROOT) for finding in findings)
    return Remembered(asked=asked, findings=told, since=now, until=now + SECONDS)
