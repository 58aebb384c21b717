"""What one virtual system has learnt of its own mail, on top of the shipped model, which never changes.

Logistic regression, a step a message, over the same features: each message is gone over until it stands beyond the
margin or has had its steps (Sculley and Wachman, "Relaxed Online SVMs", 2007, for the margin). The shipped model's
opinion is one feature more, with a weight that does not move: so a system that was taught little follows it, and one
that was taught much is not held back by it, for what was learnt grows with what was wrong.

How far each message moved the weights is kept with its digest. So a message that is taught twice counts once, one that
is taught again as the other class is taken back first, and one that is forgotten leaves what was as if it had never
been taught.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from math import exp, sqrt
from typing import Final

from mailock.core.classify.hashing import PLACES
from mailock.core.classify.model import Model, spread
from mailock.core.classify.seen import Seen

RATE: Final = 2.0
MARGIN: Final = 6.0
"""Log odds beyond which a message teaches nothing more."""
STEPS: Final = 4
TRAIT_RATE: Final = 0.02
BASE_RATE: Final = 0.1
TRUST: Final = 0.5
"""How much the shipped model's opinion counts where a system has learnt something of its own."""
FIRST: Final = 50
"""So many messages of each class were taught before TRUST is reached; until then it counts for more."""
REMEMBERED: Final = 200_000
"""Messages whose step is remembered; the oldest is forgotten first, and can then be taught anew."""


class Taught(Enum):
    """What a person says of a message."""

    SPAM = "spam"
    HAM = "ham"


class Came(Enum):
    """What came of teaching one."""

    LEARNT = "learnt"
    KNOWN = "known"
    """It had been taught as the same before: nothing was changed."""
    TURNED = "turned"
    """It had been taught as the other class; that was taken back."""
    FORGOTTEN = "forgotten"
    UNKNOWN = "unknown"
    """It is to be forgotten, and was never taught."""


@dataclass(slots=True, kw_only=True)
class Learnt:
    """All of it. Changed in place by one teacher at a time: it is four mebibytes."""

    places: "array[float]" = field(default_factory=lambda: array("f", bytes(4 * PLACES)))
    traits: dict[str, float] = field(default_factory=dict)
    base: float = 0.0
    steps: dict[bytes, tuple[Taught, float]] = field(default_factory=dict)
    """By a message's digest: what it was taught as, and how far it moved the weights."""
    spam: int = 0
    ham: int = 0

    @property
    def trust(self) -> float:
        """How much the shipped model's opinion counts: all at first, TRUST when enough was taught of both classes."""
        share = min(1.0, min(self.spam, self.ham) / FIRST)
        return 1.0 - (1.0 - TRUST) * share

    def logit(self, seen: Seen) -> float:
        """What was learnt says of a message, in log odds."""
        traits = sum(amount * self.traits.get(name, 0.0) for name, amount in seen.traits.items())
        return self.base + traits + sum(spread(self.places, places) for places in seen.families)


def teach(learnt: Learnt, model: Model, seen: Seen, taught: Taught) -> Came:
    """Learns one message."""
    digest = seen.digest
    before = learnt.steps.get(digest)
    if before is not None and before[0] is taught:
        return Came.KNOWN
    if before is not None:
        forget(learnt, seen)
    shipped = model.logit(seen)
    sign = 1.0 if taught is Taught.SPAM else -1.0
    moved = 0.0
    for _ in range(STEPS):
        stands = sign * (learnt.trust * shipped + learnt.logit(seen))
        if stands > MARGIN:
            break
        step = sign * RATE / (1.0 + exp(max(-500.0, stands)))
        _move(learnt, seen, step)
        moved += step
    learnt.steps[digest] = (taught, moved)
    _count(learnt, taught, 1)
    if len(learnt.steps) > REMEMBERED:
        del learnt.steps[next(iter(learnt.steps))]
    return Came.LEARNT if before is None else Came.TURNED


def forget(learnt: Learnt, seen: Seen) -> Came:
    """Takes back what a message taught."""
    before = learnt.steps.pop(seen.digest, None)
    if before is None:
        return Came.UNKNOWN
    taught, moved = before
    _move(learnt, seen, -moved)
    _count(learnt, taught, -1)
    return Came.FORGOTTEN


def _count(learnt: Learnt, taught: Taught, by: int) -> None:
    match taught:
        case Taught.SPAM:
            learnt.spam += by
        case Taught.HAM:
            learnt.ham += by


def _move(learnt: Learnt, seen: Seen, step: float) -> None:
    for places, by in _steps(seen, step):
        for place in places:
            learnt.places[place] += by
    for name, amount in seen.traits.items():
        learnt.traits[name] = learnt.traits.get(name, 0.0) + step * TRAIT_RATE * amount
    learnt.base += step * BASE_RATE


def _steps(seen: Seen, step: float) -> Iterator[tuple["array[int]", float]]:
    for places in seen.families:
        if places:
            yield places, step / sqrt(len(places))
