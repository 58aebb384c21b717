"""What our own mail bears: the letterhead of a message, its date, and what its envelope has to declare.

`mime.compose` gives fields and parts their final form.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What our mail says of us, and what makes it this one and no other."""

    hostname: str
    from_: Address
    at: float
    """Unix time."""
    message_id: str
    """Without angle brackets, unique for all time."""
    boundary: str
    """Letters and digits that nobody could have guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message of ours, and what its envelope has to declare."""

    content: bytes
    body_type: BodyType
    smtputf8: bool


def date(at: float) -> str:
    """A Unix time as RFC 5322 section 3.3 writes dates, in UTC: `Tue, 24 Nov 2026 03:25:05 +0000`."""
    return _date(int(at))


@lru_cache(maxsize=8)
def _date(second: int) -> str:
    when = datetime.fromtimestamp(second, UTC)
    return (
        f"{_DAYS[when.weekday()]}, {when.day} {_MONTHS[when.month - 1]} {when.year:04} "
        f"{when.hour:02}:{when.minute:02}:{when.second:02} +0000"
    )
