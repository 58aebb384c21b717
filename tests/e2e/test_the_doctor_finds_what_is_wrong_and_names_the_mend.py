"""`doctor` looks at the running gateway and all that it hangs on, and says for each trouble what to do."""

import asyncio
import json
from collections.abc import Callable

import pytest

from tests.parts.dns_server import DnsServer
from tests.parts.hop import HopSession, hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.talk import talk


async def checks(gateway: Mailock, code: int) -> dict[str, list[tuple[str, str, str]]]:
    """What the doctor says, by level: area, text and mend."""
    # In a thread, for the next hop that it asks lives in this loop.
    done = await asyncio.to_thread(gateway.run, "doctor", "--json", code=code)
    answer = json.loads(done.stdout)
    assert answer["ok"] is (code == 0)
    found: dict[str, list[tuple[str, str, str]]] = {"ok": [], "warning": [], "error": []}
    for check in answer["checks"]:
        found[check["level"]].append((check["area"], check["text"], check["mend"]))
    return found


def refuses_strangers(session: HopSession, line: str) -> str | None:
    """A mail server that takes mail for its own domain only."""
    return "550 5.7.1 relaying denied" if line.startswith("RCPT") and "@dest.test>" not in line else None


@pytest.fixture
def node(dns_parts: DnsServer) -> str:
    """Settings of a machine whose DNS is in order."""
    dns_parts.zone.a("mx.gateway.test", "127.0.0.1").ptr("127.0.0.1", "mx.gateway.test")
    dns_parts.zone.mx("dest.test", "mx.gateway.test").a("mail.dest.test", "127.0.0.1")
    dns_parts.zone.mx("known.test", "mail.known.test").a("mail.known.test", "127.0.0.1")
    dns_parts.publish()
    host, port = dns_parts.address
    return f'resolvers = ["{host}:{port}"]\n'


async def test_a_gateway_in_order_has_no_errors(start_mailock: Callable[..., Mailock], node: str) -> None:
    async with hop(answer=refuses_strangers) as server:
        gateway = start_mailock(
            forwarding(("dest.test", f"mail.dest.test:{server.port}"), ("*", f"mx::{server.port}", "outgoing"))
            + '[[rule]]\nname = "copied"\nthen = { add_recipient = ["archive@known.test"] }\n',
            node=node,
            engines=True,
        )
        # Mail that goes out to a domain, and so tells the doctor whose servers to try.
        async with talk(gateway.address) as client:
            await client.hello()
            await client.message("", ["a@dest.test"])
        await gateway.tracked("to:archive@known.test")
        found = await checks(gateway, 0)
        assert all("@dest.test" in rcpt for taken in server.taken for rcpt in taken.rcpts)
        assert len(server.taken) == 1
        probes = [one.commands for one in server.sessions if any("relay-probe" in line for line in one.commands)]
        assert probes
        assert not any(line.startswith("DATA") for commands in probes for line in commands)
    areas = {area for area, _, _ in found["ok"]}
    assert {"policy file", "data folder", "resolver", "host name", "MX", "mailflow", "listener", "open relay"} <= areas
    hops = [text for area, text, _ in found["ok"] if area.startswith("next hop")]
    assert any("mail.dest.test" in text for text in hops)
    assert any(text.startswith("known.test: mail.known.test (127.0.0.1:") for text in hops)
    assert {area for area, _, _ in found["warning"]} <= {"TLS", "clock"}


async def test_a_next_hop_that_relays_for_strangers_is_an_error(
    start_mailock: Callable[..., Mailock], node: str
) -> None:
    async with hop() as server:
        gateway = start_mailock(forwarding(("dest.test", str(server)), ("*", str(server), "outgoing")), node=node)
        (error,) = (await checks(gateway, 1))["error"]
        assert not server.taken
    assert "takes mail from us for strangers, such as relay-probe@example.com" in error[1]
    assert "take this gateway off the hosts that it relays for" in error[2]


async def test_what_is_down_is_named(start_mailock: Callable[..., Mailock], node: str) -> None:
    dead = free_port()
    gateway = start_mailock(
        forwarding(("dest.test", f"127.0.0.1:{dead}"), ("tls.test", f"nowhere.test:{dead}"), ("*", "mx:", "outgoing")),
        node=node,
    )
    gateway.run("drain")
    gateway.data.chmod(0o755)
    errors = (await checks(gateway, 1))["error"]
    assert any(f"127.0.0.1:{dead} cannot be reached" in text for _, text, _ in errors)
    assert any("there is no server" in text for _, text, _ in errors)
    warnings = (await checks(gateway, 1))["warning"]
    assert any("takes no mail: the gateway is drained" in text for _, text, _ in warnings)
    assert any("everybody on this machine may look into" in text for _, text, _ in warnings)
    gateway.stop()
    stopped = (await checks(gateway, 1))["error"]
    assert ("mailflow", "it is not running, so no mail is taken", "mailock run, or start its service") in stopped
    gateway.config.write_text(gateway.config.read_text() + "[mta.delivery]\nretry_first = 7\n")
    assert any(area == "policy file" for area, _, _ in (await checks(gateway, 1))["error"])


async def test_listeners_for_tls_and_for_proxies_are_asked_as_their_clients_do(
    start_mailock: Callable[..., Mailock], node: str
) -> None:
    plain, locked, proxied, stranger = (free_port() for _ in range(4))
    listeners = "".join(
        f'[[mta.listener]]\nname = "{name}"\nport = {port}\naddress = "{address}"\n{kind}\n'
        for name, port, address, kind in (
            ("locked", locked, "127.0.0.1", "implicit_tls = true"),
            ("proxied", proxied, "127.0.0.1", "proxy_protocol = true"),
            ("stranger", stranger, "127.0.0.2", "proxy_protocol = true"),
        )
    )
    mta = f'[mta]\ninterfaces = ["127.0.0.1"]\nport = {plain}\ntrusted_proxies = ["127.0.0.1"]\n'
    rules = forwarding(("dest.test", "0.0.0.0"), ("*", "mx:", "outgoing"))
    gateway = start_mailock(mta + listeners + rules, node=node)
    found = await checks(gateway, 0)
    told = [text for area, text, _ in found["ok"] if area == "listener"]
    for port in (plain, locked, proxied):
        assert any(f":{port}) answers" in text for text in told), (port, told)
    assert any(f":{stranger} is not asked: it hears trusted_proxies only" in text for text in told)
