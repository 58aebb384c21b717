"""Maximum delay and storage, with Allow and Block; the early warning of late mail; who is told of it."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.parts.hop import Hop, HopSession, hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.talk import talk


@asynccontextmanager
async def late(start_mailock: Callable[..., Mailock], settings: str) -> AsyncIterator[tuple[Mailock, Hop, Hop]]:
    """A gateway that has mail which was accepted, not judged before a crash, and is over the maximum delay since.

    Nothing is examined in this version, so nothing else keeps a message from being judged at once.
    """
    stuck = True

    async def answer(session: HopSession, line: str) -> str | None:
        if stuck and line == "DATA":
            await asyncio.sleep(60)
        return None

    async with hop(answer=answer) as there, hop() as back:
        rules = forwarding(("dest.test", str(there)), ("scan.test", "0.0.0.0"), ("*", str(back), "outgoing"))
        gateway = start_mailock(f'{rules}{QUICK}[mta.mail_settings]\nmaximum_delay = "1ms"\n{settings}')
        async with talk(gateway.address) as client:
            await client.hello()
            assert (await client.message("a@source.test", ["b@dest.test"])).code == 250
            await there.connected()
            await asyncio.sleep(0.3)
        gateway.kill()
        stuck = False
        gateway.start()
        yield gateway, there, back


async def test_allow_sends_it_unprocessed_and_says_so(start_mailock: Callable[..., Mailock]) -> None:
    async with late(start_mailock, 'when_exceeded = "allow"\ntrack = "log"\n') as (gateway, there, _):
        (taken,) = await there.arrived()
        assert taken.content.startswith(b"X-Mailock-Skipped: ")
        (record,) = await gateway.tracked("to:b@dest.test", "skipped")
        assert record["skipped"]
        assert "exceeded the maximum delay" in gateway.log()


async def test_block_keeps_it_or_returns_it_and_alerts(start_mailock: Callable[..., Mailock]) -> None:
    alerts = '[alerts]\nmail_to = ["boss@admin.test"]\n'
    async with late(start_mailock, f'when_exceeded = "block"\ntrack = "alert"\n{alerts}') as (gateway, there, back):
        (record,) = await gateway.tracked("to:b@dest.test", "quarantined")
        assert record["quarantine_class"] == "late"
        (alert,) = await back.arrived()
        assert alert.rcpts == ("RCPT TO:<boss@admin.test>",)
        assert not there.taken
    async with late(start_mailock, 'late_action = "return"\ntrack = "none"\n') as (gateway, there, back):
        (record,) = await gateway.tracked("to:b@dest.test", "bounced")
        (notice,) = await back.arrived()
        assert b"\r\nStatus: 5.4.7\r\n" in notice.content
        assert "exceeded the maximum delay" not in gateway.log()
        await gateway.emptied()
        assert not there.taken


@pytest.mark.parametrize("limit", ["block", "allow"])
async def test_full_storage(start_mailock: Callable[..., Mailock], limit: str) -> None:
    async with hop() as there:
        rules = forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))
        settings = f'[mta.mail_settings]\nstorage = "300KB"\nwhen_exceeded = "{limit}"\ntrack = "log"\n'
        settings += '[mta.limits]\nmessage_size = "150KB"\n'
        gateway = start_mailock(f"{rules}{settings}[mta.delivery]\npaused = true\n")
        body = b"Subject: x\r\n\r\n" + (b"x" * 70 + b"\r\n") * 2000
        async with talk(gateway.address) as client:
            await client.hello()
            kept = 0
            for _ in range(8):
                mail = await client.say("MAIL FROM:<a@source.test>")
                if mail.code != 250:
                    break
                await client.say("RCPT TO:<b@dest.test>")
                kept += (await client.data(body)).code == 250
                await asyncio.sleep(0.6)
            if limit == "allow":
                assert kept == 8
            else:
                # Refused for the moment, before a single octet of the message was asked for.
                assert (mail.code, mail.enhanced) == (452, "4.3.1")
                assert 2 <= kept < 8
                assert re.search(
                    r"no mail is accepted \(452\): the queue holds \d+ MiB; the limit is 0 MiB", gateway.log()
                )
                (refusal,) = await gateway.tracked("reason:queue")
                assert refusal["refused"]["reply"].startswith("452 4.3.1")
        gateway.config.write_text(gateway.config.read_text().replace("paused = true", "paused = false"))
        gateway.run("policy", "install", "-c", str(gateway.config))
        await there.arrived(kept)
        await gateway.emptied()
        await asyncio.sleep(1.5)
        # There is room again.
        async with talk(gateway.address) as client:
            await client.hello()
            assert (await client.message("a@source.test", ["b@dest.test"])).code == 250
        records = await gateway.tracked("to:b@dest.test from:a@source.test status:delivered,skipped", count=kept)
        assert all(record["status"] == ("skipped" if record["skipped"] else "delivered") for record in records)
        assert any(record["skipped"] for record in records) is (limit == "allow")


async def test_late_mail_is_named_once(start_mailock: Callable[..., Mailock]) -> None:
    rules = forwarding(("dest.test", "127.0.0.1:1"), ("*", "127.0.0.1:1", "outgoing"))
    warn = '[mta.troubleshooting]\ndelayed_more_than = "1s"\ntrack = "log"\n'
    gateway = start_mailock(rules + QUICK + warn)

    def named() -> list[str]:
        return re.findall(r"message (\w{13}) is late: accepted \d+ s ago, the last answer was: 450", gateway.log())

    async with talk(gateway.address) as client:
        await client.hello()
        await client.message("a@source.test", ["b@dest.test"])
    for _ in range(130):
        if named():
            break
        await asyncio.sleep(0.1)
    (first,) = named()
    async with talk(gateway.address) as client:
        await client.hello()
        await client.message("a@source.test", ["c@dest.test"])
    # The next look names the new one alone, and a restart does not make news of the old one.
    for _ in range(130):
        if len(named()) > 1:
            break
        await asyncio.sleep(0.1)
    assert len(named()) == len(set(named())) == 2
    gateway.stop()
    gateway.start()
    await asyncio.sleep(1.5)
    assert len(named()) == 2
    story = gateway.run("show", first, "-c", str(gateway.config)).stdout
    assert "is late" in story
