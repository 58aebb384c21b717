"""Answers remembered as long as they may be, failures for a moment, and each question under way once at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, Generic, TypeVar

from mailock.ports.resolver import Answer, LookupFailed

T = TypeVar("T")

LONGEST_SECONDS: Final = 86_400
"""No answer is kept longer than a day, whatever its TTL says."""
FAILURE_SECONDS: Final = 5.0
"""How long a failure is kept: a thousand messages for one broken domain then wait for its servers once."""


class Recall(Generic[T]):
    """Asks by `ask` what it does not remember. `steady` gives seconds; `size` bounds the answers that are kept."""

    __slots__ = ("_ask", "_kept", "_size", "_steady", "_under_way")

    def __init__(self, ask: Callable[[str], Awaitable[Answer[T]]], *, steady: Callable[[], float], size: int) -> None:
        self._ask = ask
        self._steady = steady
        self._size = size
        self._kept: dict[str, tuple[float, Answer[T] | LookupFailed]] = {}
        self._under_way: dict[str, asyncio.Task[Answer[T] | LookupFailed]] = {}

    def kept(self, name: str) -> Answer[T] | LookupFailed | None:
        """What is remembered of a name, its TTL counted down; None where it has to be asked."""
        found = self._kept.get(name)
        if found is None:
            return None
        until, answer = found
        left = until - self._steady()
        if left <= 0:
            del self._kept[name]
            return None
        return answer if isinstance(answer, LookupFailed) else replace(answer, ttl=int(left))

    async def learn(self, name: str) -> Answer[T] | LookupFailed:
        """What is remembered or can be learnt. A caller that is cancelled takes the answer from nobody else."""
        found = self.kept(name)
        if found is not None:
            return found
        task = self._under_way.get(name)
        if task is None:
            task = self._under_way[name] = asyncio.get_running_loop().create_task(self._find_out(name))
        return await asyncio.shield(task)

    async def answer(self, name: str) -> Answer[T]:
        """As `learn`, but raises LookupFailed."""
        learnt = await self.learn(name)
        if isinstance(learnt, LookupFailed):
            # A new one each time: a raised exception gathers the tracebacks of all who raise it.
            raise LookupFailed(*learnt.args)
        return learnt

    async def _find_out(self, name: str) -> Answer[T] | LookupFailed:
        answer: Answer[T] | LookupFailed
        try:
            answer = await self._ask(name)
            seconds = float(min(answer.ttl, LONGEST_SECONDS))
        except LookupFailed as failure:
            answer, seconds = failure.with_traceback(None), FAILURE_SECONDS
        finally:
            del self._under_way[name]
        self._keep(name, answer, seconds)
        return answer

    def _keep(self, name: str, answer: Answer[T] | LookupFailed, seconds: float) -> None:
        self._kept.pop(name, None)
        if seconds <= 0:
            return
        while len(self._kept) >= self._size:
            # The one that was learnt longest ago; a dictionary keeps that order.
            del self._kept[next(iter(self._kept))]
        self._kept[name] = (self._steady() + seconds, answer)
