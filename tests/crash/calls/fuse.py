"""Counts calls of ports by name, and at one of them burns: raises what the port documents, or ends the process.

The end is `os._exit`: no handler, no flush, no goodbye, as SIGKILL ends it. What other threads are at (a COMMIT, a
write) stops wherever it is.
"""

import inspect
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

DEAD = 9
"""The exit code of a process that died at a call."""


class Burning(Enum):
    """What happens at the call."""

    RAISES = "raises"
    """It raises what its port says that it may."""
    DIES_BEFORE = "dies before"
    """The process ends as the call begins."""
    DIES_AFTER = "dies after"
    """The call has done its work, and nobody hears of it."""


@dataclass(frozen=True, slots=True)
class Case:
    """The call at which a fuse burns, counted from 1, and how. With `number` 0 it never does."""

    label: str = ""
    number: int = 0
    burning: Burning = Burning.DIES_BEFORE
    fault: str = ""
    """The name of what is raised."""

    def __str__(self) -> str:
        return f"call {self.number} of {self.label} {self.burning.value} {self.fault}".rstrip()


class Fuse:
    """One case, for all ports of a process. `faults` makes what may be raised, by its name."""

    def __init__(self, case: Case, faults: Mapping[str, Callable[[], BaseException]]) -> None:
        self.case = case
        self.counts: Counter[str] = Counter()
        self.burnt = False
        self._faults = faults

    def ignites(self, label: str) -> bool:
        """Counts a call; dies in it where that is the case; returns whether it is to raise, or to die after it."""
        self.counts[label] += 1
        if label != self.case.label or self.counts[label] != self.case.number:
            return False
        if self.case.burning is Burning.DIES_BEFORE:
            os._exit(DEAD)
        self.burnt = True
        return True

    def fault(self) -> BaseException:
        """What the case's call raises; ends the process where that is to die after it."""
        if self.case.burning is Burning.DIES_AFTER:
            os._exit(DEAD)
        return self._faults[self.case.fault]()

    @property
    def raises(self) -> bool:
        """Whether the case is one that raises."""
        return self.case.burning is Burning.RAISES

    def call(self, label: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Calls, waits where that is needed, and burns where that is due."""
        if not self.ignites(label):
            return function(*args, **kwargs)
        if self.raises and not _is_awaited(function):
            raise self.fault()
        if self.raises:
            return self._raising()
        result = function(*args, **kwargs)
        if inspect.isawaitable(result):
            return self._dying(result)
        if isinstance(result, AsyncIterator):
            return self._broken(result)
        raise self.fault()

    async def _raising(self) -> Any:
        raise self.fault()

    async def _dying(self, result: Awaitable[Any]) -> Any:
        await result
        raise self.fault()

    async def _broken(self, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for item in result:
            yield item
            raise self.fault()


class Fused:
    """A port whose named methods go through the fuse; everything else is the port's own."""

    def __init__(self, inner: Any, name: str, fuse: Fuse, methods: frozenset[str]) -> None:
        self._inner = inner
        self._name = name
        self._fuse = fuse
        self._methods = methods

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._inner, attribute)
        if attribute not in self._methods:
            return found
        label = f"{self._name}.{attribute}"
        return lambda *args, **kwargs: self._fuse.call(label, found, *args, **kwargs)


AWAITED = frozenset({"enter", "commit"})
"""Methods that give an awaitable without being coroutine functions: their faults come out of it."""


def _is_awaited(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or getattr(function, "__name__", "") in AWAITED
