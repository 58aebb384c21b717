"""A stranger at the door: what is learnt of one connection's source while it lasts."""

import asyncio
from dataclasses import dataclass, field

from mailock.core.reputation.dns_lists import Repute
from mailock.core.reputation.history import Record, is_bad, is_known_good, told
from mailock.core.reputation.manners import SIGNS, Sign
from mailock.core.reputation.rules import Reputation


@dataclass(slots=True, kw_only=True)
class Visit:
    """One connection of a source that is neither inside nor allowed. `since` is steady time in seconds."""

    session: str
    ip: str
    network: str
    since: float
    record: Record | None
    """What its network sent before."""
    asking: "tuple[asyncio.Future[Repute], ...]" = ()
    """The answer of each list, once it is there: a slow one does not hide what another said."""
    signs: set[Sign] = field(default_factory=set)

    def delay(self, rules: Reputation, now: float) -> float:
        """How long it waits for its greeting, in seconds."""
        return 0.0 if is_known_good(self.record, now) else rules.greeting_delay

    @property
    def is_waiting(self) -> bool:
        """Whether a list may still answer."""
        return not all(one.done() for one in self.asking)

    @property
    def repute(self) -> Repute:
        """What the lists have said so far."""
        said = [one.result() for one in self.asking if one.done() and not one.cancelled()]
        return Repute(tuple(listing for one in said for listing in one.listings))

    def suspicion(self, rules: Reputation, now: float) -> str:
        """Why it is suspicious, as a sentence; empty where it is not."""
        repute = self.repute
        if repute.score >= rules.suspicious_from:
            return repute.told
        if repute.score >= 0 and rules.history and self.record is not None and is_bad(self.record, now):
            return told(self.record, self.network, now)
        rude = [sign for sign in self.signs if SIGNS[sign].weight >= rules.suspicious_from]
        return SIGNS[rude[0]].text if rude else ""
