"""Names for new things."""

from typing import Protocol

from mailock.core.mail.message import QueueId


class Ids(Protocol):
    """Makes names that no other node and no other moment makes."""

    def queue_id(self) -> QueueId:
        """A new queue id, larger than every one this node made before, also across a restart."""
        ...

    def session_id(self) -> str:
        """A new session id: short, and unique to this node."""
        ...
