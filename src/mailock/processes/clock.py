"""The real clock."""

import time


class SystemClock:
    """The machine's clocks."""

    # The functions themselves: every message asks for the time twenty times over.
    now = staticmethod(time.time)
    """Unix time in seconds."""
    steady = staticmethod(time.monotonic)
    """Seconds since some moment, never going back."""
