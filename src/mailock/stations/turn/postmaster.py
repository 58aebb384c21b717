"""Tells senders what became of their mail: decides who may be told, writes the notice, and readies it for the queue.

A notice is a message of our own. It is entered in the very commit that records what it tells of. Where a sender may
not be told (nothing proves that he is the sender, and the rate for his domain is used up), the failed message itself
is to be kept, in quarantine, as *undeliverable*.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from mailock.core.lifecycle.changes import Entry
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Recipient, Ret
from mailock.core.mail.message import BodyRef, Message, OwnMail, for_others
from mailock.core.mail.origin import Origin
from mailock.core.mime.headers import LOOKED_AT, glimpse, header_block
from mailock.core.notices.compose import Letterhead, Written
from mailock.core.notices.copy import write_copy
from mailock.core.notices.dsn import write_dsn
from mailock.core.notices.report import Nobody, Report, Told, ToldBriefly, Undeliverable, how_much, trust, who_is_told
from mailock.core.policy.copies import Ordered, Passed
from mailock.core.policy.installed import Installed
from mailock.ports.bodies import Bodies
from mailock.ports.clock import Clock
from mailock.ports.ids import Ids
from mailock.ports.notices import Letters
from mailock.stations.turn.buckets import Buckets

COPIED_WHOLE = 30 << 20
"""Octets of a message that is attached whole to a copy; of a larger one only the header is."""
OURSELVES = Origin(ip="127.0.0.1", port=0, untrusted_helo="", protocol="ESMTP", listener="own", internal=True)


class Postmaster:
    """Writes for the whole process: the Notices of stations and of people's hands."""

    def __init__(self, *, bodies: Bodies, clock: Clock, ids: Ids, node: str, standing: Callable[[], Installed]) -> None:
        self._bodies = bodies
        self._clock = clock
        self._ids = ids
        self._node = node
        self._standing = standing
        self._rates = Buckets(clock)

    async def tell(self, message: Message, reports: Sequence[Report], content: bytes | None) -> Letters:
        """The notices that follow from these reports. `content` is the message's body where it is at hand.

        Raises OSError or KeyError where the body is needed and cannot be read.
        """
        installed = self._standing()
        tellable: list[Report] = []
        undeliverable: list[Report] = []
        briefly, why = False, ""
        for report in reports:
            told = who_is_told(
                message, report.recipient, report.kind, trust=trust(message), monitoring=installed.routes.monitor_only
            )
            match told:
                case Told():
                    tellable.append(report)
                case ToldBriefly(domain=domain, otherwise=otherwise):
                    if self._rates.take(domain, installed.delivery.notice_rate):
                        tellable.append(report)
                        briefly = True
                    elif isinstance(otherwise, Undeliverable):
                        undeliverable.append(report)
                        why = otherwise.why
                case Undeliverable(why=reason):
                    undeliverable.append(report)
                    why = reason
                case Nobody():
                    pass
        if not tellable:
            return Letters(undeliverable=tuple(undeliverable), why=why)
        entry = await self._notice(message, tellable, content, installed, briefly=briefly)
        return Letters(entries=(entry,), undeliverable=tuple(undeliverable), why=why)

    def entry(
        self, written: Written, to: Sequence[Address], own: str, system: str, parent: Message | None = None
    ) -> Entry:
        """Mail of our own, ready for the queue: from the null path, outgoing."""
        now, installed = self._clock.now(), self._standing()
        recipients = tuple(Recipient(address, Direction.OUTGOING) for address in to)
        message = Message(
            queue_id=self._ids.queue_id(),
            session_id=self._ids.session_id(),
            ordinal=1,
            virtual_system=system,
            node=self._node,
            origin=OURSELVES,
            envelope=Envelope(
                sender=None, recipients=recipients, body_type=written.body_type, smtputf8=written.smtputf8
            ),
            body=BodyRef(
                self._ids.queue_id(), hashlib.sha256(written.content).hexdigest(), len(written.content), inline=True
            ),
            trace=b"",
            glimpse=glimpse(header_block(written.content)),
            accepted_at=now,
            revision=installed.revision,
            own=own,
            parent=parent.queue_id if parent is not None else None,
        )
        return Entry(message=message, content=written.content)

    async def copies(
        self, message: Message, ordered: Sequence[Ordered | Passed], content: bytes | None
    ) -> tuple[Entry, ...]:
        """Copies for those who watch, and the message for those who are added, ready for the queue. `content` is the
        message's body where it is at hand.

        Raises OSError or KeyError where the body cannot be read, or a copy not be written.
        """
        whole = message.body.size <= COPIED_WHOLE
        if content is None and (message.body.inline or any(isinstance(one, Ordered) for one in ordered)):
            content = await self._read(message, message.body.size if whole else LOOKED_AT)
        entries = []
        for one in ordered:
            to = [Address(*address.rpartition("@")[::2]) for address in one.to]
            if isinstance(one, Passed):
                entries.append(
                    Entry(message=self._again(message, to), content=content if message.body.inline else None)
                )
                continue
            assert content is not None
            written = write_copy(
                message, self.letterhead(), to=to, subject=one.subject, text=one.text, original=content, whole=whole
            )
            entry = self.entry(written, to, OwnMail.COPY, message.virtual_system, message)
            entries.append(await self._kept(entry))
        return tuple(entries)

    def _again(self, message: Message, to: Sequence[Address]) -> Message:
        return for_others(
            message,
            to,
            own=OwnMail.ARCHIVE,
            queue_id=self._ids.queue_id(),
            session_id=self._ids.session_id(),
            node=self._node,
            accepted_at=self._clock.now(),
            revision=self._standing().revision,
        )

    async def _kept(self, entry: Entry) -> Entry:
        """The same, with its body in a file where it is too large for the queue."""
        assert entry.content is not None
        draft = self._bodies.draft(entry.message.body.name)
        try:
            draft.write(entry.content)
            kept = draft.finish_small() or await draft.finish()
        except BaseException:
            draft.abandon()
            raise
        return Entry(message=replace(entry.message, body=kept.ref), content=kept.content)

    def letterhead(self) -> Letterhead:
        """What a new letter of ours bears."""
        hostname = self._standing().hostname
        token = secrets.token_hex(12)
        return Letterhead(
            hostname=hostname,
            from_=Address("postmaster", hostname),
            at=self._clock.now(),
            message_id=f"{token}@{hostname}",
            boundary=f"mailock-{secrets.token_hex(12)}",
        )

    async def _notice(
        self, message: Message, reports: Sequence[Report], content: bytes | None, installed: Installed, *, briefly: bool
    ) -> Entry:
        limit = installed.delivery.return_size
        kinds = {how_much(message, report.kind, limit=limit) for report in reports}
        whole = Ret.FULL in kinds and not briefly
        if content is None:
            content = await self._read(message, limit if whole else LOOKED_AT)
        written = write_dsn(
            message,
            reports,
            self.letterhead(),
            header=header_block(content[:LOOKED_AT]),
            whole=content if whole else None,
        )
        sender = message.envelope.sender
        assert sender is not None
        return self.entry(written, (sender,), OwnMail.DSN, message.virtual_system, message)

    async def _read(self, message: Message, most: int) -> bytes:
        """The first bytes of a body, `most` or a little more."""
        found = bytearray()
        async for chunk in self._bodies.read(message.body):
            found += chunk
            if len(found) >= most:
                break
        return bytes(found)
