"""The process of the console, after every page, export and sign-in, while twenty people watch."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest

from mailock.console.rights import ROUTES
from mailock.core.mail.message import show_id
from mailock.ports.people import Role
from tests.browser.pictures import day
from tests.parts.desk import KEPT, PASSWORD, desk
from tests.parts.ports import LOOPBACK, free_port, wait_until_open
from tests.parts.provider import provider
from tests.parts.stories import NOON, message

MOST = 120 << 20
"""Octets that may be resident."""
WATCHING = 20
ROUNDS = 3
PARTS = {
    "/messages/{name}": f"/messages/{show_id(message(KEPT).queue_id)}",
    "/views/{name}": "/views/overview?frame=30d",
    "/policy/history/{number}": "/policy/history/1",
    "/sign-in/once/{secret}": "/sign-in/once/x",
}
pytestmark = pytest.mark.serial


def paths() -> list[str]:
    """Every page, and every view and the list of messages as files."""
    found = [one.removeprefix("GET ") for one in ROUTES if one.startswith("GET ") and "/api/" not in one]
    pages = [PARTS.get(one, one) for one in found if one not in ("/live", "/static/{name}", "/views/{name}/edit")]
    exports = [f"/views/{view}/export/{form}" for view in ("overview", "live") for form in ("xlsx", "pdf", "csv")]
    return [one for one in pages if "{form}" not in one] + exports + ["/messages/export/xlsx", "/messages/export/csv"]


async def test_the_console_stays_small(tmp_path: Path) -> None:
    with desk(tmp_path, *day(random.Random(1), NOON)) as console, provider() as there:
        console.person("anna", Role.ADMINISTRATOR, reads=True)
        console.means.people.set_password("anna", PASSWORD)
        port = free_port()
        with running(tmp_path, port, there.issuer) as process:
            await asyncio.to_thread(wait_until_open, LOOPBACK, port, within=60)
            before = resident(process.pid)
            async with watchers(port, await signed_in(port)), visitor(port) as client:
                for _ in range(ROUNDS):
                    await walk(client)
                after = resident(process.pid)
        print(f"the console: {before / 2**20:.0f} MiB at first, {after / 2**20:.0f} MiB when all was looked at")
        assert after <= MOST


async def walk(client: httpx.AsyncClient) -> None:
    """Signs in by a password and by the provider, begins with a passkey, and looks at everything."""
    form = {"name": "anna", "password": PASSWORD}
    assert (await client.post("/sign-in", data=form)).status_code == 303
    assert (await client.post("/sign-in/passkey", headers={"host": "localhost"})).status_code == 200
    for path in paths():
        answer = await got(client, path)
        assert answer.status_code in (200, 303, 403), (path, answer.text[:300])
    assert (await client.get("/sign-in/provider/return?code=x&state=x")).status_code in (403, 429)


async def got(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """A page; again where the log could not be read in its second, on a machine that is busy."""
    for _ in range(9):
        answer = await client.get(path)
        if answer.status_code != 503:
            return answer
    return await client.get(path)


@contextmanager
def running(folder: Path, port: int, issuer: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process, by itself."""
    config = folder / "mailock.toml"
    config.write_text(
        f'[node]\ndata = "{folder}"\nhostname = "mx.gateway.test"\n[console]\nlisten = "{LOOPBACK}:{port}"\n'
        f'[console.oidc]\nissuer = "{issuer}"\nclient_id = "mailock"\n'
        '[[console.oidc.role]]\ngroup = "operators"\nrole = "operator"\n'
    )
    command = [sys.executable, "-m", "mailock.processes.console", "--config", str(config)]
    with subprocess.Popen(command) as process:
        try:
            yield process
        finally:
            process.terminate()


def visitor(port: int) -> httpx.AsyncClient:
    """A browser's connection."""
    return httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=60, trust_env=False)


async def signed_in(port: int) -> dict[str, str]:
    """The cookie of anna."""
    async with visitor(port) as client:
        assert (await client.post("/sign-in", data={"name": "anna", "password": PASSWORD})).status_code == 303
        return dict(client.cookies)


@asynccontextmanager
async def watchers(port: int, cookies: dict[str, str]) -> AsyncIterator[None]:
    """People who watch the live view."""

    async def watch() -> None:
        async with visitor(port) as client, client.stream("GET", "/live", cookies=cookies) as events:
            assert events.status_code == 200
            started.release()
            async for _ in events.aiter_bytes():
                pass

    started = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(watch()) for _ in range(WATCHING)]
    for _ in tasks:
        await asyncio.wait_for(started.acquire(), 30)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in outcomes), outcomes


def resident(pid: int) -> int:
    """Octets of its memory that are in RAM."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
