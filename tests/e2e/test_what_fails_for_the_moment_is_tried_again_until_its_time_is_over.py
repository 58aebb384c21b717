"""Retries by the schedule, for each recipient by itself; the sender is warned once, and told when it is given up."""

import asyncio
import datetime
import itertools
from collections import Counter
from collections.abc import Callable

import pytest

from tests.parts.hop import HopSession, hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.talk import talk

pytestmark = pytest.mark.serial

MTA = '[mta]\ninterfaces = ["127.0.0.1"]\nport = {port}\ninternal_networks = ["127.0.0.2"]\n'


async def send(gateway: Mailock, *recipients: str) -> None:
    async with talk(gateway.address, source="127.0.0.2") as client:
        await client.hello()
        assert (await client.message("a@ours.test", recipients)).code == 250


async def test_only_the_recipients_that_failed_are_tried_again(start_mailock: Callable[..., Mailock]) -> None:
    asked: Counter[str] = Counter()

    def answer(session: HopSession, line: str) -> str | None:
        if not line.startswith("RCPT"):
            return None
        asked[line] += 1
        if "grey" in line and asked[line] < 3:
            return "451 4.7.1 greylisted, come again"
        return "550 5.1.1 nobody" if "gone" in line else None

    async with hop(answer=answer) as there, hop() as ours:
        rules = forwarding(("ours.test", str(ours)), ("*", str(there), "outgoing"))
        gateway = start_mailock(MTA + rules + QUICK)
        await send(gateway, "now@far.test", "grey@far.test", "gone@far.test")
        await there.arrived(2)
        await gateway.emptied()
        assert [taken.rcpts for taken in there.taken] == [("RCPT TO:<now@far.test>",), ("RCPT TO:<grey@far.test>",)]
        assert dict(asked) == {
            "RCPT TO:<now@far.test>": 1,
            "RCPT TO:<grey@far.test>": 3,
            "RCPT TO:<gone@far.test>": 1,
        }
        (notice,) = ours.taken
        assert b"gone@far.test" in notice.content
        assert b"grey@far.test" not in notice.content.partition(b"message/rfc822")[0]
        (record,) = await gateway.tracked("from:a@ours.test", "bounced")
        tries = {one["address"]: (one["status"], one["attempts"]) for one in record["recipients"]}
        assert tries == {
            "now@far.test": ("delivered", 1),
            "grey@far.test": ("delivered", 3),
            "gone@far.test": ("bounced", 1),
        }


async def test_pauses_grow_the_sender_is_warned_once_and_told_at_the_end(start_mailock: Callable[..., Mailock]) -> None:
    times: list[float] = []

    def answer(session: HopSession, line: str) -> str | None:
        if line.startswith("MAIL"):
            times.append(asyncio.get_running_loop().time())
        return "452 4.2.2 mailbox full" if line.startswith("RCPT") else None

    delivery = """\
[mta.delivery]
retry_first = "1s"
retry_factor = 2
retry_maximum = "2s"
retry_jitter = 0
delay_warning = "2s"
queue_lifetime = "8s"
"""
    async with hop(answer=answer) as there, hop() as ours:
        rules = forwarding(("ours.test", str(ours)), ("*", str(there), "outgoing"))
        gateway = start_mailock(MTA + rules + delivery)
        begun = asyncio.get_running_loop().time()
        await send(gateway, "full@far.test")
        (record,) = await gateway.tracked("to:full@far.test", "deferred")
        assert record["reason"].endswith("452 4.2.2 mailbox full")
        due = datetime.datetime.fromisoformat(record["recipients"][0]["next_try"])
        assert (
            datetime.timedelta()
            < due - datetime.datetime.fromisoformat(record["arrival"])
            <= datetime.timedelta(seconds=8)
        )
        warning, failure = await ours.arrived(2, within=25)
        await gateway.emptied()
        assert len(ours.taken) == 2
        assert b"\r\nAction: delayed\r\n" in warning.content
        assert b"\r\nWill-Retry-Until: " in warning.content
        assert b"\r\nAction: failed\r\n" in failure.content
        assert b"\r\nStatus: 5.4.7\r\n" in failure.content
        assert b"mailbox full" in failure.content
        # 1 s, then 2 s, as the maximum says; the last try is made when the lifetime ends, not before.
        pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert 0.9 < pauses[0] < 2.2
        assert all(1.8 < pause < 3.4 for pause in pauses[1:-1]), pauses
        assert 7.5 < times[-1] - begun < 11


async def test_a_next_hop_that_cannot_be_found_or_reached_is_tried_until_it_is_there(
    start_mailock: Callable[..., Mailock],
) -> None:
    port = free_port()
    rules = forwarding(("ours.test", f"127.0.0.1:{port}"), ("lost.test", "no.such.host.test"), ("*", "mx:", "outgoing"))
    gateway = start_mailock(MTA + rules + QUICK, node=f'resolvers = ["127.0.0.1:{free_port()}"]\n')
    await send(gateway, "a@ours.test", "a@lost.test")
    (record,) = await gateway.tracked("to:a@ours.test", "deferred")
    reasons = {one["address"]: one["reason"] for one in record["recipients"]}
    assert "the connection was refused" in reasons["a@ours.test"]
    assert "DNS could not be asked" in reasons["a@lost.test"]
    async with hop(port=port) as there:
        await there.arrived(1)
        assert there.taken[0].rcpts == ("RCPT TO:<a@ours.test>",)
