"""Takes custody of mail that the process writes to people by itself: alerts, and what people ordered to be sent."""

from collections.abc import Callable, Sequence

from mailock.core.lifecycle.changes import Commit, Entry
from mailock.core.lifecycle.events import Accepted
from mailock.core.mail.address import Address
from mailock.core.mail.message import DEFAULT_SYSTEM, OwnMail, QueueId
from mailock.core.notices.notice import Enclosed, write_notice
from mailock.stations.turn.postmaster import Postmaster
from mailock.storage.sqlite.queue import SqliteQueue


class Posting:
    """The way of such mail into the queue. `letters` gives who writes it; `hand_on` has it judged."""

    def __init__(
        self, queue: SqliteQueue, letters: Callable[[], Postmaster], hand_on: Callable[[Sequence[Entry]], None]
    ) -> None:
        self._queue, self._letters, self._hand_on = queue, letters, hand_on

    async def submit(self, subject: str, text: str, to: tuple[str, ...]) -> QueueId:
        """Takes custody of a notice. Raises StoreFailed."""
        return await self._post(subject, text, to, None, OwnMail.NOTICE)

    async def report(self, subject: str, text: str, to: tuple[str, ...], enclosed: Enclosed) -> QueueId:
        """Takes custody of a report. Raises StoreFailed."""
        return await self._post(subject, text, to, enclosed, OwnMail.REPORT)

    async def _post(self, subject: str, text: str, to: tuple[str, ...], enclosed: Enclosed | None, own: str) -> QueueId:
        addresses = [Address(*one.rpartition("@")[::2]) for one in to]
        postmaster = self._letters()
        letterhead = postmaster.letterhead()
        written = write_notice(letterhead, to=addresses, subject=subject, text=text, enclosed=enclosed)
        entry = postmaster.entry(written, addresses, own, DEFAULT_SYSTEM)
        await self._queue.enter(Commit(entries=(entry,), events=(Accepted(message=entry.message),)), leased=True)
        self._hand_on((entry,))
        return entry.message.queue_id
