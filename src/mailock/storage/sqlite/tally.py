"""What is counted, so that nobody has to count a million rows: written in one small row with every group of commits.

It is exact because it changes in the transactions that change what it counts.
"""

from typing import Final

import msgspec

from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.message import QueueId

MESSAGE_STAGES: Final = tuple(stage for stage in MessageStage if stage is not MessageStage.CLOSED)
COPY_STAGES: Final = tuple(stage for stage in CopyStage if stage is not CopyStage.CLOSED)


class Tally(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """The counters. Lists are indexed by stage and have a place for CLOSED, which stays 0."""

    version: int = 1
    messages: list[int] = msgspec.field(default_factory=lambda: [0] * len(MessageStage))
    copies: list[int] = msgspec.field(default_factory=lambda: [0] * len(CopyStage))
    pending: int = 0
    deferred: int = 0
    sequence: int = 0
    """The last number of the outbox."""
    last_id: int = 0
    """The largest queue id that was ever given, in a message or a refusal."""

    def encoded(self) -> bytes:
        """As it is stored."""
        return _encode(self)

    def branch(self) -> "Tally":
        """A copy, to go back to where a transaction fails."""
        return Tally(
            self.version,
            self.messages[:],
            self.copies[:],
            self.pending,
            self.deferred,
            self.sequence,
            self.last_id,
        )

    @property
    def floor(self) -> QueueId | None:
        """Below which no new id may be made."""
        return QueueId(self.last_id) if self.last_id else None


_encode: Final = msgspec.msgpack.Encoder().encode
decode_tally: Final = msgspec.msgpack.Decoder(Tally).decode
