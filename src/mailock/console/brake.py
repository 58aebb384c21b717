"""Slows down who guesses passwords: after some failures for a name, or from an address, each try has to wait.

Kept in memory: a restart forgets it, which costs a guesser more than it gives him. A person whose name is tried from
elsewhere waits too, at most a minute.
"""

from typing import Final

FREE: Final = 5
"""Failures that cost nothing: people mistype."""
LONGEST: Final = 60.0
FORGOTTEN: Final = 900.0
MOST: Final = 10_000
"""How many names and addresses are remembered."""


class Brake:
    """Counts failures by key."""

    def __init__(self) -> None:
        self._failed: dict[str, tuple[int, float]] = {}

    def waits(self, keys: tuple[str, ...], now: float) -> float:
        """For how many seconds more nothing is tried."""
        return max((self._wait(key, now) for key in keys), default=0.0)

    def fail(self, keys: tuple[str, ...], now: float) -> None:
        """Counts a failure."""
        if len(self._failed) >= MOST:
            self._failed = {key: one for key, one in self._failed.items() if now - one[1] < FORGOTTEN}
            if len(self._failed) >= MOST:
                self._failed.clear()
        for key in keys:
            count, at = self._failed.get(key, (0, now))
            self._failed[key] = (count + 1 if now - at < FORGOTTEN else 1, now)

    def forgive(self, key: str) -> None:
        """Forgets a key: it signed in."""
        self._failed.pop(key, None)

    def _wait(self, key: str, now: float) -> float:
        count, at = self._failed.get(key, (0, now))
        if count <= FREE:
            return 0.0
        return max(0.0, min(LONGEST, 2.0 ** (count - FREE)) - (now - at))
