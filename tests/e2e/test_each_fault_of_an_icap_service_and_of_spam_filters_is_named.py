"""Each fault of an ICAP service, of rspamd and of SpamAssassin, for recipients whose rules fail open, fail close and
hold: what becomes of the mail, what the log says of it, and what counts as not looked at.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from typing import Any, Final

import pytest

from tests.e2e.test_what_could_not_be_looked_at_is_dealt_with_as_each_rule_says import judged
from tests.e2e.test_what_is_dangerous_is_kept_and_the_rest_goes_on import message
from tests.parts.hop import Hop, hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import LOOPBACK, free_port
from tests.parts.scripted import scripted
from tests.parts.talk import talk

DISPOSITIONS: Final = {"open": "deliver", "close": "quarantine", "hold": "hold"}
RECIPIENTS: Final = tuple((duty, mode) for duty in ("malware", "spam") for mode in DISPOSITIONS)
FILTERS: Final = ("rspamd", "spamassassin")
FAULTS: Final = {
    # As its clients see it: a reload of spamd ends what it is asked, the others say that they are busy.
    "hangs": {"icap": "timed out", "rspamd": "timed out", "spamassassin": "timed out"},
    "reloads": {"icap": "unreachable", "rspamd": "unreachable", "spamassassin": "died"},
    "dies": {"icap": "died", "rspamd": "died", "spamassassin": "died"},
    "nonsense": {"icap": "answered nonsense", "rspamd": "answered nonsense", "spamassassin": "answered nonsense"},
}
POLICY: Final = """
[anti_virus]
icap = ["icap://127.0.0.1:{icap}/scan"]
icap_timeout = "2s"
[anti_spam.rspamd]
server = "http://127.0.0.1:{rspamd}"
timeout = "1s"
[anti_spam.spamassassin]
server = "tcp:127.0.0.1:{spamassassin}"
timeout = "1s"
"""
OPTIONS: Final = b'ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nISTag: "one"\r\nEncapsulated: null-body=0\r\n\r\n'
CLEAN: Final = b'ICAP/1.0 204 No Content\r\nISTag: "one"\r\nEncapsulated: null-body=0\r\n\r\n'
GOOD: Final = b'{"is_skipped": false, "score": 0.0, "required_score": 15.0, "action": "no action"}'
BUSY: Final = {
    "icap": b"ICAP/1.0 503 Service Overloaded\r\nEncapsulated: null-body=0\r\n\r\n",
    "rspamd": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}",
    "spamassassin": b"",
}


async def misbehaved(engine: str, asked: bytes, writer: asyncio.StreamWriter) -> bool:
    """Whether what is asked wants a fault of this engine, which it then has."""
    found = re.search(rb"FAULT-(\w+)-" + engine.encode(), asked)
    match found.group(1).decode() if found else "":
        case "hangs":
            await asyncio.sleep(60)
        case "reloads":
            writer.write(BUSY[engine])
        case "nonsense":
            writer.write(b"220 mail.example ESMTP\r\n\r\n")
        case "slow":
            await asyncio.sleep(0.3)
            return False
        case "dies":
            pass
        case _:
            return False
    await writer.drain()
    return True


async def icap(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An ICAP service, one connection."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"OPTIONS"):
            writer.write(OPTIONS)
            continue
        content = await reader.readexactly(int(re.findall(rb"-body=(\d+)", head)[0]))
        while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
            content += await reader.readexactly(size + 2)
        await reader.readexactly(2)
        if await misbehaved("icap", content, writer):
            return
        writer.write(CLEAN)
        await writer.drain()


async def rspamd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A worker of rspamd, one connection."""
    while True:
        if await misbehaved("rspamd", await question(reader), writer):
            return
        writer.write(b"HTTP/1.1 200 OK\r\nServer: rspamd/3.4\r\nContent-Length: %d\r\n\r\n%b" % (len(GOOD), GOOD))
        await writer.drain()


async def spamassassin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A spamd, one question."""
    if not await misbehaved("spamassassin", await question(reader), writer):
        writer.write(b"SPAMD/1.1 0 EX_OK\r\nContent-length: 3\r\nSpam: False ; 0.0 / 5.0\r\n\r\nabc")


async def question(reader: asyncio.StreamReader) -> bytes:
    """A head with a Content-Length, where it has one, and the body behind it."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return head + await reader.readexactly(int(length.group(1)) if length else 0)


def routes(server: Hop) -> str:
    """Routes, and for each duty and each way to fail a rule with a profile of its own; the other duty fails open."""
    text = forwarding(*((f"{duty}-{mode}.test", str(server)) for duty, mode in RECIPIENTS), ("*", "mx:", "outgoing"))
    for duty, mode in RECIPIENTS:
        name = f"{duty}-{mode}"
        modes = {"malware": "open", "spam": "open"} | {duty: mode}
        text += f"\n[profile.{name}.judgement.incoming]\n" + "".join(f'{k} = "{v}"\n' for k, v in modes.items())
        text += f'[[rule]]\nname = "{name}"\nwhen = {{ recipient = "*@{name}.test" }}\nprofile = "{name}"\n'
        text += 'because = "this is a test"\n'
    return text


async def send(gateway: Mailock, subject: str, *faults: str) -> None:
    """A message to everybody that asks for these faults, each written `fault-engine`."""
    asks = " ".join(f"FAULT-{one}" for one in faults)
    async with talk(gateway.address) as client:
        await client.hello()
        content = message(subject, ("file.bin", f"{subject} {asks}".encode()))
        content = content.replace(b"Subject: ", f"X-Asks: {asks}\r\nSubject: ".encode(), 1)
        said = await client.message(
            "ann@partner.test", [f"user@{duty}-{mode}.test" for duty, mode in RECIPIENTS], content
        )
        assert said.code == 250, said
    await judged(gateway)


async def until_up(gateway: Mailock) -> None:
    """Returns when all are asked again: after a fault one is left alone for some seconds."""
    engines: dict[str, str] = {}
    for number in range(60):
        engines = {one["name"]: one["state"] for one in gateway.ask("status")["engines"]}
        if all(engines[name] == "up" for name in ("icap", *FILTERS)):
            return
        await send(gateway, f"nudge {number}")
        await asyncio.sleep(0.2)
    pytest.fail(f"they are not asked again: {engines}")


async def stories(gateway: Mailock, subjects: Iterable[str]) -> dict[str, Any]:
    """The whole story of each of these messages, by its subject."""
    found = {}
    for subject in subjects:
        (record,) = await gateway.tracked(f'subject:"{subject}"')
        shown = await asyncio.to_thread(gateway.run, "show", record["id"], "--json")
        found[subject] = json.loads(shown.stdout)
    return found


def checked(story: Any, whys: dict[str, str]) -> None:
    """The log says who could not look, and why; each recipient gets what his rule says, and for that reason."""
    incomplete = {one["engine"]: one["why"] for one in story["scan"]["incomplete"] if one["engine"] in whys}
    assert incomplete == whys, story["scan"]["incomplete"]
    for one in story["recipients"]:
        duty, _, mode = one["address"].partition("@")[2].removesuffix(".test").partition("-")
        assert one["disposition"].startswith(DISPOSITIONS[mode]), (duty, mode, one)
        named = [engine for engine in whys if (engine == "icap") is (duty == "malware")]
        for engine in named:
            said = one["because"]
            assert any(engine in sentence and whys[engine] in sentence for sentence in said), (duty, mode, said)


@pytest.mark.timeout(300)
async def test_each_fault_is_named_and_each_recipients_rule_says_what_becomes_of_it(
    start_mailock: Callable[..., Mailock],
) -> None:
    down = {name: free_port() for name in ("icap", *FILTERS)}
    async with hop() as server, AsyncExitStack() as running:
        # None is there when the gateway starts: that stops nothing, and nothing passes as looked at.
        gateway = await asyncio.to_thread(start_mailock, routes(server) + POLICY.format(**down), engines=True)
        await send(gateway, "missing")
        ports = {
            name: (await running.enter_async_context(scripted(handler))).port
            for name, handler in (("icap", icap), ("rspamd", rspamd), ("spamassassin", spamassassin))
        }
        text = gateway.config.read_text()
        for name, port in ports.items():
            text = text.replace(f"{LOOPBACK}:{down[name]}", f"{LOOPBACK}:{port}")
        gateway.config.write_text(text)
        await asyncio.to_thread(gateway.run, "policy", "install", "-c", str(gateway.config))
        await until_up(gateway)
        for fault in FAULTS:
            for name in FILTERS:
                await send(gateway, f"{fault} {name}", f"{fault}-icap", f"{fault}-{name}")
                await until_up(gateway)
        await send(gateway, "slow", "slow-icap", "slow-rspamd", "slow-spamassassin")
        told = await stories(gateway, ("missing", "slow", *(f"{fault} {name}" for fault in FAULTS for name in FILTERS)))
        checked(told["missing"], dict.fromkeys(ports, "unreachable"))
        for fault, whys in FAULTS.items():
            for name in FILTERS:
                checked(told[f"{fault} {name}"], {engine: whys[engine] for engine in ("icap", name)})
        assert not {one["engine"] for one in told["slow"]["scan"]["incomplete"]} & set(ports)
        assert {one["disposition"] for one in told["slow"]["recipients"]} == {"deliver"}
