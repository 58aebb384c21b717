"""What people's hands ask of the stations that run.

Stations keep work in memory, as hints. When a person changes the queue under them, they have to let go of what they
have, or to look at the queue again. While mailflow is down there are no stations, and nothing has to be asked of them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mailock.core.mail.message import QueueId

CopyName = tuple[QueueId, int]
"""A message's queue id, and the number of one of its copies."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """Deliveries of one copy in one lane that waited in memory and wait there no more."""

    queue_id: QueueId
    copy: int
    numbers: tuple[int, ...]
    lane: str


class Stations(Protocol):
    """The stations of the process. Every call but `write_down` returns at once."""

    async def write_down(self, messages: Collection[QueueId]) -> bool:
        """Writes the judgements of these messages that wait in memory with their outcome still to come.

        Afterwards the queue knows their copies, and nobody has them in hand. Returns whether there were any; what is on
        a connection is left alone.
        """
        ...

    def recall(self, copies: Collection[CopyName]) -> Sequence[Recalled]:
        """Takes out of memory what waits there of these copies, so that nothing of them sets out.

        What is on a connection goes on. The leases stay; whoever recalls puts them back, and says `expect`.
        """
        ...

    def expect(self, lanes: Iterable[str]) -> None:
        """The queue has something for these lanes that send does not know of."""
        ...

    def try_now(self, lanes: Iterable[str]) -> None:
        """The same, and a person wants it tried at once: suspended lanes are resumed, dead servers tried again."""
        ...

    def judge(self) -> None:
        """The queue has messages that wait to be judged."""
        ...

    def remake(self) -> None:
        """The queue has copies that wait to be changed."""
        ...


class NoStations:
    """Nobody works: mailflow is down, and the queue alone says what there is to do."""

    async def write_down(self, messages: Collection[QueueId]) -> bool:
        """Everything is written."""
        return False

    def recall(self, copies: Collection[CopyName]) -> Sequence[Recalled]:
        """Nothing waits in memory."""
        return ()

    def expect(self, lanes: Iterable[str]) -> None:
        """At its start send looks at all lanes."""

    def try_now(self, lanes: Iterable[str]) -> None:
        """After a start nothing is suspended."""

    def judge(self) -> None:
        """At its start judge looks at all messages."""

    def remake(self) -> None:
        """At its start remake looks at all copies."""
