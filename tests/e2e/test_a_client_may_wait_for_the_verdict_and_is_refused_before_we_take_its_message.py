"""Where policy has the client wait, malicious mail is refused in session, and nothing else is lost or delayed for long.

The refusal carries the code by which `mailock show` tells why. Whoever waits too long is told 250, and his message is
judged afterwards. One process is killed while a client waits: nothing is delivered, and the client comes again.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.parts.hiding.payload import PAYLOAD
from tests.parts.hop import Hop, hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.scripted import scripted
from tests.parts.talk import Said, talk

POLICY = """
[mta.in_session]
incoming = true
deadline = "60s"
[anti_virus]
clamav = "unix:{clamd}"
[anti_spam]
enabled = false
[malicious_mail]
action = "reject"
[[rule]]
name = "one is spared"
when = {{ recipient = "careless@dest.test" }}
profile = "careless"
because = "he asked for it"
[profile.careless.malicious_mail]
action = "quarantine"
"""
VERSION = b"ClamAV 1.4.6/27823/Mon Nov 23 09:12:00 2026"


@dataclass
class Clamd:
    """A scanner that finds nothing, at once or when it is let go."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One question."""
        first = await reader.readuntil(b"\0")
        if first == b"zIDSESSION\0":
            await reader.readuntil(b"zINSTREAM\0")
            while size := int.from_bytes(await reader.readexactly(4), "big"):
                await reader.readexactly(size)
            self.asked.set()
            await self.go_on.wait()
            writer.write(b"1: " + VERSION + b"\0002: stream: OK\0")
        else:
            writer.write(VERSION + b"\0")
        await writer.drain()


@asynccontextmanager
async def scanner(folder: Path) -> AsyncIterator[Clamd]:
    """One that the gateway's own user may ask."""
    folder.chmod(0o755)
    made = Clamd()
    made.go_on.set()
    async with scripted(made, path=folder / "clamd"):
        (folder / "clamd").chmod(0o666)
        yield made


async def send(gateway: Mailock, subject: str, text: bytes, *to: str) -> Said:
    """One message over a connection of its own; what its client is told."""
    async with talk(gateway.address) as client:
        await client.hello()
        content = f"From: a@source.test\r\nTo: b@dest.test\r\nSubject: {subject}\r\n\r\n".encode() + text + b"\r\n"
        return await client.message("a@source.test", list(to or ("b@dest.test",)), content)


async def test_the_verdict_comes_before_the_reply(start_mailock: Callable[..., Mailock], tmp_path: Path) -> None:
    async with hop() as there, scanner(tmp_path) as clamd:
        routes = forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))
        policy = routes + QUICK + POLICY.format(clamd=tmp_path / "clamd")
        gateway = start_mailock(policy, engines=True)
        checked = gateway.run("policy", "check", "-c", str(gateway.config))
        assert "acts only while the client waits" not in checked.stdout + checked.stderr
        await refused_in_session(gateway)
        await taken_where_one_of_them_gets_it(gateway)
        await taken_when_it_is_clean(gateway, there)
        await dropped_when_we_die(gateway, there, clamd)
        await judged_afterwards_when_it_takes_too_long(gateway, clamd)
        assert len(there.taken) == 2


async def refused_in_session(gateway: Mailock) -> None:
    """550 with a code that tells why."""
    refused = await send(gateway, "bad", PAYLOAD, "b@dest.test", "c@dest.test")
    assert (refused.code, refused.enhanced) == (550, "5.7.1")
    assert refused.text.startswith("5.7.1 The message is refused by policy (ref ")
    (record,) = await gateway.tracked("subject:bad", "rejected")
    assert record["id"] == refused.reference
    shown = json.loads(gateway.run("show", refused.reference, "--json").stdout)
    assert (shown["verdict"], shown["rule"]) == ("malicious", "malicious-mail")
    assert [one["status"] for one in shown["recipients"]] == ["rejected", "rejected"]
    assert "eicar" in " ".join(shown["recipients"][0]["because"])
    assert any(f"The client was told: 550 {refused.text}" in line["text"] for line in shown["timeline"])
    assert gateway.ask("status")["messages"]["offered"] == 0


async def taken_where_one_of_them_gets_it(gateway: Mailock) -> None:
    """One of two recipients is not refused it: so it is taken, and kept from the other."""
    assert (await send(gateway, "mixed", PAYLOAD, "b@dest.test", "careless@dest.test")).code == 250
    (record,) = await gateway.tracked("subject:mixed", "quarantined")
    shown = json.loads(gateway.run("show", record["id"], "--json").stdout)
    would = {one["address"]: one["would_have"] for one in shown["scan"]["recipients"]}
    assert would == {"b@dest.test": "reject", "careless@dest.test": None}
    assert "not for all of them" in " ".join(shown["recipients"][0]["because"])


async def taken_when_it_is_clean(gateway: Mailock, there: Hop) -> None:
    """250, having been examined."""
    assert (await send(gateway, "good", b"hay")).code == 250
    await there.arrived(1)
    (record,) = await gateway.tracked("subject:good", "delivered")
    assert record["verdict"] == "benign"


async def dropped_when_we_die(gateway: Mailock, there: Hop, clamd: Clamd) -> None:
    """Nobody was told that it is ours: so it is nobody's, and its client comes again."""
    clamd.go_on.clear()
    clamd.asked.clear()
    sending = asyncio.ensure_future(send(gateway, "again", b"other hay"))
    await asyncio.wait_for(clamd.asked.wait(), 30)
    assert gateway.ask("status")["messages"]["offered"] == 1
    assert not sending.done()
    gateway.kill()
    await asyncio.gather(sending, return_exceptions=True)
    clamd.go_on.set()
    gateway.start()
    waiting = gateway.ask("status")["messages"]
    assert (waiting["offered"], waiting["accepted"], waiting["examined"]) == (0, 0, 0)
    assert (gateway.track("subject:again"), len(there.taken)) == ([], 1)
    assert (await send(gateway, "again", b"other hay")).code == 250
    await there.arrived(2)


async def judged_afterwards_when_it_takes_too_long(gateway: Mailock, clamd: Clamd) -> None:
    """250 at the deadline, and then nothing can be refused any more."""
    gateway.config.write_text(gateway.config.read_text().replace('deadline = "60s"', 'deadline = "1s"'))
    await asyncio.to_thread(gateway.run, "policy", "install", "-c", str(gateway.config))
    clamd.go_on.clear()
    assert (await send(gateway, "late", PAYLOAD + b"\r\nlate")).code == 250
    assert gateway.ask("status")["messages"]["accepted"] == 1
    clamd.go_on.set()
    (kept,) = await gateway.tracked("subject:late", "quarantined")
    shown = json.loads(gateway.run("show", kept["id"], "--json").stdout)
    assert shown["scan"]["recipients"][0]["would_have"] == "reject"
