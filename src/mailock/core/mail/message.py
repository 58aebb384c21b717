"""A message that we took custody of: where it came from, its envelope, the reference to its bytes, and when.

The bytes themselves are immutable and lie in the spool; `BodyRef` names them. What we put in front of them (the trace
header, later seals) is kept beside them, so a message that is not changed leaves with the very bytes that came.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NewType

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Recipient
from mailock.core.mail.origin import Origin
from mailock.core.mail.value import value

QueueId = NewType("QueueId", int)
"""Names a message for life: milliseconds, node and counter in 63 bits, so it grows with time. Shown by `show_id`."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PAIRS = tuple(high + low for high in _ALPHABET for low in _ALPHABET)
"""Two letters for ten bits: half as many look-ups, and every message is shown once at least."""
_VALUES = {c: n for n, c in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
DEFAULT_SYSTEM = "default"
"""The virtual system that always exists."""


def show_id(queue_id: QueueId) -> str:
    """The queue id as people see it: 13 letters and digits (Crockford's base 32), which sort as the ids do."""
    n, pairs = queue_id, PAIRS
    return (
        _ALPHABET[n >> 60]
        + pairs[n >> 50 & 1023]
        + pairs[n >> 40 & 1023]
        + pairs[n >> 30 & 1023]
        + pairs[n >> 20 & 1023]
        + pairs[n >> 10 & 1023]
        + pairs[n & 1023]
    )


def read_id(text: str) -> QueueId:
    """The queue id that a person typed. Raises ValueError where it is none."""
    number = 0
    for character in text.strip().upper():
        if character not in _VALUES:
            raise ValueError(f"{text!r} is not a queue id: {character!r} never stands in one")
        number = number << 5 | _VALUES[character]
    if len(text.strip()) != 13 or number >= 1 << 63:
        raise ValueError(f"{text!r} is not a queue id: one has 13 letters and digits")
    return QueueId(number)


@value(frozen=True, slots=True)
class BodyRef:
    """Names immutable bytes in the spool.

    `name` is theirs alone; `sha256` (lower-case hex) and `size` say what they are.
    """

    name: int
    sha256: str
    size: int
    inline: bool
    """Whether the bytes lie in the queue's own store (small) or in a file of the spool (large)."""


@value(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """The few header fields that the log shows of every message, as they stood:

    not decoded, not believed, cut to 998 octets.
    """

    message_id: str = ""
    subject: str = ""
    from_: str = ""
    to: str = ""
    cc: str = ""


class OwnMail:
    """The kinds of mail that we write ourselves (DECISIONS 15); `Message.own` holds one, or None for other people's
    mail.
    """

    DSN = "dsn"
    NOTICE = "notice"
    COPY = "copy"
    ARCHIVE = "archive"
    """The message itself, for those whom a rule adds to its recipients. It is in others' words: we never sign it."""
    REPORT = "report"
    DIGEST = "digest"


@value(frozen=True, slots=True, kw_only=True)
class Message:
    """What we took custody of. Never changes; its stage is kept beside it by the queue."""

    queue_id: QueueId
    session_id: str
    ordinal: int
    """Which transaction of its session this was, from 1."""
    virtual_system: str
    node: str
    origin: Origin
    envelope: Envelope
    body: BodyRef
    trace: bytes
    """The Received field that we put in front, with its final CRLF (RFC 5321 section 4.4)."""
    glimpse: Glimpse
    accepted_at: float
    """Unix time in seconds."""
    revision: int
    """The policy revision that accepted it."""
    own: str | None = None
    parent: QueueId | None = None
    """The message that this one was made from: a DSN's original, the other part of a transaction that was split."""


def for_others(
    original: Message,
    to: Sequence[Address],
    *,
    own: str,
    queue_id: QueueId,
    session_id: str,
    node: str,
    accepted_at: float,
    revision: int,
) -> Message:
    """The same octets as a message of ours to others, from the null path: what they do not take comes back to nobody.

    It needs SMTPUTF8 where the original does, or an address of theirs (RFC 6531 section 3.4).
    """
    was = original.envelope
    return replace(
        original,
        queue_id=queue_id,
        session_id=session_id,
        ordinal=1,
        node=node,
        envelope=Envelope(
            sender=None,
            recipients=tuple(Recipient(one, Direction.OUTGOING) for one in to),
            body_type=was.body_type,
            smtputf8=was.smtputf8 or not all(one.is_ascii for one in to),
        ),
        accepted_at=accepted_at,
        revision=revision,
        own=own,
        parent=original.queue_id,
    )
