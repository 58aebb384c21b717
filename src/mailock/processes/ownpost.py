"""Mail that we write ourselves and that follows from no message: alerts, digests."""

from collections.abc import Callable, Sequence

from mailock.core.lifecycle.changes import Commit, Entry
from mailock.core.lifecycle.events import Accepted
from mailock.core.mail.address import Address
from mailock.core.mail.message import DEFAULT_SYSTEM, OwnMail
from mailock.core.notices.notice import write_notice
from mailock.operations.digests import Post
from mailock.ports.queue import Intake
from mailock.stations.turn.postmaster import Postmaster


class OwnPost:
    """Takes custody of it. `hand_on` hands what is in the queue, and leased, to be judged."""

    def __init__(self, postmaster: Postmaster, intake: Intake, hand_on: Callable[[Sequence[Entry]], None]) -> None:
        self._postmaster = postmaster
        self._intake = intake
        self._hand_on = hand_on

    async def submit(self, subject: str, text: str, to: tuple[str, ...]) -> None:
        """An alert. Raises StoreFailed."""
        addresses = [Address(*one.rpartition("@")[::2]) for one in to]
        written = write_notice(self._postmaster.letterhead(), to=addresses, subject=subject, text=text)
        await self.send(self._postmaster.entry(written, addresses, OwnMail.NOTICE, DEFAULT_SYSTEM))

    async def send(self, entry: Entry) -> None:
        """Anything that the postmaster wrote. Raises StoreFailed."""
        await self._intake.enter(Commit(entries=(entry,), events=(Accepted(message=entry.message),)), leased=True)
        self._hand_on((entry,))

    @property
    def of_digests(self) -> Post:
        """How digests are written and sent."""
        return Post(letterhead=self._postmaster.letterhead, write=self._postmaster.entry, send=self.send)
