"""One day at the console, in Debian's Chromium: everything that pages do, done as people do it.

One browser for all of it, for it is what takes the time. Whatever the browser complains of, and whatever script mail
could make it run, fails the test.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from playwright.async_api import ConsoleMessage, Page, async_playwright, expect

from tests.e2e.submitting import submit
from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import LOOPBACK, free_port
from tests.parts.programs import program

RULES = """
[[rule]]
name = "kept"
when = { recipient = "kept@dest.test" }
then = { disposition = "quarantine" }
because = "it is to be looked at"
"""
PAYLOAD = "<img src=x onerror=document.title='run'><script>document.title='run'</script>"
WAIT = 20_000


@asynccontextmanager
async def browser() -> AsyncIterator[tuple[Page, list[str]]]:
    """A page, and what the browser complained of."""
    path = program("chromium", package="chromium")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = await (await chromium.new_context()).new_page()
        page.set_default_timeout(WAIT)
        complaints: list[str] = []

        def hear(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                complaints.append(message.text)

        page.on("console", hear)
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        yield page, complaints
        await chromium.close()


async def test_a_day_at_the_console(start_mailock: Callable[..., Mailock]) -> None:
    port = free_port()
    node = f'[console]\nlisten = "{LOOPBACK}:{port}"\n'
    async with hop() as server, browser() as (page, complaints):
        policy = forwarding(("example.com", f"{LOOPBACK}:1"), ("*", str(server), "outgoing")) + RULES
        gateway = start_mailock(policy, node=node, console=True)
        invited = gateway.run(
            "user", "add", "anna", "--role", "administrator", "--reads-content", "-c", str(gateway.config)
        )
        await until_it_answers(port)

        await takes_the_first_steps(page, invited.stdout.strip(), str(server))
        await server.arrived(1)
        await signs_in_again(page)
        await sees_mail_arrive(page, gateway)
        await lets_it_go(page, gateway)
        await server.arrived(3)
        await stays_text(page, gateway)
        await makes_a_view_of_her_own(page)
        await sends_a_report(page)
        await server.arrived(5)
        await installs_a_policy(page, f"http://{LOOPBACK}:{port}")
        assert "rewritten at the console" in gateway.run("policy", "show", "-c", str(gateway.config)).stdout
        await page.get_by_role("link", name="Audit").click()
        for act in ("policy.install", "quarantine.release", "sign_in", "person.add"):
            await expect(page.get_by_role("cell", name=act, exact=True).first).to_be_visible()
        assert complaints == []


async def takes_the_first_steps(page: Page, link: str, server: str) -> None:
    """By the one-time link, from a policy that nobody touched to a test mail that arrives."""
    await page.goto(link)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    await expect(page.get_by_role("button", name="Send it")).to_be_disabled()
    await page.get_by_role("textbox", name="Domain several").fill("dest.test")
    await page.get_by_role("textbox", name="Mail server").fill(server)
    await page.get_by_role("button", name="Install it").click()
    await expect(page.get_by_role("status")).to_contain_text("revision 2 runs")
    await page.get_by_role("textbox", name="To a mailbox").fill("bob@dest.test")
    await page.get_by_role("button", name="Send it").click()
    await expect(page.get_by_text("It arrived")).to_be_visible()


async def signs_in_again(page: Page) -> None:
    """With a password of one's own."""
    await page.get_by_role("link", name="anna").click()
    await page.get_by_label("New password").fill("correct horse battery")
    await page.get_by_role("button", name="Set password").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_label("Name").fill("anna")
    await page.get_by_label("Password").fill("correct horse battery")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="MTA Overview")).to_be_visible()


async def sees_mail_arrive(page: Page, gateway: Mailock) -> None:
    """On the live view, without touching it; then finds it while typing, and reads its story."""
    await page.get_by_role("link", name="Live", exact=True).click()
    await expect(page.locator("[data-pulse].on")).to_be_visible()
    await submit(gateway, "bob@dest.test", subject="Arriving now")
    await expect(page.get_by_role("link", name="Arriving now")).to_be_visible()
    await page.get_by_role("link", name="Messages").click()
    await page.get_by_label("Search").press_sequentially("subject:arriv", delay=10)
    await expect(page).to_have_url(re.compile("q=subject(%3A|:)arriv"))
    await page.get_by_role("link", name="Arriving now").click()
    await expect(page.get_by_text("Delivered to")).to_be_visible()


async def lets_it_go(page: Page, gateway: Mailock) -> None:
    """Releases a message from quarantine, with a reason."""
    await submit(gateway, "kept@dest.test", subject="To be released")
    await gateway.tracked("to:kept@dest.test", "quarantined")
    await page.get_by_role("link", name="Quarantine").click()
    await page.get_by_role("link", name="To be released").click()
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator("pre").first).to_contain_text("hello")
    await expect(page.get_by_role("cell", name="text/plain")).to_be_visible()
    await page.get_by_role("link", name="Quarantine").first.click()
    await page.get_by_label("All of this page").check()
    await page.get_by_role("button", name="Release").first.click()
    await page.get_by_label("Why").locator("visible=true").fill("asked for by its recipient")
    await page.locator("dialog[open]").get_by_role("button", name="Release").click()
    await expect(page.get_by_role("status")).to_contain_text("released")
    await expect(page.get_by_text("Nothing is kept.")).to_be_visible()


async def stays_text(page: Page, gateway: Mailock) -> None:
    """Mail that is full of scripts is shown, and nothing of it runs."""
    await submit(gateway, "bob@dest.test", subject=PAYLOAD)
    await gateway.tracked("subject:script", "delivered")
    await page.get_by_role("link", name="Messages").click()
    await page.get_by_role("link", name=PAYLOAD).click()
    await expect(page.get_by_role("heading", name=PAYLOAD)).to_be_visible()
    assert "run" not in (await page.title()).split()
    assert await page.evaluate("document.querySelectorAll('main script, main img').length") == 0


async def makes_a_view_of_her_own(page: Page) -> None:
    """Out of a shipped one: adds a widget, moves and widens it by key, drags it, and gives the view a name."""
    await page.get_by_role("link", name="Overview").click()
    await page.get_by_role("button", name="Customise").click()
    await expect(page.get_by_role("heading", name="Customise")).to_be_visible()
    await page.get_by_label("Title").first.fill("By listener <b>")
    await page.get_by_label("Count").select_option("listener")
    await page.get_by_role("button", name="Add it").click()
    widgets = page.locator("[data-widget]")
    many = await widgets.count()
    made = page.get_by_role("region", name="By listener <b>")
    await expect(made).to_have_attribute("data-place", str(many - 1))
    await made.focus()
    await page.keyboard.press("ArrowLeft")
    await expect(made).to_have_attribute("data-place", str(many - 2))
    # It keeps the focus, so that the next key moves it on.
    await expect(made).to_be_focused()
    await page.keyboard.press("Shift+ArrowRight")
    await expect(made).to_have_accessible_name(re.compile("3 of 4 columns"))
    await expect(made).to_be_focused()
    await made.hover(position={"x": 10, "y": 10})
    await page.mouse.down()
    # Twice, for it is the first movement that takes hold, before the page scrolls.
    await made.hover(position={"x": 20, "y": 20})
    await widgets.nth(many - 4).hover(position={"x": 10, "y": 10})
    await page.mouse.up()
    await expect(made).to_have_attribute("data-place", str(many - 4))
    view = page.locator("form").filter(has=page.get_by_role("button", name="Keep"))
    await view.get_by_label("Title").fill("Anna's own")
    await view.get_by_role("button", name="Keep").click()
    await page.get_by_role("link", name="Done").click()
    await expect(page.get_by_role("heading", name="Anna's own", exact=True)).to_be_visible()
    await expect(page.get_by_role("heading", name="By listener <b>")).to_be_visible()
    await expect(page.locator("[data-counting]")).to_have_count(0)
    await expect(page.get_by_text("Counted up to")).to_be_visible()


async def sends_a_report(page: Page) -> None:
    """Orders the view by mail, and has it sent at once."""
    await page.locator("summary", has_text="Export").click()
    await page.get_by_role("link", name="By mail").click()
    await page.get_by_role("textbox", name="To addresses").fill("boss@elsewhere.test")
    await page.get_by_role("button", name="Order it").click()
    await expect(page.get_by_role("status")).to_contain_text("every day at 07:00")
    await page.get_by_role("button", name="Send now").click()
    await expect(page.get_by_role("status")).to_contain_text("sent as")


async def installs_a_policy(page: Page, base: str) -> None:
    """Writes a draft with a mistake, mends it, sees the difference and what it would have decided, and installs it."""
    await page.get_by_role("link", name="Policy").click()
    await page.get_by_role("link", name="Write a draft").click()
    editor = page.get_by_label("The policy")
    right = await editor.input_value()
    await editor.fill(right + '\n[mta.tls]\nminimum = "wrong"\n')
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("heading", name="1 mistake")).to_be_visible()
    await editor.fill(right.replace("it is to be looked at", "rewritten at the console"))
    await page.get_by_role("button", name="Compare").click()
    await expect(page.locator(".d-added").first).to_contain_text("rewritten at the console")
    await page.get_by_role("button", name="What if").click()
    await expect(page.get_by_role("heading", name="What it would have decided")).to_be_visible()
    await page.goto(f"{base}/policy/settings?section=mta.limits")
    await page.get_by_label("recipients", exact=True).fill("77")
    await page.get_by_role("button", name="Write into the draft").click()
    await expect(page.locator(".d-added").filter(has_text="recipients = 77")).to_be_visible()
    await page.get_by_role("button", name="Install…").click()
    await page.get_by_label("Why").fill("tried in a browser")
    await page.get_by_role("button", name="Install", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text("revision 3 runs")


async def until_it_answers(port: int) -> None:
    """Waits for the console, which starts beside mailflow."""
    for _ in range(300):
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise AssertionError("the console did not answer within 30 s")
