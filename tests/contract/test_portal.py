"""The portal over a hatch that answers what a test says: what pages show, and what they cannot."""

import asyncio
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailock.core.mail.signed import Invalid
from mailock.core.notices.digest import class_words
from mailock.portal.app import ACTS, LINK_SENT, NO_ADDRESS, WISHES, application
from mailock.portal.asking import LONGEST_ARGUMENT, connect
from mailock.portal.languages import said
from mailock.ports.commands import Arguments, Refused, Speaker
from mailock.processes.hatch import Hatch

PAYLOAD = "<script>alert(1)</script>\u202e"
ROW = {
    "id": "0CND9GFWW0000",
    "from": PAYLOAD,
    "subject": PAYLOAD,
    "since": 0.0,
    "expires": 1.0,
    "class": "spam",
    "why": "unwanted mail",
    "size": 10,
    "may": "release",
    "asked": False,
    "locked": True,
}
MINE = {"recipient": PAYLOAD, "until": 1, "wish": "daily", "digests": True, "more": True, "messages": [ROW]}


class Other:
    """Mailflow's side: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, object] = {
            "mailbox.open": MINE,
            "mailbox.act": {"done": "release"},
            "mailbox.unlock": {"done": "unlock"},
            "mailbox.wish": {},
            "mailbox.link": {},
            "click.look": {"url": PAYLOAD, "standing": "unlisted", "opens": True},
            "click.open": {"url": "https://a.test/ü\r\nset-cookie: x=1"},
        }

    def commands(self) -> dict[str, Any]:
        """For the hatch."""

        def answering(name: str) -> Any:
            async def command(arguments: Arguments, speaker: Speaker) -> object:
                self.asked.append((name, dict(arguments)))
                answer = self.answers[name]
                if isinstance(answer, Exception):
                    raise answer
                if isinstance(answer, asyncio.Event):
                    await answer.wait()
                    return {}
                return answer

            return command

        return {name: answering(name) for name in self.answers}


@pytest.fixture
def other() -> Other:
    """Mailflow's side."""
    return Other()


@pytest.fixture
async def browser(other: Other, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who comes to the pages."""
    hatch = Hatch(tmp_path, other.commands())
    await hatch.start()
    mailflow = await connect(tmp_path / "portal.sock", 5.0)
    transport = httpx.ASGITransport(app=application(mailflow))  # type: ignore[arg-type]  # Litestar types its own ASGI
    async with httpx.AsyncClient(transport=transport, base_url="http://mail.test") as client:
        yield client
    await hatch.stop()
    await asyncio.wait_for(mailflow.lost.wait(), 5.0)


PAGES = ("/", "/quarantine/t", "/quarantine/t/0CND9GFWW0000", "/click/t")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_shows_and_does_nothing(browser: httpx.AsyncClient, other: Other, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 200
    assert {name for name, _ in other.asked} <= {"mailbox.open", "click.look"}
    assert "<script" not in answer.text and "\u202e" not in answer.text
    assert "set-cookie" not in answer.headers
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';") and "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer" and answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("act", ["release", "request", "delete"])
async def test_an_act_is_handed_on_and_the_list_says_so(browser: httpx.AsyncClient, other: Other, act: str) -> None:
    answer = await browser.post("/quarantine/t/0CND9GFWW0000", data={"act": act})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/quarantine/t?did={act}")
    assert other.asked == [("mailbox.act", {"token": "t", "id": "0CND9GFWW0000", "act": act})]
    assert 'role="status"' in (await browser.get(answer.headers["location"])).text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/quarantine/t/0CND9GFWW0000", {}),
        ("/quarantine/t/0CND9GFWW0000", {"act": "whole"}),
        ("/quarantine/t/0CND9GFWW0000", {"act": "unlock"}),
        ("/quarantine/t/0CND9GFWW0000", {"act": "unlock", "password": "x" * 257}),
        ("/wish/t", {"wish": "hourly"}),
        ("/link", {"address": "nobody"}),
        ("/link", {"address": "@dest.test"}),
        ("/link", {"address": "a@b.test\r\nBcc: c@d.test"}),
    ],
)
async def test_what_cannot_be_is_not_handed_on(
    browser: httpx.AsyncClient, other: Other, path: str, fields: dict[str, str]
) -> None:
    assert (await browser.post(path, data=fields)).status_code == 400
    assert other.asked == []


async def test_a_password_is_handed_on_and_stands_in_no_address(browser: httpx.AsyncClient, other: Other) -> None:
    answer = await browser.post("/quarantine/t/0CND9GFWW0000", data={"act": "unlock", "password": "S\u00e9cret 1"})
    assert answer.headers["location"] == "/quarantine/t?did=unlock"
    assert other.asked == [("mailbox.unlock", {"token": "t", "id": "0CND9GFWW0000", "password": "S\u00e9cret 1"})]


async def test_a_wish_and_a_link_are_handed_on(browser: httpx.AsyncClient, other: Other) -> None:
    assert (await browser.post("/wish/t", data={"wish": "never"})).status_code == 303
    assert "on its way there" in (await browser.post("/link", data={"address": "anna@dest.test"})).text
    assert other.asked == [
        ("mailbox.wish", {"token": "t", "wish": "never"}),
        ("mailbox.link", {"address": "anna@dest.test"}),
    ]


async def test_a_click_leads_where_mailflow_says_and_its_header_holds(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/click/t")
    assert (answer.status_code, answer.headers["location"]) == (303, "https://a.test/%C3%BC%0D%0Aset-cookie:%20x=1")


@pytest.mark.parametrize("command", ["mailbox.open", "mailbox.act", "click.look", "click.open"])
@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (Refused("this link has expired"), 403, "This link has expired."),
        (ValueError("secret"), 403, "That cannot be"),
        (KeyError("secret"), 503, "try again in a minute"),
    ],
)
async def test_a_fault_is_a_sentence_and_never_a_way_on(
    browser: httpx.AsyncClient, other: Other, command: str, fault: Exception, code: int, said: str
) -> None:
    other.answers[command] = fault
    paths = {"mailbox.open": "/quarantine/t", "mailbox.act": "/quarantine/t/x", "click.look": "/click/t"}
    if command in ("mailbox.open", "click.look"):
        answer = await browser.get(paths[command])
    else:
        answer = await browser.post(paths.get(command, "/click/t"), data={"act": "release"})
    assert (answer.status_code, "location" in answer.headers) == (code, False)
    assert said in answer.text and "secret" not in answer.text


async def test_a_blocked_page_has_no_button_and_no_form_may_leave_it(browser: httpx.AsyncClient, other: Other) -> None:
    other.answers["click.look"] = {"url": f"http://a.test/{PAYLOAD}", "standing": "blocked", "opens": False}
    answer = await browser.get("/click/t")
    assert "<form" not in answer.text and 'href="http' not in answer.text
    assert "form-action 'none'" in answer.headers["content-security-policy"]


async def test_what_is_too_long_is_refused_before_it_is_asked(browser: httpx.AsyncClient, other: Other) -> None:
    assert (await browser.get(f"/quarantine/{'x' * (LONGEST_ARGUMENT + 1)}")).status_code == 403
    assert (await browser.post("/quarantine/t/x", data={"act": "x" * 20_000})).status_code == 413
    assert other.asked == []
    assert (await browser.get("/quarantine/t")).status_code == 200


async def test_one_who_waits_keeps_nobody_waiting(browser: httpx.AsyncClient, other: Other) -> None:
    slow = asyncio.Event()
    other.answers["click.look"] = slow
    waiting = asyncio.create_task(browser.get("/click/t"))
    assert (await browser.get("/quarantine/t")).status_code == 200
    assert not waiting.done()
    other.answers["click.look"] = {}
    slow.set()
    await waiting


async def test_the_hatch_takes_no_other_command(other: Other, tmp_path: Path) -> None:
    hatch = Hatch(tmp_path, other.commands())
    await hatch.start()
    mailflow = await connect(tmp_path / "portal.sock", 5.0)
    for command in ("quarantine.release", "status", "policy.install", ""):
        with pytest.raises(Refused, match="does not work"):
            await mailflow.ask(command)
    assert other.asked == []
    await hatch.stop()


@given(st.lists(st.binary(max_size=80), max_size=4))
@settings(max_examples=40, deadline=None)
def test_rubbish_on_the_hatch_ends_that_connection_alone(lines: list[bytes]) -> None:
    async def run() -> None:
        other = Other()
        with tempfile.TemporaryDirectory() as folder:
            hatch = Hatch(Path(folder), other.commands())
            await hatch.start()
            _, writer = await asyncio.open_unix_connection(Path(folder) / "portal.sock")
            writer.write(b"\n".join(lines) + b"\n")
            mailflow = await connect(Path(folder) / "portal.sock", 5.0)
            assert await mailflow.ask("mailbox.open", token="t") == MINE
            writer.close()
            await hatch.stop()
            assert all(name in other.answers for name, _ in other.asked)

    asyncio.run(run())


FENCED = """
import encodings.idna, os, socket, subprocess, sys
from pathlib import Path
from mailock.jail import fence
from mailock.jail.linux import rights

secret, control, account = sys.argv[1:]
if account == "kept":
    # What the kernel's filters hold by themselves, as where nobody is root.
    rights.become_nobody = lambda: None
kept = socket.create_server(("127.0.0.1", 0))
ours, theirs = socket.socketpair()
lacks = fence.put_up()
print("lacks", *lacks)

def attempt(name, do):
    try:
        do()
        print("GOT OUT:", name)
    except OSError:
        print("held:", name)

attempt("read", lambda: Path(secret).read_bytes())
attempt("write", lambda: Path(secret).write_bytes(b"x"))
attempt("list", lambda: os.listdir(Path(secret).parent))
attempt("passwords", lambda: Path("/etc/passwd").read_bytes())
attempt("connect", lambda: socket.socket(socket.AF_UNIX).connect(control))
attempt("tcp", lambda: socket.create_connection(("127.0.0.1", kept.getsockname()[1])))
attempt("reuse", lambda: ours.connect(control))
attempt("fork", os.fork)
attempt("start", lambda: subprocess.run(["/bin/true"]))
attempt("kill", lambda: os.kill(os.getppid(), 0))
ours.send(b"still")
print(theirs.recv(9).decode(), "talks")
"""


@pytest.mark.parametrize("account", ["given up", "kept"])
def test_the_fence_holds_whatever_the_portal_tries(tmp_path: Path, account: str) -> None:
    secret, control = tmp_path / "links.key", tmp_path / "control.sock"
    secret.write_text("secret")
    secret.chmod(0o666)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(control))
        control.chmod(0o777)
        listening.listen()
        done = subprocess.run(
            [sys.executable, "-c", dedent(FENCED), str(secret), str(control), account],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    said = done.stdout.splitlines()
    assert said[:1] == ["lacks"], done.stdout + done.stderr
    assert [line for line in said if line.startswith("held:")] == said[1:11], done.stdout + done.stderr
    assert said[11:] == ["still talks"] and secret.read_text() == "secret"


CLASSES = ("spam", "phishing", "suspicious", "encrypted", "unscanned", "ambiguous", "policy", "malware", "late")
SAME = {"de": {"phishing"}, "fr": {"Message"}}
"""What is the same there."""


def test_every_text_of_the_pages_is_translated() -> None:
    views = resources.files("mailock.portal") / "views"
    html = "".join(one.read_text(encoding="utf-8") for one in views.iterdir())
    texts = {*re.findall(r'\bt\("([^"]+)"', html), *WISHES.values(), *ACTS.values(), LINK_SENT, NO_ADDRESS}
    texts |= {class_words(one) for one in CLASSES}
    texts |= {f"{one.value[:1].upper()}{one.value[1:]}." for one in Invalid}
    assert len(texts) > 60
    for language in ("de", "fr"):
        assert [text for text in texts if said(text, language) == text and text not in SAME[language]] == []
    # What stands outside of such a text is no word of English.
    assert re.findall(r">\s*[A-Za-z][a-z ]{3,}[^<{]*<", html) == []


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("nl, fr;q=0.5, en;q=0.1", "fr"),
        ("en;q=0.9, de;q=nonsense", "en"),
        ("", "en"),
    ],
)
async def test_pages_speak_as_the_browser_asks(browser: httpx.AsyncClient, accepted: str, language: str) -> None:
    answer = await browser.get("/quarantine/t", headers={"accept-language": accepted})
    assert f'<html lang="{language}">' in answer.text
    heading = {"de": "Zurückgehaltene Mails an Sie", "fr": "Messages retenus", "en": "Mail that is kept from you"}
    assert heading[language] in answer.text
    assert answer.headers["vary"] == "accept-language"


async def test_a_refusal_is_translated_sentence_by_sentence(browser: httpx.AsyncClient, other: Other) -> None:
    other.answers["mailbox.open"] = Refused("this link has expired. A new one comes with the next digest.")
    answer = await browser.get("/quarantine/t", headers={"accept-language": "de"})
    assert answer.status_code == 403
    assert "Dieser Link ist abgelaufen. A new one comes with the next digest." in answer.text
