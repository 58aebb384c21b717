"""What happened to a message, as the log is told it. Events are past, and are written with the change that they tell
of.

An event names recipients by their place in the envelope. The log's record of a message is `apply.apply` over its
events.
"""

from mailock.core.lifecycle.copies import Disposition, Hop, Outcome
from mailock.core.mail.message import Message, QueueId
from mailock.core.mail.value import value


@value(frozen=True, slots=True, kw_only=True)
class Accepted:
    """We took custody: status `new`."""

    message: Message


@value(frozen=True, slots=True, kw_only=True)
class ScanStarted:
    """An examination began that will not end at once: status `scan_started`."""

    queue_id: QueueId
    at: float


@value(frozen=True, slots=True, kw_only=True)
class Decided:
    """Policy's decision for some recipients, and why; `deliver` and `hold` are then in the queue's hands."""

    recipients: tuple[int, ...]
    disposition: Disposition
    rule: str
    because: tuple[str, ...]
    quarantine_class: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class Outline:
    """What an examined message consists of, in a few words: what people look for, and what is summed."""

    kind: str
    """The most telling of what is in it (core/evidence/outline.py)."""
    attachments: int
    """Files that a client would list; those inside others are not counted."""
    links: int
    """Different URLs that it leads to."""
    detections: tuple[str, ...]
    """The kinds of findings that are suspicious or worse, each once."""
    unfinished: tuple[str, ...]
    """The engines that could not look at all that was due, each once."""
    files: tuple[str, ...] = ()
    """Names of files, in any reading and inside of others too, each once; printable, and cut."""
    hashes: tuple[str, ...] = ()
    """SHA-256 of files, lower-case hex, each once."""
    urls: tuple[str, ...] = ()
    """Where it leads to, each once; printable, and cut."""


@value(frozen=True, slots=True, kw_only=True)
class Scan:
    """What an examination came to, beside its verdict."""

    confidence: str
    mail_class: str
    score: float
    """Of the mail class: the higher, the less wanted."""
    document: bytes
    """Everything that was seen and decided, as it was written: for `mailock show`, and for judging it again."""
    outline: Outline | None = None
    """None where an earlier Mailock examined it."""


@value(frozen=True, slots=True, kw_only=True)
class Judged:
    """The scan ended and policy decided: status `scan_ended`, or what the dispositions say."""

    queue_id: QueueId
    started: float
    at: float
    revision: int
    verdict: str
    decisions: tuple[Decided, ...]
    skipped: bool = False
    """Whether it goes unexamined because it was late: status `skipped` once delivered."""
    scan: Scan | None = None
    """None where nothing was examined."""


@value(frozen=True, slots=True, kw_only=True)
class Attempted:
    """One try at a next hop, with its outcome for each recipient."""

    queue_id: QueueId
    started: float
    at: float
    hop: Hop
    outcomes: tuple[Outcome, ...]


@value(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """Kept from some recipients, after judging: undeliverable, late, or by a person."""

    queue_id: QueueId
    at: float
    recipients: tuple[int, ...]
    quarantine_class: str
    why: str


@value(frozen=True, slots=True, kw_only=True)
class Held:
    """Kept in the queue until somebody lets it go: by a person, or shunted."""

    queue_id: QueueId
    at: float
    recipients: tuple[int, ...]
    by: str
    why: str


@value(frozen=True, slots=True, kw_only=True)
class Released:
    """Let go from quarantine or hold by a person."""

    queue_id: QueueId
    at: float
    recipients: tuple[int, ...]
    by: str
    why: str = ""


@value(frozen=True, slots=True, kw_only=True)
class Remade:
    """A copy was changed for its recipients, and may be sent."""

    queue_id: QueueId
    at: float
    recipients: tuple[int, ...]
    changes: tuple[str, ...]
    """What was changed, a sentence each; what they quote of the mail is cut and printable."""
    sha256: str
    """Of the body that goes out, lower-case hex."""
    size: int


@value(frozen=True, slots=True, kw_only=True)
class Discarded:
    """Ended without delivery: by a named rule, a named person, or an expiry date. `by` says which."""

    queue_id: QueueId
    at: float
    recipients: tuple[int, ...]
    by: str
    why: str


@value(frozen=True, slots=True, kw_only=True)
class Returned:
    """Ended as a failure that its sender is told of, not by a next hop but by us: late mail blocked, `queue bounce`."""

    queue_id: QueueId
    at: float
    recipients: tuple[int, ...]
    by: str
    why: str


@value(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something worth a line in the message's history that changes no status: late, a notice sent, a retry by hand."""

    queue_id: QueueId
    at: float
    text: str


@value(frozen=True, slots=True, kw_only=True)
class Refused:
    """A command was refused before we took custody:

    status `rejected`. Repeats of one source in a minute are counted in one.
    """

    refusal_id: QueueId
    at: float
    until: float
    count: int
    source_ip: str
    untrusted_helo: str
    listener: str
    sender: str
    recipient: str
    reply: str
    why: str
    """What we log; `reply` is what the peer was told."""
    reference: str = ""
    """The code that the reply carried, for `mailock show`."""


Event = (
    Accepted
    | ScanStarted
    | Judged
    | Remade
    | Attempted
    | Quarantined
    | Held
    | Released
    | Discarded
    | Returned
    | Noted
    | Refused
)
