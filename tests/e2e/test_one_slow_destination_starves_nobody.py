"""Each destination has its own connections, rate and suspension: one that is slow or down holds up only itself."""

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.parts.hop import HopSession, hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.smtp_sink import SmtpSink
from tests.parts.smtp_source import smtp_source
from tests.parts.talk import talk

pytestmark = pytest.mark.serial


async def give(gateway: Mailock, domain: str, count: int) -> None:
    async with talk(gateway.address) as client:
        await client.hello()
        for _ in range(count):
            assert (await client.message("a@source.test", [f"b@{domain}"])).code == 250


async def test_a_slow_one_has_its_connections_full_while_others_get_all_their_mail(
    start_mailock: Callable[..., Mailock], start_sink: Callable[..., SmtpSink]
) -> None:
    async def slowly(session: HopSession, line: str) -> str | None:
        if line == ".":
            await asyncio.sleep(60)
        return None

    quick = start_sink()
    async with hop(answer=slowly) as slow:
        rules = forwarding(
            ("slow.test", str(slow)), ("quick.test", f"127.0.0.1:{quick.port}"), ("*", "127.0.0.1:1", "outgoing")
        )
        gateway = start_mailock(rules + "[mta.delivery]\nconcurrency = 4\n")
        await give(gateway, "slow.test", 60)
        await slow.connected(4)
        begun = time.monotonic()
        source = await smtp_source(gateway.address, messages=200, sessions=5, recipient="b@quick.test")
        assert source.ok, source.printed
        await quick.arrived(200)
        assert time.monotonic() - begun < 15
        assert slow.most_open == 4
        assert sum(gateway.ask("status")["messages"].values()) == 60
        assert not slow.taken


async def test_a_dead_one_is_left_alone_and_found_again(start_mailock: Callable[..., Mailock]) -> None:
    port, refused = free_port(), []

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        refused.append(time.monotonic())
        writer.close()

    async with hop() as alive:
        rules = forwarding(
            ("dead.test", f"127.0.0.1:{port}"), ("alive.test", str(alive)), ("*", str(alive), "outgoing")
        )
        delivery = 'suspend_after = 2\nsuspend_for = "2s"\nretry_first = "1s"\nretry_maximum = "1s"\nretry_jitter = 0\n'
        gateway = start_mailock(rules + "[mta.delivery]\n" + delivery)
        server = await asyncio.start_server(hang_up, "127.0.0.1", port)
        await give(gateway, "dead.test", 50)
        records = await gateway.tracked("to:b@dead.test", "deferred", count=50)
        await asyncio.sleep(0.5)
        # Fifty messages wait, and it was asked a handful of times: most were deferred without a try of their own.
        assert len(refused) <= 8, len(refused)
        assert any("suspended" in record["reason"] for record in await gateway.tracked("to:b@dead.test", count=50))
        assert all(record["status"] == "deferred" for record in records)
        await give(gateway, "alive.test", 5)
        await alive.arrived(5)
        before = len(refused)
        await asyncio.sleep(2.5)
        # When its time is over one connection probes, and the others wait for what it finds.
        assert len(refused) - before <= 2
        server.close()
        await server.wait_closed()
        async with hop(port=port) as back:
            await back.arrived(50, within=30)
            await gateway.emptied()
            assert len(back.taken) == 50


async def test_a_rate_holds_for_each_destination(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as one, hop() as two:
        rules = forwarding(("one.test", str(one)), ("two.test", str(two)), ("*", "127.0.0.1:1", "outgoing"))
        gateway = start_mailock(rules + "[mta.delivery]\nrate = 6\n")
        await give(gateway, "one.test", 9)
        await give(gateway, "two.test", 3)
        await two.arrived(3, within=5)
        await one.arrived(6, within=5)
        await asyncio.sleep(1)
        # Six at once, as the rate is six in a minute; the rest follow one by one, and are not deferred for it.
        assert len(one.taken) in (6, 7)
        assert gateway.ask("status")["deferred"] == 0


async def test_delivery_is_paused_and_goes_on_by_an_install(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        rules = forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))
        gateway = start_mailock(rules + "[mta.delivery]\npaused = true\n")
        await give(gateway, "dest.test", 3)
        await asyncio.sleep(1)
        assert not there.sessions
        assert gateway.ask("status")["pending"] == 3
        # It is kept over a crash, too, and still not sent.
        gateway.kill()
        gateway.start()
        await asyncio.sleep(1)
        assert not there.sessions
        gateway.config.write_text(gateway.config.read_text().replace("paused = true", "paused = false"))
        gateway.run("policy", "install", "-c", str(gateway.config))
        await there.arrived(3)
        await gateway.emptied()
        assert len(there.taken) == 3
