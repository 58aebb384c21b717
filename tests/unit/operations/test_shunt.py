"""Shunted messages wait for a person, who retries or deletes them."""

import pytest

from mailock.core.lifecycle.events import Discarded, Released
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.mail.message import Message, show_id
from mailock.ports.commands import Refused
from tests.contract.spool import sent, settling, staging
from tests.unit.operations.hands import Office


async def shunted(office: Office, number: int = 1) -> Message:
    """A message on which we failed."""
    given = await office.arrive(number, recipients=2)
    await office.queue.commit(staging(given, MessageStage.ACCEPTED, MessageStage.SHUNTED, why="KeyError: 'x'"))
    return given


async def test_the_list_says_what_we_failed_on(office: Office) -> None:
    await office.arrive(7)
    given = await shunted(office)
    (row,) = (await office.ask("shunt.list", filter={"all": True}))["messages"]
    assert (row["id"], row["status"], row["reason"]) == (show_id(given.queue_id), "hold", "KeyError: 'x'")
    assert (await office.ask("shunt.show", id=show_id(given.queue_id)))["stage"] == "shunted"


async def test_a_retry_starts_from_the_beginning_once(office: Office) -> None:
    given = await shunted(office)
    assert await office.act("shunt.retry", given) == ["done"]
    assert (await office.stage(given), office.stations.judged) == (MessageStage.ACCEPTED, 1)
    assert len(await office.queue.lease(MessageStage.ACCEPTED, 10)) == 1
    assert await office.act("shunt.retry", given) == ["absent"]
    (event,) = await office.events(given, Released)
    assert (event.by, event.recipients) == ("alice", (0, 1))


async def test_nobody_gets_a_message_twice_by_a_retry(office: Office) -> None:
    given = await office.ready(recipients=2)
    await office.queue.commit(settling(given, sent(0)))
    await office.queue.commit(staging(given, MessageStage.JUDGED, MessageStage.SHUNTED, why="a bug"))
    assert await office.act("shunt.retry", given) == ["refused"]
    assert await office.act("shunt.delete", given, reason="as good as delivered") == ["done"]


async def test_a_deletion_has_a_name_and_a_reason(office: Office) -> None:
    given = await shunted(office)
    with pytest.raises(ValueError, match="needs a reason"):
        await office.act("shunt.delete", given)
    filter_ = {"ids": [show_id(given.queue_id)], "recipient": "user0@dest.test"}
    some = await office.ask("shunt.delete", filter=filter_, reason="r")
    assert some["results"][0]["outcome"] == "refused"
    assert await office.act("shunt.delete", given, reason="a test message") == ["done"]
    assert await office.gone(given)
    (event,) = await office.events(given, Discarded)
    assert (event.by, event.why) == ("alice", "a test message")


async def test_what_is_not_shunted_is_left_alone(office: Office) -> None:
    given = await office.ready()
    assert await office.act("shunt.delete", given, reason="r") == ["absent"]
    with pytest.raises(Refused, match="is not shunted"):
        await office.ask("shunt.show", id=show_id(given.queue_id))
