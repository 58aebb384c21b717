"""What a rewritten link leads to: its target is looked up again when somebody comes, and once more when he goes on.

A link that does not hold is refused with a sentence. What could not be looked up is never called harmless.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from msgspec import Struct

from mailock.core.mail.shown import cleaned
from mailock.core.mail.signed import Invalid, Key
from mailock.core.policy.installed import Installed
from mailock.core.rewriting.clicklinks import Click, read_token
from mailock.operations.filtering import read_arguments
from mailock.ports.clock import Clock
from mailock.ports.commands import Arguments, Command, Refused, Speaker

KNOWN: Final = "this page is known to be dangerous"
UNKNOWN: Final = "this page could not be checked just now, and may not be opened unchecked: try again later"
_TOLD: Final = 5
log = logging.getLogger(__name__)


class Standing(Enum):
    """What is known of a page at this moment."""

    UNLISTED = "unlisted"
    """Everybody who was asked answered, and knows nothing against it."""
    DOUBTFUL = "doubtful"
    UNCHECKED = "unchecked"
    """Nobody could be asked, or somebody did not answer."""
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What looking a page up came to: what is against it, what speaks against it without proof, who did not answer."""

    bad: Sequence[str] = ()
    doubts: Sequence[str] = ()
    gaps: Sequence[str] = ()


LookUp = Callable[[str], Awaitable[Looked]]


class Clicking(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The arguments of `click.look` and `click.open`."""

    token: str


class ClickDesk:
    """The commands `click.look` and `click.open`, for the portal."""

    def __init__(
        self, keys: Callable[[], Sequence[Key]], standing: Callable[[], Installed], look_up: LookUp, clock: Clock
    ) -> None:
        self._keys = keys
        self._standing = standing
        self._look_up = look_up
        self._clock = clock

    def commands(self) -> dict[str, Command]:
        """For the portal."""
        return {"click.look": self._look, "click.open": self._open}

    async def _look(self, arguments: Arguments, speaker: Speaker) -> object:
        click = self._click(arguments)
        standing = await self._asked(click)
        return {
            "url": cleaned(click.url),
            "standing": standing.value,
            "opens": self._opens(standing),
        }

    async def _open(self, arguments: Arguments, speaker: Speaker) -> object:
        click = self._click(arguments)
        standing = await self._asked(click)
        if not self._opens(standing):
            raise Refused(KNOWN if standing is Standing.BLOCKED else UNKNOWN)
        return {"url": click.url}

    def _click(self, arguments: Arguments) -> Click:
        """Raises Refused where the token does not hold."""
        found = read_token(read_arguments(arguments, Clicking).token, self._keys(), self._clock.now())
        if isinstance(found, Invalid):
            raise Refused(found.value)
        return found

    async def _asked(self, click: Click) -> Standing:
        """Who said what is for the developer's log: the page is told what follows from it."""
        looked = await self._look_up(click.url)
        standing, because = _believed(looked)
        if because:
            said = "; ".join(cleaned(one) for one in because[:_TOLD])
            log.info("the link of %s to %s is %s: %s", click.recipient, cleaned(click.url), standing.value, said)
        return standing

    def _opens(self, standing: Standing) -> bool:
        return standing is not Standing.BLOCKED and (
            standing is not Standing.UNCHECKED or self._standing().opens_unchecked
        )


def _believed(looked: Looked) -> tuple[Standing, Sequence[str]]:
    if looked.bad:
        return Standing.BLOCKED, looked.bad
    if looked.doubts:
        return Standing.DOUBTFUL, (*looked.doubts, *looked.gaps)
    return (Standing.UNCHECKED, looked.gaps) if looked.gaps else (Standing.UNLISTED, ())
