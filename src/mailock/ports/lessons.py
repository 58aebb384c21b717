"""What virtual systems have been taught of wanted and unwanted mail, where it is kept."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from mailock.core.classify.learning import Learnt

Answer = TypeVar("Answer")


class Lessons(Protocol):
    """Read at every message, so reading is quick and never raises: what cannot be read is said once, and counts as
    nothing taught.
    """

    def of(self, system: str) -> Learnt | None:
        """What a virtual system has been taught; None where it was taught nothing."""
        ...

    def change(self, system: str, act: Callable[[Learnt], Answer]) -> Answer:
        """Has one teacher at a time change it, and keeps the change: durable when this returns.

        Raises OSError, with what was taught before left as it was.
        """
        ...


class NoLessons:
    """Nothing was taught, and nothing can be."""

    def of(self, system: str) -> Learnt | None:
        """Nothing."""
        return None

    def change(self, system: str, act: Callable[[Learnt], Answer]) -> Answer:
        """Raises OSError."""
        raise OSError("there is no data directory to keep it in")
