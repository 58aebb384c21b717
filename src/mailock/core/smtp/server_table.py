"""The server's states: which command may come in which, what it gets otherwise, and how long each may last.

```
PROXY → CONNECTED → GREETED → HELLO ⇄ MAIL → RCPT → DATA → HELLO
            ↓          ↑ ↓      ↓              ↓ ↑
         REFUSED       │ TLS    AUTH          CHUNK ⇄ BETWEEN → HELLO
                       XCLIENT                  (SKIP: the octets of a BDAT that was refused)
```
An open question is no state of its own: the state is that of the command before it, and the session looks at no input.

Time is data here: `patience` says how long the shell may wait, and the core never reads a clock. RFC 5321 section
4.5.3.2.7 gives a server five minutes a read. That alone lets a client hold a connection with an octet every four
minutes, so a command line has five minutes as a whole, and a body a floor rate.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from mailock.core.smtp import phrases
from mailock.core.smtp.reply import Reply


class State(IntEnum):
    """Where a session stands."""

    PROXY = 0
    """The PROXY header is awaited; nothing was said yet."""
    CONNECTED = 1
    """The shell has not greeted yet."""
    REFUSED = 2
    """Greeted with 5yz: only QUIT is of use (RFC 5321 section 3.1)."""
    GREETED = 3
    """EHLO or HELO is due."""
    HELLO = 4
    """No transaction is open."""
    MAIL = 5
    """A sender was taken."""
    RCPT = 6
    """At least one recipient was taken."""
    BETWEEN = 7
    """Between two chunks of BDAT."""
    AUTH = 8
    """The next line belongs to an AUTH exchange."""
    DATA = 9
    """The body comes, up to CRLF.CRLF."""
    CHUNK = 10
    """The counted octets of a BDAT come."""
    SKIP = 11
    """The counted octets of a refused BDAT come, for nobody."""
    TLS = 12
    """The shell shakes hands."""
    CLOSED = 13
    """Nothing is said or heard any more."""


ORDER: Final[dict[bytes, tuple[frozenset[State], Reply]]] = {
    b"EHLO": (frozenset({State.GREETED, State.HELLO, State.MAIL, State.RCPT, State.BETWEEN}), phrases.BAD_ORDER),
    b"HELO": (frozenset({State.GREETED, State.HELLO, State.MAIL, State.RCPT, State.BETWEEN}), phrases.BAD_ORDER),
    b"MAIL": (frozenset({State.HELLO}), phrases.NESTED),
    b"RCPT": (frozenset({State.MAIL, State.RCPT}), phrases.MAIL_FIRST),
    b"DATA": (frozenset({State.MAIL, State.RCPT}), phrases.MAIL_FIRST),
    # A BDAT out of order has octets behind it, so its handler decides, in every state.
    b"BDAT": (frozenset({State.GREETED, State.HELLO, State.MAIL, State.RCPT, State.BETWEEN}), phrases.BAD_ORDER),
    b"RSET": (frozenset({State.GREETED, State.HELLO, State.MAIL, State.RCPT, State.BETWEEN}), phrases.BAD_ORDER),
    b"NOOP": (frozenset({State.GREETED, State.HELLO, State.MAIL, State.RCPT, State.BETWEEN}), phrases.BAD_ORDER),
    b"HELP": (frozenset({State.GREETED, State.HELLO, State.MAIL, State.RCPT}), phrases.BAD_ORDER),
    b"VRFY": (frozenset({State.HELLO, State.MAIL, State.RCPT}), phrases.HELLO_FIRST),
    b"EXPN": (frozenset({State.GREETED, State.HELLO, State.MAIL, State.RCPT}), phrases.BAD_ORDER),
    b"QUIT": (
        frozenset({State.REFUSED, State.GREETED, State.HELLO, State.MAIL, State.RCPT, State.BETWEEN}),
        phrases.BAD_ORDER,
    ),
    b"STARTTLS": (frozenset({State.GREETED, State.HELLO}), phrases.BAD_ORDER),
    b"AUTH": (frozenset({State.HELLO}), phrases.BAD_ORDER),
    b"XCLIENT": (frozenset({State.GREETED, State.HELLO}), phrases.BAD_ORDER),
}
"""By command: the states in which it may come, and the reply in the others."""


def misplaced(verb: bytes, state: State) -> Reply:
    """The reply to a known command in a state where it may not come."""
    if state is State.REFUSED:
        return phrases.NO_SERVICE
    if state is State.GREETED:
        return phrases.HELLO_FIRST
    if state is State.BETWEEN:
        return phrases.BAD_ORDER
    return ORDER[verb][1]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds. `read`: for the next octet. `whole`: for the line or the handshake, from its
    start.
    """

    read: float
    whole: float | None = None
    floor: int | None = None
    """Octets a second, on the average since the body began, under which it is given up."""
    settle: float = 60
    """How long after the body began that is first looked at."""


def patience(command: float = 300, body: float = 300) -> dict[State, Patience]:
    """What the server waits for the client, by state, when it gives a command line and a read of a body so many
    seconds. While a question is open it is the shell's own time that runs.
    """
    line = Patience(command, whole=command)
    octets = Patience(body, floor=100, settle=body / 5)

    def at_most(seconds: float) -> Patience:
        return Patience(min(seconds, command), whole=min(seconds, command))

    return {
        State.PROXY: at_most(10),
        State.CONNECTED: line,
        State.REFUSED: at_most(30),
        State.GREETED: line,
        State.HELLO: line,
        State.MAIL: line,
        State.RCPT: line,
        State.BETWEEN: line,
        State.AUTH: at_most(180),
        State.DATA: octets,
        State.CHUNK: octets,
        State.SKIP: octets,
        State.TLS: at_most(60),
        State.CLOSED: at_most(30),
    }


PATIENCE: Final = patience()
"""The same with the times of RFC 5321 section 4.5.3.2."""
