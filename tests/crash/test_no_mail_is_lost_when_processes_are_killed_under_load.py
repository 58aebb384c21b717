"""Mail that got 250 arrives, whole and at the right place, however often and whenever processes are killed."""

import asyncio
import os
from collections.abc import Callable

import pytest

from tests.crash.keeper import Keeper
from tests.crash.kills import Killer
from tests.crash.ledger import unsettled
from tests.crash.load import Load
from tests.crash.reckoning import reckon
from tests.parts.mailock import Mailock, forwarding
from tests.parts.size import sized

SEED = int(os.environ.get("MAILOCK_SEED", "20261124"))
KILLS = sized(200, part=0.1)
CLIENTS = 6


def two_systems(first: Keeper, second: Keeper) -> str:
    """A policy: a.test belongs to the default system, b.test to another, each with its own next hop."""
    return f"""\
{forwarding(("a.test", first.hop), ("*", first.hop, "outgoing"))}
[mta.limits]
connections_per_source = 1000
connection_rate = 1000000
message_rate = 1000000
[mta.mail_settings]
storage_percent = 100
maximum_delay = "1d"
[mta.delivery]
retry_first = "1s"
retry_maximum = "2s"
suspend_for = "1s"
dead_for = "1s"
[virtual_system.other]
domains = ["b.test"]
[[virtual_system.other.mta.forwarding]]
domain = "b.test"
next_hop = "{second.hop}"
[[virtual_system.other.mta.forwarding]]
direction = "outgoing"
next_hop = "{second.hop}"
"""


@pytest.mark.timeout(0 if KILLS >= 200 else 180)
async def test_no_mail_is_lost_when_processes_are_killed_under_load(start_mailock: Callable[..., Mailock]) -> None:
    print(f"seed {SEED} (MAILOCK_SEED sets another), {KILLS} kills")
    kills: dict[int, float] = {}
    async with Keeper() as first, Keeper() as second:
        gateway = start_mailock(two_systems(first, second))

        def about_to() -> None:
            kills[first.generation] = asyncio.get_running_loop().time()
            first.generation = second.generation = first.generation + 1

        killer = Killer(gateway, SEED, about_to)
        async with Load(gateway.port, clients=CLIENTS, seed=SEED, pause=0.05) as load:
            for _ in range(KILLS):
                await killer.kill()
            await killer.until_ready()
            await asyncio.sleep(0.5)
            book = await load.end()
        await gateway.emptied(within=120.0)
        ports = {"a.test": first.port, "b.test": second.port}
        found = reckon(book, first.arrivals + second.arrivals, ports=ports, kills=kills)
        found.faults += await unsettled(gateway.data / "track.db", book)
        assert gateway.stop() == 0
    hits = {victim.value: hits for victim, hits in killer.tally.items()}
    print(f"{found}; {book.disconnections} connections torn; kills {hits}")
    assert not found.faults, "\n".join([f"seed {SEED}: {found}", *found.faults[:50], gateway.log()[-6000:]])
    assert found.acknowledged > KILLS
