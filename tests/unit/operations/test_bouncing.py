"""Mail returned by hand: its sender is told where he may be, and what cannot be told is kept."""

from dataclasses import replace

import pytest

from mailock.core.lifecycle.events import Quarantined, Returned
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.message import show_id
from mailock.core.routing.limits import Rate
from mailock.ports.commands import Refused
from mailock.ports.queue import Item, Selection
from tests.contract.spool import copy_of, delivery_of, entering, judging, message
from tests.unit.operations.hands import ALICE, INSTALLED, Office


async def notices(office: Office) -> list[Item]:
    """What we wrote."""
    return [item for item in await office.queue.find(Selection(), limit=10) if item.message.own is not None]


def with_rate(office: Office, rate: Rate) -> None:
    """Outside senders may be told so often."""
    office.installed = replace(INSTALLED, delivery=replace(INSTALLED.delivery, notice_rate=rate))


@pytest.mark.parametrize("stage", [CopyStage.READY, CopyStage.HELD])
async def test_the_sender_reads_the_reason(office: Office, stage: CopyStage) -> None:
    given = await office.ready(stage=stage)
    assert await office.act("queue.bounce", given, reason="this address has moved") == ["done"]
    assert await office.gone(given)
    (notice,) = await notices(office)
    assert str(notice.message.envelope.recipients[0].address) == "sender@origin.test"
    assert notice.stage is MessageStage.ACCEPTED
    assert b"this address has moved" in await office.queue.small_body(notice.message.body)
    (returned,) = await office.events(given, Returned)
    assert (returned.by, returned.why, returned.recipients) == ("alice", "this address has moved", (0,))
    assert office.stations.judged == 1
    assert office.queue.leased() == 0
    assert await office.act("queue.bounce", given, reason="again") == ["absent"]
    assert len(await notices(office)) == 1


async def test_only_those_who_are_meant_are_returned(office: Office) -> None:
    given = await office.ready(recipients=3)
    filter_ = {"ids": [show_id(given.queue_id)], "recipient": "user2@dest.test"}
    await office.ask("queue.bounce", filter=filter_, reason="no such user")
    assert [numbers for _, numbers in (await office.stages(given)).values()] == [[0, 1]]
    (notice,) = await notices(office)
    content = await office.queue.small_body(notice.message.body)
    assert b"user2@dest.test" in content
    assert b"user1@dest.test" not in content


async def test_without_a_reason_nothing_is_returned(office: Office) -> None:
    given = await office.ready()
    with pytest.raises(ValueError, match="needs a reason"):
        await office.act("queue.bounce", given)


async def test_a_sender_who_may_not_be_told_is_not(office: Office) -> None:
    given = await office.ready(recipients=2)
    with_rate(office, Rate(0, 3600.0))
    answer = await office.ask("queue.bounce", filter={"ids": [show_id(given.queue_id)]}, reason="r")
    assert "is in quarantine as undeliverable" in answer["results"][0]["text"]
    assert not await notices(office)
    (copy,) = (await office.item(given)).copies
    assert (copy.stage, copy.quarantine_class) == (CopyStage.QUARANTINED, "undeliverable")
    (event,) = await office.events(given, Quarantined)
    assert event.recipients == (0, 1)
    assert [alert.kind for alert in office.told.alerts] == ["undeliverable"]


@pytest.mark.parametrize("stage", [CopyStage.READY, CopyStage.HELD])
async def test_of_those_of_whom_only_some_may_be_told_the_rest_is_kept(office: Office, stage: CopyStage) -> None:
    given = await office.ready(recipients=3, stage=stage)
    with_rate(office, Rate(1, 3600.0))
    await office.act("queue.bounce", given, reason="r")
    assert [state for state, _ in (await office.stages(given)).values()] == [CopyStage.QUARANTINED]
    assert [numbers for _, numbers in (await office.stages(given)).values()] == [[1, 2]]
    (returned,) = await office.events(given, Returned)
    assert returned.recipients == (0,)
    assert len(await notices(office)) == 1


async def test_several_copies_are_returned_in_one_notice(office: Office) -> None:
    given = await office.arrive(1, recipients=4)
    copies = [copy_of(given, 0), copy_of(given, 1)]
    deliveries = [delivery_of(copies[number // 2], number) for number in range(4)]
    await office.queue.commit(judging(given, copies, deliveries))
    filter_ = {"ids": [show_id(given.queue_id)], "domain": "dest.test"}
    await office.ask("queue.bounce", filter=filter_, reason="r")
    assert await office.gone(given)
    assert len(await notices(office)) == 1


async def test_partings_of_several_copies_do_not_meet(office: Office) -> None:
    given = await office.arrive(1, recipients=4)
    copies = [copy_of(given, 0), copy_of(given, 1)]
    deliveries = [
        delivery_of(copies[number // 2], number, lane="far:25" if number % 2 else "near:25") for number in range(4)
    ]
    await office.queue.commit(judging(given, copies, deliveries))
    await office.ask("queue.hold", filter={"lane": "far:25"})
    states = sorted((state.name, numbers) for state, numbers in (await office.stages(given)).values())
    assert states == [("HELD", [1]), ("HELD", [3]), ("READY", [0]), ("READY", [2])]


async def test_mail_without_a_return_path_tells_nobody(office: Office) -> None:
    given = replace(message(1), envelope=replace(message(1).envelope, sender=None))
    await office.queue.enter(entering(given), leased=False)
    copy = copy_of(given)
    await office.queue.commit(judging(given, [copy], [delivery_of(copy)]))
    answer = await office.ask("queue.bounce", filter={"sender": "<>"}, reason="r")
    assert "nobody was told" in answer["results"][0]["text"]
    assert await office.gone(given)


async def test_while_mailflow_is_down_nobody_can_be_told(office: Office) -> None:
    given = await office.ready()
    down = replace(office.desk, notices=None)
    with pytest.raises(Refused, match="mailflow is down"):
        await office.commands(down)["queue.bounce"]({"filter": {"all": True}, "reason": "r"}, ALICE)
    assert await office.stages(given) == {0: (CopyStage.READY, [0])}
