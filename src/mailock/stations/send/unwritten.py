"""Judgements that are carried out before they are written.

A message that nothing is due to be examined of is judged as it comes in, and mostly it is gone a few milliseconds
later. To write copies and deliveries only to delete them again would cost more than everything else. So such a
judgement waits here, and is written with what came of it: a message that all recipients were served of closes, in one
commit, without ever having had a copy; whatever else happens (deferred, refused, put back), the judgement is written
in the same commit, ahead of that.

After a crash the message is ACCEPTED, as the queue says, and is judged again. What might have been sent is sent
again, just as with any attempt that was open.
"""

from mailock.core.mail.message import QueueId
from mailock.core.policy.plan import Plan


class Unwritten:
    """The judgements of messages that send has in hand, each until its message is settled, rerouted or put back."""

    def __init__(self) -> None:
        self._plans: dict[QueueId, Plan] = {}

    def add(self, queue_id: QueueId, plan: Plan) -> None:
        """Keeps a judgement."""
        self._plans[queue_id] = plan

    def has(self, queue_id: QueueId) -> bool:
        """Whether a message's judgement is not written yet."""
        return queue_id in self._plans

    def take(self, queue_id: QueueId) -> Plan | None:
        """The judgement, which the caller now writes; None where it is written already."""
        return self._plans.pop(queue_id, None)
