"""Recipients, connections and rates have limits by source; what is over is put off, never lost."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.talk import talk

INSIDE = "127.0.0.2"


def policy(there: object, limits: str) -> str:
    """A gateway on loopback with these limits."""
    mta = f'[mta]\ninterfaces = ["127.0.0.1"]\nport = {{port}}\ninternal_networks = ["{INSIDE}"]\n'
    return mta + forwarding(("dest.test", str(there)), ("*", str(there), "outgoing")) + "[mta.limits]\n" + limits


async def test_recipients_over_the_limit_are_put_off_and_the_others_served(
    start_mailock: Callable[..., Mailock],
) -> None:
    async with hop() as there:
        gateway = start_mailock(policy(there, "recipients = 3\n"))
        async with talk(gateway.address) as client:
            await client.hello()
            said = await client.envelope("a@source.test", *(f"r{n}@dest.test" for n in range(5)))
            assert [(one.code, one.enhanced) for one in said] == [(250, "2.1.5")] * 3 + [(452, "4.5.3")] * 2
            assert (await client.data(b"Subject: x\r\n\r\n")).code == 250
        await gateway.emptied()
        assert [taken.rcpts for taken in there.taken] == [tuple(f"RCPT TO:<r{n}@dest.test>" for n in range(3))]


async def test_connections_at_once_have_a_limit_for_each_source_and_for_all(
    start_mailock: Callable[..., Mailock],
) -> None:
    gateway = start_mailock(policy("127.0.0.1:1", "connections_per_source = 2\nconnections = 5\n"))
    async with AsyncExitStack() as ending:
        mine = [await ending.enter_async_context(talk(gateway.address, source="127.0.0.3")) for _ in range(2)]
        async with talk(gateway.address, source="127.0.0.3", greeted=False) as third:
            said = await third.hear()
            assert (said.code, said.enhanced) == (421, "4.7.0")
            assert await third.ended()
        # Another source is not touched by that, and the first is heard again once it has let go.
        await ending.enter_async_context(talk(gateway.address, source="127.0.0.4"))
        assert (await mine[0].say("QUIT")).code == 221
        mine[0].hang_up()
        await asyncio.sleep(0.1)
        await ending.enter_async_context(talk(gateway.address, source="127.0.0.3"))
        # At the limit of all, who idled longest gives way to who comes (DECISIONS 10).
        await ending.enter_async_context(talk(gateway.address, source="127.0.0.5"))
        await ending.enter_async_context(talk(gateway.address, source="127.0.0.6"))
        await ending.enter_async_context(talk(gateway.address, source="127.0.0.7"))
        said = await mine[1].hear()
        assert (said.code, said.enhanced) == (421, "4.3.2")
    await gateway.tracked("ip:127.0.0.3 reason:connections")


async def test_new_connections_and_messages_have_a_rate_for_each_source(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        gateway = start_mailock(policy(there, "connection_rate = 3\nmessage_rate = 4\ninternal_message_rate = 2\n"))
        async with talk(gateway.address, source="127.0.0.3") as client:
            await client.hello()
            for _ in range(4):
                assert (await client.message("a@source.test", ["b@dest.test"])).code == 250
            said = await client.say("MAIL FROM:<a@source.test>")
            assert (said.code, said.enhanced) == (450, "4.7.1")
        for expected in (220, 220, 421):
            async with talk(gateway.address, source="127.0.0.3", greeted=False) as client:
                assert (await client.hear()).code == expected
        # From inside it is the sender who is counted: a stolen account does not stop the others.
        async with talk(gateway.address, source=INSIDE) as client:
            await client.hello()
            for sender, code in (("a", 250), ("a", 250), ("A", 450), ("b", 250)):
                said = await client.say(f"MAIL FROM:<{sender}@dest.test>")
                assert said.code == code, (sender, said)
                await client.say("RSET")
        await gateway.emptied()
        assert len(there.taken) == 4
        await gateway.tracked("ip:127.0.0.3 reason:messages")


async def test_nonsense_is_borne_for_a_while_only(start_mailock: Callable[..., Mailock]) -> None:
    gateway = start_mailock(policy("127.0.0.1:1", "errors = 5\n"))
    async with talk(gateway.address) as client:
        await client.hello()
        codes = [(await client.say("RCPT TO:<x@dest.test>")).code for _ in range(4)]
        assert codes == [503] * 4
        await client.say("MAIL FROM:<>")
        said = await client.say("RCPT TO:<x@far.test>")
        assert said.code == 550
        assert (await client.hear()).code == 421
        assert await client.ended()
