"""A message that is refused while its client waits (DECISIONS 12): never ours, and its story is told all the same.

It is refused only where that is decided for every recipient; `decide` has made sure of that.
"""

from dataclasses import replace

from mailock.core.lifecycle.changes import Staged
from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.events import Accepted, Event, Noted
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.mail.message import Message
from mailock.core.policy.copying import decided, told
from mailock.core.policy.decide import Judgement


def is_refused(judgement: Judgement | None) -> bool:
    """Whether all recipients' decision is to reject."""
    return judgement is not None and all(one.disposition is Disposition.REJECT for one in judgement.decisions)


def refusal(
    message: Message, revision: int, judgement: Judgement, started: float, now: float, document: bytes, reply: str
) -> tuple[Staged, tuple[Event, ...]]:
    """The end of an offered message, and what the log is told. `reply`: what its client is told."""
    event = replace(told(message, revision, judgement, started, now, document), decisions=decided(judgement.decisions))
    noted = Noted(queue_id=message.queue_id, at=now, text=f"The client was told: {reply}")
    closed = Staged(queue_id=message.queue_id, before=MessageStage.OFFERED, after=MessageStage.CLOSED)
    return closed, (Accepted(message=message), event, noted)
