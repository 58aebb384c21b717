"""What time it is."""

from typing import Protocol


class Clock(Protocol):
    """Wall time for what is stored and shown; a steady clock for what is measured."""

    def now(self) -> float:
        """Unix time in seconds."""
        ...

    def steady(self) -> float:
        """Seconds since some moment, never going back."""
        ...
