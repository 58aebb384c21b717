"""The sender waits for nothing that comes after: 250 is there before any next hop was reached, and outlives a crash."""

import asyncio
import hashlib
import time
from collections.abc import Callable

import pytest

from tests.parts.hop import HopSession, hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.talk import talk


def body(number: int, size: int) -> bytes:
    """A message of about this size that no other one is like."""
    line = hashlib.sha256(str(number).encode()).hexdigest().encode() + b"\r\n"
    return b"Subject: %d\r\n\r\n" % number + line * (size // len(line))


@pytest.mark.parametrize("size", [2_000, 3_000_000])
async def test_nobody_waits_for_the_next_hop_and_what_was_acknowledged_arrives(
    start_mailock: Callable[..., Mailock], size: int
) -> None:
    stuck = True

    async def answer(session: HopSession, line: str) -> str | None:
        if stuck:
            await asyncio.sleep(60)
        return None

    async with hop(answer=answer) as there:
        gateway = start_mailock(forwarding(("dest.test", str(there)), ("*", str(there), "outgoing")) + QUICK)
        waits = []
        async with talk(gateway.address) as client:
            await client.hello()
            for number in range(6):
                content = body(number, size)
                begun = time.monotonic()
                assert (await client.message("a@source.test", ["b@dest.test"], content)).code == 250
                waits.append(time.monotonic() - begun)
            # The last one is not whole when the power goes.
            await client.envelope("a@source.test", "b@dest.test")
            await client.say("DATA")
            client.send(body(99, size))
            await client.settle()
        assert max(waits) < 5
        gateway.kill()
        stuck = False
        gateway.start()
        await there.arrived(6)
        await gateway.emptied()
        got = sorted(taken.content[taken.content.index(b"Subject: ") :] for taken in there.taken)
        assert got == sorted(body(number, size) for number in range(6))
        records = await gateway.tracked("", "delivered", count=6)
        assert len(records) == 6
        assert not list((gateway.data / "bodies").rglob("*.tmp"))


async def test_being_stopped_it_finishes_what_is_under_way_and_bids_the_rest_come_again(
    start_mailock: Callable[..., Mailock],
) -> None:
    dotted = asyncio.Event()

    async def slowly(session: HopSession, line: str) -> str | None:
        if line == ".":
            dotted.set()
            await asyncio.sleep(1.5)
        return None

    async with hop(answer=slowly) as there:
        gateway = start_mailock(forwarding(("dest.test", str(there)), ("*", str(there), "outgoing")) + QUICK)
        async with talk(gateway.address) as client, talk(gateway.address) as idle:
            await client.hello()
            await idle.hello()
            await client.message("a@source.test", ["b@dest.test"])
            await asyncio.wait_for(dotted.wait(), 10.0)
            await client.envelope("a@source.test", "c@dest.test")
            stopping = asyncio.create_task(asyncio.to_thread(gateway.stop))
            assert (await idle.hear()).code == 421
            assert (await client.say("NOOP")).code == 421
            assert await stopping == 0
        # What was past its final dot had the time to be answered: it went once.
        assert len(there.taken) == 1
        gateway.start()
        await gateway.emptied()
        assert len(there.taken) == 1
