"""What an installed policy makes of what is known of sources. Durations are seconds, weights those of findings."""

from dataclasses import dataclass, field
from typing import Final

from mailock.core.reputation.dns_lists import Asks, DnsList
from mailock.core.reputation.greylist import Greylisting
from mailock.core.reputation.manners import Sign
from mailock.core.routing.limits import Rate

_EVERY_SIGN: Final = frozenset(Sign)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaping:
    """How much a suspicious source may have."""

    enabled: bool = True
    connections: int = 3
    """At once."""
    messages: Rate = field(default_factory=lambda: Rate(30, 60.0))
    recipients: int = 20
    """In one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reputation:
    """The settings of [reputation], compiled."""

    lists: tuple[DnsList, ...] = ()
    refuse_from: float = 10.0
    """The sum of what lists of sources weigh, from which on a source is refused; infinity: never."""
    suspicious_from: float = 3.0
    patience: float = 3.0
    """How long after its connection a client is kept waiting for the lists, at most."""
    greeting_delay: float = 0.0
    refuse_early_talkers: bool = False
    ignored: frozenset[Sign] = frozenset()
    history: bool = True
    shaping: Shaping = field(default_factory=Shaping)
    greylisting: Greylisting = field(default_factory=Greylisting)

    @property
    def is_idle(self) -> bool:
        """Whether nobody has to be met: nothing is asked, remembered, or waited for."""
        return not (self.lists or self.history or self.greylisting.enabled or self.greeting_delay) and (
            self.ignored >= _EVERY_SIGN
        )

    @property
    def source_lists(self) -> tuple[DnsList, ...]:
        """Those that know addresses."""
        return tuple(one for one in self.lists if one.asks is Asks.SOURCE)

    @property
    def domain_lists(self) -> tuple[DnsList, ...]:
        """Those that know domains."""
        return tuple(one for one in self.lists if one.asks is Asks.DOMAIN)


NOTHING: Final = Reputation(history=False, shaping=Shaping(enabled=False), ignored=_EVERY_SIGN)
"""Nothing is known, and nothing asked."""
