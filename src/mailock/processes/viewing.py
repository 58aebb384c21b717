"""Showing people what a message says: has it read in a jail."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from mailock.operations.preview.outside import SECONDS, heard
from mailock.operations.preview.wire import TASK
from mailock.ports.jail import Jail, Job, NoJail
from mailock.ports.viewer import CannotView, Preview


class Viewing:
    """Implements `ports.viewer.Viewer`. `entered` gives the jail, for as long as one message is read."""

    def __init__(self, entered: Callable[[], AbstractAsyncContextManager[Jail]]) -> None:
        self._entered = entered

    async def view(self, body: int) -> Preview:
        """Reads the message in the jail."""
        try:
            async with self._entered() as jail:
                ended = await jail.run(Job(task=TASK, order=b"", body=body, seconds=SECONDS))
        except (NoJail, OSError) as fault:
            raise CannotView(str(fault)) from None
        # Pictures are packed: not on the loop.
        return await asyncio.to_thread(heard, ended)
