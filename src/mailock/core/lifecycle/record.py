"""The log's record of one message, with a record of each of its recipients in it: what people look up when they ask
what became of a mail.

`apply.apply` makes it. What came from outside (header fields, HELO, replies) is kept as it stood; whoever shows it
makes it harmless first.
"""

from dataclasses import dataclass

from mailock.core.lifecycle.copies import Disposition, Hop, Response
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import QueueId
from mailock.core.mail.status import Status, least_finished


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientRecord:
    """What became of a message for one recipient. Times are Unix seconds."""

    number: int
    """Its place in the envelope, from 0."""
    address: str
    """As it stands between angle brackets; empty where the beginning of the message's story was lost."""
    direction: Direction | None
    status: Status
    status_at: float
    disposition: Disposition | None = None
    rule: str = ""
    because: tuple[str, ...] = ()
    quarantine_class: str | None = None
    attempts: int = 0
    last_attempt: float | None = None
    next_try: float | None = None
    hop: Hop | None = None
    """The server of the latest try."""
    reply: Response | None = None
    """What it said."""
    delivered_at: float | None = None
    by: str = ""
    """Who or what ended, held or released it: a rule, a person, an expiry date."""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """What is kept of commands that were refused before custody: then there is a record without a message."""

    until: float
    count: int
    recipient: str
    reply: str
    why: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One message in the log, or one source's refusals of a minute (`rejection`). What is unknown is None or empty."""

    queue_id: QueueId
    arrival: float
    updated: float
    """When the status last changed, or a line was last written."""
    recipients: tuple[RecipientRecord, ...]
    parent: QueueId | None = None
    own: str | None = None
    session_id: str = ""
    ordinal: int = 0
    virtual_system: str = ""
    node: str = ""
    untrusted_message_id: str = ""
    untrusted_subject: str = ""
    untrusted_from: str = ""
    untrusted_to: str = ""
    untrusted_cc: str = ""
    sender: str = ""
    """The envelope's sender; `<>` for the null reverse-path."""
    source_ip: str = ""
    source_port: int = 0
    untrusted_helo: str = ""
    protocol: str = ""
    listener: str = ""
    internal: bool = False
    authenticated_as: str | None = None
    proxy_ip: str | None = None
    tls_in: str = ""
    """Version and cipher of the sending side's connection; empty for clear text."""
    size: int = 0
    sha256: str = ""
    duplicate: bool | None = None
    """Whether the same bytes came from the same sender before; None: nobody looked."""
    accept_revision: int | None = None
    judge_revision: int | None = None
    scan_started: float | None = None
    scan_ended: float | None = None
    verdict: str = ""
    skipped: bool = False
    rejection: Rejection | None = None
    gap: bool = False
    """Whether the beginning of its story was lost while the log was broken."""

    @property
    def status(self) -> Status:
        """That of its least finished recipient (DECISIONS 19)."""
        return least_finished(r.status for r in self.recipients) if self.recipients else Status.NEW

    @property
    def least(self) -> RecipientRecord | None:
        """The least finished recipient, the earliest of several: its status, rule and reason are the message's."""
        return min(self.recipients, key=lambda r: r.status.rank, default=None)

    @property
    def delivered_at(self) -> float | None:
        """When the last of its recipients was delivered; None before the first is."""
        return max((r.delivered_at for r in self.recipients if r.delivered_at is not None), default=None)

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Every direction that a recipient has, each once."""
        return tuple(direction for direction in Direction if any(r.direction is direction for r in self.recipients))
