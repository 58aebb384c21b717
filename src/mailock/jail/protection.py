"""What holds a job: which protections there are, and which of them are in force on this machine."""

from dataclasses import dataclass
from enum import Enum


class Protection(Enum):
    """One thing that stands between a job and the machine. The value is the words of the start-up line."""

    NETWORK = "no network"
    FILES = "empty file system"
    """Nothing but Python and program libraries, read-only."""
    ACCOUNT = "not root"
    PROCESSES = "own processes"
    """It sees no process of the machine, and all that it starts dies with it."""
    LANDLOCK = "landlock"
    SECCOMP = "seccomp"


REQUIRED = frozenset({Protection.NETWORK, Protection.FILES, Protection.ACCOUNT})
"""Without these nothing is opened, unless the administrator says so (DECISIONS 24)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A protection that is not in force, and why."""

    protection: Protection
    because: str
    """Half a sentence: what the kernel said, and the mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """What is in force, in the order of the enum."""

    lacks: tuple[Lack, ...] = ()

    @property
    def in_force(self) -> tuple[Protection, ...]:
        """What holds."""
        missing = {lack.protection for lack in self.lacks}
        return tuple(protection for protection in Protection if protection not in missing)

    @property
    def forbids(self) -> Lack | None:
        """The first lack for which nothing may be opened."""
        return next((lack for lack in self.lacks if lack.protection in REQUIRED), None)

    @property
    def line(self) -> str:
        """For the log at the start."""
        held = ", ".join(protection.value for protection in self.in_force) or "nothing"
        if not self.lacks:
            return f"the jail holds by: {held}"
        missing = "; ".join(f"{lack.protection.value} ({lack.because})" for lack in self.lacks)
        return f"the jail holds by: {held}. MISSING: {missing}"
