"""Asks mailflow through the hatch, over the one connection that this process ever makes.

Requests are numbered, so that many may be under way at once. When the connection is lost the process ends, and the
supervisor starts another, for this one cannot connect any more.
"""

import asyncio
import json
from itertools import count
from pathlib import Path
from typing import Any, Final

from mailock.ports.commands import Refused

SECONDS: Final = 90.0
LONGEST: Final = 4 << 20
LONGEST_ARGUMENT: Final = 8_192
"""Letters; nothing of ours is longer, and what is too long for the hatch would close it."""


class Silent(Exception):
    """Mailflow does not answer; nothing was lost."""


class Mailflow:
    """The other side. `lost` is set when it is gone."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._numbers = count(1)
        self._open: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.lost = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def ask(self, command: str, **arguments: object) -> dict[str, Any]:
        """The result of a command. Raises Refused where the answer is no, Silent where there is none."""
        if any(len(str(each)) > LONGEST_ARGUMENT for each in arguments.values()):
            raise Refused("this is no link of ours")
        number = next(self._numbers)
        answer = self._open[number] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(json.dumps({"n": number, "command": command, "arguments": arguments}).encode() + b"\n")
            await self._writer.drain()
            async with asyncio.timeout(SECONDS):
                told = await answer
        except (TimeoutError, ConnectionError):
            raise Silent from None
        finally:
            del self._open[number]
        if "refused" in told:
            raise Refused(str(told["refused"]))
        if not isinstance(told.get("result"), dict):
            raise Silent
        result: dict[str, Any] = told["result"]
        return result

    async def _read(self) -> None:
        try:
            while line := await self._reader.readline():
                told = json.loads(line)
                waiting = self._open.get(told["n"])
                if waiting is not None and not waiting.done():
                    waiting.set_result(told)
        except (ConnectionError, ValueError):
            pass  # It is as good as gone.
        finally:
            self.lost.set()
            for waiting in self._open.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionError("mailflow is gone"))


async def connect(socket: Path, seconds: float) -> Mailflow:
    """Connects, waiting for mailflow to open the hatch. Raises OSError where it does not."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return Mailflow(*await asyncio.open_unix_connection(socket, limit=LONGEST))
            except (FileNotFoundError, ConnectionRefusedError):
                await asyncio.sleep(0.2)
