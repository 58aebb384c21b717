"""`disable` takes mail while the MX points here, `--force` says what it risks, and nobody listens once it is off."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.submitting import submit
from tests.parts.dns_server import DnsServer
from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding


def said(gateway: Mailock, *arguments: str, code: int) -> dict[str, Any]:
    """How things stand after a command."""
    answer: dict[str, Any] = json.loads(gateway.run(*arguments, "--json", code=code).stdout)
    return answer


async def test_a_gateway_leaves_service_when_nobody_sends_to_it_any_more(
    start_mailock: Callable[..., Mailock], dns_parts: DnsServer
) -> None:
    dns_parts.zone.mx("dest.test", "mx.gateway.test").a("mx.gateway.test", "127.0.0.1")
    dns_parts.publish()
    host, port = dns_parts.address
    node = f'resolvers = ["{host}:{port}"]\n'
    async with hop() as server:
        gateway = start_mailock(forwarding(("dest.test", str(server)), ("*", str(server), "outgoing")), node=node)
        answer = said(gateway, "disable", code=1)
        assert (answer["step"], answer["pointing"]) == ("leaving", ["dest.test"])
        await submit(gateway, "user@dest.test")
        await server.arrived(1)

        dns_parts.zone.remove("dest.test", "MX").mx("dest.test", "mx.elsewhere.test")
        dns_parts.zone.a("mx.elsewhere.test", "192.0.2.1")
        dns_parts.publish()
        gateway.stop()
        gateway.start()
        answer = said(gateway, "disable", "--status", code=1)
        assert (answer["step"], answer["pointing"]) == ("leaving", [])
        assert "none may point here for 2" in answer["awaited"][0]
        await submit(gateway, "user@dest.test")
        await server.arrived(2)

        answer = said(gateway, "disable", "--force", code=0)
        assert answer["step"] == "off"
        assert "return their mail" in answer["risk"]
        with pytest.raises(OSError, match=r"refused|failed"):
            await submit(gateway, "user@dest.test")
        gateway.stop()
        gateway.start()
        with pytest.raises(OSError, match=r"refused|failed"):
            await submit(gateway, "user@dest.test")

        assert said(gateway, "enable", code=0)["step"] == "open"
        await submit(gateway, "user@dest.test")
        await server.arrived(3)

        config = gateway.config.read_text()
        gateway.config.write_text(config.replace("[mta]\n", "[mta]\nenabled = false\n"))
        gateway.run("policy", "install")
        assert said(gateway, "disable", "--status", code=1)["by"].startswith("policy revision")
        await submit(gateway, "user@dest.test")
        gateway.config.write_text(config)
        gateway.run("policy", "install")
        assert said(gateway, "disable", "--status", code=1)["step"] == "open"
