"""The order about the doors that stands, and how far it has come: it outlives every restart."""

from typing import Protocol

from mailock.core.policy.disabling import Course


class Orders(Protocol):
    """Where the course of a drain or disable is kept. Both block; called off the event loop."""

    def read(self) -> Course | None:
        """The course that stands; None where there never was one. Raises OSError with a sentence."""
        ...

    def write(self, course: Course) -> None:
        """Makes a course the one that stands, durably. Raises OSError, and then the old one stands."""
        ...
