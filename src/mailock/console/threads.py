"""Runs a handler in a thread: those that read files, hash, or wait for mailflow must not keep the others waiting.

Litestar offers the same, but with version 2.25 a path with two methods loses it: the handler is wrapped twice.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def in_thread(handler: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """The handler, for the event loop."""

    @wraps(handler)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(handler, *args, **kwargs)

    return run
