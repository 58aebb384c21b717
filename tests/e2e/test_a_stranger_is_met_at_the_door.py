"""What the DNS and its manners say of a stranger is known before its message; a list that is silent refuses nobody."""

import asyncio
import time
from collections.abc import Callable

import pytest

from mailock.core.reputation.dns_lists import question
from tests.parts.dns_server import dns_server
from tests.parts.hop import hop, until
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.swaks import swaks
from tests.parts.talk import talk
from tests.parts.zone import Zone

LISTED, HALF, VOUCHED, FINE = "203.0.113.9", "203.0.113.66", "203.0.114.7", "203.0.115.7"


def at(ip: str, zone: str) -> str:
    name = question(ip, zone)
    assert name is not None
    return name


def states(gateway: Mailock) -> dict[str, str]:
    """How each engine does that depends on others, as the gateway says."""
    return {one["name"]: one["state"] for one in gateway.ask("status")["engines"]}


def policy(there: object, port: int, more: str) -> str:
    """A gateway behind a proxy, which names the true clients."""
    return (
        '[mta]\ninterfaces = ["127.0.0.1"]\nport = {port}\ntrusted_proxies = ["127.0.0.1"]\n'
        + forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))
        + f'[[mta.listener]]\nname = "proxied"\naddress = "127.0.0.1"\nport = {port}\nproxy_protocol = true\n'
        + more
    )


RULES = """\
[reputation]
greeting_delay = "1s"
patience = "2s"
early_talkers = "refuse"
[[reputation.dns]]
zone = "bl.test"
codes = ["127.0.0.2=10", "127.0.0.3=4"]
[[reputation.dns]]
zone = "wl.test"
weight = -2
[[reputation.dns]]
zone = "silent.test"
[reputation.shaping]
message_rate = 2
recipients = 2
"""


@pytest.mark.timeout(120)
async def test_a_stranger_is_met_at_the_door(start_mailock: Callable[..., Mailock]) -> None:
    world = (
        Zone()
        .a(at(LISTED, "bl.test"), "127.0.0.2")
        .a(at(HALF, "bl.test"), "127.0.0.3")
        .a(at(VOUCHED, "wl.test"), "127.0.5.1")
        .say_nothing("silent.test")
    )
    port = free_port()
    door = ("127.0.0.1", port)

    def proxied(ip: str) -> list[str]:
        source = ["--proxy-source", ip, "--proxy-source-port", "4000"]
        dest = ["--proxy-dest", "127.0.0.1", "--proxy-dest-port", "25"]
        return ["--proxy-version", "1", "--proxy-family", "TCP4", *source, *dest]

    with dns_server(world) as server:
        async with hop() as there:
            node = f'resolvers = ["{server.address[0]}:{server.address[1]}"]\n'
            gateway = start_mailock(policy(there, port, RULES), node=node)

            began = time.monotonic()
            refused, fine = await asyncio.gather(
                swaks(door, options=proxied(LISTED)), swaks(door, options=proxied(FINE))
            )
            assert any(line.startswith("554 5.7.1") and "(ref " in line for line in refused.replies), refused.transcript
            assert fine.ok, fine.transcript
            assert 1 < time.monotonic() - began < 10
            (record,) = await gateway.tracked(f"status:rejected ip:{LISTED}")
            assert "bl.test lists 203.0.113.9 (127.0.0.2)" in record["reason"]

            # Each list is asked how it does; one that keeps silent for minutes raises an alert.
            await until(lambda: states(gateway).get("dns silent.test") == "failing", 30, lambda: str(states(gateway)))
            assert states(gateway)["dns bl.test"] == "up"
            assert "engine dns silent.test is failing: silent.test did not answer" in gateway.log()

            header = f"PROXY TCP4 {FINE} 127.0.0.1 4000 25\r\n".encode()
            async with talk(door, before=header + b"EHLO early.test\r\n", greeted=False) as client:
                said = await client.hear()
                assert (said.code, said.enhanced) == (554, "5.5.1")

            header = f"PROXY TCP4 {HALF} 127.0.0.1 4000 25\r\n".encode()
            async with talk(door, before=header) as client:
                await client.hello()
                taken = await client.envelope("a@source.test", *(f"u{number}@dest.test" for number in range(3)))
                assert [said.code for said in taken] == [250, 250, 452]
                assert (await client.say("RSET")).code == 250
                assert (await client.message("a@source.test", ["u@dest.test"])).code == 250
                assert (await client.say("MAIL FROM:<a@source.test>")).code == 450


GREY = '[reputation]\ngreeting_delay = "0s"\n[reputation.greylisting]\nenabled = true\ndelay = "2s"\n'


@pytest.mark.timeout(120)
async def test_a_stranger_that_comes_again_is_let_in_for_good(start_mailock: Callable[..., Mailock]) -> None:
    port = free_port()
    async with hop() as there:
        gateway = start_mailock(policy(there, port, GREY))

        async def tried(recipient: str) -> int:
            header = f"PROXY TCP4 {FINE} 127.0.0.1 4000 25\r\n".encode()
            async with talk(("127.0.0.1", port), before=header) as client:
                await client.hello()
                (said,) = await client.envelope("a@source.test", recipient)
                return said.code

        assert [await tried("b@dest.test"), await tried("b@dest.test")] == [450, 450]
        await asyncio.sleep(2)
        gateway.stop()
        gateway.start()
        assert [await tried("b@dest.test"), await tried("c@dest.test")] == [250, 250]
        assert (await swaks(gateway.address)).ok  # a private address is nobody's on the Internet
        (record,) = await gateway.tracked("status:rejected")
        assert record["refused"]["count"] in (1, 2)
        assert "greylisted" in record["reason"]
