"""Mail that got 250 arrives, whole and at the right place, however often and whenever processes are killed."""

import asyncio
import os
from collections.abc import Callable

import pytest

from tests.crash.keeper import Keeper
from tests.crash.kills import Killer
from tests.crash.ledger import unsettled
from tests.crash.load import Load
from tests.crash.policies import two_systems
from tests.crash.reckoning import reckon
from tests.parts.mailock import UNSORTED, Mailock

SEED = int(os.environ.get("MAILOCK_SEED", "20261124"))
CLIENTS = 6


@pytest.mark.parametrize(
    ("times", "engines"),
    [
        (20, False),
        (8, True),
        pytest.param(200, False, marks=pytest.mark.accept),
        pytest.param(200, True, marks=pytest.mark.accept),
    ],
)
@pytest.mark.timeout(3600)
async def test_no_mail_is_lost_when_processes_are_killed_under_load(
    times: int, engines: bool, start_mailock: Callable[..., Mailock]
) -> None:
    print(f"seed {SEED} (MAILOCK_SEED sets another), {times} kills, {engines=}")
    kills: dict[int, float] = {}
    async with Keeper() as first, Keeper() as second:
        # Letters of chance may be taken for spam, whose subject is changed; here every octet has to arrive.
        gateway = start_mailock(two_systems(first.hop, second.hop, rest=UNSORTED), engines=engines)

        def about_to() -> None:
            kills[first.generation] = asyncio.get_running_loop().time()
            first.generation = second.generation = first.generation + 1

        killer = Killer(gateway, SEED, about_to)
        async with Load(gateway.port, clients=CLIENTS, seed=SEED, pause=0.05) as load:
            for _ in range(times):
                await killer.kill()
            await killer.until_ready()
            await asyncio.sleep(0.5)
            book = await load.end()
        # What came in while it was killed is looked at afterwards, at some 70 messages a second.
        await gateway.emptied(within=120.0 + 3 * times)
        ports = {"a.test": [first.port], "b.test": [second.port]}
        found = reckon(book, first.arrivals + second.arrivals, ports=ports, kills=kills)
        found.faults += await unsettled(gateway.data / "track.db", book)
        assert gateway.stop() == 0
    hits = {victim.value: hits for victim, hits in killer.tally.items()}
    print(f"{found}; {book.disconnections} connections torn; kills {hits}")
    assert not found.faults, "\n".join([f"seed {SEED}: {found}", *found.faults[:50], gateway.log()[-6000:]])
    assert found.acknowledged > times
