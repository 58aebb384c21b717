"""The real clock."""

import time


class SystemClock:
    """The machine's clocks."""

    def now(self) -> float:
        """Unix time in seconds."""
        return time.time()

    def steady(self) -> float:
        """Seconds since some moment, never going back."""
        return time.monotonic()
