"""The hatch: the small opening through which the portal, which faces the Internet, asks mailflow for a few things.

A Unix socket in the data folder. The portal connects once, as the account that the supervisor started it with, and then
gives up every right to connect to anything. Each line of JSON it sends, `{"n": 1, "command": NAME, "arguments": {…}}`,
is answered by one, `{"n": 1, "result": …}` or `{"n": 1, "refused": SENTENCE}`, in whatever order they are ready. The
commands are those of recipients alone, and each comes with a signed link that is verified on this side: a portal that
was taken over can do what the holders of links can that it sees, and no more.
"""

import asyncio
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mailock.ports.commands import Command, Refused, Speaker
from mailock.processes.control import peer_uid

SOCKET_NAME: Final = "portal.sock"
LONGEST: Final = 256 * 1024
"""Octets of one request."""
AT_ONCE: Final = 32
ENDING_SECONDS: Final = 5.0
"""How long what was asked may still take when the connection has ended."""
BROKE: Final = "this does not work at the moment"
_SPEAKER: Final = Speaker(-1, "the portal")
log = logging.getLogger(__name__)


class Hatch:
    """Answers until stopped."""

    def __init__(self, directory: Path, commands: Mapping[str, Command]) -> None:
        self._path = directory / SOCKET_NAME
        self._commands = commands
        self._server: asyncio.Server | None = None
        self._guests: dict[asyncio.Task[object], asyncio.StreamWriter] = {}

    async def start(self) -> None:
        """Begins to listen; a socket left by a process that died is replaced."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path, limit=LONGEST)
        self._path.chmod(0o600)

    async def stop(self) -> None:
        """Stops listening, and lets go who is connected, once what was asked is done."""
        if self._server is not None:
            self._server.close()
            for guest in self._guests.values():
                guest.close()
            if self._guests:
                await asyncio.wait(list(self._guests))
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if peer_uid(writer.get_extra_info("socket")) not in (0, os.geteuid()):
            writer.close()
            return
        slots, working = asyncio.Semaphore(AT_ONCE), set[asyncio.Task[None]]()
        here = asyncio.current_task()
        assert here is not None
        self._guests[here] = writer
        try:
            while line := await reader.readline():
                await slots.acquire()
                task = asyncio.create_task(self._one(line, writer))
                working.add(task)
                task.add_done_callback(working.discard)
                task.add_done_callback(lambda _: slots.release())
        except (ConnectionError, ValueError) as fault:
            log.warning("the portal's connection broke off: %s", fault)
        finally:
            writer.close()
            if working:
                await asyncio.wait(working, timeout=ENDING_SECONDS)
            del self._guests[here]

    async def _one(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            request = json.loads(line)
            number, command, arguments = int(request["n"]), str(request["command"]), dict(request["arguments"])
        except (ValueError, KeyError, TypeError):
            log.warning("the portal sent what is no request")
            writer.close()
            return
        answer = {"n": number} | await self._answer(command, arguments)
        writer.write(json.dumps(answer).encode() + b"\n")
        try:
            await writer.drain()
        except ConnectionError:
            # It is gone; whoever waited for the answer is, too.
            pass

    async def _answer(self, command: str, arguments: dict[str, object]) -> dict[str, object]:
        found = self._commands.get(command)
        if found is None:
            log.warning("the portal asked for %r, which is not for it", command[:40])
            return {"refused": BROKE}
        try:
            return {"result": await found(arguments, _SPEAKER)}
        except Refused as why:
            return {"refused": str(why)}
        except ValueError:
            # What recipients type is checked by the portal; they learn nothing of how our arguments are called.
            return {"refused": "that cannot be: look at what was typed"}
        except Exception:
            log.exception("the portal's command %s broke", command)
            return {"broke": BROKE}
