"""The settings of the server's conversation: what is offered, what is bounded, what is demanded.

One value serves all sessions of a listener, and what can be rendered ahead is rendered when it is made.
"""

from dataclasses import dataclass, field
from enum import Enum

from mailock.core.smtp.extensions import ALL, Extension, offer
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.server_table import Patience, State, patience
from mailock.core.smtp.xclient import ATTRIBUTES


class BareNewlines(Enum):
    """What becomes of a message in which a CR or LF stands alone."""

    REFUSE = "refuse"
    """550 5.6.0, after its true end was read."""
    NORMALISE = "normalise"
    """Each becomes CRLF."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one session. Lengths are octets and count the CRLF."""

    line: int = 2048
    """A command line: 512 (RFC 5321 section 4.5.3.1.4) and what SIZE, DSN, SMTPUTF8 and AUTH add to it."""
    auth_line: int = 12_288
    """A line of an AUTH exchange (RFC 4954 section 4)."""
    errors: int = 20
    """Permanent refusals until 421; a message that was taken sets the count back."""
    unknown: int = 10
    """Unknown commands until 421."""
    idle_commands: int = 100
    """Commands that led nowhere (NOOP, RSET, VRFY, MAIL without a message …) since the last message, until 421."""
    transactions: int = 0
    """Messages on one connection; then 421 bids the client reconnect. 0 for no limit."""
    attempts: int = 10
    """How many times over its recipients' limit a transaction may try, refused ones counted, until 421."""
    pause: int = 65_536
    """Octets that wait behind an open question; from here on the shell should stop reading."""
    ahead: int = 4_194_304
    """Octets that wait behind an open question at the most; then the connection is cut."""
    command_seconds: float = 300.0
    """How long a command line may take; RFC 5321 section 4.5.3.2.7 wants five minutes at least."""
    body_seconds: float = 300.0
    """How long a body may be silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """How our side of the conversation behaves."""

    hostname: str
    size_limit: int
    """Octets of content; announced with SIZE, and counted. 0 for no limit."""
    recipients_limit: int = 1000
    tls_offered: bool = False
    tls_required: bool = False
    """Whether MAIL and AUTH before TLS are refused with 530."""
    auth_mechanisms: tuple[str, ...] = ()
    """Of PLAIN and LOGIN; offered and taken under TLS only."""
    xclient_allowed: bool = False
    """Whether this peer may use XCLIENT; so these settings are for trusted peers only."""
    proxy_expected: bool = False
    """Whether a PROXY header comes before the greeting; so these settings are for trusted peers only."""
    bare_newlines: BareNewlines = BareNewlines.REFUSE
    extensions: frozenset[Extension] = ALL
    limits: Limits = field(default_factory=Limits)
    patience: dict[State, Patience] = field(default_factory=dict, init=False, repr=False, compare=False)
    banner: bytes = field(default=b"", init=False, repr=False, compare=False)
    hello_plain: bytes = field(default=b"", init=False, repr=False, compare=False)
    hello_tls: bytes = field(default=b"", init=False, repr=False, compare=False)
    helo: bytes = field(default=b"", init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Renders what does not change."""
        times = self.limits.command_seconds, self.limits.body_seconds
        object.__setattr__(self, "patience", patience(*times))
        object.__setattr__(self, "banner", Reply.of(220, "", f"{self.hostname} ESMTP").wire)
        object.__setattr__(self, "helo", Reply.of(250, "", self.hostname).wire)
        object.__setattr__(self, "hello_plain", offer(self.hostname, self._offered(under_tls=False)))
        object.__setattr__(self, "hello_tls", offer(self.hostname, self._offered(under_tls=True)))

    def _offered(self, *, under_tls: bool) -> list[str]:
        lines = [_line(extension, self.size_limit) for extension in Extension if extension in self.extensions]
        if self.tls_offered and not under_tls:
            lines.append("STARTTLS")
        if self.auth_mechanisms and under_tls:
            lines.append("AUTH " + " ".join(self.auth_mechanisms))
        if self.xclient_allowed:
            lines.append("XCLIENT " + " ".join(ATTRIBUTES))
        return lines


def _line(extension: Extension, size_limit: int) -> str:
    if extension is Extension.SIZE:
        return f"SIZE {size_limit}" if size_limit else "SIZE"
    return str(extension.value)
