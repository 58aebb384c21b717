"""Passkeys in a real browser, with devices that it makes up (WebAuthn, section 11), and what the first page weighs."""

from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Page, expect

from mailock.console.pages import signing
from tests.browser.chromium import chromium, enter, faults, furnished, heard
from tests.parts.desk import PASSWORD

LARGEST_FIRST_VIEW = 600_000
"""Octets over the wire."""


async def device(session: CDPSession, transport: str) -> str:
    """A device: built into this machine, or a key that is plugged in."""
    options = {
        "protocol": "ctap2",
        "transport": transport,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made: dict[str, Any] = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return str(made["authenticatorId"])


async def test_passkeys_are_made_asked_for_used_alone_and_removed(tmp_path: Path) -> None:
    signing.brake.__init__()  # type: ignore[misc]  # made new, in its place
    with furnished(tmp_path) as (console, address):
        async with chromium() as browser:
            page = await enter(browser, console, address)
            complaints = heard(page)
            session = await page.context.new_cdp_session(page)
            await session.send("WebAuthn.enable", {"enableUI": False})
            telephone = await device(session, "internal")
            await adds(page, address, "Telephone")
            await session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": telephone})
            await device(session, "usb")
            await adds(page, address, "Stick")
            await signs_in_alone(page)
            await is_asked_after_the_password(page)
            await removes(page, address, "Telephone")
            assert [one.name for one in console.means.people.passkeys.of("anna")] == ["Stick"]
            assert complaints == []


async def adds(page: Page, address: str, name: str) -> None:
    """On the page of one's own account."""
    await page.goto(f"{address}/me")
    card = page.locator("section").filter(has=page.get_by_role("heading", name="Passkeys", exact=True))
    await card.get_by_label("Name").fill(name)
    await card.get_by_label("Present password").locator("visible=true").fill(PASSWORD)
    await card.get_by_role("button", name="Add a passkey").click()
    # The browser is asked at once, and the page goes on by itself.
    await expect(page.get_by_role("status")).to_contain_text("registered")
    await expect(page.get_by_role("cell", name=name).first).to_be_visible()


async def signs_in_alone(page: Page) -> None:
    """Without name or password."""
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("heading", name="MTA Overview")).to_be_visible()


async def is_asked_after_the_password(page: Page) -> None:
    """The second factor."""
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_label("Name").fill("anna")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("heading", name="MTA Overview")).to_be_visible()


async def removes(page: Page, address: str, name: str) -> None:
    """With the password."""
    await page.goto(f"{address}/me")
    await page.get_by_role("button", name=f"Remove {name}").click()
    dialog = page.locator("dialog[open]")
    await dialog.get_by_label("Present password").fill(PASSWORD)
    await dialog.get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("status")).to_contain_text("removed")


async def test_without_a_device_one_is_told_and_nobody_gets_in(tmp_path: Path) -> None:
    with furnished(tmp_path) as (_, address):
        async with chromium() as browser:
            page = await browser.new_page()
            session = await page.context.new_cdp_session(page)
            await session.send("WebAuthn.enable", {"enableUI": False})
            await device(session, "usb")
            await page.goto(f"{address}/sign-in")
            await page.get_by_role("button", name="Sign in with a passkey").click()
            await expect(page.get_by_role("alert")).to_contain_text("No passkey came")
            assert await faults(page) == []
            await page.get_by_role("link", name="Back").click()
            await expect(page.get_by_label("Password")).to_be_visible()


async def test_the_first_view_is_light_over_the_wire(tmp_path: Path) -> None:
    with furnished(tmp_path) as (console, address):
        async with chromium() as browser:
            page = await enter(browser, console, address)
            session = await page.context.new_cdp_session(page)
            octets: list[float] = []
            session.on("Network.loadingFinished", lambda told: octets.append(told["encodedDataLength"]))
            await session.send("Network.enable")
            await page.goto(f"{address}/views/overview")
            await expect(page.get_by_role("heading", name="MTA Overview")).to_be_visible()
            await page.wait_for_load_state("load")
            await expect(page.locator(".alerts, [hx-get='/alerts/latest'] *").first).to_be_visible()
    print(f"the first view: {sum(octets):,.0f} octets in {len(octets)} answers")
    assert len(octets) >= 5, "page, style, two scripts, pictures"
    assert sum(octets) <= LARGEST_FIRST_VIEW
