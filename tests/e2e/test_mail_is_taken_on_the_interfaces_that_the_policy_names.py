"""interfaces: all, external, or a list of interfaces and addresses, of IPv4 and IPv6; changed without a restart."""

import socket
from collections.abc import Callable

import pytest

from mailock.net.interfaces import present_interfaces
from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.talk import talk

RULES = forwarding(("dest.test", "127.0.0.1:1"), ("*", "127.0.0.1:1", "outgoing"))


def policy(port: int, interfaces: str, internal: str = "[]") -> str:
    """A gateway on these interfaces."""
    return f"[mta]\nport = {port}\ninterfaces = {interfaces}\ninternal_interfaces = {internal}\n{RULES}"


def listening(gateway: Mailock) -> set[str]:
    """The addresses where it listens."""
    return {one["address"] for one in gateway.ask("status")["listening"]}


def reached(ip: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((ip, port), timeout=2).close()
    except OSError:
        return False
    return True


async def test_a_list_is_added_to_and_taken_from(start_mailock: Callable[..., Mailock]) -> None:
    port = free_port()
    gateway = start_mailock(policy(port, '["127.0.0.1", "::1"]'))
    assert listening(gateway) == {"127.0.0.1", "::1"}
    for ip in ("127.0.0.1", "::1"):
        async with talk((ip, port)) as client:
            await client.hello()
    assert not reached("127.0.0.2", port)
    async with talk(("127.0.0.1", port)) as standing:
        gateway.config.write_text(gateway.config.read_text().replace('["127.0.0.1", "::1"]', '["::1", "127.0.0.2"]'))
        gateway.run("policy", "install", "-c", str(gateway.config))
        assert listening(gateway) == {"127.0.0.2", "::1"}
        assert not reached("127.0.0.1", port)
        assert reached("127.0.0.2", port)
        # Who came in by the door that was shut goes on.
        await standing.hello()


async def test_mail_comes_and_goes_over_ipv6(start_mailock: Callable[..., Mailock]) -> None:
    port = free_port()
    async with hop(host="::1") as there:
        text = policy(port, '["::1"]').replace("127.0.0.1:1", str(there))
        gateway = start_mailock(text)
        async with talk(("::1", port)) as client:
            await client.hello()
            assert (await client.message("a@source.test", ["b@dest.test"])).code == 250
        (taken,) = await there.arrived()
        assert b"[IPv6:::1]" in taken.content
        (record,) = await gateway.tracked("ip:::1 status:delivered")
        assert record["next_hop_ip"] == "::1"


async def test_an_interface_stands_for_its_addresses_and_all_for_every_one(
    start_mailock: Callable[..., Mailock],
) -> None:
    present = [one for one in present_interfaces() if one.up]
    (loopback,) = [one for one in present if one.loopback]
    outer = [ip for one in present if not one.loopback for ip in one.addresses if "%" not in ip]
    port = free_port()
    gateway = start_mailock(policy(port, f'["{loopback.name}"]'))
    assert listening(gateway) == set(loopback.addresses)
    assert not any(reached(ip, port) for ip in outer)
    original = gateway.config.read_text()
    gateway.config.write_text(original.replace(f'["{loopback.name}"]', '"all"'))
    gateway.run("policy", "install", "-c", str(gateway.config))
    assert [ip for ip in [*loopback.addresses, *outer] if not reached(ip, port)] == []
    if not outer:
        pytest.skip("this machine has no interface besides the loopback")
    # External is what is not internal, and never the loopback.
    gateway.config.write_text(original.replace(f'["{loopback.name}"]', '"external"'))
    gateway.run("policy", "install", "-c", str(gateway.config))
    assert listening(gateway) == set(outer)
    assert not reached("127.0.0.1", port)
    names = ", ".join(f'"{one.name}"' for one in present if not one.loopback)
    bad = original.replace(f'["{loopback.name}"]', '"external"').replace(
        "internal_interfaces = []", f"internal_interfaces = [{names}]"
    )
    gateway.config.write_text(bad)
    done = gateway.run("policy", "install", "-c", str(gateway.config), code=None)
    assert done.returncode in (2, 3)
    assert "every interface of this machine is internal or down" in done.stdout + done.stderr
    assert listening(gateway) == set(outer)
