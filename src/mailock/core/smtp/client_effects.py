"""What the client hands to the shell besides the orders `Send`, `StartTls` and `Close`: how far it is, and what became
of a message.
"""

from enum import Enum

from mailock.core.mail.envelope import Recipient
from mailock.core.mail.value import value
from mailock.core.smtp.effects import Close, Send, StartTls
from mailock.core.smtp.extensions import Extensions
from mailock.core.smtp.reply import Outcome, Reply


@value(frozen=True, slots=True)
class Ready:
    """Greeted, and told what the next hop offers: start TLS, send, or quit. Given again after TLS started."""

    extensions: Extensions


@value(frozen=True, slots=True)
class TlsRefused:
    """STARTTLS was not granted; the connection is still ready, in the clear."""

    reply: Reply


@value(frozen=True, slots=True)
class BodyWanted:
    """Give the body with `body(data)` as often as needed, then `body_end()`."""

    chunked: bool
    """Whether it goes by BDAT; the client sees to it."""


class Lack(Enum):
    """Why a message cannot be sent to this next hop at all. Nothing was written."""

    SMTPUTF8 = "smtputf8"
    """It needs SMTPUTF8, which is not offered: 5.6.7 (RFC 6531 section 3.2)."""
    SIZE = "size"
    """It is larger than the limit that was announced: 5.3.4 (RFC 1870)."""


@value(frozen=True, slots=True)
class Unsendable:
    """The transaction was not begun; the connection is as ready as before."""

    lack: Lack


class Stage(Enum):
    """Which command a reply answered."""

    GREETING = "greeting"
    HELLO = "hello"
    TLS = "tls"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    QUIT = "quit"
    IDLE = "idle"


@value(frozen=True, slots=True)
class Answer:
    """The last word on one recipient. `ours` marks a reply that we made up because the next hop gave none."""

    recipient: Recipient
    reply: Reply
    stage: Stage
    outcome: Outcome
    ours: bool


@value(frozen=True, slots=True)
class Done:
    """The transaction is over: an answer for each recipient, in the order of the envelope."""

    answers: tuple[Answer, ...]
    dsn_passed_on: bool
    """Whether the DSN parameters went along; where not, a requested success notice says *relayed* (RFC 3461 section
    5.2.2).
    """
    in_doubt: bool
    """Whether the connection broke between the final dot and its reply: the message may have been taken all the same.
    """


class Fault(Enum):
    """Why a client connection is of no more use."""

    REFUSED = "refused"
    """The greeting, EHLO or LHLO was not positive."""
    CLOSING = "closing"
    """421: the next hop is about to close (RFC 5321 section 3.8)."""
    LOST = "lost"
    """It went away without a word."""
    TIMED_OUT = "timed_out"
    """The shell gave up waiting."""
    MALFORMED = "malformed"
    """What came is no reply."""
    OVERLONG = "overlong"
    """A reply without end."""
    UNEXPECTED = "unexpected"
    """A reply to nothing, or one that makes no sense."""
    INJECTED = "injected"
    """Plaintext behind the reply to STARTTLS."""
    UNLAWFUL_BODY = "unlawful_body"
    """Our own body held a bare CR or LF: stopped before the end mark, so that nothing of it counts."""


@value(frozen=True, slots=True)
class Broken:
    """Close the connection now. If a transaction was open, its `Done` came just before."""

    fault: Fault
    stage: Stage
    reply: Reply | None


ClientEffect = Send | StartTls | Close | Ready | TlsRefused | BodyWanted | Unsendable | Done | Broken
