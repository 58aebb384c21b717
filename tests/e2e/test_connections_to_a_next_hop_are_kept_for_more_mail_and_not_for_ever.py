"""A connection is kept for what comes next, carries so many recipients at a time, and is given up after a while."""

import asyncio
from collections.abc import Callable

from tests.parts.hop import HopSession, hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.talk import talk


def policy(there: object, settings: str) -> str:
    """Everything to one next hop."""
    return forwarding(("dest.test", str(there)), ("*", str(there), "outgoing")) + "[mta.delivery]\n" + settings


async def send(gateway: Mailock, count: int, *recipients: str) -> None:
    async with talk(gateway.address) as client:
        await client.hello()
        for _ in range(count):
            await client.message("a@source.test", recipients or ["b@dest.test"])
            await gateway.emptied()


async def test_it_is_used_again_and_closed_politely(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        gateway = start_mailock(policy(there, 'idle = "1s"\n'))
        await send(gateway, 5)
        (session,) = there.sessions
        assert {taken.session for taken in there.taken} == {0}
        for _ in range(40):
            if session.commands[-1] == "QUIT":
                break
            await asyncio.sleep(0.1)
        assert session.commands[-1] == "QUIT"
        assert there.open == 0
        await send(gateway, 1)
        assert len(there.sessions) == 2


async def test_after_a_while_a_new_one_is_made_so_a_preferred_server_that_comes_back_is_found(
    start_mailock: Callable[..., Mailock],
) -> None:
    port = free_port()
    async with hop() as second:
        rules = forwarding(("dest.test", f'["127.0.0.1:{port}", "{second}"]'), ("*", str(second), "outgoing"))
        gateway = start_mailock(rules + '[mta.delivery]\nreuse = "1s"\nidle = "1m"\ndead_for = "1s"\n')
        await send(gateway, 2)
        assert len(second.taken) == 2
        async with hop(port=port) as first:
            await asyncio.sleep(1.1)
            # The first of these may still take the old connection, and finds it worn when it is done.
            await send(gateway, 3)
            assert len(first.taken) >= 2


async def test_many_recipients_go_in_transactions_of_a_size(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        gateway = start_mailock(policy(there, "recipients = 3\n"))
        await send(gateway, 1, *(f"r{n}@dest.test" for n in range(8)))
        assert sorted(len(taken.rcpts) for taken in there.taken) == [2, 3, 3]
        assert {rcpt for taken in there.taken for rcpt in taken.rcpts} == {
            f"RCPT TO:<r{n}@dest.test>" for n in range(8)
        }
        (record,) = await gateway.tracked("from:a@source.test", "delivered")
        assert record["recipients_number"] == 8


async def test_a_connection_that_breaks_costs_one_try_and_no_mail(start_mailock: Callable[..., Mailock]) -> None:
    def answer(session: HopSession, line: str) -> str | None:
        # The first connection is cut at the second message, the next one closes itself by 421, the third stays.
        if session.number == 0 and line == "DATA" and sum(one == "DATA" for one in session.commands) == 2:
            return ""
        if session.number == 1 and line == "." and sum(one == "DATA" for one in session.commands) == 1:
            return "421 4.3.2 going down"
        return None

    async with hop(answer=answer) as there:
        gateway = start_mailock(policy(there, 'retry_first = "1s"\nretry_jitter = 0\nconcurrency = 1\n'))
        async with talk(gateway.address) as client:
            await client.hello()
            for number in range(4):
                await client.message("a@source.test", ["b@dest.test"], b"Subject: %d\r\n\r\n" % number)
        await there.arrived(4)
        await gateway.emptied()
        assert sorted(taken.content.rpartition(b"Subject: ")[2][:1] for taken in there.taken) == [
            b"0",
            b"1",
            b"2",
            b"3",
        ]
