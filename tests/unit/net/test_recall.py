"""What is remembered, for how long, and that nobody asks twice at once."""

import asyncio

import pytest

from mailock.net.recall import FAILURE_SECONDS, LONGEST_SECONDS, Recall
from mailock.ports.resolver import Answer, LookupFailed


class World:
    """A clock and a source of answers that counts."""

    def __init__(self, ttl: int = 60, *, size: int = 10) -> None:
        self.now = 500.0
        self.ttl = ttl
        self.asked: list[str] = []
        self.fails = False
        self.open = asyncio.Event()
        self.open.set()
        self.recall = Recall(self.ask, steady=lambda: self.now, size=size)

    async def ask(self, name: str) -> Answer[str]:
        self.asked.append(name)
        await self.open.wait()
        if self.fails:
            raise LookupFailed(f"{name} cannot be learnt")
        return Answer(records=(name.upper(),), ttl=self.ttl)


async def test_an_answer_counts_down_and_is_asked_for_again() -> None:
    world = World(ttl=60)
    assert await world.recall.answer("a") == Answer(records=("A",), ttl=60)
    world.now += 59
    assert await world.recall.answer("a") == Answer(records=("A",), ttl=1)
    world.now += 1
    assert (await world.recall.answer("a")).ttl == 60
    assert world.asked == ["a", "a"]


async def test_a_ttl_of_zero_is_not_kept_and_a_long_one_not_for_ever() -> None:
    world = World(ttl=0)
    await world.recall.answer("a")
    await world.recall.answer("a")
    assert world.asked == ["a", "a"]
    world.ttl = 10 * LONGEST_SECONDS
    await world.recall.answer("b")
    world.now += LONGEST_SECONDS
    await world.recall.answer("b")
    assert world.asked == ["a", "a", "b", "b"]


async def test_many_who_ask_at_once_share_one_question() -> None:
    world = World()
    world.open.clear()
    asking = [asyncio.create_task(world.recall.answer("a")) for _ in range(50)]
    await asyncio.sleep(0)
    asking[0].cancel()
    world.open.set()
    rest = await asyncio.gather(*asking[1:])
    assert asking[0].cancelled()
    assert world.asked == ["a"]
    assert {one.records for one in rest} == {("A",)}


async def test_the_first_to_ask_may_give_up_without_taking_the_answer_from_the_others() -> None:
    world = World()
    world.open.clear()
    only = asyncio.create_task(world.recall.answer("a"))
    await asyncio.sleep(0)
    only.cancel()
    await asyncio.sleep(0)
    world.open.set()
    assert (await world.recall.answer("a")).records == ("A",)
    assert world.asked == ["a"]


async def test_a_failure_is_kept_for_a_moment_and_raised_to_each() -> None:
    world = World()
    world.fails = True
    for _ in range(3):
        with pytest.raises(LookupFailed, match="a cannot be learnt"):
            await world.recall.answer("a")
    assert world.asked == ["a"]
    world.now += FAILURE_SECONDS
    world.fails = False
    assert (await world.recall.answer("a")).records == ("A",)


async def test_a_bug_in_asking_is_not_remembered() -> None:
    world = World()

    async def breaks(name: str) -> Answer[str]:
        raise RuntimeError("a bug")

    recall = Recall(breaks, steady=lambda: world.now, size=10)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="a bug"):
            await recall.answer("a")


async def test_the_memory_is_bounded_and_forgets_what_it_learnt_first() -> None:
    world = World(size=3)
    for name in "abcd":
        await world.recall.answer(name)
    assert world.recall.kept("a") is None
    assert all(world.recall.kept(name) is not None for name in "bcd")
