"""Station 4 over every store: what is ordered is made, checked, durable, and only then sent; nothing is lost."""

import asyncio
import contextlib
import hashlib
import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from mailock.core.lifecycle.changes import Commit, CopyMoved
from mailock.core.lifecycle.copies import Disposition, Parcel
from mailock.core.lifecycle.events import Discarded, Noted, Quarantined, Remade
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.message import BodyRef, Message
from mailock.core.mime.part import PartPath
from mailock.core.rewriting.edits import AddText, Edit, Place, PrefixSubject, SetHeader, StripPart
from mailock.core.rewriting.orders import Orders, write_orders
from mailock.core.rewriting.receipt import read_receipt
from mailock.ports.alerts import Alert
from mailock.ports.jail import End, Ended
from mailock.ports.queue import Item, Queue, Selection, StoreFailed
from mailock.ports.signer import Leaving, NoSigner, Signer
from mailock.stations.remake import station
from mailock.stations.remake.station import Remake
from mailock.stations.remake.work import Maker
from mailock.storage.files import FileBodies
from mailock.storage.ids import ClockIds
from tests.contract.remake.cell import Cell, rewritten
from tests.contract.spool import CONTENT, EPOCH, LANE, copy_of, delivery_of, entering, in_file, judging, message

PREFIX = PrefixSubject(text="[SPAM]")
HEADER = SetHeader(name="X-Mailock-Verdict", value="malicious; confidence=high")
CHANGED = b"Subject: [SPAM] hello\r\n\r\nHello.\r\n"
SMALL = 1024


@dataclass
class Clock:
    """Stands still."""

    def now(self) -> float:
        """Wall time."""
        return EPOCH + 100

    def steady(self) -> float:
        """The same."""
        return EPOCH + 100


@dataclass
class Heard:
    """Remembers alerts."""

    alerts: list[Alert] = field(default_factory=list)

    def tell(self, alert: Alert) -> None:
        """Takes one."""
        self.alerts.append(alert)


class Works:
    """The station with everything around it."""

    def __init__(self, queue: Queue, folder: Path) -> None:
        self.queue = queue
        self.cell = Cell()
        self.heard = Heard()
        self.sent: list[Parcel] = []
        self.bodies = FileBodies(folder, SMALL, small_body=queue.small_body)
        self.signer: Signer = NoSigner()
        self.ids = ClockIds(Clock(), node=0, floor=None)
        self.station = self.opened()

    def opened(self) -> Remake:
        """A station as after a start."""
        maker = Maker(bodies=self.bodies, jail=self.cell, signer=self.signer, clock=Clock(), ids=self.ids)
        return Remake(
            worklist=self.queue,
            bodies=self.bodies,
            maker=maker,
            clock=Clock(),
            alerts=self.heard,
            send=self.sent.append,
        )

    async def planned(self, *edits: Edit, recipients: int = 1, content: bytes = CONTENT, **more: Any) -> Message:
        """A message with one copy for which edits are ordered."""
        given = message(1, recipients=recipients, content=content)
        if len(content) > SMALL:
            given = in_file(given)
            await self.store(given.body, content)
        await self.queue.enter(entering(given, content=content), leased=False)
        orders = write_orders(Orders(edits=edits, **more))
        copy = replace(copy_of(given, stage=CopyStage.PLANNED), orders=orders)
        deliveries = [delivery_of(copy, n, lane=f"lane{n}" if n else LANE) for n in range(recipients)]
        await self.queue.commit(judging(given, [copy], deliveries))
        return given

    async def store(self, ref: BodyRef, content: bytes) -> None:
        """A large body on disk."""
        draft = self.bodies.draft(ref.name)
        draft.write(content)
        await draft.finish()

    async def work(self, turns: int = 200) -> None:
        """Has the station work until nothing moves."""
        running = asyncio.ensure_future(self.station.run())
        for _ in range(turns):
            await asyncio.sleep(0.002)
            item = await self.item()
            if item is None or all(copy.stage is not CopyStage.PLANNED for copy in item.copies):
                break
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running

    async def item(self) -> Item | None:
        """The message."""
        found = await self.queue.find(Selection(), limit=10)
        return found[0] if found else None

    async def stage(self) -> CopyStage:
        """Where its copy stands."""
        item = await self.item()
        assert item is not None
        return item.copies[0].stage

    async def events(self, kind: type) -> list[Any]:
        """What the log was told."""
        return [e for _, batch in await self.queue.pending(100) for e in batch if isinstance(e, kind)]

    async def body(self, parcel: Parcel) -> bytes:
        """What would be sent."""
        content = b"".join([chunk async for chunk in self.bodies.read(parcel.copy.body)])
        assert parcel.content in (None, content)
        return content


@pytest_asyncio.fixture
async def works(queue: Queue, tmp_path: Path) -> AsyncIterator[Works]:
    """One."""
    made = Works(queue, tmp_path)
    yield made
    await made.bodies.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What has to wait waits for a moment only."""
    monkeypatch.setattr(station, "AGAIN_SECONDS", 0.01)
    yield


async def test_what_is_ordered_is_made_and_sent(works: Works) -> None:
    given = await works.planned(PREFIX, HEADER)
    await works.work()
    (parcel,) = works.sent
    assert await works.body(parcel) == CHANGED
    assert parcel.copy.prefix == b"X-Mailock-Verdict: malicious; confidence=high\r\nX-Treated: yes\r\n"
    assert (parcel.message.body, await works.queue.small_body(given.body)) == (given.body, CONTENT)
    (event,) = await works.events(Remade)
    assert event.changes == ("Set the field X-Mailock-Verdict.", "Put [SPAM] before the subject.")
    assert (event.sha256, event.size) == (hashlib.sha256(CHANGED).hexdigest(), len(CHANGED))
    assert read_receipt(parcel.copy.receipt).sentences == event.changes
    assert parcel.copy.orders == b""


async def test_what_was_made_is_in_the_queue_and_leased_by_send(works: Works) -> None:
    await works.planned(PREFIX)
    await works.work()
    item = await works.item()
    assert item is not None
    assert item.copies[0] == works.sent[0].copy
    assert (await works.queue.lanes(), works.queue.leased()) == ([], 1)


async def test_each_lane_gets_a_parcel_of_its_own(works: Works) -> None:
    await works.planned(PREFIX, recipients=3)
    await works.work()
    assert [[d.number for d in parcel.deliveries] for parcel in works.sent] == [[0], [1], [2]]


async def test_a_header_alone_leaves_the_body_where_it_is(works: Works) -> None:
    given = await works.planned(HEADER)
    await works.work()
    (parcel,) = works.sent
    assert (parcel.copy.body, parcel.content) == (given.body, CONTENT)
    assert await works.queue.body_names() == set()


async def test_a_large_body_is_streamed_to_a_file_of_its_own(works: Works) -> None:
    content = b"Subject: x\r\n\r\n" + b"a line of text\r\n" * 100_000
    given = await works.planned(PREFIX, content=content)
    await works.work()
    (parcel,) = works.sent
    assert not parcel.copy.body.inline and parcel.content is None
    assert await works.body(parcel) == content.replace(b"Subject: x", b"Subject: [SPAM] x")
    assert await works.queue.body_names() == {given.body.name, parcel.copy.body.name}


async def test_a_copy_that_policy_holds_is_held_once_it_is_made(works: Works) -> None:
    given = message(1)
    await works.queue.enter(entering(given), leased=False)
    orders = write_orders(Orders(edits=(PREFIX,)))
    copy = replace(copy_of(given, stage=CopyStage.PLANNED), orders=orders, disposition=Disposition.HOLD)
    await works.queue.commit(judging(given, [copy], [delivery_of(copy)]))
    await works.work()
    assert (await works.stage(), works.sent) == (CopyStage.HELD, [])


async def test_a_copy_without_orders_goes_as_it_is(works: Works) -> None:
    await works.planned()
    await works.work()
    (parcel,) = works.sent
    assert (parcel.content, parcel.copy.receipt, works.cell.jobs) == (CONTENT, b"", [])


UNFIT_MAIL = (
    b"Subject: x\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nsigned\r\n--b\r\n"
    b"Content-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n"
)
STRIP = StripPart(part=PartPath("1.1"), text="gone", name="x.txt")


async def test_what_cannot_be_made_is_kept_whole(works: Works) -> None:
    given = await works.planned(STRIP, content=UNFIT_MAIL)
    await works.work()
    assert (await works.stage(), works.sent, works.queue.leased()) == (CopyStage.QUARANTINED, [], 0)
    (event,) = await works.events(Quarantined)
    assert event.quarantine_class == "unfit" and "signed or encrypted" in event.why
    assert await works.queue.small_body(given.body) == UNFIT_MAIL


@pytest.mark.parametrize("decided", [Disposition.HOLD, Disposition.REJECT])
async def test_what_cannot_be_held_or_rejected_any_more_is_kept(works: Works, decided: Disposition) -> None:
    await works.planned(STRIP, content=UNFIT_MAIL, if_unfit=decided, quarantine_class="malware")
    await works.work()
    item = await works.item()
    assert item is not None and item.copies[0].quarantine_class == "malware"


async def test_a_rule_may_let_it_go_unchanged_and_the_log_says_so(works: Works) -> None:
    await works.planned(STRIP, content=UNFIT_MAIL, if_unfit=Disposition.DELIVER)
    await works.work()
    (parcel,) = works.sent
    assert parcel.content == UNFIT_MAIL
    assert any(event.text.startswith("Goes unchanged: it could not") for event in await works.events(Noted))


async def test_a_rule_may_discard_it(works: Works) -> None:
    await works.planned(STRIP, content=UNFIT_MAIL, if_unfit=Disposition.DISCARD)
    await works.work()
    assert await works.item() is None
    (event,) = await works.events(Discarded)
    assert event.by == "rule mta"


async def test_a_jail_that_dies_once_is_asked_again(works: Works) -> None:
    works.cell.ends = [End.DIED]
    await works.planned(PREFIX)
    await works.work()
    assert (len(works.cell.jobs), len(works.sent)) == (2, 1)


@pytest.mark.parametrize("ends", [[End.DIED, End.DIED], [End.LATE], [End.OVERFULL]])
async def test_a_copy_on_which_the_jail_ends_is_kept(works: Works, ends: list[End]) -> None:
    works.cell.ends = list(ends)
    await works.planned(PREFIX)
    await works.work()
    assert (await works.stage(), works.sent) == (CopyStage.QUARANTINED, [])
    assert ends[0].value in (await works.events(Quarantined))[0].why


@pytest.mark.usefixtures("impatient")
async def test_without_a_jail_copies_wait(works: Works) -> None:
    works.cell.closed = True
    await works.planned(PREFIX)
    await works.work(turns=20)
    assert (await works.stage(), works.sent) == (CopyStage.PLANNED, [])
    works.cell.closed = False
    await works.work()
    assert len(works.sent) == 1


async def test_a_hint_is_worked_on_without_looking_at_the_queue(works: Works) -> None:
    await works.planned(PREFIX)
    (parcel,) = await works.queue.planned(1)
    works.station.hand_over(parcel)
    await works.work()
    assert len(works.sent) == 1


async def test_a_copy_that_was_being_made_when_we_died_is_made_again(works: Works) -> None:
    await works.planned(PREFIX)
    (parcel,) = await works.queue.planned(1)
    # The process dies here: leases are gone with it.
    works.queue.put_back(parcel.copy.queue_id, parcel.copy.number)
    works.station = works.opened()
    await works.work()
    assert await works.body(works.sent[0]) == CHANGED


async def test_a_person_who_acts_meanwhile_counts(works: Works) -> None:
    content = b"Subject: x\r\n\r\n" + b"a line\r\n" * 1000
    given = await works.planned(PREFIX, content=content)
    plain = works.cell.run

    async def slowly(job: Any) -> Ended:
        deleted = CopyMoved(queue_id=given.queue_id, number=0, before=CopyStage.PLANNED, after=CopyStage.QUARANTINED)
        await works.queue.commit(Commit(changes=(replace(deleted, quarantine_class="policy", quarantined_at=1.0),)))
        return await plain(job)

    works.cell.run = slowly  # type: ignore[method-assign]  # a jail during which somebody acts
    await works.work()
    await asyncio.sleep(0.05)
    assert (await works.stage(), works.sent, works.queue.leased()) == (CopyStage.QUARANTINED, [], 0)
    assert await works.queue.body_names() == {given.body.name}


@pytest.mark.usefixtures("impatient")
async def test_a_store_that_refuses_is_asked_again_and_leaves_no_body_behind(works: Works, tmp_path: Path) -> None:
    content = b"Subject: x\r\n\r\n" + b"a line\r\n" * 1000
    given = await works.planned(PREFIX, content=content)
    plain = works.queue.commit
    refused: list[Commit] = []

    async def commit(made: Commit, *, keep_lease: bool = False) -> None:
        if not refused:
            refused.append(made)
            raise StoreFailed("the disk is full")
        await plain(made, keep_lease=keep_lease)

    works.queue.commit = commit  # type: ignore[method-assign, assignment]  # a disk that is full once
    await works.work()
    (parcel,) = works.sent
    await works.bodies.close()
    kept = {path.name for path in (tmp_path / "bodies").rglob("*") if path.is_file()}
    assert len(kept) == 2 and works.bodies is not None
    assert parcel.copy.body.name != given.body.name


async def test_a_bug_of_ours_keeps_the_copy_and_tells(works: Works) -> None:
    given = message(1)
    await works.queue.enter(entering(given), leased=False)
    copy = replace(copy_of(given, stage=CopyStage.PLANNED), orders=b'{"version": 99}')
    await works.queue.commit(judging(given, [copy], [delivery_of(copy)]))
    await works.work()
    assert await works.stage() is CopyStage.QUARANTINED
    (alert,) = works.heard.alerts
    assert alert.kind == "shunt" and "version 99" in alert.text


async def test_the_signer_comes_last_and_sees_what_leaves(works: Works) -> None:
    seen: list[tuple[bytes, bytes, bool]] = []

    class Stamp:
        """Signs with a word."""

        async def sign(self, leaving: Leaving) -> bytes:
            """A field."""
            seen.append((leaving.prefix, os.pread(leaving.body, 1000, 0), leaving.changed))
            return b"DKIM-Signature: v=1\r\n"

    works.signer = Stamp()
    works.station = works.opened()
    await works.planned(PREFIX, HEADER)
    await works.work()
    verdict = b"X-Mailock-Verdict: malicious; confidence=high\r\n"
    assert seen == [(verdict + b"X-Treated: yes\r\n", CHANGED, True)]
    assert works.sent[0].copy.prefix == b"DKIM-Signature: v=1\r\n" + verdict + b"X-Treated: yes\r\n"


@pytest.mark.usefixtures("impatient")
async def test_a_key_that_cannot_be_had_makes_mail_wait(works: Works) -> None:
    class Lost:
        """Has no key."""

        async def sign(self, leaving: Leaving) -> bytes:
            """Nothing."""
            raise OSError("the key is gone")

    works.signer = Lost()
    works.station = works.opened()
    await works.planned(PREFIX)
    await works.work(turns=20)
    assert (await works.stage(), works.sent) == (CopyStage.PLANNED, [])


def lies() -> dict[str, Any]:
    """What a jail that was taken over might say."""

    def other_body(ended: Ended) -> Ended:
        return rewritten(ended, CHANGED.replace(b"Hello", b"Hullo"))

    def receipt(**changed: Any) -> Any:
        def lie(ended: Ended) -> Ended:
            (frame,) = ended.untrusted_frames
            document = json.loads(frame[1:]) | changed
            return replace(ended, untrusted_frames=(frame[:1] + json.dumps(document).encode(),))

        return lie

    def body_and_receipt(content: bytes, kept: list[list[int]]) -> Any:
        def lie(ended: Ended) -> Ended:
            after = [hashlib.sha256(content).hexdigest(), len(content)]
            lied: Ended = receipt(after=after, kept=kept)(rewritten(ended, content))
            return lied

        return lie

    return {
        "another body than the receipt has": other_body,
        "another body, with its digest, that keeps what it does not": body_and_receipt(
            CHANGED.replace(b"Hello", b"Hullo"), [[8, 26, 15]]
        ),
        "another body that keeps nothing": body_and_receipt(b"Subject: [SPAM] hello\r\n\r\nBuy!\r\n", []),
        "a new field": body_and_receipt(b"X-Evil: yes\r\n" + CHANGED, [[0, 8, 13], [8, 26, 28]]),
        "bare line ends": body_and_receipt(CHANGED + b"x\ny\r\n", [[0, 8, 0], [8, 26, 15]]),
        "a long line": body_and_receipt(CHANGED + b"x" * 999 + b"\r\n", [[0, 8, 0], [8, 26, 15]]),
        "eight bits": body_and_receipt(CHANGED + b"\xff\r\n", [[0, 8, 0], [8, 26, 15]]),
        "ranges that overlap": receipt(kept=[[0, 8, 0], [4, 26, 11]]),
        "ranges beyond the end": receipt(kept=[[0, 9999, 0]]),
        "a receipt for another message": receipt(before=["ab" * 32, 26]),
        "no receipt": lambda ended: replace(ended, untrusted_frames=(b"C",)),
        "nothing": lambda ended: replace(ended, untrusted_frames=()),
        "two outcomes": lambda ended: replace(ended, untrusted_frames=ended.untrusted_frames * 2),
        "an unknown word": lambda ended: replace(ended, untrusted_frames=(b"?x",)),
        "that nothing changed": lambda ended: replace(ended, untrusted_frames=(b"S" + ended.untrusted_frames[0][1:],)),
    }


@pytest.mark.parametrize("lie", lies())
async def test_a_jail_that_lies_is_not_believed(works: Works, lie: str) -> None:
    works.cell.lie = lies()[lie]
    await works.planned(PREFIX)
    await works.work()
    assert (await works.stage(), works.sent) == (CopyStage.QUARANTINED, [])
    assert "cannot be trusted" in (await works.events(Quarantined))[0].why


async def test_what_an_edit_may_change_it_may(works: Works) -> None:
    await works.planned(AddText(text="signed", place=Place.BOTTOM))
    await works.work()
    assert await works.body(works.sent[0]) == CONTENT + b"\r\nsigned\r\n"
