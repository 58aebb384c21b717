"""Station 4 over every store: what is ordered is made, checked, durable, and only then sent; nothing is lost."""

import asyncio
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mailock.core.lifecycle.changes import Commit, CopyMoved
from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.events import Discarded, Noted, Quarantined, Remade
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.message import Message
from mailock.core.mime.part import PartPath
from mailock.core.rewriting.edits import AddText, Place, StripPart
from mailock.core.rewriting.orders import Orders, write_orders
from mailock.core.rewriting.receipt import read_receipt
from mailock.ports.jail import End, Ended
from mailock.ports.queue import StoreFailed
from mailock.ports.signer import CannotSign, Leaving
from mailock.stations.remake import station
from tests.contract.remake.works import CHANGED, HEADER, PREFIX, Works
from tests.contract.spool import CONTENT, copy_of, delivery_of, entering, judging, message


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


@dataclass
class Stamp:
    """Signs all mail with a word, and remembers what it saw."""

    seen: list[tuple[bytes, bytes, bool]]

    def signs(self, message: Message) -> bool:
        """Always."""
        return True

    async def sign(self, leaving: Leaving) -> bytes:
        """A field."""
        self.seen.append((leaving.prefix, os.pread(leaving.body, 1000, 0), leaving.changed))
        return b"DKIM-Signature: v=1\r\n"


async def test_what_is_not_changed_is_signed_once_and_its_body_is_the_one_that_came(works: Works) -> None:
    seen: list[tuple[bytes, bytes, bool]] = []
    works.signer = Stamp(seen)
    works.station = works.opened()
    given = await works.planned()
    await works.work()
    assert seen == [(b"X-Treated: yes\r\n", CONTENT, False)]
    (sent,) = works.sent
    assert (sent.copy.body, sent.copy.prefix) == (given.body, b"DKIM-Signature: v=1\r\nX-Treated: yes\r\n")
    item = await works.item()
    assert item is not None
    assert (item.copies[0].stage, item.copies[0].prefix) == (CopyStage.READY, sent.copy.prefix)
    # Kept after it was signed, and let go whole: the signature still fits, and there is no second one.
    for before, after in (
        (CopyStage.READY, CopyStage.QUARANTINED),
        (CopyStage.QUARANTINED, CopyStage.PLANNED),
    ):
        move = CopyMoved(queue_id=given.queue_id, number=0, before=before, after=after)
        await works.queue.commit(Commit(changes=(move,)))
    works.station.miss()
    await works.work()
    assert (len(seen), works.sent[1].copy.prefix) == (1, sent.copy.prefix)


async def test_a_change_that_comes_later_replaces_the_signature(works: Works) -> None:
    works.signer = Stamp([])
    works.station = works.opened()
    given = await works.planned()
    await works.work()
    orders = write_orders(Orders(edits=(HEADER,)))
    back = CopyMoved(queue_id=given.queue_id, number=0, before=CopyStage.READY, after=CopyStage.QUARANTINED)
    release = CopyMoved(
        queue_id=given.queue_id, number=0, before=CopyStage.QUARANTINED, after=CopyStage.PLANNED, orders=orders
    )
    await works.queue.commit(Commit(changes=(back, release)))
    works.station.miss()
    await works.work()
    assert works.sent[1].copy.prefix.count(b"DKIM-Signature") == 1
    assert works.sent[1].copy.prefix.startswith(b"DKIM-Signature: v=1\r\nX-Mailock-Verdict: ")


async def test_what_cannot_be_signed_goes_as_it_is_and_says_so(works: Works) -> None:
    class Helpless(Stamp):
        """Cannot read the message."""

        async def sign(self, leaving: Leaving) -> bytes:
            """Nothing."""
            raise CannotSign("it is broken")

    works.signer = Helpless([])
    works.station = works.opened()
    await works.planned()
    await works.work()
    assert works.sent[0].copy.prefix == b"X-Treated: yes\r\n"
    assert [one.text for one in await works.events(Noted)][1:] == ["Goes without a signature of ours: it is broken"]


async def test_the_signer_comes_last_and_sees_what_leaves(works: Works) -> None:
    seen: list[tuple[bytes, bytes, bool]] = []

    works.signer = Stamp(seen)
    works.station = works.opened()
    await works.planned(PREFIX, HEADER)
    await works.work()
    verdict = b"X-Mailock-Verdict: malicious; confidence=high\r\n"
    assert seen == [(verdict + b"X-Treated: yes\r\n", CHANGED, True)]
    assert works.sent[0].copy.prefix == b"DKIM-Signature: v=1\r\n" + verdict + b"X-Treated: yes\r\n"


@pytest.mark.usefixtures("impatient")
async def test_a_key_that_cannot_be_had_makes_mail_wait(works: Works) -> None:
    class Lost(Stamp):
        """Has no key."""

        async def sign(self, leaving: Leaving) -> bytes:
            """Nothing."""
            raise OSError("the key is gone")

    works.signer = Lost([])
    works.station = works.opened()
    await works.planned(PREFIX)
    await works.work(turns=20)
    assert (await works.stage(), works.sent) == (CopyStage.PLANNED, [])


async def test_what_an_edit_may_change_it_may(works: Works) -> None:
    await works.planned(AddText(text="signed", place=Place.BOTTOM))
    await works.work()
    assert await works.body(works.sent[0]) == CONTENT + b"\r\nsigned\r\n"
