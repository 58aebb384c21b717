"""Entries of a list take over from each other, share by weight as soon as one has a weight, or are backups."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from tests.parts.hop import Hop, hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.talk import talk

OUT = forwarding(("*", "127.0.0.1:1", "outgoing"))


async def send(gateway: Mailock, domain: str, count: int = 1) -> None:
    async with talk(gateway.address) as client:
        await client.hello()
        for _ in range(count):
            await client.message("a@source.test", [f"b@{domain}"])
            await gateway.emptied()


async def test_the_first_of_an_order_that_lives_takes_it(start_mailock: Callable[..., Mailock]) -> None:
    dead = f"127.0.0.1:{free_port()}"
    async with hop() as second, hop() as third:
        rules = forwarding(
            ("order.test", f'["{dead}", "{second}", "{third}"]'),
            ("backup.test", f'["{dead} weight=2", "{third} backup"]'),
        )
        gateway = start_mailock(rules + OUT + QUICK)
        await send(gateway, "order.test", 3)
        assert (len(second.taken), len(third.taken)) == (3, 0)
        await send(gateway, "backup.test")
        assert len(third.taken) == 1
        assert all(record["attempts"] == 1 for record in await gateway.tracked("", "delivered", count=4))


async def test_weights_share_the_load_and_a_backup_rests(start_mailock: Callable[..., Mailock]) -> None:
    async with AsyncExitStack() as ending:
        heavy, light, backup = [await ending.enter_async_context(hop()) for _ in range(3)]
        rules = forwarding(("weight.test", f'["{heavy} weight=5", "{light} weight=1", "{backup} backup"]'))
        gateway = start_mailock(rules + OUT + QUICK + 'idle = "0s"\n')
        await send(gateway, "weight.test", 36)
        taken = [len(one.taken) for one in (heavy, light, backup)]
        assert sum(taken) == 36
        assert taken[2] == 0
        # 5:1 of 36 is 30 and 6; the chance of less than 20, or of none at the light one, is under a thousandth.
        assert taken[0] >= 20
        assert taken[1] >= 1


async def test_a_server_that_closes_its_door_is_passed_over_too(start_mailock: Callable[..., Mailock]) -> None:
    def busy(session: object, line: str) -> str | None:
        return "421 4.3.2 too busy" if line == "CONNECT" else None

    first: Hop
    async with hop(answer=busy) as first, hop() as second:
        gateway = start_mailock(forwarding(("order.test", f'["{first}", "{second}"]')) + OUT + QUICK)
        await send(gateway, "order.test")
        assert (len(first.sessions), len(second.taken)) == (1, 1)
