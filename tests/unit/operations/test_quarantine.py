"""Quarantine under people's hands: a release is a transaction like any other, made once, by somebody who may."""

import os
from dataclasses import replace

import pytest

from mailock.core.classify.learning import Came, Taught
from mailock.core.lifecycle.events import Discarded, Noted, Released
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.message import Message, OwnMail, show_id
from mailock.core.routing.rules import Routes
from mailock.ports.commands import Refused
from mailock.ports.queue import Item, Selection
from mailock.ports.viewer import Block, BlockKind, Passage, Picture, Preview, Run
from tests.contract.spool import CONTENT, EPOCH, LANE, copy_of, delivery_of, judging
from tests.unit.operations.hands import IN, INSTALLED, ROOT, Office

READY, QUARANTINED = CopyStage.READY, CopyStage.QUARANTINED


async def kept(office: Office, number: int = 1, *, recipients: int = 1, kind: str = "spam") -> Message:
    """A message in quarantine."""
    return await office.ready(number, recipients=recipients, stage=QUARANTINED, quarantine_class=kind)


async def made(office: Office) -> list[Item]:
    """What we made ourselves."""
    return [item for item in await office.queue.find(Selection(), limit=10) if item.message.own is not None]


async def test_the_list_says_what_is_kept_why_and_until_when(office: Office) -> None:
    await office.ready(1)
    given = await kept(office, 2)
    (row,) = (await office.ask("quarantine.list", filter={"all": True}))["messages"]
    assert (row["id"], row["class"], row["because"]) == (show_id(given.queue_id), "spam", ["a sentence"])
    assert (row["since"], row["expires"]) == ("2023-11-14T22:13:20.000Z", "2023-12-14T22:13:20.000Z")
    assert row["recipients"] == ["user0@dest.test"]


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({"quarantine_class": "spam"}, 1),
        ({"quarantine_class": "policy"}, 0),
        ({"older_than": "1000s"}, 0),
        ({"older_than": "999s"}, 1),
        ({"sender": "@origin.test"}, 1),
        ({"recipient": "user1@dest.test"}, 0),
    ],
)
async def test_a_filter_finds_what_it_says(office: Office, filter_: dict[str, object], found: int) -> None:
    await kept(office)
    assert len((await office.ask("quarantine.list", filter=filter_))["messages"]) == found


async def test_what_is_released_is_sent_and_released_once(office: Office) -> None:
    given = await kept(office)
    assert await office.act("quarantine.release", given, reason="a false alarm") == ["done"]
    (parcel,) = await office.queue.parcels(LANE, office.clock.now(), 10)
    assert (parcel.copy.stage, parcel.copy.counted_from) == (READY, office.clock.now())
    (event,) = await office.events(given, Released)
    assert (event.by, event.why) == ("alice", "a false alarm")
    assert LANE in office.stations.expected
    assert await office.act("quarantine.release", given) == ["absent"]
    assert len(await office.events(given, Released)) == 1


async def test_what_is_to_be_changed_goes_to_whoever_changes_it(office: Office) -> None:
    given = await office.ready(1, recipients=2, stage=QUARANTINED, quarantine_class="spam", orders=b"clean it")
    answer = await office.ask("quarantine.release", filter={"ids": [show_id(given.queue_id)]})
    assert answer["results"][0]["text"] == "released, with the changes that were ordered for it"
    assert await office.stages(given) == {0: (CopyStage.PLANNED, [0, 1])}
    (parcel,) = await office.queue.planned(10)
    assert (parcel.copy.orders, parcel.copy.counted_from) == (b"clean it", office.clock.now())
    assert office.stations.remade == 1


async def test_one_recipient_of_what_is_to_be_changed_is_let_have_it(office: Office) -> None:
    given = await office.ready(1, recipients=2, stage=QUARANTINED, quarantine_class="spam", orders=b"clean it")
    filter_ = {"ids": [show_id(given.queue_id)], "recipient": "user1@dest.test"}
    await office.ask("quarantine.release", filter=filter_)
    assert await office.stages(given) == {1: (CopyStage.PLANNED, [1]), 2: (QUARANTINED, [0])}
    assert [copy.orders for copy in (await office.item(given)).copies[1:]] == [b"clean it", b"clean it"]


async def test_what_is_released_whole_goes_as_it_came(office: Office) -> None:
    given = await office.ready(1, stage=QUARANTINED, quarantine_class="spam", orders=b"clean it")
    assert await office.act("quarantine.release", given, whole=True) == ["done"]
    (parcel,) = await office.queue.parcels(LANE, office.clock.now(), 10)
    assert (parcel.copy.stage, parcel.copy.orders) == (READY, b"")


async def test_some_are_let_have_it_and_the_others_not(office: Office) -> None:
    given = await kept(office, recipients=3)
    filter_ = {"ids": [show_id(given.queue_id)], "recipient": "user1@dest.test"}
    await office.ask("quarantine.release", filter=filter_)
    assert await office.stages(given) == {1: (READY, [1]), 2: (QUARANTINED, [0, 2])}
    (parcel,) = await office.queue.parcels(LANE, office.clock.now(), 10)
    assert [one.number for one in parcel.deliveries] == [1]
    assert (await office.item(given)).copies[2].quarantined_at == EPOCH


async def test_malware_is_released_by_root_only(office: Office) -> None:
    given = await kept(office, kind="malware")
    answer = await office.ask("quarantine.release", filter={"all": True})
    assert "only root and administrators" in answer["results"][0]["text"]
    assert await office.stages(given) == {0: (QUARANTINED, [0])}
    assert await office.act("quarantine.release", given, to=["boss@dest.test"]) == ["refused"]
    assert await office.act("quarantine.release", given, speaker=ROOT) == ["done"]
    (event,) = await office.events(given, Released)
    assert event.by == "bob (as root)"


async def test_others_get_a_copy_once_and_the_message_stays(office: Office) -> None:
    given = await kept(office)
    assert await office.act("quarantine.release", given, to=["Boss@Dest.test", "law@firm.test"]) == ["done"]
    (copy,) = await made(office)
    message = copy.message
    assert [str(one.address) for one in message.envelope.recipients] == ["Boss@dest.test", "law@firm.test"]
    assert (message.own, message.parent, message.envelope.sender) == (OwnMail.COPY, given.queue_id, None)
    assert (copy.stage, await office.queue.small_body(message.body)) == (MessageStage.ACCEPTED, CONTENT)
    assert await office.stages(given) == {1: (QUARANTINED, [0])}
    assert office.stations.judged == 1
    assert await office.act("quarantine.release", given, to=["law@firm.test"]) == ["already"]
    assert await office.act("quarantine.release", given, to=["law@firm.test", "new@firm.test"]) == ["done"]
    assert [len(item.message.envelope.recipients) for item in await made(office)] == [2, 1]
    assert any("A copy was released to Boss@dest.test" in noted.text for noted in await office.events(given, Noted))


@pytest.mark.parametrize(("stage", "command"), [(QUARANTINED, "quarantine"), (CopyStage.HELD, "queue")])
async def test_whom_a_rule_added_has_it_once_it_is_let_go(office: Office, stage: CopyStage, command: str) -> None:
    kind = "spam" if stage is QUARANTINED else None
    added = ("archive@dest.test", "USER0@dest.test")
    given = await office.ready(1, recipients=2, stage=stage, quarantine_class=kind, added=added)
    assert not await made(office)
    assert await office.act(f"{command}.release", given, reason="a false alarm") == ["done"]
    (copy,) = await made(office)
    message = copy.message
    assert [str(one.address) for one in message.envelope.recipients] == ["archive@dest.test"]
    assert (message.own, message.parent, message.envelope.sender) == (OwnMail.ARCHIVE, given.queue_id, None)
    assert (copy.stage, await office.queue.small_body(message.body)) == (MessageStage.ACCEPTED, CONTENT)
    assert office.stations.judged == 1
    # They had it: what is held by hand after that, and let go, is not sent to them again.
    assert await office.act("queue.hold", given) == ["done"]
    assert await office.act("queue.release", given) == ["done"]
    assert len(await made(office)) == 1


async def test_the_content_outlives_the_message_it_came_with(office: Office) -> None:
    given = await kept(office)
    await office.act("quarantine.release", given, to=["law@firm.test"])
    await office.act("quarantine.delete", given)
    assert await office.gone(given)
    (copy,) = await made(office)
    assert await office.queue.small_body(copy.message.body) == CONTENT


async def test_nobody_is_sent_a_copy_without_a_way_to_him(office: Office) -> None:
    given = await kept(office)
    office.installed = replace(INSTALLED, routes=Routes(rules=(IN,)))
    answer = await office.ask(
        "quarantine.release", filter={"ids": [show_id(given.queue_id)]}, to=["someone@elsewhere.test"]
    )
    assert "cannot go to someone@elsewhere.test" in answer["results"][0]["text"]
    with pytest.raises(ValueError, match="is not a mail address"):
        await office.act("quarantine.release", given, to=["nobody"])


async def test_what_is_deleted_from_quarantine_has_ended(office: Office) -> None:
    given = await kept(office, recipients=2)
    filter_ = {"ids": [show_id(given.queue_id)], "recipient": "user0@dest.test"}
    await office.ask("quarantine.delete", filter=filter_, reason="spam")
    assert [numbers for _, numbers in (await office.stages(given)).values()] == [[1]]
    assert await office.act("quarantine.delete", given) == ["done"]
    assert await office.gone(given)
    assert await office.act("quarantine.delete", given) == ["absent"]
    assert [event.recipients for event in await office.events(given, Discarded)] == [(0,), (1,)]


async def test_the_queue_beside_it_is_left_alone(office: Office) -> None:
    given = await office.arrive(1, recipients=2)
    copies = [copy_of(given, 0), copy_of(given, 1, stage=QUARANTINED)]
    await office.queue.commit(judging(given, copies, [delivery_of(copies[0], 0), delivery_of(copies[1], 1)]))
    await office.act("quarantine.delete", given)
    assert await office.stages(given) == {0: (READY, [0])}
    assert await office.act("quarantine.release", given) == ["absent"]


class Eyes:
    """A viewer that tells what it was given to see."""

    async def view(self, body: int) -> Preview:
        """Reads the body."""
        text = os.pread(body, 1 << 20, 0).decode()
        block = Block(kind=BlockKind.PLAIN, runs=(Run(text=text),))
        passage = Passage(part="1", media="text/plain", blocks=(block,))
        picture = Picture(part="2", width=1, height=1, png=b"PNG")
        return Preview(pieces=(), passages=(passage,), pictures=(picture,), notes=("There is more.",))


async def test_a_preview_is_what_the_jail_tells_and_a_trace(office: Office) -> None:
    given = await kept(office)
    office.desk = replace(office.desk, viewer=Eyes())
    preview = await office.ask("quarantine.preview", id=show_id(given.queue_id))
    assert (preview["header"], preview["size"]) == (["Subject: hello"], len(CONTENT))
    assert preview["passages"][0]["text"] == CONTENT.decode()
    assert preview["pictures"] == [{"part": "2", "width": 1, "height": 1, "png": "UE5H"}]
    assert preview["notes"] == ["There is more."]
    assert (await office.events(given, Noted))[-1].text == "Its content was read by alice"


async def test_without_a_jail_nothing_is_shown(office: Office) -> None:
    given = await kept(office)
    with pytest.raises(Refused, match="no jail here"):
        await office.ask("quarantine.preview", id=show_id(given.queue_id))


async def test_what_is_in_the_queue_is_not_shown_as_quarantine(office: Office) -> None:
    given = await office.ready()
    with pytest.raises(Refused, match="not in quarantine"):
        await office.ask("quarantine.show", id=show_id(given.queue_id))


class Pupil:
    """A teacher that remembers what it was asked to teach."""

    def __init__(self) -> None:
        self.taught: list[tuple[str, bytes, Taught]] = []

    async def teach(self, system: str, body: int, taught: Taught) -> Came:
        """Reads the body."""
        self.taught.append((system, os.pread(body, 1 << 20, 0), taught))
        return Came.LEARNT


async def test_a_report_teaches_the_system_of_the_message_and_stands_in_its_history(office: Office) -> None:
    given, pupil = await kept(office), Pupil()
    office.desk = replace(office.desk, teacher=pupil)
    answer = await office.ask("quarantine.report", id=show_id(given.queue_id))
    assert (answer["taught"], answer["outcome"], answer["system"]) == ("ham", "learnt", "default")
    await office.ask("quarantine.report", id=show_id(given.queue_id), taught="spam")
    assert pupil.taught == [("default", CONTENT, Taught.HAM), ("default", CONTENT, Taught.SPAM)]
    assert (await office.events(given, Noted))[-1].text == "Reported as unwanted by alice"


async def test_a_report_that_cannot_be_learnt_is_refused_and_leaves_no_trace(office: Office) -> None:
    given = await kept(office)
    with pytest.raises(Refused, match="nothing was learnt"):
        await office.ask("quarantine.report", id=show_id(given.queue_id))
    assert [event.text for event in await office.events(given, Noted)] == ["judged"]
