"""What the server hands to the shell, and the orders that both sides share: orders, questions, notices.

An *order* is carried out, in the sequence given: `Send`, `StartTls`, `Close`. A *question* is answered with
`Server.answer(reply)`, at once or later; until then no further command is looked at, and what the peer pipelines is
kept (within bounds). There is at most one open question, and it is the last effect of its list. A *notice* needs
nothing.
"""

from enum import Enum

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType, Notify, Ret
from mailock.core.mail.value import value
from mailock.core.smtp.proxy import ProxyHeader
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.xclient import Xclient

# Orders, of both sides.


@value(frozen=True, slots=True)
class Send:
    """Write these octets to the peer."""

    data: bytes


@value(frozen=True, slots=True)
class StartTls:
    """Stop reading, write out what was sent, shake hands, then call `tls_started`. Octets read before that are
    plaintext.
    """


class Ending(Enum):
    """Why a server conversation is over."""

    QUIT = "quit"
    """The client said so."""
    REFUSED = "refused"
    """The shell answered 421, or refused the connection so."""
    LIMIT = "limit"
    """Too many errors, too much sent ahead, a line without end."""
    VIOLATION = "violation"
    """A bare CR or LF in a command, a BDAT without a size, a PROXY header that is none."""
    STOPPED = "stopped"
    """We are closing down, or gave up waiting."""
    LOST = "lost"
    """The peer went away."""


@value(frozen=True, slots=True)
class Close:
    """Close the connection once everything is written. Nothing follows."""

    why: Ending


# Questions of the server.


@value(frozen=True, slots=True)
class ConnectionGiven:
    """A client is there: greet it (2yz: the banner goes out) or refuse it (421 closes; 5yz waits for its QUIT)."""

    proxy: ProxyHeader | None
    """What the trusted proxy said of the true client; None without one, or where it speaks for itself."""


@value(frozen=True, slots=True)
class HelloGiven:
    """EHLO or HELO. A positive answer is rendered by the core, with the extensions after EHLO."""

    untrusted_name: str
    extended: bool


@value(frozen=True, slots=True)
class MailGiven:
    """MAIL FROM. `sender` is None for the null path; `size` 0 where none was declared; `envid`, `auth` are xtext."""

    sender: Address | None
    size: int = 0
    body_type: BodyType = BodyType.SEVEN_BIT
    smtputf8: bool = False
    ret: Ret | None = None
    envid: str | None = None
    auth: str | None = None


@value(frozen=True, slots=True)
class RcptGiven:
    """RCPT TO. `orcpt` stays as it stood, `rfc822;` and xtext. `address.domain` is empty for `<postmaster>` alone."""

    address: Address
    notify: frozenset[Notify] = frozenset()
    orcpt: str | None = None


@value(frozen=True, slots=True)
class Transaction:
    """What the answered commands add up to: the sender, and the recipients that were taken, in their order."""

    mail: MailGiven
    recipients: tuple[RcptGiven, ...]


@value(frozen=True, slots=True)
class DataGiven:
    """DATA, or the first BDAT: a positive answer opens the body, `Chunk`s follow. The last moment for a 452."""

    transaction: Transaction
    chunked: bool


@value(frozen=True, slots=True)
class TakeMessage:
    """The message is whole: keep it, then answer. The answer is the final reply, so a 2yz comes after the sync."""

    transaction: Transaction
    size: int
    """Octets of all its chunks."""


@value(frozen=True, slots=True)
class AuthGiven:
    """Credentials, by PLAIN (RFC 4616) or LOGIN. `authorize_as` is empty where it is the same identity."""

    mechanism: str
    identity: str
    password: str
    authorize_as: str

    def __repr__(self) -> str:
        """Without the password."""
        return f"AuthGiven({self.mechanism!r}, {self.identity!r})"


@value(frozen=True, slots=True)
class XclientGiven:
    """A trusted peer names the true client; after a positive answer the session starts again at the banner."""

    claims: Xclient


Question = ConnectionGiven | HelloGiven | MailGiven | RcptGiven | DataGiven | TakeMessage | AuthGiven | XclientGiven

# Notices of the server.


@value(frozen=True, slots=True)
class Chunk:
    """Octets of the body, in order, without dot-stuffing."""

    data: bytes


@value(frozen=True, slots=True)
class DropBody:
    """The body that was opened will not be taken: forget its chunks. No more come, and no `TakeMessage`."""


@value(frozen=True, slots=True)
class Refused:
    """The core itself said no to a command (syntax, order, limit, law), for the log. Never holds credentials."""

    untrusted_line: bytes
    reply: Reply


class Attack(Enum):
    """What no honest client does."""

    STARTTLS_INJECTION = "starttls_injection"
    """Plaintext after STARTTLS (CVE-2011-0411). It was dropped."""
    BARE_NEWLINE = "bare_newline"
    """A bare CR or LF where a line ends: the stuff of smuggling."""


@value(frozen=True, slots=True)
class Attacked:
    """An attack was seen and had no effect; for the log and for reputation."""

    attack: Attack


ServerEffect = Send | StartTls | Close | Question | Chunk | DropBody | Refused | Attacked
