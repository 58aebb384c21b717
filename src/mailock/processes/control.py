"""The control socket: how commands reach the running mailflow (DECISIONS 5).

A Unix socket in the data directory takes one line of JSON, `{"command": NAME, "arguments": {…}}`, and answers with
one: `{"result": …}`, or `{"refused": SENTENCE}` where the answer is no, or `{"wrong": SENTENCE}` for bad input. Only
root and the user that mailflow runs as may speak; the kernel says who it is (SO_PEERCRED). As both may act for others
(root for who called sudo, the console for who signed in), a request may name a `person` besides, and the console says
whether that is one of its administrators.
"""

import asyncio
import json
import logging
import os
import pwd
import socket
import struct
from collections.abc import Mapping
from pathlib import Path

from mailock.core.mail.shown import cleaned
from mailock.ports.commands import Absent, Command, Refused, Speaker

SOCKET_NAME = "control.sock"
LONGEST_REQUEST = 4 << 20
LONGEST_NAME = 64
log = logging.getLogger(__name__)


class ControlServer:
    """Answers commands until stopped."""

    def __init__(self, directory: Path, commands: Mapping[str, Command]) -> None:
        self._path = directory / SOCKET_NAME
        self._commands = commands
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begins to listen; a socket left by a process that died is replaced."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path, limit=LONGEST_REQUEST)
        self._path.chmod(0o600)

    async def stop(self) -> None:
        """Stops listening and removes the socket."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            uid = peer_uid(writer.get_extra_info("socket"))
            if uid not in (0, os.geteuid()):
                answer: dict[str, object] = {"refused": "only root and Mailock's own user may control it"}
            else:
                line = await reader.readline()
                if not line:
                    # Somebody only wanted to know whether we are here.
                    return
                answer = await self._answer(line, uid)
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        except (ConnectionError, ValueError) as fault:
            log.warning("a control connection broke off: %s", fault)
        finally:
            writer.close()

    async def _answer(self, line: bytes, uid: int) -> dict[str, object]:
        try:
            request = json.loads(line)
            command, arguments = request["command"], request.get("arguments", {})
            named = str(request.get("person") or "")
            speaker = speaker_for(uid, named, is_administrator=bool(named) and request.get("administrator") is True)
        except (ValueError, KeyError, TypeError, AttributeError):
            return {"wrong": "a request is one line of JSON with `command` and `arguments`"}
        found = self._commands.get(command)
        if found is None:
            return {"wrong": f"there is no command {command!r}"}
        try:
            return {"result": await found(arguments, speaker)}
        except Refused as why:
            return {"refused": str(why), "absent": isinstance(why, Absent)}
        except (ValueError, KeyError) as why:
            return {"wrong": str(why)}
        except Exception as bug:
            log.exception("the control command %s broke", command)
            return {"refused": f"{command} broke: {type(bug).__name__}: {bug}"}


def speaker_for(uid: int, person: str, *, is_administrator: bool = False) -> Speaker:
    """Who speaks: an account, for a person that it names (cut, and without what a log line could not hold)."""
    try:
        account = pwd.getpwuid(uid).pw_name
    except KeyError:
        account = f"uid {uid}"
    named = cleaned(person)[:LONGEST_NAME]
    name = f"{named} (as {account})" if named and named != account else account
    return Speaker(uid, name, is_administrator)


def peer_uid(peer: socket.socket) -> int:
    """The user at the other end."""
    credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", credentials)
    return int(uid)
