"""The client's phases, and how long each may last (RFC 5321 section 4.5.3.2).

```
GREETING → HELLO (→ HELO) → READY ⇄ STARTTLS → TLS → HELLO
                              ⇅ RESET
                            READY → ENVELOPE → BODY → FINAL → READY
                                          └→ LONE_DOT ──────────┘
                            READY → QUIT → CLOSED
```
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from mailock.core.smtp.client_effects import Stage
from mailock.core.smtp.server_table import Patience


class Phase(IntEnum):
    """What the client waits for."""

    GREETING = 0
    HELLO = 1
    """The reply to EHLO or LHLO."""
    HELO = 2
    """The reply to HELO, after EHLO was refused."""
    READY = 3
    """Nothing: the shell is to say what comes."""
    STARTTLS = 4
    TLS = 5
    """The shell shakes hands."""
    RESET = 6
    ENVELOPE = 7
    """The replies to MAIL, RCPT and DATA."""
    LONE_DOT = 8
    """The reply to an empty message, which a server forced on us that said 354 with no recipient taken."""
    BODY = 9
    """The body, from the shell."""
    FINAL = 10
    """The reply to the end of the body; over LMTP, replies."""
    QUIT = 11
    CLOSED = 12


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How our side speaks to one next hop."""

    hostname: str
    """Our name, for EHLO or LHLO."""
    lmtp: bool = False
    """RFC 2033: LHLO, and a reply for each recipient behind the body."""
    chunking: bool = False
    """Whether to use BDAT where it is offered. It saves the stuffing, not a round trip."""


STAGES: Final[dict[Phase, Stage]] = {
    Phase.GREETING: Stage.GREETING,
    Phase.HELLO: Stage.HELLO,
    Phase.HELO: Stage.HELLO,
    Phase.READY: Stage.IDLE,
    Phase.STARTTLS: Stage.TLS,
    Phase.TLS: Stage.TLS,
    Phase.RESET: Stage.IDLE,
    Phase.ENVELOPE: Stage.MAIL,
    Phase.LONE_DOT: Stage.DATA,
    Phase.BODY: Stage.BODY,
    Phase.FINAL: Stage.BODY,
    Phase.QUIT: Stage.QUIT,
    Phase.CLOSED: Stage.QUIT,
}

PATIENCE: Final[dict[Phase, Patience]] = {
    Phase.GREETING: Patience(300),
    Phase.HELLO: Patience(300),
    Phase.HELO: Patience(300),
    Phase.READY: Patience(300),
    Phase.STARTTLS: Patience(300),
    Phase.TLS: Patience(60, whole=60),
    Phase.RESET: Patience(30),
    Phase.ENVELOPE: Patience(300),
    Phase.LONE_DOT: Patience(120),
    # RFC 5321 section 4.5.3.2.5: three minutes for each write of a data block to go through.
    Phase.BODY: Patience(180),
    Phase.FINAL: Patience(600),
    Phase.QUIT: Patience(10, whole=10),
    Phase.CLOSED: Patience(10, whole=10),
}
"""What the client waits for a next hop, by phase; for READY, how long an idle connection is worth keeping at the
most.
"""
