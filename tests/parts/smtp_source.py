"""smtp-source, Postfix's load generator: many messages over many sessions, timed."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.parts.programs import program


@dataclass(frozen=True, kw_only=True)
class SourceRun:
    """One finished run; `seconds` is wall time from start to end of the program."""

    messages: int
    seconds: float
    ok: bool
    printed: str

    @property
    def per_second(self) -> float:
        """Messages that were acknowledged, a second; meaningful only when `ok`."""
        return self.messages / self.seconds


async def smtp_source(
    to: tuple[str, int],
    *,
    messages: int = 1,
    sessions: int = 1,
    size: int = 1024,
    recipients: int = 1,
    sender: str = "source@source.test",
    recipient: str = "sink@dest.test",
    keep_connections: bool = False,
    lmtp: bool = False,
    file: Path | None = None,
    options: Sequence[str] = (),
    within: float = 120.0,
) -> SourceRun:
    """Send `messages` of `size` bytes over `sessions` sessions at a time.

    It stops at the first reply that refuses anything: `ok` is then False and `printed` says what it got. With several
    `recipients` the addresses become 1sink@…, 2sink@…. `file` sends that file's content, with LF line ends, instead.
    """
    command = [
        program("smtp-source", package="postfix"),
        *("-s", str(sessions), "-m", str(messages), "-r", str(recipients), "-f", sender, "-t", recipient),
        *(["-F", str(file)] if file is not None else ["-l", str(size)]),
        *(["-d"] if keep_connections else []),
        *(["-L"] if lmtp else []),
        *options,
        f"{to[0]}:{to[1]}",
    ]
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), within)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return SourceRun(
        messages=messages,
        seconds=time.monotonic() - begun,
        ok=process.returncode == 0,
        printed=printed.decode(errors="replace"),
    )
