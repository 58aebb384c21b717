"""Makes the pictures of the portal in docs/pictures, from made-up mail: `python -m tests.browser.portal_pictures`."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

import uvicorn
from playwright.async_api import async_playwright

from mailock.portal.app import application
from mailock.portal.asking import connect
from mailock.ports.commands import Arguments, Command, Speaker
from mailock.processes.hatch import SOCKET_NAME, Hatch
from tests.parts.ports import LOOPBACK, free_port
from tests.parts.programs import program
from tests.parts.stories import NOON

HERE: Final = Path(__file__).parents[2] / "docs" / "pictures"
HOUR: Final = 3600.0
KEPT: Final = (
    ("Your parcel could not be delivered", "Post Office <info@parcel-desk.example>", "spam", "unwanted mail"),
    ("Figures for the third quarter", "Carla Sommer <carla@partner.example>", "encrypted", "locked by a password"),
    ("Autumn offers for our members", "Garden World <news@garden.example>", "spam", "unwanted mail"),
    ("Please confirm your account", "Support <help@accounts-check.example>", "phishing", "phishing"),
)
ROWS: Final = [
    {
        "id": f"0CND9GFWW000{number}",
        "from": sender,
        "subject": subject,
        "since": NOON - number * 5 * HOUR,
        "expires": NOON + (30 * 24 - number * 5) * HOUR,
        "class": kind,
        "why": why,
        "size": 20_480,
        "may": "release" if kind == "spam" else "request",
        "asked": kind == "phishing",
        "locked": kind == "encrypted",
    }
    for number, (subject, sender, kind, why) in enumerate(KEPT)
]
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "mailbox.open": {
        "recipient": "anna@corp.example",
        "until": NOON + 7 * 24 * HOUR,
        "wish": "daily",
        "digests": True,
        "more": False,
        "messages": ROWS,
    },
    "click.look": {"url": "https://login.accounts-check.example/confirm", "standing": "blocked", "opens": False},
}
PAGES: Final = {"portal.png": "/quarantine/t", "portal-click.png": "/click/t"}


def answering(name: str) -> Command:
    """What mailflow would say."""

    async def command(arguments: Arguments, speaker: Speaker) -> object:
        return ANSWERS[name]

    return command


async def take() -> None:
    """Every picture."""
    with tempfile.TemporaryDirectory() as folder:
        hatch = Hatch(Path(folder), {name: answering(name) for name in ANSWERS})
        await hatch.start()
        pages, port = application(await connect(Path(folder) / SOCKET_NAME, 5.0)), free_port()
        server = uvicorn.Server(uvicorn.Config(pages, host=LOOPBACK, port=port, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve())
        async with async_playwright() as playwright:
            path = program("chromium", package="chromium")
            browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = await browser.new_page(viewport={"width": 1000, "height": 640})
            for name, address in PAGES.items():
                await page.goto(f"http://{LOOPBACK}:{port}{address}")
                await page.screenshot(path=HERE / name)
            await browser.close()
        server.should_exit = True
        await serving
        await hatch.stop()


if __name__ == "__main__":
    asyncio.run(take())
