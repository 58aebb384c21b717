"""One treatment of a message, the deliveries that share it, and what came of trying to make them."""

from enum import Enum

from mailock.core.lifecycle.stages import CopyStage, DeliveryStage
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Recipient
from mailock.core.mail.message import BodyRef, Message, QueueId
from mailock.core.mail.value import value


class Disposition(Enum):
    """What policy decided for a recipient, from mild to strict; decisions join by the strictest."""

    DELIVER = "deliver"
    HOLD = "hold"
    QUARANTINE = "quarantine"
    REJECT = "reject"
    DISCARD = "discard"


@value(frozen=True, slots=True, kw_only=True)
class Copy:
    """One treatment of a message. `stage` is where it starts, or where it stood when it was read."""

    queue_id: QueueId
    number: int
    stage: CopyStage
    body: BodyRef
    prefix: bytes
    """Header fields that we put before the body when it leaves, each with its CRLF; the trace header is among them."""
    disposition: Disposition
    because: tuple[str, ...]
    """Why, in sentences."""
    rule: str
    """The rule that decided; the MTA's own is called `mta`."""
    quarantine_class: str | None = None
    """spam, malware, policy, undeliverable, late …; None while it is not quarantined."""
    quarantined_at: float | None = None
    skipped: bool = False
    """Whether it goes out unexamined, because it was late and policy allows that."""
    counted_from: float | None = None
    """From when its time in the queue counts, where that is not acceptance: a person had it held, in quarantine or
    shunted until then, and such time is exempt (DECISIONS 8).
    """
    orders: bytes = b""
    """The changes that are still to be made, as a document of `core.rewriting.orders`; empty: it goes as it is."""
    receipt: bytes = b""
    """What was changed, as a document of `core.rewriting.receipt`; empty where nothing was."""
    sender: Address | None = None
    """The return path that it leaves with; None: the envelope's."""
    via: str = ""
    """The rule of the rulebase that chose its next hop; empty: the forwarding rules say."""
    conversion: str | None = None
    """What came of converting it for a next hop without 8BITMIME: None where nobody tried, empty where it is 7bit now,
    else why it cannot be.
    """
    added: tuple[str, ...] = ()
    """Who else gets the message once a person lets this copy go. Where it went on by itself, they had it then."""


@value(frozen=True, slots=True, kw_only=True)
class Response:
    """What a next hop, or we in its place, said of one recipient. `code` 0: nothing was said, the connection broke."""

    code: int
    enhanced: str
    text: str

    def __str__(self) -> str:
        """One line for people: `550 5.1.1 no such user`."""
        return " ".join(part for part in (str(self.code) if self.code else "", self.enhanced, self.text) if part)


@value(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One recipient of one copy."""

    queue_id: QueueId
    copy: int
    number: int
    """Its place in the message's envelope, from 0: the same in every copy, so the log can name a recipient by it."""
    recipient: Recipient
    stage: DeliveryStage
    lane: str
    """The destination it waits for: deliveries of one lane share connections, limits and suspension."""
    due: float
    """Unix time from which it may be tried; earlier than now: at once."""
    attempts: int = 0
    last: Response | None = None
    delay_told: bool = False
    """Whether its sender was told that it is late."""


@value(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What send leases: deliveries of one copy in one lane, which can share a transaction."""

    message: Message
    copy: Copy
    deliveries: tuple[Delivery, ...]
    content: bytes | None = None
    """The body, where it is at hand in memory: a hint that saves a read, never the only place where it is."""


@value(frozen=True, slots=True, kw_only=True)
class Sent:
    """The next hop took it over."""

    number: int
    response: Response


@value(frozen=True, slots=True, kw_only=True)
class Failed:
    """Given up for good; who is told is decided elsewhere (DECISIONS 14)."""

    number: int
    response: Response


@value(frozen=True, slots=True, kw_only=True)
class Deferred:
    """To be tried again."""

    number: int
    response: Response
    next_due: float
    lane: str
    delay_told: bool
    attempted: bool = True
    """False where no try was made (its lane is suspended, its rule vanished): the count of attempts stays."""


@value(frozen=True, slots=True, kw_only=True)
class NotForwarded:
    """Scan only: ended without a next hop."""

    number: int


@value(frozen=True, slots=True, kw_only=True)
class Moved:
    """It goes on in another copy, which the same commit plans: here it is dropped, and no attempt was made."""

    number: int


Outcome = Sent | Failed | Deferred | NotForwarded
"""What may become of an attempt."""
Ending = Outcome | Moved
"""What may become of a delivery in its copy."""


@value(frozen=True, slots=True, kw_only=True)
class Hop:
    """The server that an attempt spoke to; `ip` is empty where none could be reached."""

    name: str
    ip: str = ""
    port: int = 0
    tls: str = ""
    """Version and cipher, or empty for clear text."""
