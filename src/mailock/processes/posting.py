"""Takes custody of mail that the process writes to people by itself: alerts, and what people ordered to be sent."""

from collections.abc import Callable, Sequence

from mailock.core.lifecycle.changes import Commit, Entry
from mailock.core.lifecycle.events import Accepted
from mailock.core.mail.address import Address
from mailock.core.mail.message import DEFAULT_SYSTEM, OwnMail
from mailock.core.notices.notice import write_notice
from mailock.stations.turn.postmaster import Postmaster
from mailock.storage.sqlite.queue import SqliteQueue


class Posting:
    """The way of such mail into the queue. `letters` gives who writes it; `hand_on` has it judged."""

    def __init__(
        self, queue: SqliteQueue, letters: Callable[[], Postmaster], hand_on: Callable[[Sequence[Entry]], None]
    ) -> None:
        self._queue, self._letters, self._hand_on = queue, letters, hand_on

    async def submit(self, subject: str, text: str, to: tuple[str, ...]) -> None:
        """Takes custody of a notice. Raises StoreFailed."""
        addresses = [Address(*one.rpartition("@")[::2]) for one in to]
        postmaster = self._letters()
        written = write_notice(postmaster.letterhead(), to=addresses, subject=subject, text=text)
        entry = postmaster.entry(written, addresses, OwnMail.NOTICE, DEFAULT_SYSTEM)
        await self._queue.enter(Commit(entries=(entry,), events=(Accepted(message=entry.message),)), leased=True)
        self._hand_on((entry,))
