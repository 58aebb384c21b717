"""Greylisting (RFC 6647): a stranger's first try for a recipient is put off, and whoever comes again is let in.

A triplet is the network of the source, the sender and the recipient. It is answered 450 until it is old enough, then it
passes; after that the network as a whole is known for a while, so a real server is put off once, not for every
recipient. Times are Unix seconds.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

KEEP: Final = 36 * 86_400.0
"""How long a network that passed is known without sending anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Greylisting:
    """How it is done. `enabled` False: not at all."""

    enabled: bool = False
    delay: float = 300.0
    """How old a triplet has to be, in seconds."""
    window: float = 2 * 86_400.0
    """How long a triplet waits for its second try."""


class Grey(Enum):
    """What is said to a triplet."""

    PASS = "pass"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Seen:
    """When a triplet was seen first; when a network passed last."""

    at: float


def judge(rules: Greylisting, seen: Seen | None, now: float) -> Grey:
    """What is said to a triplet that was seen first then; None: never. One that came too late begins anew."""
    if seen is None or not rules.delay <= now - seen.at <= rules.window:
        return Grey.WAIT
    return Grey.PASS


def begins_anew(rules: Greylisting, seen: Seen | None, now: float) -> bool:
    """Whether a triplet is new, or came back too late. A clock that went back does not make it new."""
    return seen is None or now - seen.at > rules.window


def is_known(seen: Seen | None, now: float) -> bool:
    """Whether a network passed lately."""
    return seen is not None and now - seen.at <= KEEP


def triplet(network: str, sender: str, recipient: str) -> str:
    """The key of a triplet."""
    return f"{network} {sender.casefold()} {recipient.casefold()}"
