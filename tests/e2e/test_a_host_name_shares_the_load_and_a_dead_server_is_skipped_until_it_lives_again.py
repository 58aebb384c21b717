"""A next hop that is a name stands for all its addresses, asked of a real DNS."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack

from tests.parts.dns_server import DnsServer
from tests.parts.hop import hop, until
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.talk import talk

IPS = ("127.0.0.11", "127.0.0.12", "127.0.0.13")
OUT = forwarding(("*", "127.0.0.1:1", "outgoing"))
# A connection for each message, so that each one finds its server anew.
ONE_EACH = QUICK + 'idle = "0s"\n'


async def send(gateway: Mailock, count: int) -> None:
    async with talk(gateway.address) as client:
        await client.hello()
        for _ in range(count):
            await client.message("a@source.test", ["b@dest.test"])
            await gateway.emptied()


async def test_the_load_is_shared_and_a_dead_server_costs_nothing(
    start_mailock: Callable[..., Mailock], dns_parts: DnsServer
) -> None:
    dns_parts.zone.a("mail.inside.test", *IPS)
    dns_parts.publish()
    port = free_port()
    policy = forwarding(("dest.test", f"mail.inside.test:{port}")) + OUT + ONE_EACH
    gateway = start_mailock(policy, node=f'resolvers = ["127.0.0.1:{dns_parts.port}"]\n')

    async with AsyncExitStack() as ending:
        first, second = [await ending.enter_async_context(hop(host=ip, port=port)) for ip in IPS[:2]]
        # The third does not run. A message that meets it goes on to the next at once, and none is deferred.
        await send(gateway, 24)
        shares = Counter({ip: len(one.taken) for ip, one in zip(IPS, (first, second), strict=False)})
        assert sum(shares.values()) == 24
        assert min(shares.values()) >= 4, shares
        records = await gateway.tracked("to:b@dest.test", "delivered", count=24)
        assert all(record["attempts"] == 1 for record in records)
        async with hop(host=IPS[2], port=port) as third:
            await asyncio.sleep(1.1)  # dead_for
            await send(gateway, 24)
            assert len(third.taken) >= 3


async def test_a_changed_address_is_followed_when_the_ttl_is_over_and_not_before(
    start_mailock: Callable[..., Mailock], dns_parts: DnsServer
) -> None:
    dns_parts.zone.ttl = 4
    dns_parts.zone.a("mail.inside.test", IPS[0])
    dns_parts.publish()
    port = free_port()
    policy = forwarding(("dest.test", f"mail.inside.test:{port}")) + OUT + ONE_EACH
    # The authority itself is asked: the resolver before it keeps nothing, and says so in its answers.
    gateway = start_mailock(policy, node=f'resolvers = ["127.0.0.1:{dns_parts.authority[1]}"]\n')
    async with hop(host=IPS[0], port=port) as old, hop(host=IPS[1], port=port) as new:
        await send(gateway, 1)
        asked = asyncio.get_running_loop().time()
        dns_parts.zone.remove("mail.inside.test").a("mail.inside.test", IPS[1])
        dns_parts.publish()
        if asyncio.get_running_loop().time() < asked + 3:
            await send(gateway, 1)
            assert (len(old.taken), len(new.taken)) == (2, 0)
        await asyncio.sleep(max(0.0, asked + 4.2 - asyncio.get_running_loop().time()))
        await send(gateway, 1)
        await until(lambda: len(new.taken) == 1, 5, lambda: f"{new.taken}")
