"""A domain object is a DNS name whose MX or SRV records list servers; a named object stands for one, or for hosts."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from tests.parts.dns_server import DnsServer
from tests.parts.hop import hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.talk import talk


async def test_records_and_objects_name_the_servers(
    start_mailock: Callable[..., Mailock], dns_parts: DnsServer
) -> None:
    port = free_port()
    async with AsyncExitStack() as ending:
        best = await ending.enter_async_context(hop(host="127.0.0.11", port=port))
        second = await ending.enter_async_context(hop(host="127.0.0.12", port=port))
        served = await ending.enter_async_context(hop(host="127.0.0.13"))
        hosts = await ending.enter_async_context(hop(host="127.0.0.14"))
        dns_parts.zone.mx("inside.test", "best.inside.test", 10).mx("inside.test", "second.inside.test", 20)
        dns_parts.zone.a("best.inside.test", best.host).a("second.inside.test", second.host)
        dns_parts.zone.srv("_smtp._tcp.inside.test", "served.inside.test", served.port)
        dns_parts.zone.srv("_smtp._tcp.inside.test", "second.inside.test", port, priority=5)
        dns_parts.zone.a("served.inside.test", served.host)
        dns_parts.publish()
        policy = forwarding(
            ("mx.test", f"mx:inside.test:{port}"),
            ("srv.test", "srv:_smtp._tcp.inside.test"),
            ("object.test", "by-mx"),
            ("hosts.test", "by-host"),
            ("*", "127.0.0.1:1", "outgoing"),
        )
        policy += f'[object.by-mx]\ndomain = "mx:inside.test:{port}"\n[object.by-host]\nhost = ["{hosts}"]\n'
        gateway = start_mailock(policy + QUICK, node=f'resolvers = ["127.0.0.1:{dns_parts.port}"]\n')

        async with talk(gateway.address) as client:
            await client.hello()
            for domain in ("mx.test", "srv.test", "object.test", "hosts.test"):
                await client.message("a@source.test", [f"b@{domain}"])
            await gateway.emptied()
        assert {rcpt for taken in best.taken for rcpt in taken.rcpts} == {
            "RCPT TO:<b@mx.test>",
            "RCPT TO:<b@object.test>",
        }
        assert [taken.rcpts for taken in served.taken] == [("RCPT TO:<b@srv.test>",)]
        assert [taken.rcpts for taken in hosts.taken] == [("RCPT TO:<b@hosts.test>",)]
        assert not second.taken
        (record,) = await gateway.tracked("to:b@mx.test", "delivered")
        assert record["recipients"][0]["next_hop"] == "best.inside.test"


async def test_the_less_preferred_server_takes_over(
    start_mailock: Callable[..., Mailock], dns_parts: DnsServer
) -> None:
    port = free_port()
    async with hop(host="127.0.0.12", port=port) as second:
        dns_parts.zone.mx("inside.test", "best.inside.test", 10).mx("inside.test", "second.inside.test", 20)
        dns_parts.zone.a("best.inside.test", "127.0.0.11").a("second.inside.test", "127.0.0.12")
        dns_parts.publish()
        policy = forwarding(("mx.test", f"mx:inside.test:{port}"), ("*", "127.0.0.1:1", "outgoing")) + QUICK
        gateway = start_mailock(policy, node=f'resolvers = ["127.0.0.1:{dns_parts.port}"]\n')
        async with talk(gateway.address) as client:
            await client.hello()
            await client.message("a@source.test", ["b@mx.test"])
        await second.arrived()
        await gateway.emptied()
        (record,) = await gateway.tracked("to:b@mx.test", "delivered")
        assert record["attempts"] == 1
