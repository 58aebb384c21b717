"""Slow-loris: hundreds of connections that say an octet now and then; others are served at once, and each state's time
ends.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from tests.parts.mailock import Mailock, forwarding
from tests.parts.smtp_sink import SmtpSink
from tests.parts.talk import Talk, talk

pytestmark = pytest.mark.serial

SLOW = 300
LIMITS = """\
[mta.limits]
command_timeout = "3s"
data_timeout = "5s"
connections = 1000
connections_per_source = 1000
"""


async def trickle(client: Talk, begun: float) -> float:
    """One octet every third of a second until the other side has had enough; how long that was from `begun`."""
    while time.monotonic() < begun + 20:
        client.send(b"x")
        if (said := await heard(client, 0.3)) is not None:
            assert said == 421
            return time.monotonic() - begun
    raise AssertionError("it was never given up")


async def heard(client: Talk, within: float) -> int | None:
    """The code of what is said in this time."""
    try:
        return (await client.hear(within)).code
    except TimeoutError:
        return None


async def test_three_hundred_slow_ones_slow_nobody(
    start_mailock: Callable[..., Mailock], start_sink: Callable[..., SmtpSink]
) -> None:
    there = start_sink(keep=False)
    gateway = start_mailock(
        forwarding(("dest.test", f"127.0.0.1:{there.port}"), ("*", "127.0.0.1:1", "outgoing")) + LIMITS
    )
    async with AsyncExitStack() as ending:
        # Before the first of them says anything: on a busy machine their turns to speak are some time apart.
        begun = time.monotonic()
        slow = [await ending.enter_async_context(talk(gateway.address, source="127.0.0.3")) for _ in range(SLOW)]
        for client in slow[: SLOW // 2]:
            client.send(b"EHLO slow.test\r\nMAIL FROM:<a@source.test>\r\nRCPT TO:<b@dest.test>\r\nDATA\r\n")
        for client in slow[: SLOW // 2]:
            assert [(await client.hear()).code for _ in range(4)] == [250, 250, 250, 354]
        trickling = [asyncio.create_task(trickle(client, begun)) for client in slow]
        waits = []
        async with talk(gateway.address) as quick:
            await quick.hello()
            for _ in range(40):
                begun = time.monotonic()
                assert (await quick.message("a@source.test", ["b@dest.test"])).code == 250
                waits.append(time.monotonic() - begun)
                await asyncio.sleep(0.03)
        assert sorted(waits)[len(waits) // 2] < 0.1, waits
        # A body under 100 octets a second goes after a fifth of data_timeout, a line after command_timeout as a whole,
        # however often an octet comes; the sweep takes a second more at the most.
        lasted = await asyncio.gather(*trickling)
        assert all(1 <= seconds < 6 for seconds in lasted[: SLOW // 2]), lasted
        assert all(3 <= seconds < 8 for seconds in lasted[SLOW // 2 :]), lasted
        await gateway.emptied()


async def test_silence_is_ended_in_each_state(start_mailock: Callable[..., Mailock]) -> None:
    gateway = start_mailock(forwarding(("dest.test", "127.0.0.1:1"), ("*", "127.0.0.1:1", "outgoing")) + LIMITS)
    begins = {
        "greeted": b"",
        "hello": b"EHLO x\r\n",
        "mail": b"EHLO x\r\nMAIL FROM:<a@b.test>\r\n",
        "rcpt": b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<b@dest.test>\r\n",
        "data": b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<b@dest.test>\r\nDATA\r\nSubject: x\r\n",
        "chunk": b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<b@dest.test>\r\nBDAT 9\r\nSub",
        "between": b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<b@dest.test>\r\nBDAT 3\r\nSub",
    }

    async def silent(octets: bytes) -> tuple[int, float]:
        async with talk(gateway.address) as client:
            begun = time.monotonic()
            client.send(octets)
            replies = await client.hear_all()
            return replies[-1].code, time.monotonic() - begun

    ends = dict(zip(begins, await asyncio.gather(*map(silent, begins.values())), strict=True))
    for state, (code, seconds) in ends.items():
        assert code == 421, (state, code)
        allowed = 5 if state in ("data", "chunk") else 3
        assert allowed - 0.2 < seconds < allowed + 2.5, (state, seconds)
    # What was begun and not ended is nowhere.
    await gateway.emptied(within=1)
    assert not list((gateway.data / "bodies").rglob("*.tmp"))
