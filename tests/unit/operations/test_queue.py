"""What people may do to the queue, and what they may not."""

import pytest

from mailock.core.lifecycle.copies import Deferred
from mailock.core.lifecycle.events import Discarded, Held, Noted, Released
from mailock.core.lifecycle.stages import CopyStage, MessageStage
from mailock.core.mail.message import show_id
from mailock.ports.commands import Refused
from tests.contract.spool import BUSY, EPOCH, LANE, deferred, message, sent, settling, staging
from tests.unit.operations.hands import ALICE, Office

READY, HELD, QUARANTINED = CopyStage.READY, CopyStage.HELD, CopyStage.QUARANTINED


async def test_the_list_says_what_waits_and_why(office: Office) -> None:
    given = await office.ready(recipients=2)
    outcome = Deferred(number=1, response=BUSY, next_due=EPOCH + 4000, lane=LANE, delay_told=False)
    await office.queue.commit(settling(given, sent(0), outcome))
    (row,) = (await office.ask("queue.list", filter={"all": True}))["messages"]
    assert row["id"] == show_id(given.queue_id)
    assert (row["status"], row["stage"], row["age"], row["tries"]) == ("deferred", "ready", 999.0, 1)
    assert (row["sender"], row["recipients"]) == ("sender@origin.test", ["user1@dest.test"])
    assert (row["lanes"], row["reason"]) == ([LANE], "451 4.3.0 come again")
    assert row["next_try"] == "2023-11-14T23:20:00.000Z"


async def test_the_list_goes_on_behind_its_end(office: Office) -> None:
    for number in range(1, 6):
        await office.ready(number)
    seen, after = [], None
    while True:
        page = await office.ask("queue.list", filter={"all": True}, limit=2, after=after)
        seen += [row["id"] for row in page["messages"]]
        after = page["after"]
        if after is None:
            break
    assert seen == sorted(set(seen))
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("filter_", "numbers"),
    [
        ({"all": True}, [1, 2, 3, 5]),
        ({"status": "new"}, [1]),
        ({"status": "scan_ended"}, [2]),
        ({"status": "hold"}, [3, 5]),
        ({"status": "deferred"}, []),
        ({"sender": "SENDER@origin.test", "lane": LANE}, [2, 3, 5]),
        ({"sender": "<>"}, []),
        ({"domain": "dest.test", "older_than": "997s"}, [1, 2]),
        ({"domain": "elsewhere.test"}, []),
        ({"recipient": "user1@dest.test"}, []),
    ],
)
async def test_a_filter_finds_what_it_says(office: Office, filter_: dict[str, object], numbers: list[int]) -> None:
    await office.arrive(1)
    await office.ready(2)
    await office.ready(3, stage=HELD)
    await office.ready(4, stage=QUARANTINED)
    shunted = await office.ready(5)
    await office.queue.commit(staging(shunted, MessageStage.JUDGED, MessageStage.SHUNTED, why="a bug"))
    found = (await office.ask("queue.list", filter=filter_))["messages"]
    assert [row["id"] for row in found] == [show_id(message(number).queue_id) for number in numbers]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"filter": {}}, "say which messages"),
        ({"filter": {"senderr": "a@b"}}, "senderr"),
        ({"filter": {"status": "lost"}}, "'lost' is not a status"),
        ({"filter": {"status": "delivered"}}, "nothing in the queue has the status delivered"),
        ({"filter": {"older_than": "soon"}}, "'soon' is no age"),
        ({"filter": {"ids": ["xyz"]}}, "is not a queue id"),
        ({"filter": {"recipient": "a@b.test", "domain": "b.test"}}, "give one of the two"),
        ({"filter": {"all": 7}}, "Expected `bool`"),
    ],
)
async def test_a_filter_that_means_nothing_is_wrong(office: Office, arguments: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        await office.commands()["queue.hold"](arguments, ALICE)


async def test_what_is_held_waits_until_it_is_let_go(office: Office) -> None:
    given = await office.ready()
    assert await office.act("queue.hold", given, reason="the server moves") == ["done"]
    assert await office.stages(given) == {0: (HELD, [0])}
    assert await office.act("queue.hold", given) == ["already"]
    assert not await office.queue.parcels(LANE, EPOCH + 9999, 10)
    assert await office.act("queue.release", given) == ["done"]
    assert await office.act("queue.release", given) == ["already"]
    assert len(await office.queue.parcels(LANE, EPOCH + 9999, 10)) == 1
    (held,) = await office.events(given, Held)
    assert (held.by, held.why, held.recipients) == ("alice", "the server moves", (0,))
    (released,) = await office.events(given, Released)
    assert released.by == "alice"
    assert LANE in office.stations.expected


async def test_what_is_being_sent_is_held_for_the_time_after_it(office: Office) -> None:
    given = await office.ready(due=EPOCH)
    await office.queue.parcels(LANE, EPOCH, 1)
    answer = await office.ask("queue.hold", filter={"ids": [show_id(given.queue_id)]})
    assert answer["results"][0]["text"] == "held; what is being sent at this moment goes on"
    await office.queue.commit(settling(given, deferred(due=EPOCH)))
    assert await office.stages(given) == {0: (HELD, [0])}


@pytest.mark.parametrize("command", ["queue.delete", "queue.bounce", "queue.requeue"])
async def test_what_is_being_sent_is_not_ended_by_hand(office: Office, command: str) -> None:
    given = await office.ready(due=EPOCH)
    await office.queue.parcels(LANE, EPOCH, 1)
    assert await office.act(command, given, reason="why not") == ["refused"]
    await office.queue.commit(settling(given, sent()))
    assert await office.gone(given)


async def test_a_person_leaves_no_leases(office: Office) -> None:
    given = await office.ready(due=EPOCH, recipients=2)
    for command in ("queue.hold", "queue.release", "queue.retry"):
        await office.act(command, given)
        assert office.queue.leased() == 0
    await office.ask("queue.hold", filter={"ids": [show_id(given.queue_id)], "recipient": "user0@dest.test"})
    assert office.queue.leased() == 0


async def test_only_those_who_are_meant_are_held(office: Office) -> None:
    given = await office.ready(recipients=3)
    ids = [show_id(given.queue_id)]
    filter_ = {"ids": ids, "recipient": "user1@dest.test"}
    answer = await office.ask("queue.hold", filter=filter_)
    assert answer["results"][0]["text"] == "held for user1@dest.test"
    assert await office.stages(given) == {1: (HELD, [1]), 2: (READY, [0, 2])}
    (event,) = await office.events(given, Held)
    assert event.recipients == (1,)
    (parcel,) = await office.queue.parcels(LANE, EPOCH + 9999, 10)
    assert [one.number for one in parcel.deliveries] == [0, 2]


async def test_deleting_for_one_leaves_the_others(office: Office) -> None:
    given = await office.ready(recipients=2)
    filter_ = {"ids": [show_id(given.queue_id)], "recipient": "user0@dest.test"}
    answer = await office.ask("queue.delete", filter=filter_, reason="gone")
    assert answer["results"][0]["outcome"] == "done"
    assert [numbers for _, numbers in (await office.stages(given)).values()] == [[1]]
    (event,) = await office.events(given, Discarded)
    assert (event.recipients, event.by, event.why) == ((0,), "alice", "gone")


async def test_deleting_needs_a_reason_and_happens_once(office: Office) -> None:
    given = await office.ready()
    with pytest.raises(ValueError, match="needs a reason"):
        await office.act("queue.delete", given)
    assert await office.act("queue.delete", given, reason="a test") == ["done"]
    assert await office.gone(given)
    assert await office.act("queue.delete", given, reason="a test") == ["absent"]
    assert len(await office.events(given, Discarded)) == 1


async def test_what_was_not_judged_can_be_deleted_and_not_held(office: Office) -> None:
    given = await office.arrive(1, recipients=2)
    assert await office.act("queue.hold", given) == ["refused"]
    filter_ = {"ids": [show_id(given.queue_id)], "recipient": "user0@dest.test"}
    some = await office.ask("queue.delete", filter=filter_, reason="r")
    assert some["results"][0]["outcome"] == "refused"
    assert await office.act("queue.delete", given, reason="a test") == ["done"]
    assert await office.gone(given)
    (event,) = await office.events(given, Discarded)
    assert event.recipients == (0, 1)


@pytest.mark.parametrize("command", ["hold", "release", "retry", "requeue", "delete", "bounce"])
async def test_quarantine_and_shunt_are_not_the_queue(office: Office, command: str) -> None:
    kept, shunted = await office.ready(1, stage=QUARANTINED), await office.arrive(2)
    await office.queue.commit(staging(shunted, MessageStage.ACCEPTED, MessageStage.SHUNTED, why="a bug"))
    ids = [show_id(kept.queue_id), show_id(shunted.queue_id)]
    answer = await office.ask(f"queue.{command}", filter={"ids": ids}, reason="r")
    texts = [result["text"] for result in answer["results"]]
    assert "`mailock quarantine`" in texts[0]
    assert "`mailock shunt`" in texts[1]
    assert (await office.stages(kept), await office.stage(shunted)) == ({0: (QUARANTINED, [0])}, MessageStage.SHUNTED)


async def test_a_retry_is_due_at_once_and_wakes_its_lane(office: Office) -> None:
    given = await office.ready(recipients=2)
    assert await office.act("queue.retry", given) == ["done"]
    (parcel,) = await office.queue.parcels(LANE, office.clock.now(), 10)
    assert len(parcel.deliveries) == 2
    assert office.stations.tried == [LANE]
    assert "as alice wished" in (await office.events(given, Noted))[-1].text
    assert await office.act("queue.retry", given) == ["already"]


async def test_a_flush_means_one_domain_only(office: Office) -> None:
    here = await office.ready(1)
    answer = await office.ask("queue.retry", filter={"domain": "elsewhere.test"})
    assert answer == {"results": [], "after": None}
    answer = await office.ask("queue.retry", filter={"domain": "dest.test"})
    assert [result["id"] for result in answer["results"]] == [show_id(here.queue_id)]


async def test_what_is_held_is_not_retried(office: Office) -> None:
    given = await office.ready(stage=HELD)
    assert await office.act("queue.retry", given) == ["unfit"]
    assert (await office.ask("queue.retry", filter={"all": True}))["results"] == []


async def test_a_requeued_message_is_judged_again(office: Office) -> None:
    given = await office.ready(recipients=2)
    assert await office.act("queue.requeue", given) == ["done"]
    assert await office.stage(given) is MessageStage.ACCEPTED
    assert (office.stations.judged, office.queue.leased()) == (1, 0)
    assert await office.act("queue.requeue", given) == ["already"]
    (waiting,) = await office.queue.lease(MessageStage.ACCEPTED, 1)
    assert waiting.counted_from == office.clock.now()


async def test_nobody_gets_a_message_twice_by_requeueing(office: Office) -> None:
    given = await office.ready(recipients=2)
    await office.queue.commit(settling(given, sent(0)))
    answer = await office.ask("queue.requeue", filter={"ids": [show_id(given.queue_id)]})
    assert "cannot be judged again as a whole" in answer["results"][0]["text"]
    assert await office.stages(given) == {0: (READY, [0, 1])}


async def test_a_parted_message_can_be_requeued_whole(office: Office) -> None:
    given = await office.ready(recipients=2)
    filter_ = {"ids": [show_id(given.queue_id)], "recipient": "user1@dest.test"}
    await office.ask("queue.hold", filter=filter_)
    assert await office.act("queue.requeue", given) == ["done"]
    assert await office.stage(given) is MessageStage.ACCEPTED


async def test_show_tells_everything_and_keeps_the_content_to_itself(office: Office) -> None:
    given = await office.ready(recipients=2)
    await office.queue.commit(settling(given, sent(0)))
    shown = await office.ask("queue.show", id=show_id(given.queue_id))
    assert "header" not in shown
    assert [one["address"] for copy in shown["copies"] for one in copy["recipients"]] == ["user1@dest.test"]
    assert [(one["address"], one["status"]) for one in shown["ended"]] == [("user0@dest.test", "delivered")]
    assert not [noted for noted in await office.events(given, Noted) if "read" in noted.text]


async def test_reading_the_header_leaves_a_trace(office: Office) -> None:
    given = await office.ready()
    shown = await office.ask("queue.show", id=show_id(given.queue_id), content=True)
    assert shown["header"] == ["Subject: hello"]
    assert (await office.events(given, Noted))[-1].text == "Its header was read by alice"


async def test_what_is_not_there_is_not_shown(office: Office) -> None:
    with pytest.raises(Refused, match="is not in the queue"):
        await office.ask("queue.show", id=show_id(message(1).queue_id))


async def test_counting_changes_nothing(office: Office) -> None:
    for number in range(1, 4):
        await office.ready(number)
    assert await office.ask("queue.count", filter={"all": True}) == {"messages": 3}
    assert await office.ask("queue.count", filter={"domain": "elsewhere.test"}) == {"messages": 0}


async def test_what_a_station_works_on_is_not_deleted_under_it(office: Office) -> None:
    given = await office.arrive(1)
    await office.queue.lease(MessageStage.ACCEPTED, 1)
    answer = await office.ask("queue.delete", filter={"ids": [show_id(given.queue_id)]}, reason="r")
    assert "at this moment" in answer["results"][0]["text"]
    office.queue.put_back(given.queue_id)
    assert await office.act("queue.delete", given, reason="r") == ["done"]


async def test_what_was_looked_at_is_there_for_the_stations_again(office: Office) -> None:
    await office.arrive(1, recipients=2)
    await office.ask("queue.delete", filter={"recipient": "user0@dest.test"}, reason="r")
    assert office.queue.leased() == 0
    assert office.stations.judged == 1
    assert len(await office.queue.lease(MessageStage.ACCEPTED, 10)) == 1
