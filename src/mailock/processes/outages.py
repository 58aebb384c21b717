"""When the gateway did not run: such hours do not count as delay (DECISIONS 8).

A heartbeat file says when we last lived. At start the time since then is an outage, and is remembered as long as it
can matter.
"""

import json
from pathlib import Path

FILE = "running.json"
REMEMBERED_SECONDS = 14 * 86_400.0
LEAST_SECONDS = 1.0


def read_outages(directory: Path, now: float) -> tuple[tuple[float, float], ...]:
    """The outages until now, the one that ends now among them. What cannot be read counts as no outage."""
    try:
        stored = json.loads((directory / FILE).read_text("utf-8"))
        outages = [(float(start), float(end)) for start, end in stored["outages"]]
        outages.append((float(stored["alive"]), now))
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    return tuple(
        (start, end) for start, end in outages if end - start >= LEAST_SECONDS and end > now - REMEMBERED_SECONDS
    )


def last_alive(directory: Path) -> float | None:
    """When the gateway last lived; None where it never did, or nobody can tell."""
    try:
        return float(json.loads((directory / FILE).read_text("utf-8"))["alive"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_alive(directory: Path, outages: tuple[tuple[float, float], ...], now: float) -> None:
    """Notes that we live. Needs no sync: a beat that is lost makes an outage a minute longer."""
    path = directory / FILE
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"alive": now, "outages": outages}), "utf-8")
    fresh.replace(path)
