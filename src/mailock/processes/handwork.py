"""The stations of this process, as people's hands need them."""

from collections.abc import Callable, Collection, Iterable, Sequence

from mailock.core.mail.message import QueueId
from mailock.ports.queue import Waiting
from mailock.ports.stations import CopyName, Recalled
from mailock.stations.send.station import Send
from mailock.stations.turn.hints import Hints


class StationsAtWork:
    """Implements `ports.stations.Stations` over send, the hints of judge, and remake (its `miss`), where it works."""

    def __init__(self, send: Send, hints: Hints[Waiting], remake: Callable[[], None] | None = None) -> None:
        self._send = send
        self._hints = hints
        self._remake = remake

    async def write_down(self, messages: Collection[QueueId]) -> bool:
        """Writes judgements that wait in memory."""
        return await self._send.write_down(messages)

    def recall(self, copies: Collection[CopyName]) -> Sequence[Recalled]:
        """Takes out of memory what waits there of these copies."""
        return self._send.recall(copies)

    def expect(self, lanes: Iterable[str]) -> None:
        """Send looks at these lanes."""
        self._send.expect(lanes)

    def try_now(self, lanes: Iterable[str]) -> None:
        """Send tries these lanes, whatever it knows of them."""
        self._send.try_now(lanes)

    def judge(self) -> None:
        """Judge looks at the queue."""
        self._hints.miss()

    def remake(self) -> None:
        """Remake looks at the queue."""
        if self._remake is not None:
            self._remake()
