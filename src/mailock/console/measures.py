"""How the sums of the log are shown: the title of each measure, the search that finds the messages behind a key, and
the order of keys that are few. A widget names a measure; every kind of widget, export and drill-down then has it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mailock.core.lifecycle.measures import SECONDS, SIZES, Measure
from mailock.core.mail.status import Status

TONED: Final = frozenset({Measure.STATUS, Measure.VERDICT, Measure.CLASS, Measure.OUTCOME})
"""Measures whose keys have colours of their own."""
_SIZE_BOUNDS: Final = (0, 1 << 10, 10 << 10, 100 << 10, 1 << 20, 10 << 20, 100 << 20)


@dataclass(frozen=True, slots=True)
class Look:
    """How a measure is shown."""

    title: str
    term: Callable[[str], str]
    """The search for one key; empty where none can say it."""
    order: tuple[str, ...] = ()
    """All keys there are, in their order, where they are few; else the largest come first."""


def _none(key: str) -> str:
    return ""


def _quoted(before: str) -> Callable[[str], str]:
    def term(key: str) -> str:
        return f'{before}"{key}"' if key and '"' not in key and any(c.isalnum() for c in key) else ""

    return term


def _sender(key: str) -> str:
    return "from:<>" if key in ("", "<>") else _quoted("from:")(key)


def _size(key: str) -> str:
    """Sizes stand under the bound that they do not exceed."""
    place = SIZES.index(key)
    above = f"size>{_SIZE_BOUNDS[place]}" if place else ""
    below = f"size<{_SIZE_BOUNDS[place + 1] + 1}" if place + 1 < len(_SIZE_BOUNDS) else ""
    return f"{above} {below}".strip()


LOOKS: Final[dict[Measure, Look]] = {
    Measure.STATUS: Look("Status", lambda key: f"status:{key}", tuple(status.value for status in reversed(Status))),
    Measure.VERDICT: Look("Verdict", lambda key: f"verdict:{key}", ("benign", "unknown", "suspicious", "malicious")),
    Measure.CLASS: Look(
        "Class of mail", lambda key: f"class:{key}", ("ham", "bulk", "suspected_spam", "spam", "phishing")
    ),
    Measure.DIRECTION: Look("Direction", _none, ("incoming", "outgoing", "internal")),
    Measure.CONTENT: Look("Content", _none),
    Measure.SIZE: Look("Size", _size, SIZES),
    Measure.DETECTION: Look("Detection", _quoted("finding:")),
    Measure.UNFINISHED: Look("Not examined by", _none),
    Measure.SENDER: Look("Sender", _sender),
    Measure.RECIPIENT: Look("Recipient", _quoted("to:")),
    Measure.SOURCE: Look("Source", _quoted("ip:")),
    Measure.REFUSED: Look("Refused because", _quoted("status:rejected reason:")),
    Measure.REFUSED_SOURCE: Look("Refused source", _quoted("status:rejected ip:")),
    Measure.OUTCOME: Look("Became", lambda key: f"status:{key}", tuple(status.value for status in reversed(Status))),
    Measure.HOP: Look("Next hop", _quoted("status:delivered hop:")),
    Measure.HOP_DEFERRED: Look("Deferred by", _quoted("status:deferred hop:")),
    Measure.HOP_BOUNCED: Look("Refused by", _quoted("status:bounced hop:")),
    Measure.DEFERRED: Look("Deferred because", _quoted("status:deferred reason:")),
    Measure.BOUNCED: Look("Bounced because", _quoted("status:bounced reason:")),
    Measure.QUARANTINED: Look("Kept as", _none),
    Measure.RULE: Look("Rule", _quoted("rule:")),
    Measure.DELAY: Look("Until delivered", _none, SECONDS),
    Measure.EXAMINED: Look("Examined in", _none, SECONDS),
}
