"""Engines: tools that look at mail, and say what they see or why they could not.

Three kinds, after what they are given (ARCHITECTURE.md, law 4). A jailed engine is an ordinary synchronous object that
runs in the jail's process; it may crash, hang or be taken over, and the host outside makes Incomplete of that. An
external scanner is another program, reached by a forwarder that streams bytes to it and parses none of them. An online
engine asks the network about facts and never sees a byte of the mail.
"""

from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mailock.core.authentication.authentication import Authentication
from mailock.core.evidence.filetype import FileType
from mailock.core.evidence.finding import Fact, Finding, Link, Sighting
from mailock.core.evidence.health import Health
from mailock.core.evidence.manifest import Manifest
from mailock.core.evidence.specimen import Specimen
from mailock.core.mail.message import Message
from mailock.core.mime.part import PartPath


class Jailed(Protocol):
    """An engine that gets bytes and no network."""

    @property
    def manifest(self) -> Manifest:
        """What it is; the same in and outside the jail."""
        ...

    def look(self, specimen: Specimen) -> Iterable[Sighting]:
        """What it sees. May be a generator: each child is looked into before the next is asked for, so that only one
        at a time is in memory.

        Raises Unfinished where it could not see all. Anything else that it raises is Incomplete(DIED).
        """
        ...


class Identifier(Protocol):
    """Says what a file is, before any engine sees it."""

    def identify(self, content: bytes, names: Sequence[str], declared: Sequence[str]) -> FileType:
        """The type of a content. Never raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A content to be streamed to an external scanner, unparsed."""

    part: PartPath
    size: int
    chunks: Iterable[bytes]
    """May be gone through again, from the beginning: a connection that was kept may turn out to be dead."""
    untrusted_name: str = ""
    message: Message | None = None
    """Whose content it is, for engines of Scope.MESSAGE, which are told of its envelope; None for those of a part."""


class External(Protocol):
    """The forwarder to another program."""

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        ...

    def scan(self, exhibit: Exhibit) -> Awaitable[Sequence[Finding]]:
        """What the program says of one content. Raises Unfinished where it could not be asked, or answered nonsense."""
        ...


class Online(Protocol):
    """An engine that asks the network about facts."""

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        ...

    def ask(self, message: Message, facts: Sequence[Fact]) -> Awaitable[Sequence[Finding]]:
        """What is known of the facts. Raises Unfinished where it could not be asked."""
        ...


class Authenticator(Protocol):
    """The online engine that asks who sent a message; what it learns is more than findings, and policy has it whole."""

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        ...

    def authenticate(self, message: Message, facts: Sequence[Fact]) -> Awaitable[Authentication]:
        """Everything that is known of the sender. Raises Unfinished where the jail gave nothing that can be read."""
        ...

    def findings(self, authentication: Authentication) -> Sequence[Finding]:
        """What of it speaks for or against the message."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What all others said of a message."""

    message: Message
    authentication: Authentication | None
    """Who sent it; None where nobody was asked, or where it could not be learnt."""
    findings: Sequence[Finding]
    links: Sequence[Link]


class Concluding(Protocol):
    """An engine that is heard last, since what it says hangs on what the others saw and on who sent the message."""

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        ...

    def conclude(self, heard: Heard) -> Sequence[Finding]:
        """What follows from it. Asks nobody."""
        ...


class Watched(Protocol):
    """An engine that depends on something outside of us: a daemon, a server, a file. Its version is known once it was
    probed, which is done before the first mail and now and then.
    """

    @property
    def manifest(self) -> Manifest:
        """What it is."""
        ...

    @property
    def health(self) -> Health:
        """How it does, as far as is known."""
        ...

    def probe(self) -> Awaitable[Health]:
        """Asks it for its version, or looks at its files, and says how it does. Never raises for its faults."""
        ...

    def close(self) -> Awaitable[None]:
        """Ends what it keeps open. What is still asked is answered Unfinished."""
        ...
