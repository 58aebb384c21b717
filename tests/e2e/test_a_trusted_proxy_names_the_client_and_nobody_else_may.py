"""PROXY v1, v2 and XCLIENT are believed from trusted peers only; who is named is judged as if he had come himself."""

import ipaddress
from collections.abc import Callable

from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.talk import Talk, talk

PROXY, INSIDE = "127.0.0.9", "127.0.0.2"


def v2(source: str, command: int = 0x21) -> bytes:
    """A PROXY header of version 2."""
    address = ipaddress.ip_address(source)
    family, other = (0x11, "127.0.0.1") if address.version == 4 else (0x21, "::1")
    payload = (
        address.packed + ipaddress.ip_address(other).packed + (40_000).to_bytes(2, "big") + (25).to_bytes(2, "big")
    )
    return b"\r\n\r\n\x00\r\nQUIT\n" + bytes((command, family)) + len(payload).to_bytes(2, "big") + payload


def policy(there: object, port: int) -> str:
    """A gateway with a listener for the proxy, whose own side of it is an internal interface."""
    return (
        f'[mta]\ninterfaces = ["127.0.0.1"]\nport = {{port}}\ntrusted_proxies = ["{PROXY}"]\n'
        f'internal_networks = ["{INSIDE}", "{PROXY}"]\ninternal_interfaces = ["127.0.0.8"]\n'
        + forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))
        + f'[[mta.listener]]\nname = "proxied"\naddress = "127.0.0.8"\nport = {port}\nproxy_protocol = true\n'
        '[[mta.access]]\naction = "deny"\nsources = ["198.51.100.0/24"]\n'
        '[[mta.access]]\naction = "allow"\nsources = ["any"]\n[mta.implied_rule]\nenabled = false\n'
    )


async def relays(client: Talk) -> bool:
    """Whether the gateway takes the client for an internal one."""
    await client.hello()
    (said,) = await client.envelope("a@dest.test", "b@far.test")
    return said.code == 250


async def test_the_proxy_protocol(start_mailock: Callable[..., Mailock]) -> None:
    port = free_port()
    async with hop() as there:
        gateway = start_mailock(policy(there, port))
        door = ("127.0.0.8", port)
        for header, ip in (
            (b"PROXY TCP4 192.0.2.7 127.0.0.1 40000 25\r\n", "192.0.2.7"),
            (b"PROXY TCP6 2001:db8::7 ::1 40000 25\r\n", "2001:db8::7"),
            (v2("192.0.2.8"), "192.0.2.8"),
            (v2("2001:db8::8"), "2001:db8::8"),
        ):
            async with talk(door, source=PROXY, before=header) as client:
                # The proxy is inside and came in by an internal interface; the client is not.
                assert not await relays(client), ip
                assert (await client.say("RSET")).code == 250
                assert (await client.message("a@source.test", ["b@dest.test"])).code == 250
            (record,) = await gateway.tracked(f"ip:{ip} status:delivered")
            assert (record["proxy_ip"], record["internal"], record["listener"]) == (PROXY, False, "proxied")
            assert f"[{ip}]" in there.taken[-1].content.decode() or f"[IPv6:{ip}]" in there.taken[-1].content.decode()
        # One of ours behind the proxy is one of ours, and one who is denied is denied.
        async with talk(door, source=PROXY, before=f"PROXY TCP4 {INSIDE} 127.0.0.1 1 25\r\n".encode()) as client:
            assert await relays(client)
        async with talk(door, source=PROXY, before=v2("198.51.100.7"), greeted=False) as client:
            assert (await client.hear()).code == 554
        # The proxy may speak for itself (health checks), and must not leave the header out.
        async with talk(door, source=PROXY, before=v2("192.0.2.7", 0x20)) as client:
            assert (await client.say("QUIT")).code == 221
        async with talk(door, source=PROXY, before=b"EHLO x\r\n", greeted=False) as client:
            assert await client.ended()
        # Who is not trusted is spoken to as himself, and his header is nonsense.
        async with talk(
            door, source="127.0.0.3", before=v2(INSIDE)[:0] + b"PROXY TCP4 127.0.0.2 127.0.0.1 1 25\r\n"
        ) as client:
            assert (await client.hear()).code == 500


async def test_xclient(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        gateway = start_mailock(policy(there, free_port()))
        async with talk(gateway.address, source=PROXY) as client:
            assert any(line.startswith("XCLIENT ") for line in (await client.hello()).lines)
            assert (await client.say("XCLIENT NAME=mail.far.test ADDR=192.0.2.7 HELO=mail.far.test")).code == 220
            assert not await relays(client)
            await client.say("RSET")
            assert (await client.message("a@source.test", ["b@dest.test"])).code == 250
            (record,) = await gateway.tracked("ip:192.0.2.7 status:delivered")
            assert record["proxy_ip"] == PROXY
            # Nobody in particular is nobody of ours; one of ours is; who logged in at the proxy is.
            assert (await client.say("XCLIENT ADDR=127.0.0.2")).code == 220
            assert await relays(client)
        async with talk(gateway.address, source=PROXY) as client:
            await client.hello()
            assert (await client.say("XCLIENT NAME=mail.far.test ADDR=[UNAVAILABLE]")).code == 220
            assert not await relays(client)
        async with talk(gateway.address, source=PROXY) as client:
            await client.hello()
            assert (await client.say("XCLIENT ADDR=192.0.2.7 LOGIN=anna")).code == 220
            assert await relays(client)
        async with talk(gateway.address, source=PROXY) as client:
            await client.hello()
            said = await client.say("XCLIENT ADDR=198.51.100.7")
            assert said.code == 554
            assert (await client.say("EHLO x")).code == 503
        async with talk(gateway.address, source="127.0.0.3") as client:
            assert not any(line.startswith("XCLIENT") for line in (await client.hello()).lines)
            assert (await client.say("XCLIENT ADDR=127.0.0.2")).code == 502
            assert not await relays(client)
