"""What a server session knows between two octets: its facts, its transaction, its counts, and what it has to say.

The only mutable value on this side. The handlers of commands take it as their first argument; nobody outside of
`core/smtp` sees it. Replies collect in `out` and leave as one `Send` when the pipelined group is done (RFC 2920
section 3.2): when no whole command is left, at a point where the client must wait, and before a question that follows
the end of a message, so that a 250 never waits for something else.
"""

from collections.abc import Callable
from typing import Final

from mailock.core.mail.origin import Tls
from mailock.core.smtp import phrases
from mailock.core.smtp.data import DotReader, NewlineLaw
from mailock.core.smtp.effects import (
    Close,
    DropBody,
    Ending,
    MailGiven,
    Question,
    RcptGiven,
    Refused,
    Send,
    ServerEffect,
    Transaction,
)
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.server_table import State
from mailock.core.smtp.settings import ServerSettings

SHOWN_OCTETS: Final = 512
"""How much of a refused line is kept for the log."""

_HELLO: Final = State.HELLO
_CLOSED: Final = State.CLOSED


class Session:
    """The state of one connection."""

    __slots__ = (
        "after_skip",
        "at",
        "attacked",
        "auth",
        "authenticated",
        "body_open",
        "chunk_last",
        "chunk_left",
        "content",
        "effects",
        "errors",
        "extended",
        "helo",
        "idle_commands",
        "input",
        "law",
        "mail",
        "mark",
        "out",
        "reader",
        "recipients",
        "resume",
        "settings",
        "size",
        "state",
        "stopping",
        "talked_early",
        "tls",
        "transactions",
        "tried",
        "unknown",
        "urgent",
    )

    def __init__(self, settings: ServerSettings, tls: Tls | None, mark: Callable[[Reply], Reply]) -> None:
        self.settings = settings
        self.mark = mark
        """Puts into a final refusal the code by which it is found again."""
        self.state = State.PROXY if settings.proxy_expected else State.CONNECTED
        self.tls = tls
        self.helo = ""
        self.extended = False
        self.authenticated: str | None = None
        self.auth: Callable[[Session, bytes], None] | None = None
        """What the next line of an AUTH exchange is for."""
        self.talked_early = False
        self.attacked = False
        """Whether plaintext behind STARTTLS was noted already."""
        self.stopping: Reply | None = None

        self.input = b""
        self.at = 0
        """How far the input was read."""
        self.effects: list[ServerEffect] = []
        self.out: list[bytes] = []
        self.urgent = False
        """Whether `out` must leave before the next question."""
        self.resume: Callable[[Session, Reply], None] | None = None
        """What the answer to the open question is for; None where none is open."""

        self.mail: MailGiven | None = None
        self.recipients: list[RcptGiven] = []
        self.tried = 0
        """How many recipients were given in this transaction, taken or not."""
        self.reader: DotReader | None = None
        self.law: NewlineLaw | None = None
        self.body_open = False
        """Whether chunks of a body were handed out that still count."""
        self.content = b""
        """Of a chunked body that is normalised: a CR at its end that waits."""
        self.size = 0
        self.after_skip: Callable[[Session], None] | None = None
        """What is said once the octets of a refused BDAT are gone."""
        self.chunk_left = 0
        self.chunk_last = False

        self.errors = 0
        self.unknown = 0
        self.idle_commands = 0
        self.transactions = 0

    def ask(self, question: Question, resume: Callable[["Session", Reply], None]) -> None:
        """Hands a question out and waits for its answer."""
        if self.urgent:
            self.flush()
        self.effects.append(question)
        self.resume = resume

    def flush(self) -> None:
        """Lets the collected replies go, as one write."""
        if self.out:
            self.effects.append(Send(self.out[0] if len(self.out) == 1 else b"".join(self.out)))
            self.out = []
        self.urgent = False

    def refuse(self, line: bytes, reply: Reply) -> None:
        """Says no on our own account."""
        reply = self.mark(reply) if reply.code >= 500 else reply
        self.effects.append(Refused(line[:SHOWN_OCTETS], reply))
        self.say_no(reply)

    def violate(self, line: bytes, reply: Reply, why: Ending) -> None:
        """Says no to what makes the rest of the input untrustworthy, and closes."""
        reply = self.mark(reply) if reply.code >= 500 else reply
        self.effects.append(Refused(line[:SHOWN_OCTETS], reply))
        self.close(why, reply)

    def say_no(self, reply: Reply) -> None:
        """Sends a refusal, and closes where there were too many."""
        if reply.code == 421:
            self.close(Ending.REFUSED, reply)
            return
        self.out.append(reply.wire)
        if reply.code >= 500:
            self.errors += 1
            if self.errors >= self.settings.limits.errors:
                self.close(Ending.LIMIT, phrases.TOO_MANY_ERRORS)

    def idle(self) -> bool:
        """Counts a command that leads nowhere. Whether there were too many, and the session is closed."""
        self.idle_commands += 1
        if self.idle_commands <= self.settings.limits.idle_commands:
            return False
        self.close(Ending.LIMIT, phrases.TOO_MANY_ERRORS)
        return True

    def close(self, why: Ending, reply: Reply | None) -> None:
        """Says the last word and closes."""
        self.drop_body()
        if reply is not None:
            self.out.append(reply.wire)
        self.flush()
        self.effects.append(Close(why))
        self.state = State.CLOSED
        self.resume = None
        self.auth = None
        self.input, self.at = b"", 0

    def drop_body(self) -> None:
        """Takes back the chunks that were handed out."""
        if self.body_open:
            self.body_open = False
            self.effects.append(DropBody())

    def reset(self) -> None:
        """Forgets the transaction (RFC 5321 section 4.1.1.5)."""
        self.drop_body()
        self.mail = None
        self.recipients = []
        self.tried = 0
        self.reader = None
        self.law = None
        self.size = 0
        self.content = b""
        if _HELLO < self.state < _CLOSED:
            self.state = _HELLO

    def transaction(self) -> Transaction:
        """The transaction so far, frozen. Only where a sender was taken."""
        assert self.mail is not None
        return Transaction(self.mail, tuple(self.recipients))
