"""Answers that take time: what was asked is waited for, and told to whoever asked if he is still there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


def when_known(
    awaited: Awaitable[T], then: Callable[[T], None], *, gone: Callable[[], bool], broke: Callable[[], None]
) -> None:
    """Calls `then` with the result, unless the client has `gone` meanwhile; `broke` where the look-up did."""

    def told(future: "asyncio.Future[T]") -> None:
        if gone() or future.cancelled():
            return
        fault = future.exception()
        if fault is None:
            then(future.result())
            return
        log.error("a look-up broke", exc_info=fault)
        broke()

    asyncio.ensure_future(awaited).add_done_callback(told)
