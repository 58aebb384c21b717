"""Taking custody: what enter promises, for every store."""

import asyncio
from dataclasses import replace

import pytest

from mailock.core.lifecycle.changes import Commit, Entry
from mailock.core.lifecycle.stages import MessageStage
from mailock.core.lifecycle.transitions import IllegalMove
from mailock.core.mail.message import BodyRef
from mailock.ports.queue import Queue, Selection
from tests.contract.spool import CONTENT, entering, entry, in_file, message, staging


async def test_what_entered_is_leased_whole_and_with_its_content(queue: Queue) -> None:
    given = message(1)
    await queue.enter(entering(given), leased=False)
    (waiting,) = await queue.lease(MessageStage.ACCEPTED, 10)
    assert (waiting.message, waiting.stage, waiting.content) == (given, MessageStage.ACCEPTED, CONTENT)


async def test_a_body_in_a_file_comes_without_content(queue: Queue) -> None:
    await queue.enter(entering(in_file(message(1))), leased=False)
    (waiting,) = await queue.lease(MessageStage.ACCEPTED, 10)
    assert waiting.content is None


async def test_what_entered_leased_is_not_leased_again_until_put_back(queue: Queue) -> None:
    given = message(1)
    await queue.enter(entering(given), leased=True)
    assert queue.leased() == 1
    assert not await queue.lease(MessageStage.ACCEPTED, 10)
    queue.put_back(given.queue_id)
    assert queue.leased() == 0
    assert len(await queue.lease(MessageStage.ACCEPTED, 10)) == 1


async def test_offered_mail_waits_apart_from_accepted_mail(queue: Queue) -> None:
    given = message(1)
    await queue.enter(entering(given, stage=MessageStage.OFFERED), leased=False)
    assert not await queue.lease(MessageStage.ACCEPTED, 10)
    (waiting,) = await queue.lease(MessageStage.OFFERED, 10)
    await queue.commit(staging(waiting.message, MessageStage.OFFERED, MessageStage.ACCEPTED))
    assert len(await queue.lease(MessageStage.ACCEPTED, 10)) == 1


async def test_an_id_enters_only_once(queue: Queue) -> None:
    await queue.enter(entering(message(1)), leased=False)
    with pytest.raises(IllegalMove):
        await queue.enter(entering(message(1)), leased=False)
    assert len(await queue.find(Selection(), limit=10)) == 1


async def test_entries_of_one_commit_enter_together_or_not_at_all(queue: Queue) -> None:
    await queue.enter(entering(message(1)), leased=False)
    with pytest.raises(IllegalMove):
        await queue.enter(entering(message(2), message(1)), leased=True)
    assert [item.message.queue_id for item in await queue.find(Selection(), limit=10)] == [message(1).queue_id]
    assert queue.leased() == 0
    assert [len(events) for _, events in await queue.pending(10)] == [1]


async def test_an_inline_body_without_its_content_is_refused(queue: Queue) -> None:
    with pytest.raises(IllegalMove):
        await queue.enter(Commit(entries=(Entry(message=message(1), content=None),)), leased=False)
    assert not await queue.find(Selection(), limit=10)


async def test_messages_of_a_split_transaction_share_a_body(queue: Queue, unreferenced: list[BodyRef]) -> None:
    first, second = in_file(message(1)), in_file(message(2))
    second = replace(second, body=first.body)
    await queue.enter(entering(first, second), leased=False)
    await queue.commit(staging(first, MessageStage.ACCEPTED, MessageStage.CLOSED))
    assert not unreferenced
    assert await queue.body_names() == {first.body.name}
    await queue.commit(staging(second, MessageStage.ACCEPTED, MessageStage.CLOSED))
    assert unreferenced == [first.body]
    assert await queue.body_names() == set()


async def test_many_enter_at_once_and_one_of_them_is_wrong(queue: Queue) -> None:
    await queue.enter(entering(message(3)), leased=False)
    tries = [queue.enter(entering(message(number)), leased=False) for number in range(10)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [number for number, result in enumerate(results) if result is not None] == [3]
    assert isinstance(results[3], IllegalMove)
    assert len(await queue.find(Selection(), limit=100)) == 10


async def test_a_small_body_is_found_until_its_message_is_gone(queue: Queue) -> None:
    given = message(1)
    await queue.enter(Commit(entries=(entry(given),)), leased=False)
    assert await queue.small_body(given.body) == CONTENT
    await queue.commit(staging(given, MessageStage.ACCEPTED, MessageStage.CLOSED))
    with pytest.raises(KeyError):
        await queue.small_body(given.body)
