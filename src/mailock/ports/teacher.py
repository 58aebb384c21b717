"""Teaching a virtual system by one message that we have: what `quarantine report` needs."""

from collections.abc import Awaitable
from typing import Protocol

from mailock.core.classify.learning import Came, Taught


class CannotTeach(Exception):
    """It could not be taught, and nothing was changed: the sentence says why."""


class Teacher(Protocol):
    """Has a body read in the jail, and keeps what it teaches."""

    def teach(self, system: str, body: int, taught: Taught) -> Awaitable[Came]:
        """Teaches a system that the message of a descriptor is of a class; durable on return. Raises CannotTeach."""
        ...


class NoTeacher:
    """Nobody who could."""

    async def teach(self, system: str, body: int, taught: Taught) -> Came:
        """Raises CannotTeach."""
        raise CannotTeach("nothing can be taught here")
