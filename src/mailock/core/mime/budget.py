"""What taking a message apart may cost, as a value, and the account of what was spent.

Every limit ends in a visible defect, never in silence (ARCHITECTURE.md, law 6).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits for one message."""

    depth: int
    """Parts within parts; the message itself is at depth 1."""
    parts: int
    """Parts in all, other readings included."""
    octets: int
    """Octets that all decoded contents may have together."""
    readings: int
    """Contents that one body may decode to, and ways in which one body may be split."""
    alternatives: int
    """Parts that only another reading has, in the whole message."""
    header: int
    """Octets of one header block."""
    names: int
    """File names of one part."""


USUAL: Final = Budget(
    depth=64, parts=4_000, octets=256 << 20, readings=32, alternatives=1_000, header=1 << 20, names=32
)
"""Wide enough for any ordinary mail: mailing list digests have hundreds of parts, forwards nest a dozen deep."""


_DELIMITERS_A_PART: Final = 8


@dataclass(slots=True)
class Account:
    """What is left while a message is taken apart."""

    budget: Budget
    parts: int = 0
    alternatives: int = 0
    octets: int = 0
    repeated: int = 0
    delimiters: int = 0

    def part(self) -> bool:
        """Spend one part; False where there is none left."""
        self.parts += 1
        return self.parts <= self.budget.parts

    def alternative(self) -> bool:
        """Spend one part that only another reading has; False where there is none left."""
        self.alternatives += 1
        return self.alternatives <= self.budget.alternatives

    def take(self, octets: int) -> bool:
        """Spend octets; False, and nothing spent, where fewer are left."""
        if self.octets + octets > self.budget.octets:
            return False
        self.octets += octets
        return True

    def again(self, octets: int) -> bool:
        """Spend octets that are gone through once more for another reading; False where there are none left."""
        self.repeated += octets
        return self.repeated <= self.budget.octets

    def delimiters_left(self) -> int:
        """How many delimiter lines may still be looked at: no more than there may be parts, in one go, and a few times
        as many in all readings together.
        """
        left = _DELIMITERS_A_PART * self.budget.parts - self.delimiters
        return max(0, min(left, self.budget.parts - self.parts + 1))
