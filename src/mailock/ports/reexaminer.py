"""Examining a message once more, by hand, with the engines of this moment: before somebody lets it go."""

from collections.abc import Awaitable
from typing import Protocol

from mailock.core.mail.message import Message
from mailock.core.policy.decide import Judgement


class CannotExamine(Exception):
    """It could not be examined now; nothing was changed."""


class Reexaminer(Protocol):
    """Changes nothing, and nobody learns from it."""

    def __call__(self, message: Message, passwords: tuple[str, ...] = ()) -> Awaitable[Judgement | None]:
        """What would be decided now; None where nobody looks at such mail. `passwords`: what a person knows of it.

        Raises CannotExamine.
        """
        ...
