"""Takes custody of mail that the process writes to people by itself: alerts, digests, and what people order."""

from collections.abc import Callable, Sequence

from mailock.core.lifecycle.changes import Commit, Entry
from mailock.core.lifecycle.events import Accepted
from mailock.core.mail.address import Address
from mailock.core.mail.message import DEFAULT_SYSTEM, OwnMail, QueueId
from mailock.core.notices.notice import Enclosed, write_notice
from mailock.operations.digests import Post
from mailock.ports.queue import Intake
from mailock.stations.turn.postmaster import Postmaster


class Posting:
    """The way of such mail into the queue. `hand_on` has it judged."""

    def __init__(self, postmaster: Postmaster, intake: Intake, hand_on: Callable[[Sequence[Entry]], None]) -> None:
        self._postmaster = postmaster
        self._intake = intake
        self._hand_on = hand_on

    async def submit(self, subject: str, text: str, to: tuple[str, ...]) -> QueueId:
        """Takes custody of a notice. Raises StoreFailed."""
        return await self._write(subject, text, to, None, OwnMail.NOTICE)

    async def report(self, subject: str, text: str, to: tuple[str, ...], enclosed: Enclosed) -> QueueId:
        """Takes custody of a report. Raises StoreFailed."""
        return await self._write(subject, text, to, enclosed, OwnMail.REPORT)

    async def send(self, entry: Entry) -> None:
        """Takes custody of anything that the postmaster wrote. Raises StoreFailed."""
        await self._intake.enter(Commit(entries=(entry,), events=(Accepted(message=entry.message),)), leased=True)
        self._hand_on((entry,))

    @property
    def of_digests(self) -> Post:
        """How digests are written and sent."""
        return Post(letterhead=self._postmaster.letterhead, write=self._postmaster.entry, send=self.send)

    async def _write(
        self, subject: str, text: str, to: tuple[str, ...], enclosed: Enclosed | None, own: str
    ) -> QueueId:
        addresses = [Address(*one.rpartition("@")[::2]) for one in to]
        letterhead = self._postmaster.letterhead()
        written = write_notice(letterhead, to=addresses, subject=subject, text=text, enclosed=enclosed)
        entry = self._postmaster.entry(written, addresses, own, DEFAULT_SYSTEM)
        await self.send(entry)
        return entry.message.queue_id
