"""A clock that a test moves by hand."""

from dataclasses import dataclass


@dataclass
class HandClock:
    """Implements `ports.clock.Clock`; both of its times stand until they are moved."""

    at: float = 1_800_000_000.0

    def now(self) -> float:
        return self.at

    def steady(self) -> float:
        return self.at

    def pass_(self, seconds: float) -> None:
        """Time goes by."""
        self.at += seconds
