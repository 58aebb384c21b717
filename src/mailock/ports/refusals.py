"""What was refused before we took custody: told to the log, and counted where one source keeps at it (DECISIONS 4)."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One refused command. Addresses are empty where none had been given yet."""

    source_ip: str
    untrusted_helo: str
    listener: str
    sender: str
    recipient: str
    reply: str
    """What the peer was told."""
    why: str
    """What we log."""
    reference: str = ""


class Refusals(Protocol):
    """Takes refusals; never holds a session up."""

    def note(self, refusal: Refusal) -> None:
        """Takes one."""
        ...

    def reference(self, source_ip: str, reply: str) -> str:
        """The code for a final reply to carry, which `mailock show` finds (DECISIONS 18).

        Refusals that are counted in one record share one code: those of one source with one reply code in a minute.
        """
        ...
