"""swaks, an SMTP and LMTP client that we did not write, and the conversation that it had."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.parts.programs import program


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """What was said. `exit_code` is swaks' own: 0 all accepted, 23 MAIL, 24 no RCPT, 25 DATA, 26 the message refused,
    28 AUTH, 29 STARTTLS.
    """

    exit_code: int
    transcript: str

    @property
    def ok(self) -> bool:
        """Whether the message was accepted."""
        return self.exit_code == 0

    @property
    def said(self) -> list[str]:
        """The client's lines, through TLS or not, without swaks' arrows."""
        return self._lines(" -> ", " ~> ")

    @property
    def replies(self) -> list[str]:
        """The server's lines: those that accepted and those that refused."""
        return self._lines("<-  ", "<** ", "<~  ", "<~* ")

    def _lines(self, *marks: str) -> list[str]:
        return [line[len(marks[0]) :].rstrip() for line in self.transcript.splitlines() if line.startswith(marks)]


async def swaks(
    to: tuple[str, int],
    *,
    sender: str = "sender@source.test",
    recipients: Sequence[str] = ("user@dest.test",),
    message: bytes | Path | None = None,
    protocol: str = "ESMTP",
    options: Sequence[str] = (),
    within: float = 60.0,
) -> Conversation:
    """Send one message: swaks' own sample, or `message` byte for byte (bare LF becomes CRLF). `options` are swaks' own:
    ["--tls"], ["--helo", "name"], ["--quit-after", "RCPT"], ["--pipeline"]; those that edit, like ["--header", "A: b"],
    act on the sample only.
    """
    command = [
        program("swaks", package="swaks"),
        *("--server", to[0], "--port", str(to[1]), "--protocol", protocol),
        *("--from", sender, "--to", ",".join(recipients), "--helo", "swaks.test", "--timeout", "30"),
    ]
    if isinstance(message, Path):
        message = message.read_bytes()
    if message is not None:
        command += ["--data", "-", "--no-data-fixup"]  # from standard input, and sent as it is
    wire = None if message is None else _as_data(message)
    process = await asyncio.create_subprocess_exec(
        *command,
        *options,
        stdin=asyncio.subprocess.PIPE if wire is not None else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        printed, _ = await asyncio.wait_for(process.communicate(wire), within)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Conversation(exit_code=process.returncode, transcript=printed.decode(errors="replace"))


def _as_data(message: bytes) -> bytes:
    """The message as DATA carries it, up to the final dot; swaks adds the line end behind that."""
    lines = re.split(rb"\r?\n", message)
    if lines[-1] == b"":
        lines.pop()
    return b"".join(b"." * line.startswith(b".") + line + b"\r\n" for line in lines) + b"."
