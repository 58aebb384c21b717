"""What people order of the running gateway: commands, with who gives them.

An operation offers its commands as a table of name and `Command`; the control socket and the console call them. Bad
arguments are a ValueError with a sentence; `Refused` says that the answer is no, and that nothing was lost.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

Arguments = Mapping[str, object]


class Refused(Exception):
    """The answer is no, or it could not be done; the text is one sentence."""


class Absent(Refused):
    """The answer is no: what was asked about is not there (any more)."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who gives a command: the account that the kernel names, and the person for whom it speaks."""

    uid: int
    name: str
    """As it stands in the log: `alice`, or `alice (as root)` where root spoke for her."""
    is_administrator: bool = False
    """Whether the console says that the person for whom it speaks is one of its administrators."""

    @property
    def is_root(self) -> bool:
        """Whether it may do what only an administrator of the machine may."""
        return self.uid == 0

    @property
    def may_release_malware(self) -> bool:
        """Whether it may let go what is kept as malware."""
        return self.is_root or self.is_administrator


Command = Callable[[Arguments, Speaker], Awaitable[object]]
