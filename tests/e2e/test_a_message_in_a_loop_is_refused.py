"""More Received fields than the limit mean a loop: 554 5.4.6, and two gateways in a circle come to an end."""

from collections.abc import Callable

from tests.parts.hop import hop
from tests.parts.mailock import QUICK, Mailock, forwarding, mailock
from tests.parts.ports import free_port
from tests.parts.talk import talk


def hops(count: int) -> bytes:
    """A message that was on its way for so long."""
    field = b"Received: from a.test by b.test with ESMTP id 1;\r\n\tTue, 1 Sep 2026 10:00:00 +0000\r\n"
    return field * count + b"Subject: x\r\n\r\nReceived: this is body\r\n"


async def test_the_limit_counts_received_fields(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        limits = "[mta.limits]\nreceived_fields = 20\n"
        gateway = start_mailock(forwarding(("dest.test", str(there)), ("*", str(there), "outgoing")) + limits)
        async with talk(gateway.address) as client:
            await client.hello()
            assert (await client.message("a@source.test", ["b@dest.test"], hops(20))).code == 250
            said = await client.message("a@source.test", ["b@dest.test"], hops(21))
            assert (said.code, said.enhanced) == (554, "5.4.6")
            assert said.reference
        await there.arrived()
        (record,) = await gateway.tracked("status:rejected")
        assert "loop" in record["refused"]["reply"]


async def test_two_gateways_that_point_at_each_other_stop(start_mailock: Callable[..., Mailock]) -> None:
    limits = "[mta.limits]\nreceived_fields = 10\n"
    port = free_port()
    async with hop() as back:
        outgoing = ("*", str(back), "outgoing")
        first = start_mailock(forwarding(("dest.test", f"127.0.0.1:{port}"), outgoing) + limits + QUICK)
        other = f'[mta]\ninterfaces = ["127.0.0.1"]\nport = {port}\n'
        node = ""
        with mailock(
            other + forwarding(("dest.test", f"127.0.0.1:{first.port}"), outgoing) + limits + QUICK, node=node
        ) as second:
            async with talk(first.address) as client:
                await client.hello()
                await client.message("a@source.test", ["b@dest.test"])
            (notice,) = await back.arrived(1)
            assert b"Status: 5.4.6\r\n" in notice.content
            await first.emptied()
            await second.emptied()
            assert len(back.taken) == 1
