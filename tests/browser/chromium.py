"""Debian's Chromium, and a console for it to look at: each test file starts one of each."""

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from mailock.console.desks import packed
from mailock.console.shipped import VIEWS
from mailock.ports.people import Role
from tests.browser.pictures import day, served
from tests.parts.desk import PASSWORD, Desk, desk
from tests.parts.programs import program
from tests.parts.stories import NOON

WAIT = 20_000
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "preload": False}


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser."""
    async with async_playwright() as playwright:
        path = program("chromium", package="chromium")
        running = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        await running.close()


def heard(page: Page) -> list[str]:
    """What the browser complains of on a page, from now on."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    return complaints


@contextmanager
def furnished(folder: Path) -> Iterator[tuple[Desk, str]]:
    """A console with a day of mail, anna who administrates it with a view of her own, and its address."""
    with desk(folder, *day(random.Random(1), NOON + 60, messages=120)) as console, served(console) as address:
        console.person("anna", Role.ADMINISTRATOR, reads=True)
        console.means.people.set_password("anna", PASSWORD)
        console.means.people.views.add("anna", packed(VIEWS["overview"]))
        yield console, address.replace("127.0.0.1", "localhost")


async def enter(browser: Browser, console: Desk, address: str, name: str = "anna") -> Page:
    """A page of somebody who is signed in."""
    secret = console.means.people.sign_in(name, console.clock.now(), 36_000.0)
    context = await browser.new_context(reduced_motion="reduce")
    await context.add_cookies([{"name": "mailock_session", "value": secret, "url": address}])
    page = await context.new_page()
    page.set_default_timeout(WAIT)
    return page


async def faults(page: Page) -> list[str]:
    """What axe-core finds on a page, a line for each element."""
    response: dict[str, Any] = (await Axe().run(page, options=OPTIONS)).response
    return [
        f"{page.url} {one['id']}: {one['help']}: {node['target']} {node.get('failureSummary', '')}"
        for one in response["violations"]
        for node in one["nodes"]
    ]
