"""Every promise holds on both event loops: uvloop, which we run on, and asyncio's own."""

import asyncio
from collections.abc import Callable, Mapping

import uvloop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Which loops pytest-asyncio makes for the tests of this folder."""
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
