"""Makes the pictures of docs/pictures from a console over a made-up day of mail: `python -m tests.browser.pictures`.

The day is the same each time, so a picture changes only where a page does.
"""

import asyncio
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import uvicorn
from playwright.async_api import async_playwright

from mailock.core.lifecycle.copies import Disposition, Failed, Hop, Response, Sent
from mailock.core.lifecycle.events import Accepted, Event, Judged, Scan
from mailock.core.mail.message import Message
from mailock.ports.people import Role
from tests.parts.desk import Desk, desk
from tests.parts.ports import LOOPBACK, free_port
from tests.parts.programs import program
from tests.parts.stories import NEVER, NOON, OK, attempted, deferred, judged, message, refused

HERE: Final = Path(__file__).parents[2] / "docs" / "pictures"
DAY: Final = 86_400
MESSAGES: Final = 1400
SENDERS: Final = ("news@shop.example", "anna@partner.example", "billing@supplier.example", "ops@cloud.example")
SUBJECTS: Final = ("Invoice 2026-{}", "Lunch on Friday?", "Your order {} is on its way", "Minutes of meeting {}")
PEOPLE: Final = ("bob@corp.example", "carol@corp.example", "dave@corp.example", "sales@corp.example")
HOPS: Final = (Hop(name="mail1.corp.example", ip="192.0.2.25", port=25, tls="TLSv1.3"),)
CLASSES: Final = (("ham", 80), ("bulk", 9), ("suspected_spam", 4), ("spam", 5), ("phishing", 2))
PAGES: Final = {
    "console-overview.png": "/views/overview?frame=24h",
    "console-messages.png": "/messages",
    "console-settings.png": "/policy/settings?section=mta.forwarding",
}


def day(chance: random.Random, now: float, messages: int = MESSAGES) -> Iterator[Event]:
    """A day of mail, in the order of its coming: more of it when people are awake."""
    taken = [(now - DAY * chance.random() ** 0.8, True) for _ in range(messages)]
    turned_away = [(now - DAY * chance.random(), False) for _ in range(90)]
    for number, (at, is_taken) in enumerate(sorted(taken + turned_away), 1000):
        if not is_taken:
            yield refused(number, at=at, ip=f"203.0.113.{chance.randrange(1, 6)}")
            continue
        of = message(
            number,
            at=at,
            sender=chance.choice(SENDERS),
            to=(chance.choice(PEOPLE),),
            subject=chance.choice(SUBJECTS).format(chance.randrange(1000, 9999)),
            size=int(chance.lognormvariate(9, 1.6)),
            ip=f"198.51.100.{chance.randrange(1, 9)}",
        )
        yield from life(chance, of)


def life(chance: random.Random, of: Message) -> Iterator[Event]:
    """What became of one message."""
    yield Accepted(message=of)
    (kind,) = chance.choices([name for name, _ in CLASSES], [weight for _, weight in CLASSES])
    is_bad = kind in ("spam", "phishing") or chance.random() < 0.02
    verdict = "malicious" if is_bad and chance.random() < 0.4 else "suspicious" if is_bad else "benign"
    decided = judged(of, Disposition.QUARANTINE if is_bad else Disposition.DELIVER, verdict=verdict)
    yield classed(decided, kind)
    if is_bad:
        return
    fate = chance.random()
    if fate < 0.03:
        yield attempted(of, deferred(0, due=of.accepted_at + DAY), hop=HOPS[0])
    elif fate < 0.05:
        yield attempted(of, Failed(number=0, response=NEVER), hop=HOPS[0])
    else:
        yield attempted(of, Sent(number=0, response=ok()), after=chance.expovariate(1.5) + 0.2, hop=HOPS[0])


def classed(of: Judged, kind: str) -> Judged:
    """With a class of mail."""
    return replace(of, scan=Scan(confidence="high", mail_class=kind, score=1.0, document=b""))


def ok() -> Response:
    """What the next hop says."""
    return OK


@contextmanager
def served(console: Desk, port: int | None = None) -> Iterator[str]:
    """The console on a port, or on one of its own."""
    port = free_port() if port is None else port
    server = uvicorn.Server(uvicorn.Config(console.app, host=LOOPBACK, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        yield f"http://{LOOPBACK}:{port}"
    finally:
        server.should_exit = True
        thread.join()


async def take(base: str, secret: str) -> None:
    """Every picture, by light."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program("chromium", package="chromium"), args=["--no-sandbox"]
        )
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        await context.add_cookies([{"name": "mailock_session", "value": secret, "url": base}])
        page = await context.new_page()
        for name, path in PAGES.items():
            await page.goto(base + path)
            await page.wait_for_timeout(800)
            await page.screenshot(path=HERE / name)
        await browser.close()


async def take_message(link: str) -> None:
    """A message that was really examined: the demo's, with what was found in it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program("chromium", package="chromium"), args=["--no-sandbox"]
        )
        page = await browser.new_page(viewport={"width": 1280, "height": 1000}, color_scheme="dark")
        await page.goto(link)
        await page.get_by_role("button", name="Sign in").click()
        await page.goto(link.partition("/sign-in")[0] + "/messages?q=verdict:malicious")
        await page.locator("tbody tr").first.click()
        await page.wait_for_timeout(800)
        await page.screenshot(path=HERE / "console-message.png")
        await browser.close()


def main() -> None:
    """Makes them all."""
    with (
        tempfile.TemporaryDirectory() as folder,
        desk(Path(folder), *day(random.Random(1), NOON + 60)) as console,
        served(console) as base,
    ):
        console.alerts.clear()
        console.person("anna", Role.ADMINISTRATOR)
        asyncio.run(take(base, console.means.people.sign_in("anna", console.clock.now(), 3600.0)))
    ports = [f"--port={free_port()}", f"--console={free_port()}"]
    command = [sys.executable, "-m", "mailock", "demo", *ports]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        said = ""
        # Until every sample became what it should.
        for line in demo.stdout or ():
            said += line
            if "samples became" in line:
                break
        (link,) = re.findall(r"http://\S+/sign-in/once/\S+", said)
        asyncio.run(take_message(link))
        demo.send_signal(signal.SIGINT)


if __name__ == "__main__":
    main()
