"""A server on a Unix socket or on loopback that says what a test wants: for what real ones cannot be made to show."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.parts.ports import LOOPBACK

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Scripted:
    """A running one. `handler` may be changed at any time; it holds for the next connection."""

    handler: Handler
    port: int = 0
    connections: int = 0
    open: int = 0
    most_open: int = 0
    broken: list[BaseException] = field(default_factory=list)
    """What handlers raised, besides connections that ended."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await self.handler(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the other side left, or the test is over
        except Exception as fault:
            self.broken.append(fault)
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def scripted(
    handler: Handler, *, path: Path | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Scripted]:
    """One that listens; on a free port where there is no path."""
    made = Scripted(handler)
    tasks: set[asyncio.Task[None]] = set()

    def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(made.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    if path is not None:
        server = await asyncio.start_unix_server(taken, path=str(path))
    else:
        server = await asyncio.start_server(taken, host=LOOPBACK, port=0, ssl=tls)
        made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert not made.broken, made.broken
