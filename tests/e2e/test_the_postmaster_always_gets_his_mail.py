"""The postmaster gets mail without a domain, at our own name and at every domain of ours, and it arrives somewhere."""

from collections.abc import Callable

from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.talk import talk


async def send(gateway: Mailock, *recipients: str) -> None:
    async with talk(gateway.address) as client:
        await client.hello()
        for recipient in recipients:
            assert (await client.message("", [recipient])).code == 250, recipient


async def test_without_a_setting_the_first_next_hop_gets_it(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as first, hop() as second:
        rules = forwarding(("one@first.test", str(first)), ("second.test", str(second)), ("*", str(second), "outgoing"))
        gateway = start_mailock(rules)
        await send(
            gateway, "postmaster", "PostMaster@mx.gateway.test", "postmaster@first.test", "postmaster@second.test"
        )
        await gateway.emptied()
        assert [taken.rcpts[0] for taken in first.taken] == [
            "RCPT TO:<postmaster>",
            "RCPT TO:<PostMaster@mx.gateway.test>",
            "RCPT TO:<postmaster@first.test>",
        ]
        assert [taken.rcpts[0] for taken in second.taken] == ["RCPT TO:<postmaster@second.test>"]
        async with talk(gateway.address) as client:
            await client.hello()
            (said,) = await client.envelope("", "postmaster@far.test")
            assert said.code == 550


async def test_the_setting_names_who_gets_it(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        mta = '[mta]\ninterfaces = ["127.0.0.1"]\nport = {port}\npostmaster = "anna@dest.test"\n'
        gateway = start_mailock(mta + forwarding(("dest.test", str(there)), ("*", str(there), "outgoing")))
        await send(gateway, "postmaster", "postmaster@mx.gateway.test")
        await gateway.emptied()
        assert [taken.rcpts[0] for taken in there.taken] == ["RCPT TO:<anna@dest.test>"] * 2
