"""What people who watch live views cost the mail: relayed messages a second with some of them, against none.

    .venv/bin/python -m bench.watched [--people 20] [--rounds 5] [--messages 4000]

The same gateway and the same console in both; rounds with and without take turns. Each watcher does what a page does:
it holds the stream of events, and fetches the live view again at each change, at most once a second. The watchers run
on this machine too, so their own time is in the figure; a browser elsewhere would take it there.
"""

import argparse
import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from mailock.ports.people import Person, Role
from mailock.storage.people import People
from mailock.testing.bench.load import Load, Sink, send, sink
from mailock.testing.bench.programs import LOOPBACK, free_port
from mailock.testing.bench.side import After, Task
from mailock.testing.bench.sides.mailock import Mailock

_WITHIN_SECONDS = 300.0
VIEW = "/views/live"


class Watchers:
    """So many people, in a thread of their own."""

    def __init__(self, port: int, secret: str, people: int) -> None:
        self._port, self._head = port, f"host: {LOOPBACK}:{port}\r\ncookie: mailock_session={secret}\r\n"
        self._people = people
        self._loop = asyncio.new_event_loop()
        self.fetched = 0
        """How often one of them got the view."""

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """They watch as long as this lasts."""
        thread = threading.Thread(target=self._loop.run_until_complete, args=(self._all(),))
        thread.start()
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._over.set)
            thread.join()

    async def _all(self) -> None:
        self._over = asyncio.Event()
        tasks = [asyncio.create_task(self._watch()) for _ in range(self._people)]
        await self._over.wait()
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(outcome, asyncio.CancelledError):
                raise RuntimeError(f"a watcher ended: {outcome!r}")

    async def _watch(self) -> None:
        is_first = True
        reader, writer = await asyncio.open_connection(LOOPBACK, self._port)
        writer.write(f"GET /live HTTP/1.1\r\n{self._head}\r\n".encode())
        # The first event only says how far the log is: the page has just been drawn.
        while line := await reader.readline():
            if line.startswith(b"event: changed"):
                if not is_first:
                    await self._fetch()
                    await asyncio.sleep(1)
                is_first = False

    async def _fetch(self) -> None:
        reader, writer = await asyncio.open_connection(LOOPBACK, self._port)
        # As htmx asks for the part that is live.
        part = "hx-request: true\r\nhx-target: widgets\r\nconnection: close\r\n"
        writer.write(f"GET {VIEW} HTTP/1.1\r\n{self._head}{part}\r\n".encode())
        answer = await reader.read(-1)
        writer.close()
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"the console answers {answer[:60]!r}")
        self.fetched += 1


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=4000)
    chosen = parser.parse_args()
    load = Load(messages=chosen.messages, size=10_240, sessions=50, kept_open=True)
    rates: dict[bool, list[float]] = {False: [], True: []}
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="mailock-watched-") as name, contextlib.ExitStack() as all_:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "side").mkdir()
        hop = all_.enter_context(sink(folder))
        task = Task(
            folder=folder / "side",
            port=free_port(),
            after=After.RELAY,
            next_hop=hop.port,
            sessions=load.sessions,
            size_limit=200 * 2**20,
            certificate=None,
        )
        serving = all_.enter_context(Mailock().serve(task))
        port, secret = all_.enter_context(_console(task.folder))
        _rate(load, serving.port, hop)  # It only warms up.
        fetched = 0
        for turn in range(2 * chosen.rounds):
            is_watched = bool(turn % 2)
            watchers = Watchers(port, secret, chosen.people)
            with watchers.watching() if is_watched else contextlib.nullcontext():
                rates[is_watched].append(_rate(load, serving.port, hop))
            fetched += watchers.fetched
    for is_watched, who in ((False, "nobody watches"), (True, f"{chosen.people} people watch")):
        of = rates[is_watched]
        print(f"{who:16} {statistics.median(of):6,.0f}/s ({min(of):,.0f} to {max(of):,.0f})")
    ratio = statistics.median(rates[True]) / statistics.median(rates[False])
    print(f"{ratio:.2f} times as much mail while they watch, who were given {fetched} views")


@contextlib.contextmanager
def _console(folder: Path) -> Iterator[tuple[int, str]]:
    """The console over the gateway's data; its port, and the secret of somebody who is signed in."""
    now, port = time.time(), free_port()
    people = People(folder / "data")
    people.add(Person(name="watcher", role=Role.ADMINISTRATOR, created=now))
    secret = people.sign_in("watcher", now, 86_400.0)
    people.close()
    command = [sys.executable, "-m", "mailock.processes.console", "--config", str(folder / "mailock.toml")]
    environment = os.environ | {"MAILOCK_CONSOLE__ENABLED": "true", "MAILOCK_CONSOLE__LISTEN": f"{LOOPBACK}:{port}"}
    with subprocess.Popen(command, env=environment) as process:
        try:
            for _ in range(600):
                if process.poll() is not None:
                    raise RuntimeError("the console ended")
                with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
                    break
                time.sleep(0.1)
            yield port, secret
        finally:
            process.terminate()


def _rate(load: Load, port: int, hop: Sink) -> float:
    """Messages a second until the next hop has the last one."""
    expected, begun = load.messages + hop.count(), time.monotonic()
    send(load, port, _WITHIN_SECONDS)
    return load.messages / (hop.wait_for(expected, within=_WITHIN_SECONDS) - begun)


if __name__ == "__main__":
    main()
