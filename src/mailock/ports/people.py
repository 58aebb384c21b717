"""People who use the console: their roles, what each role may, and the store that knows them.

Rights are few and are checked in one place, by the table in `console.rights`. To read the content of mail is a right
that no role has by itself: it is given to a person, and each use of it leaves a trace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol


class Role(Enum):
    """What somebody is. Its value stands in the store, in commands and in the API."""

    ADMINISTRATOR = "administrator"
    """May everything."""
    OPERATOR = "operator"
    """Looks after mail: queue, quarantine (not malware), health."""
    AUDITOR = "auditor"
    """Sees everything and changes nothing."""
    HELP_DESK = "help_desk"
    """Says what became of a mail; never sees content."""
    USER = "user"
    """Has an account, and nothing but that here: a user's own mail is the portal's."""


class Source(Enum):
    """Who checks that it is somebody, and says his role. Its value stands in the store."""

    LOCAL = 0
    """We do, by a password of ours."""
    DIRECTORY = 1
    """An LDAP directory."""
    PROVIDER = 2
    """An OpenID provider."""


class Right(Enum):
    """Something that one may or may not do."""

    OWN = "own"
    """One's own account: password, second factor, tokens."""
    TRACK = "track"
    """Search the log, and see the story of a message."""
    VIEWS = "views"
    """The views and their numbers."""
    SEE_QUEUE = "see_queue"
    ACT_QUEUE = "act_queue"
    """Hold, release, try again, return and delete."""
    SEE_QUARANTINE = "see_quarantine"
    ACT_QUARANTINE = "act_quarantine"
    """Release and delete."""
    RELEASE_MALWARE = "release_malware"
    READ_CONTENT = "read_content"
    """Read the header of a message as it came."""
    SEE_POLICY = "see_policy"
    INSTALL_POLICY = "install_policy"
    SEE_HEALTH = "see_health"
    """The doctor, engines and alerts."""
    SEE_AUDIT = "see_audit"
    MANAGE_PEOPLE = "manage_people"


_SEEING: Final = frozenset({Right.OWN, Right.TRACK, Right.VIEWS, Right.SEE_QUEUE, Right.SEE_QUARANTINE})
RIGHTS: Final = {
    Role.ADMINISTRATOR: frozenset(Right) - {Right.READ_CONTENT},
    Role.OPERATOR: _SEEING | {Right.ACT_QUEUE, Right.ACT_QUARANTINE, Right.SEE_POLICY, Right.SEE_HEALTH},
    Role.AUDITOR: _SEEING | {Right.SEE_POLICY, Right.SEE_HEALTH, Right.SEE_AUDIT},
    Role.HELP_DESK: frozenset({Right.OWN, Right.TRACK, Right.SEE_QUEUE}),
    Role.USER: frozenset({Right.OWN}),
}
"""What each role may."""
MAY_READ: Final = frozenset({Role.ADMINISTRATOR, Role.OPERATOR, Role.AUDITOR})
"""The roles to which the right to read content can be given."""
OF_THE_NODE: Final = frozenset(
    {
        Right.SEE_POLICY,
        Right.INSTALL_POLICY,
        Right.SEE_HEALTH,
        Right.SEE_AUDIT,
        Right.MANAGE_PEOPLE,
    }
)
"""What concerns all virtual systems: who belongs to one of them has none of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account of the console."""

    name: str
    role: Role
    systems: tuple[str, ...] = ()
    """The virtual systems whose mail it may see; without any, all of them."""
    reads_content: bool = False
    has_totp: bool = False
    has_passkey: bool = False
    has_password: bool = False
    source: Source = Source.LOCAL
    """Unless it is a local account it has no password, link or key to the API of ours."""
    disabled: bool = False
    created: float
    signed_in: float | None = None
    """When last."""

    @property
    def is_local(self) -> bool:
        """Whether its password, role and keys are ours."""
        return self.source is Source.LOCAL

    @property
    def signs_in_with(self) -> str:
        """How, in words."""
        first = {Source.DIRECTORY: "the directory", Source.PROVIDER: "the provider"}.get(self.source)
        first = first or ("password" if self.has_password else "nothing yet")
        seconds = [word for has, word in ((self.has_totp, "code"), (self.has_passkey, "passkey")) if has]
        return f"{first} and {' or '.join(seconds)}" if seconds else first

    @property
    def rights(self) -> frozenset[Right]:
        """What the person may do."""
        if self.disabled:
            return frozenset()
        content = {Right.READ_CONTENT} if self.reads_content and self.role in MAY_READ else set()
        rights = RIGHTS[self.role] | content
        return rights - OF_THE_NODE if self.systems else rights


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is signed in by a browser."""

    person: Person
    csrf: str
    """What each form has to repeat."""
    expires: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A key to the API, without its secret. It may what its scopes and its person's rights both allow."""

    number: int
    person: str
    name: str
    scopes: tuple[Right, ...]
    created: float
    expires: float | None
    used: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the audit log: who did what to what, from where, and what came of it."""

    number: int
    at: float
    person: str
    ip: str
    act: str
    about: str
    outcome: str


class Trail(Protocol):
    """The audit log."""

    def write_down(self, *, at: float, person: str, ip: str, act: str, about: str, outcome: str) -> int:
        """Writes a line, durably, and returns its number."""
        ...

    def complete(self, number: int, outcome: str) -> None:
        """Says what came of an act that was written down before it was done."""
        ...

    def entries(self, *, limit: int, before: int | None = None, person: str = "") -> Sequence[Entry]:
        """The newest lines, those before a number, of one person."""
        ...
