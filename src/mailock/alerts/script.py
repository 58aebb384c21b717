"""Alerts by a program of the operator's own.

It is a file in the folder that the machine names for such programs, so a policy can choose one and never bring one. It
is run as it is given, without a shell; it gets the alert as a JSON object on its standard input, an environment with
nothing of ours in it, and a time. Of what it says the beginning is kept for the error, no more is read into memory.
"""

import asyncio
import contextlib
import json
import os
import signal
from pathlib import Path
from typing import Final

from mailock.alerts.notice import Notice, NotSent
from mailock.alerts.webhook import body

SECONDS: Final = 30.0
OUTPUT_OCTETS: Final = 4096
_SHOWN: Final = 200


class ScriptChannel:
    """Runs a program for each alert."""

    name = "script"

    def __init__(self, command: tuple[str, ...], *, seconds: float = SECONDS) -> None:
        """`command`: the path of the program, and its arguments."""
        self._command = command
        self._seconds = seconds

    async def send(self, notice: Notice) -> None:
        """Runs it once. Raises NotSent where it cannot be started, does not end in time, or ends with a fault."""
        name = Path(self._command[0]).name
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                cwd="/",
                start_new_session=True,
            )
        except OSError as fault:
            raise NotSent(f"the script {name} cannot be started ({fault.strerror})") from fault
        try:
            async with asyncio.timeout(self._seconds):
                said = await _told(process, json.dumps(body(notice)).encode())
                code = await process.wait()
        except TimeoutError:
            raise NotSent(f"the script {name} did not end within {self._seconds:g} s and was killed") from None
        finally:
            await _end(process)
        if code != 0:
            raise NotSent(f"the script {name} ended with {code}{': ' if said else ''}{said}")


async def _told(process: asyncio.subprocess.Process, document: bytes) -> str:
    """Gives the program its input and reads to the end of what it says; the beginning of that, in one line."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(ConnectionError):
        # A program need not read what it gets.
        process.stdin.write(document)
        await process.stdin.drain()
    process.stdin.close()
    kept = b""
    while octets := await process.stdout.read(OUTPUT_OCTETS):
        kept = (kept + octets)[:OUTPUT_OCTETS]
    said = " ".join(kept.decode("utf-8", "replace").split())
    return "".join(c if c.isprintable() else "?" for c in said)[:_SHOWN]


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends the program with all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
