"""A client that sends messages that we chose, each only once, over connections that stay open.

`smtp-source` makes its messages up. This one speaks alike to every side: MAIL, RCPT and DATA in one write, the content
when the 354 came, the next message when the 250 came.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence

import uvloop

from mailock.testing.bench.mailbag import stuffed
from mailock.testing.bench.programs import LOOPBACK, CannotMeasureError
from mailock.testing.bench.talk import DOMAIN, SENDER


def post(messages: Sequence[bytes], port: int, *, sessions: int, within: float) -> None:
    """Sends all of them; every one got its 250. Raises CannotMeasureError when one did not."""
    ready = [stuffed(message) for message in messages]
    try:
        uvloop.run(asyncio.wait_for(_all(ready, port, sessions), within))
    except TimeoutError as late:
        raise CannotMeasureError(f"{len(ready)} messages were not taken in {within:.0f} s") from late
    except OSError as failure:
        raise CannotMeasureError(f"the client lost its connection: {failure}") from failure


async def _all(ready: Sequence[bytes], port: int, sessions: int) -> None:
    left = iter(enumerate(ready))
    async with asyncio.TaskGroup() as group:
        for _ in range(min(sessions, len(ready))):
            group.create_task(_session(left, port))


async def _session(left: Iterator[tuple[int, bytes]], port: int) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    await _expect(reader, b"220")
    writer.write(b"EHLO client.bench.test\r\n")
    await _expect(reader, b"250")
    for number, content in left:
        recipient = f"{number}-{time.monotonic_ns()}@{DOMAIN}"
        writer.write(f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode())
        for code in (b"250", b"250", b"354"):
            await _expect(reader, code)
        writer.write(content)
        await _expect(reader, b"250")
    writer.write(b"QUIT\r\n")
    await _expect(reader, b"221")
    writer.close()


async def _expect(reader: asyncio.StreamReader, code: bytes) -> None:
    line = b"   -"
    # The last line of a reply has a space behind its code (RFC 5321 4.2.1).
    while line[3:4] == b"-":
        line = await reader.readline()
    if not line.startswith(code):
        raise CannotMeasureError(f"the server said {line[:200]!r} where {code.decode()} was due")
