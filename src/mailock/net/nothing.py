"""Stand-ins for nobody to talk to, and for nothing to wait for."""

from collections.abc import Generator
from typing import Final


class Nobody:
    """The conversation of a link that is gone, or was refused: it hears everything and does nothing.

    A dead link points to it, which breaks the circle of references between link and conversation.
    """

    __slots__ = ()

    def connected(self, link: object, peer: object, tls: object) -> None:
        """Nobody cares."""

    def received(self, data: bytes) -> None:
        """Nobody cares."""

    def tls_started(self, tls: object) -> None:
        """Nobody cares."""

    def ended(self) -> bool:
        """Nobody owes an answer."""
        return False

    def lost(self, why: str) -> None:
        """Nobody cares."""


class Done:
    """An awaitable that has nothing to wait for."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        return iter(())  # type: ignore[return-value]  # an empty iterator serves as the finished generator


NOBODY: Final = Nobody()
DONE: Final = Done()
