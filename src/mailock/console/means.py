"""What every page and every call of the API works with: the folder, the people, the clock, the way to mailflow.

And who asks: a `Visitor`, with what he may do. Whatever a person does goes through `Means.act`, which writes it into
the audit log before it is done and completes the line afterwards.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mailock.config.node import Console
from mailock.console.mailflow import Down, call
from mailock.net.oidc import OidcProvider
from mailock.ports.clock import Clock
from mailock.ports.commands import Refused
from mailock.ports.people import Person, Right, Role, Token
from mailock.storage.people import People
from mailock.storage.revisions import FileRevisions
from mailock.telemetry.search import TrackReader

if TYPE_CHECKING:
    from mailock.net.ldap import LdapDirectory

T = TypeVar("T")
log: Final = logging.getLogger(__name__)
READ_SECONDS: Final = 1.0
"""How long one search of the log may take, so that its writer is never kept from tidying up (DECISIONS 5)."""
LOG_NAME: Final = "track.db"
REVISIONS: Final = "policy"


class NotThere(Exception):
    """There is no such thing, or not for this person; the text is a sentence."""


class NotAllowed(Exception):
    """The person may not do this; the text is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks."""

    person: Person
    rights: frozenset[Right]
    ip: str
    csrf: str = ""
    """What a form has to repeat; empty for a token, which no browser sends by itself."""
    secret: str = ""
    """The session's secret; empty for a token."""
    token: Token | None = None

    @property
    def is_administrator(self) -> bool:
        """Whether mailflow may be told so."""
        return Right.RELEASE_MALWARE in self.rights and self.person.role is Role.ADMINISTRATOR

    def may(self, right: str) -> bool:
        """Whether a right is held, by its name: for pages."""
        return Right(right) in self.rights

    def sees(self, system: object) -> bool:
        """Whether mail of a virtual system is for these eyes."""
        return not self.person.systems or system in self.person.systems


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The one value that the application is made with."""

    data: Path
    settings: Console
    people: People
    clock: Clock
    hostname: str
    ldap: "LdapDirectory | None" = None
    oidc: OidcProvider | None = None
    """By which people sign in besides local accounts."""

    @property
    def revisions(self) -> FileRevisions:
        """The installed policies."""
        return FileRevisions(self.data / REVISIONS)

    @contextmanager
    def log(self, seconds: float = READ_SECONDS) -> Iterator[TrackReader]:
        """The log, for reading. Raises OSError where there is none."""
        with TrackReader(self.data / LOG_NAME, seconds=seconds) as reader:
            yield reader

    def ask(self, visitor: Visitor, command: str, arguments: Mapping[str, object]) -> object:
        """Mailflow's answer to a person. Blocks. Raises as `call` does."""
        name = visitor.person.name
        return call(self.data, command, arguments, person=name, is_administrator=visitor.is_administrator)

    def status(self) -> Mapping[str, object] | None:
        """What mailflow says of itself; None where it does not run."""
        try:
            answer = call(self.data, "status", {}, seconds=5.0)
        except (Down, Refused, OSError):
            return None
        return answer if isinstance(answer, dict) else None

    def alerts(self) -> Sequence[Mapping[str, Any]]:
        """The latest alerts, newest first; none where mailflow does not run."""
        try:
            answer = call(self.data, "alert.list", {}, seconds=5.0)
        except (Down, Refused, OSError):
            return ()
        return answer if isinstance(answer, list) else ()

    def tell_of_directory(self, trouble: str) -> None:
        """Has mailflow raise an alert about the directory. Blocks; where it cannot, the log says so."""
        if self.ldap is None:
            return
        told = {"url": self.ldap.url[:300], "text": trouble[:1000]}
        try:
            call(self.data, "alert.directory", told, seconds=5.0)
        except (Down, Refused, OSError, ValueError) as fault:
            log.warning("no alert could be raised about the directory: %s", fault)

    def act(
        self, visitor: Visitor, act: str, about: str, do: Callable[[], T], told: Callable[[T], str]
    ) -> tuple[T, int]:
        """Does something that a person asked for. Returns what came of it, and the number of its line in the audit log.

        `told` says in a sentence what came of it. What goes wrong is written down too, and raised.
        """
        number = self.people.write_down(
            at=self.clock.now(), person=visitor.person.name, ip=visitor.ip, act=act, about=about, outcome="begun"
        )
        try:
            result = do()
        except Exception as fault:
            self.people.complete(number, f"failed: {fault}")
            raise
        self.people.complete(number, told(result))
        return result, number
