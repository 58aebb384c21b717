"""Passes: links by which recipients come to their own quarantine, and to nothing else (DECISIONS 29).

A pass says whose quarantine it opens and until when. It is sent to that address alone, so whoever has it reads that
address's mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mailock.core.mail import signed
from mailock.core.mail.signed import Invalid, Key

PURPOSE: Final = "mailbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Whose quarantine is opened."""

    system: str
    recipient: str
    until: int
    """Unix time at which it ends, in whole seconds."""


def write_pass(made: Pass, keys: Sequence[Key]) -> str:
    """The token for a pass, signed with the first key."""
    return signed.token(PURPOSE, made.until, (made.system, made.recipient), keys)


def read_pass(untrusted: str, keys: Sequence[Key], now: float) -> Pass | Invalid:
    """What a token says, where it holds."""
    said = signed.read_token(untrusted, PURPOSE, 2, keys, now)
    if isinstance(said, Invalid):
        return said
    system, recipient = said.words
    return Pass(system=system, recipient=recipient, until=said.until)
