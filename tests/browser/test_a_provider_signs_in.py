"""Signing in by an OpenID provider that is not ours (oidc-provider-mock), in a real browser: there, and back again."""

import time
from dataclasses import replace
from pathlib import Path

import oidc_provider_mock
from playwright.async_api import Page, expect

from mailock.config.groups import GroupRole
from mailock.config.node import Console
from mailock.config.oidc import Oidc
from mailock.config.units import Secret
from mailock.console.app import application
from mailock.console.pages import signing
from mailock.net.oidc import OidcProvider
from mailock.ports.people import Role, Source
from tests.browser.chromium import WAIT, chromium, faults, heard
from tests.browser.pictures import served
from tests.parts.desk import Desk, desk
from tests.parts.ports import free_port

ANNA = oidc_provider_mock.User(sub="anna-1", claims={"preferred_username": "anna", "groups": ["staff", "mail-admins"]})
STRANGER = oidc_provider_mock.User(sub="eve-1", claims={"preferred_username": "eve", "groups": ["staff"]})


async def test_the_provider_signs_in_whom_its_groups_let_in(tmp_path: Path) -> None:
    signing.brake.__init__()  # type: ignore[misc]  # made new, in its place
    port = free_port()
    with (
        oidc_provider_mock.run_server_in_thread(require_nonce=True, user_claims=(ANNA, STRANGER)) as provider,
        desk(tmp_path) as plain,
        served(asking(plain, f"http://localhost:{provider.server_port}", port), port),
    ):
        async with chromium() as browser:
            page = await browser.new_page()
            page.set_default_timeout(WAIT)
            complaints = heard(page)
            await is_let_in(page, f"http://localhost:{port}", plain)
            await is_not_let_in(page, "eve-1")
            await refuses(page)
            assert await faults(page) == []
            # The provider's own style would come from elsewhere; refusals are 403.
            assert [one for one in complaints if not one.startswith("Failed to load resource")] == []


def asking(console: Desk, issuer: str, port: int) -> Desk:
    """The same console, whose people sign in by a provider."""
    url = f"http://localhost:{port}"
    groups = (GroupRole(group="mail-admins", role=Role.ADMINISTRATOR),)
    settings = Oidc(issuer=issuer, client_id="mailock", client_secret=Secret("env:OIDC"), role=groups)
    oidc = OidcProvider(settings, {"OIDC": "a secret"}, f"{url}/sign-in/provider/return")
    # Tokens carry the provider's own time.
    console.clock.time = time.time()
    means = replace(console.means, settings=Console(url=url), oidc=oidc)
    return replace(console, app=application(means), means=means)


async def is_let_in(page: Page, address: str, console: Desk) -> None:
    """Asks for one page, is sent to the provider, says who she is, and stands on that page."""
    await page.goto(f"{address}/people")
    await page.get_by_role("link", name="Single sign-on").click()
    await page.get_by_role("button", name="anna-1").click()
    await expect(page.get_by_role("heading", name="People")).to_be_visible()
    await expect(page.get_by_role("cell", name="anna", exact=True)).to_be_visible()
    anna = console.means.people.person("anna")
    assert anna is not None
    assert (anna.role, anna.source) == (Role.ADMINISTRATOR, Source.PROVIDER)
    await page.get_by_role("button", name="Sign out").click()


async def is_not_let_in(page: Page, name: str) -> None:
    """Whoever the provider knows, and no group of ours."""
    await page.get_by_role("link", name="Single sign-on").click()
    await page.get_by_role("button", name=name).click()
    await expect(page.get_by_role("alert")).to_contain_text("did not sign you in here")


async def refuses(page: Page) -> None:
    """Says no at the provider."""
    await page.get_by_role("link", name="Single sign-on").click()
    await page.get_by_role("button", name="Deny").click()
    await expect(page.get_by_role("alert")).to_contain_text("did not sign you in here")
