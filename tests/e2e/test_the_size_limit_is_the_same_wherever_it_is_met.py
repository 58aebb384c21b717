"""The limit that is announced is the one that MAIL, DATA and BDAT know, and what fits is relayed whole."""

from collections.abc import Callable

from tests.parts.hop import hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.talk import talk

LIMIT = 200_000
HEAD = b"Subject: x\r\n\r\n"


def sized(octets: int) -> bytes:
    """A message of exactly this size."""
    line = b"0123456789abcdef" * 4 + b"\r\n"
    whole, rest = divmod(octets - len(HEAD), len(line))
    return HEAD + line * (whole - 1) + b"x" * (rest + len(line) - 2) + b"\r\n"


async def test_the_limit_is_coherent(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        limits = f'[mta.limits]\nmessage_size = "{LIMIT}B"\n'
        gateway = start_mailock(forwarding(("dest.test", str(there)), ("*", str(there), "outgoing")) + limits)
        async with talk(gateway.address) as client:
            offered = await client.hello()
            assert f"SIZE {LIMIT}" in offered.lines
            said = await client.say(f"MAIL FROM:<a@source.test> SIZE={LIMIT + 1}")
            assert (said.code, said.enhanced) == (552, "5.3.4")
            assert (await client.say(f"MAIL FROM:<a@source.test> SIZE={LIMIT}")).code == 250
            await client.say("RSET")

            fits, more = sized(LIMIT), sized(LIMIT + 1)
            assert (len(fits), len(more)) == (LIMIT, LIMIT + 1)
            assert (await client.message("a@source.test", ["b@dest.test"], fits)).code == 250
            said = await client.message("a@source.test", ["b@dest.test"], more)
            assert (said.code, said.enhanced) == (552, "5.3.4")
            for body, code in ((fits, 250), (more, 552)):
                await client.envelope("a@source.test", "b@dest.test")
                client.send(b"BDAT %d LAST\r\n" % len(body) + body)
                assert (await client.hear()).code == code
            # The connection lives on.
            assert (await client.message("a@source.test", ["b@dest.test"])).code == 250
        await gateway.emptied()
        taken = [message.content.partition(b"Subject: ")[2] for message in there.taken]
        assert [b"Subject: " + body for body in taken[:2]] == [fits, fits]
        assert len(taken) == 3


async def test_what_is_too_large_for_the_next_hop_goes_back_at_once(start_mailock: Callable[..., Mailock]) -> None:
    async with hop(extensions=("PIPELINING", "SIZE 1000")) as small, hop() as back:
        gateway = start_mailock(forwarding(("dest.test", str(small)), ("*", str(back), "outgoing")) + QUICK)
        async with talk(gateway.address) as client:
            await client.hello()
            await client.message("a@source.test", ["b@dest.test"], sized(5000))
        (notice,) = await back.arrived()
        assert b"Status: 5.3.4\r\n" in notice.content
        assert not any(line.startswith("MAIL") for session in small.sessions for line in session.commands)
        await gateway.emptied()
