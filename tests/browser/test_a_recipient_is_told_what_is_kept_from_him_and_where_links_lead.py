"""The user side in Debian's Chromium: a digest arrives, a link shows and a button acts; links of mail ask first.

One gateway and one browser for all of it. What mail scanners do (follow every link, by GET) is done too, and
must change nothing.
"""

import asyncio
import contextlib
import os
import re
import signal
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from io import BytesIO
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from playwright.async_api import Page, expect
from py7zr import SevenZipFile

from tests.browser.test_an_administrator_sees_mail_come_finds_it_lets_it_go_and_installs_a_policy import (
    PAYLOAD,
    browser,
    until_it_answers,
)
from tests.e2e.submitting import rows, submit
from tests.parts.hop import Hop, hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import LOOPBACK, free_port
from tests.parts.talk import talk

POLICY = """\
[anti_virus]
[quarantine.recipients]
release = ["policy"]
request = ["encrypted"]
[quarantine.recipients.digest]
enabled = true
at = ["mo 03:17"]
[click_time]
enabled = true
[[rule]]
name = "kept"
when = { recipient = ["kept@dest.test", "hidden@dest.test"] }
then = { disposition = "quarantine" }
because = "it is to be looked at"
"""
FEED = """\
[[anti_virus.feed]]
name = "late"
file = "{file}"
lists = "urls"
"""


async def test_what_a_recipient_sees(start_mailock: Callable[..., Mailock]) -> None:
    port = free_port()
    site = f"http://{LOOPBACK}:{port}"
    node = f'[portal]\nenabled = true\nlisten = "{LOOPBACK}:{port}"\nurl = "{site}"\n'
    async with hop() as server, browser() as (page, complaints):
        rules = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing"))
        gateway = start_mailock(POLICY + rules, node=node)
        await until_it_answers(port)
        assert "fence is not whole" not in gateway.log()
        link = await gets_a_digest(gateway, server)
        shows_and_changes_nothing(gateway, link)
        refuses_what_is_not_ours(link)
        await lets_it_go(page, gateway, server, link)
        await opens_what_is_locked(page, gateway, server, site)
        guarded = await gets_links_that_ask_first(gateway, server, site)
        await is_not_sure(page, guarded)
        await is_told_what_became_known(page, gateway, guarded, site)
        await answers_again_when_mailflow_was_gone(gateway, guarded[0])
        assert [one for one in complaints if "status of 403" not in one] == []


async def gets_a_digest(gateway: Mailock, server: Hop) -> str:
    """Two messages are kept; one mail tells of both, to each of its own. The link to the first is returned."""
    await submit(gateway, "kept@dest.test", "hidden@dest.test", subject="A letter of Bob's")
    await submit(gateway, "kept@dest.test", subject=PAYLOAD)
    await gateway.tracked("to:kept@dest.test", "quarantined", count=2)
    assert gateway.run("quarantine", "digest", "-c", str(gateway.config)).stdout == "2 digests were sent\n"
    assert gateway.run("quarantine", "digest", "-c", str(gateway.config)).stdout == "0 digests were sent\n"
    (digest,) = [one for one in await server.arrived(2) if one.rcpts == ("RCPT TO:<kept@dest.test>",)]
    assert digest.mail.startswith("MAIL FROM:<>")
    letter = read(digest.content)
    assert (letter["Subject"], letter["Auto-Submitted"]) == ("2 messages are kept from you", "auto-generated")
    plain, html = (part.get_content() for part in letter.iter_parts())
    assert "A letter of Bob's" in plain and PAYLOAD in plain
    assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html
    assert "hidden" not in plain + html
    _, older = re.findall(r"Let it go: (\S+)", plain)
    return str(older)


def shows_and_changes_nothing(gateway: Mailock, link: str) -> None:
    """What a mail scanner does with every link, and with every address that it may guess from one."""
    for address in (link, link.rpartition("/")[0]):
        for _ in range(2):
            code, text, headers = fetched(address)
            assert code == 200 and PAYLOAD not in text and "set-cookie" not in headers
            assert (
                headers["referrer-policy"] == "no-referrer" and "script-src" not in headers["content-security-policy"]
            )
        assert fetched(f"{address}?act=release")[0] == 200
    assert fetched(link, method="HEAD")[0] == 405
    assert len(rows(gateway, "quarantine")) == 2


def refuses_what_is_not_ours(link: str) -> None:
    """A link that was changed, cut, or is for something else shows a text, and never leads anywhere."""
    site, token = link.split("/quarantine/")[0], link.split("/")[-2]
    said, _, tag = token.rpartition(".")
    for wrong in (f"{said[:-1]}A.{tag}", f"{said}.{tag[:-1]}", f"{said}.", "nonsense", token.replace("v1", "v2")):
        for address in (f"{site}/quarantine/{wrong}", f"{site}/click/{wrong}"):
            for method in ("GET", "POST"):
                code, text, headers = fetched(address, method=method)
                assert code in (403, 404, 405) and "location" not in headers, (address, method, code)
                assert (
                    "no link of ours" in text or "not made by us" in text or "no longer in use" in text or code != 403
                )
    assert fetched(f"{site}/click/{token}")[0] == 403
    assert fetched(f"{site}/quarantine/{token}/0CND9GFWW0000")[0] == 404


async def lets_it_go(page: Page, gateway: Mailock, server: Hop, link: str) -> None:
    """The reader himself: looks, presses, and has his mail; the other message is text wherever it stands."""
    await page.goto(link)
    await expect(page.get_by_role("heading", name="A letter of Bob's")).to_be_visible()
    await page.get_by_role("button", name="Let it go").click()
    await expect(page.get_by_role("status")).to_have_text("It is on its way to you.")
    mine = [one for one in await server.arrived(3) if b"\nSubject: A letter of Bob's" in one.content]
    assert [one.rcpts for one in mine] == [("RCPT TO:<kept@dest.test>",)]
    await expect(page.get_by_role("link", name=PAYLOAD)).to_be_visible()
    assert await page.title() == "Mail that is kept from you"
    assert len(rows(gateway, "quarantine")) == 2
    (record,) = gateway.track("subject:letter to:kept@dest.test")
    assert "kept@dest.test (in the portal)" in gateway.run("show", record["id"]).stdout
    await page.get_by_role("link", name=PAYLOAD).click()
    await page.get_by_role("button", name="Delete it").click()
    await expect(page.get_by_text("Nothing is kept from you")).to_be_visible()
    assert [one["recipients"] for one in rows(gateway, "quarantine")] == [["hidden@dest.test"]]


async def opens_what_is_locked(page: Page, gateway: Mailock, server: Hop, site: str) -> None:
    """A locked archive is kept until its recipient types its password; then it is looked into, and comes.

    His link comes by the first page.
    """
    await submit_locked(gateway)
    await gateway.tracked("subject:figures", "quarantined")
    await page.goto(site)
    await page.get_by_label("Your mail address").fill("friend@dest.test")
    await page.get_by_role("button", name="Send me a link").click()
    await expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    (digest,) = [one for one in await server.arrived(4) if one.rcpts == ("RCPT TO:<friend@dest.test>",)]
    plain, _ = read(digest.content).iter_parts()
    found = re.search(r"Ask for it: (\S+)", plain.get_content())
    assert found is not None
    await page.goto(found[1])
    await page.get_by_label("Password of the file").fill("wrong")
    await page.get_by_role("button", name="Open it with this password").click()
    await expect(page.get_by_text("does not open it")).to_be_visible()
    await page.goto(found[1])
    await page.get_by_label("Password of the file").fill("Xk92!qq")
    await page.get_by_role("button", name="Open it with this password").click()
    await expect(page.get_by_role("status")).to_contain_text("opened and examined")
    (mine,) = [one for one in await server.arrived(5) if b"\nSubject: Figures" in one.content]
    assert mine.rcpts == ("RCPT TO:<friend@dest.test>",)


async def submit_locked(gateway: Mailock) -> None:
    """A letter with an archive whose password it does not tell."""
    packed = BytesIO()
    with SevenZipFile(packed, "w", password="Xk92!qq") as archive:
        archive.writestr("harmless figures\n" * 40, "figures.txt")
    letter = EmailMessage(policy=SMTP)
    letter["Subject"], letter["From"] = "Figures", "alice@source.test"
    letter.set_content("You know how to open it.")
    letter.add_attachment(packed.getvalue(), maintype="application", subtype="x-7z-compressed", filename="figures.7z")
    async with talk(gateway.address) as client:
        await client.hello()
        assert (await client.message("alice@source.test", ["friend@dest.test"], letter.as_bytes())).code == 250


async def gets_links_that_ask_first(gateway: Mailock, server: Hop, site: str) -> tuple[str, str]:
    """Links of a mail that goes on: those that are clicked lead to the portal, a picture is where it was."""
    html = (
        f'<p><a href="{site}/?a=1&amp;b=2">here</a> <a href="http://late.test/x">there</a>'
        '<img src="http://pictures.test/logo.png"></p>'
    )
    async with talk(gateway.address) as client:
        await client.hello()
        head = "Subject: links\r\nFrom: alice@source.test\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n"
        assert (await client.message("alice@source.test", ["bob@dest.test"], f"{head}{html}\r\n".encode())).code == 250
    (arrived,) = [one for one in await server.arrived(6) if b"\nSubject: links" in one.content]
    text = read(arrived.content).get_content()
    first, second = re.findall(r'href="([^"]+)"', text)
    assert first.startswith(f"{site}/click/v1.") and second.startswith(f"{site}/click/v1.")
    assert 'src="http://pictures.test/logo.png"' in text
    return first, second


async def is_not_sure(page: Page, guarded: tuple[str, str]) -> None:
    """Nobody could be asked: that is not called harmless."""
    await page.goto(guarded[1])
    await expect(page.get_by_role("heading", name="This page could not be checked")).to_be_visible()
    await expect(page.get_by_text("http://late.test/x")).to_be_visible()


async def is_told_what_became_known(page: Page, gateway: Mailock, guarded: tuple[str, str], site: str) -> None:
    """A feed that came after the mail: one link is blocked now, by GET and by POST; the other one opens."""
    listed = gateway.folder / "late.txt"
    listed.write_text("http://late.test/x\n")
    gateway.config.write_text(gateway.config.read_text() + FEED.format(file=listed))
    gateway.run("policy", "install", "-c", str(gateway.config))
    await page.goto(guarded[1])
    await expect(page.get_by_role("heading", name="This page is blocked")).to_be_visible()
    await expect(page.get_by_role("button")).to_have_count(0)
    code, text, headers = fetched(guarded[1], method="POST")
    assert code == 403 and "known to be dangerous" in text and "location" not in headers
    assert "the feed late lists http://late.test/x" in gateway.log() and "feed" not in text
    await page.goto(guarded[0])
    await expect(page.get_by_text("Nothing is known against it")).to_be_visible()
    await page.get_by_role("button", name="Open this page").click()
    await page.wait_for_url(f"{site}/?a=1&b=2")


async def answers_again_when_mailflow_was_gone(gateway: Mailock, link: str) -> None:
    """The portal has one connection to mailflow, and ends with it; links that were sent hold on."""
    os.kill(gateway.mailflow(), signal.SIGKILL)
    end = time.monotonic() + 60.0
    code = 0
    while code != 200 and time.monotonic() < end:
        await asyncio.sleep(0.2)
        with contextlib.suppress(URLError, ConnectionError):
            code, _, _ = fetched(link)
    assert code == 200, gateway.log()[-3000:]


def read(content: bytes) -> EmailMessage:
    """A message as a client reads it; nothing may be wrong with it."""
    found = message_from_bytes(content, policy=default)
    assert isinstance(found, EmailMessage)
    assert not [defect for part in found.walk() for defect in part.defects]
    return found


def fetched(address: str, *, method: str = "GET") -> tuple[int, str, dict[str, str]]:
    """Code, text and headers of an answer, as a program gets it that is no browser."""
    try:
        with urlopen(Request(address, method=method, data=b"" if method == "POST" else None), timeout=20) as answer:
            return answer.status, answer.read().decode(), {name.lower(): text for name, text in answer.headers.items()}
    except HTTPError as answer:
        return answer.code, answer.read().decode(), {name.lower(): text for name, text in answer.headers.items()}
