"""What we remember of a source: how much of its mail was wanted and how much was not, fading with time.

A source is an IPv4 /24, an IPv6 /64, or a domain that proved that it sent. Counts halve every two weeks, so a source
that was broken into, or changed hands, is a stranger again after a while. What history weighs is small: it tips what
is near a threshold, and decides nothing alone.
"""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

HALF_LIFE: Final = 14 * 86_400.0
"""Seconds."""
KNOWN_FROM: Final = 5.0
"""Messages, faded, from which on a source is known."""
FOR: Final = -1.0
"""What the best history weighs."""
AGAINST: Final = 2.5
"""What the worst history weighs."""
BAD_SHARE: Final = 0.5
"""The share of unwanted mail from which on a source is suspicious."""
FORGOTTEN: Final = 0.05
"""Faded counts below this are nothing any more."""


@dataclass(frozen=True, slots=True)
class Record:
    """Faded counts of one source, as of a time (Unix seconds)."""

    good: float
    bad: float
    at: float

    def faded(self, now: float) -> "Record":
        """The same, as of now. A clock that went back adds nothing."""
        factor = 0.5 ** (max(0.0, now - self.at) / HALF_LIFE)
        return Record(self.good * factor, self.bad * factor, max(now, self.at))

    @property
    def total(self) -> float:
        """All of its mail."""
        return self.good + self.bad

    @property
    def share(self) -> float:
        """How much of it was unwanted, with one message of doubt to either side."""
        return (self.bad + 1.0) / (self.total + 2.0)


def counted(record: Record | None, now: float, *, bad: bool) -> Record:
    """The record with one more message."""
    before = (record or Record(0.0, 0.0, now)).faded(now)
    return Record(before.good + (not bad), before.bad + bad, before.at)


def weight(record: Record | None, now: float) -> float:
    """What a history weighs: nothing for strangers, and the more the surer it is."""
    if record is None:
        return 0.0
    faded = record.faded(now)
    if faded.total < KNOWN_FROM:
        return 0.0
    if faded.share > BAD_SHARE:
        return round(AGAINST * (faded.share - BAD_SHARE) / (1.0 - BAD_SHARE), 2)
    return round(FOR * (1.0 - faded.share / BAD_SHARE), 2)


def is_known_good(record: Record | None, now: float) -> bool:
    """Whether a source is known, and nearly all of its mail was wanted."""
    return record is not None and (faded := record.faded(now)).total >= KNOWN_FROM and faded.share < 0.2


def is_bad(record: Record | None, now: float) -> bool:
    """Whether most of what a known source sent was unwanted."""
    return record is not None and (faded := record.faded(now)).total >= KNOWN_FROM and faded.share > BAD_SHARE


def is_forgotten(record: Record, now: float) -> bool:
    """Whether nothing is left of it."""
    return record.faded(now).total < FORGOTTEN


def told(record: Record, name: str, now: float) -> str:
    """As a sentence."""
    faded = record.faded(now)
    return f"of what {name} sent us lately, about {faded.bad:.0f} of {faded.total:.0f} messages were unwanted"


@lru_cache(maxsize=4096)
def network_of(ip: str) -> str | None:
    """The key of a source: its /24 or /64; None for what is no address."""
    try:
        address = ip_address(ip.partition("%")[0])
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 4:
        return f"{str(address).rpartition('.')[0]}.0/24"
    return f"{type(address)(int(address) >> 64 << 64)}/64"
