"""Every page by the rules of WCAG 2 (levels A and AA, as axe-core checks them), light and dark, wide and narrow.

The pages are those of the table of rights, so a new one is looked at without being named here.
"""

import re
from pathlib import Path
from typing import Literal

from playwright.async_api import Locator, Page, expect

from mailock.console.rights import ROUTES
from mailock.core.mail.message import show_id
from tests.browser.chromium import chromium, enter, faults, furnished, heard
from tests.parts.desk import KEPT, PASSWORD, Desk
from tests.parts.stories import message

KEPT_ID = show_id(message(KEPT).queue_id)
PARTS = {
    "/messages/{name}": f"/messages/{KEPT_ID}",
    "/views/{name}": "/views/overview",
    "/views/{name}/edit": "/views/own-1/edit",
    "/policy/history/{number}": "/policy/history/1",
    "/sign-in/once/{secret}": "/sign-in/once/x",
}
NO_PAGES = frozenset(
    {
        "/",
        "/live",
        "/alerts/latest",
        "/static/{name}",
        "/start/watch/{name}",
        "/sign-in/provider",
        "/sign-in/provider/return",
    }
)
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]
NARROW = 320
"""CSS pixels of width that a page has to do with (WCAG 2.1, 1.4.10)."""


def pages() -> list[str]:
    """Every page: what is got, is no file, and is not for programs."""
    templates = [route.removeprefix("GET ") for route in ROUTES if route.startswith("GET ")]
    wanted = [one for one in templates if one not in NO_PAGES and not one.startswith("/api/") and "/export/" not in one]
    return [PARTS.get(one, one) for one in wanted] + [
        "/views/live",
        "/views/troubleshooting",
        "/messages?q=nothing-like-it",
        "/policy/settings?section=mta.forwarding",
        "/nowhere",
    ]


def test_every_page_with_a_parameter_is_known() -> None:
    assert [path for path in pages() if "{" in path] == []


async def test_no_page_breaks_the_rules_in_light_or_dark_or_needs_more_than_a_narrow_screen(tmp_path: Path) -> None:
    found: list[str] = []
    with furnished(tmp_path) as (console, address):
        async with chromium() as browser:
            inside = await enter(browser, console, address)
            outside = await (await browser.new_context(reduced_motion="reduce")).new_page()
            for path in pages():
                page = outside if path.startswith("/sign-in") else inside
                await page.goto(address + path)
                await expect(page.locator("h1")).to_be_visible()
                # Rows that are being asked for are paler for a moment.
                await expect(page.locator(".htmx-request")).to_have_count(0)
                for scheme in SCHEMES:
                    await page.emulate_media(color_scheme=scheme)
                    found += [f"{scheme} {one}" for one in await faults(page)]
                found += await too_wide(page)
                found += await in_dialogs(page)
    assert not found, "\n".join(found)


async def too_wide(page: Page) -> list[str]:
    """Whether a page has to be moved sideways on a narrow screen, and what stands out of it."""
    await page.set_viewport_size({"width": NARROW, "height": 640})
    told: list[str] = await page.evaluate(
        """() => document.scrollingElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
        .slice(0, 4).map(one => one.outerHTML.slice(0, 120))"""
    )
    await page.set_viewport_size({"width": 1280, "height": 800})
    return [f"narrow {page.url}: {one}" for one in told]


async def in_dialogs(page: Page) -> list[str]:
    """What axe-core finds in the first dialog of each page."""
    opener = page.locator("button[data-dialog]:visible:enabled")
    if not await opener.count():
        return []
    await opener.first.click()
    found = [f"dialog {one}" for one in await faults(page)]
    await page.keyboard.press("Escape")
    return found


async def test_what_people_do_is_done_by_keys_alone_and_one_sees_where_one_is(tmp_path: Path) -> None:
    with furnished(tmp_path) as (console, address):
        async with chromium() as browser:
            page = await (await browser.new_context(reduced_motion="reduce")).new_page()
            complaints = heard(page)
            await signs_in(page, address)
            await goes_past_the_margin(page)
            await finds_and_releases(page, console)
            await opens_the_menu(page)
            assert complaints == []


async def signs_in(page: Page, address: str) -> None:
    """Name, password, no code, and the button."""
    await page.goto(f"{address}/sign-in")
    await page.keyboard.type("anna")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await reach(page, page.get_by_role("button", name="Sign in", exact=True))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="MTA Overview")).to_be_visible()


async def goes_past_the_margin(page: Page) -> None:
    """By the first link of the page."""
    await reach(page, page.get_by_role("link", name="Skip to the page"))
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.closest('main') !== null")
    # A number leads to the messages behind it.
    await reach(page, page.locator(".figure a").first)


async def finds_and_releases(page: Page, console: Desk) -> None:
    """Searches, opens what is found, and releases it with a reason."""
    await page.keyboard.press("/")
    await expect(page.get_by_label("Search")).to_be_focused()
    await page.keyboard.type("subject:kept")
    await expect(page).to_have_url(re.compile("q=subject(%3A|:)kept"))
    await reach(page, page.get_by_role("link", name="Kept", exact=True))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Kept")).to_be_visible()
    await reach(page, page.locator("button[data-dialog=do-release]"))
    await page.keyboard.press("Enter")
    await reach(page, page.locator("dialog[open]").get_by_label("Why"))
    await page.keyboard.type("asked for")
    await reach(page, page.locator("dialog[open]").get_by_role("button", name="Release"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_be_visible()
    told = [arguments.get("reason") for order, arguments, _ in console.orders if order.endswith(".release")]
    assert told == ["asked for"]


async def opens_the_menu(page: Page) -> None:
    """On a narrow screen the pages stand behind a button."""
    await page.set_viewport_size({"width": NARROW, "height": 640})
    link = page.get_by_role("link", name="Queue", exact=True)
    await expect(link).to_be_hidden()
    await reach(page, page.get_by_role("button", name="Menu"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Menu")).to_have_attribute("aria-expanded", "true")
    await reach(page, link)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Queue")).to_be_visible()


async def reach(page: Page, wanted: Locator) -> None:
    """Goes on by Tab until it is there; every stop on the way can be seen."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        seen = await page.evaluate(
            """() => { const one = document.activeElement, look = getComputedStyle(one);
            return one === document.body || look.outlineStyle !== "none" || look.boxShadow !== "none"
            || getComputedStyle(one.parentElement).boxShadow !== "none"; }"""
        )
        assert seen, await page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if await wanted.count() and await wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached by Tab")
