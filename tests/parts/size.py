"""How large a long run is: whole in `make accept`, a seeded part of it in `make test`."""

import os


def sized(whole: int, *, part: float = 0.01, least: int = 1) -> int:
    """`whole` where MAILOCK_FULL_SIZE=1, else that part of it, and never under `least`."""
    if os.environ.get("MAILOCK_FULL_SIZE") == "1":
        return whole
    return max(least, int(whole * part))
