"""The log's record of one message, with a record of each of its recipients in it: what people look up when they ask
what became of a mail.

`apply.apply` makes it. What came from outside (header fields, HELO, replies) is kept as it stood; whoever shows it
makes it harmless first.
"""

from dataclasses import dataclass
from typing import Final

from mailock.core.lifecycle.copies import Disposition, Hop, Response
from mailock.core.lifecycle.events import Refused, Scan
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import Glimpse, Message, QueueId
from mailock.core.mail.status import Status, least_finished

NOTHING_SEEN: Final = Glimpse()


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
    changes: tuple[str, ...] = ()
    """What was changed for this recipient, in sentences."""
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
class Record:
    """What the log knows of one message, or of one source's refusals of a minute. Times are Unix seconds."""

    queue_id: QueueId
    arrival: float
    updated: float
    """When the last thing happened to it."""
    recipients: tuple[RecipientRecord, ...]
    message: Message | None = None
    """The message as it was taken; None for refusals, and where the beginning of its story was lost (`gap`)."""
    refused: Refused | None = None
    """What was refused before custody: then there is no message. Its count grows with the repeats of a minute."""
    duplicate: bool | None = None
    """Whether the same octets came from the same sender before; None: nobody looked (`LogReader.repeated`)."""
    scan_started: float | None = None
    scan_ended: float | None = None
    judge_revision: int | None = None
    """The policy revision that judged it."""
    verdict: str = ""
    scan: Scan | None = None
    """What the examination came to; None where nothing was examined."""
    skipped: bool = False
    """Whether it went unexamined."""

    @property
    def status(self) -> Status:
        """That of its least finished recipient (DECISIONS 19)."""
        return least_finished(r.status for r in self.recipients) if self.recipients else Status.NEW

    @property
    def least(self) -> RecipientRecord | None:
        """The least finished recipient, the earliest of several: its status, rule and reason are the message's."""
        return min(self.recipients, key=lambda r: r.status.rank, default=None)

    @property
    def gap(self) -> bool:
        """Whether the beginning of its story was lost while the log was broken."""
        return self.message is None and self.refused is None

    @property
    def delivered_at(self) -> float | None:
        """When the last of its recipients was delivered; None before the first is."""
        return max((r.delivered_at for r in self.recipients if r.delivered_at is not None), default=None)

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Every direction that a recipient has, each once."""
        return tuple(direction for direction in Direction if any(r.direction is direction for r in self.recipients))

    @property
    def sender(self) -> str:
        """The envelope's sender, `<>` for the null reverse-path; empty where it is not known."""
        if self.message is not None:
            return sender_text(self.message.envelope.sender)
        return self.refused.sender if self.refused is not None else ""

    @property
    def source_ip(self) -> str:
        """Where it came from; empty where that is not known."""
        if self.message is not None:
            return self.message.origin.ip
        return self.refused.source_ip if self.refused is not None else ""

    @property
    def untrusted_helo(self) -> str:
        """What the source called itself."""
        if self.message is not None:
            return self.message.origin.untrusted_helo
        return self.refused.untrusted_helo if self.refused is not None else ""

    @property
    def listener(self) -> str:
        """The listener that it came in by."""
        if self.message is not None:
            return self.message.origin.listener
        return self.refused.listener if self.refused is not None else ""

    @property
    def glimpse(self) -> Glimpse:
        """The header fields that were seen, as they stood."""
        return self.message.glimpse if self.message is not None else NOTHING_SEEN

    @property
    def virtual_system(self) -> str:
        """The virtual system that it belongs to; empty for refusals, which come before that is known."""
        return self.message.virtual_system if self.message is not None else ""

    @property
    def size(self) -> int:
        """Octets of the message as it came; 0 where there is none."""
        return self.message.body.size if self.message is not None else 0


def sender_text(sender: Address | None) -> str:
    """An envelope's sender as the log writes it."""
    return str(sender) if sender is not None else "<>"
