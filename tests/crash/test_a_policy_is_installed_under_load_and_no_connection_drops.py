"""Policies are installed while mail flows, by SIGHUP and by command: no connection drops, and every message arrives."""

import asyncio
import signal
from collections.abc import Callable

from tests.crash.keeper import Keeper
from tests.crash.ledger import unsettled
from tests.crash.load import Load
from tests.crash.policies import two_systems
from tests.crash.reckoning import reckon
from tests.parts.mailock import HEAD, UNASKED, UNSCANNED, UNSORTED, Mailock
from tests.parts.ports import LOOPBACK, free_port

ROUNDS = 12

SCANNED = "\n[anti_virus]\nenabled = true\n"


def whole(gateway: Mailock, policy: str) -> str:
    """A policy as the file of this gateway has to hold it."""
    # Random letters may look like spam, and a subject with a prefix is no longer what was sent.
    engines = UNSORTED if SCANNED in policy else UNSCANNED
    return f'{HEAD}[mta]\ninterfaces = ["{LOOPBACK}"]\nport = {gateway.port}\n{policy}{engines}{UNASKED}'


async def test_a_policy_is_installed_under_load_and_no_connection_drops(start_mailock: Callable[..., Mailock]) -> None:
    async with Keeper() as first, Keeper() as second, Keeper() as third:
        gateway = start_mailock(two_systems(first.hop, second.hop))
        door = f'[[mta.listener]]\nname = "side"\naddress = "{LOOPBACK}"\nport = {free_port()}\n'
        policies = [
            two_systems(third.hop, second.hop, rest=door),
            # From here on the engines look at mail, and then they are switched off again.
            two_systems(first.hop, third.hop) + SCANNED,
            two_systems(third.hop, third.hop).replace("[mta.delivery]", "[mta.delivery]\npaused = true"),
            two_systems(first.hop, second.hop),
        ]
        async with Load(gateway.port, clients=6, seed=5, pause=0.02) as load:
            before = gateway.ask("status")["revision"]
            for count in range(ROUNDS):
                text = whole(gateway, policies[count % len(policies)])
                if count % 2:
                    outcome = await asyncio.to_thread(gateway.ask, "policy.install", text=text)
                    assert outcome["outcome"] == "installed", outcome
                    gateway.config.write_text(text)
                else:
                    await reload(gateway, text)
                refused = await asyncio.to_thread(gateway.ask, "policy.install", text=text + "[nonsense]\n")
                assert refused["outcome"] == "mistaken"
                await asyncio.sleep(0.4)
            assert gateway.ask("status")["revision"] == before + ROUNDS
            book = await load.end()
        await gateway.emptied()
        ports = {"a.test": [first.port, third.port], "b.test": [second.port, third.port]}
        found = reckon(book, first.arrivals + second.arrivals + third.arrivals, ports=ports, kills={})
        found.faults += await unsettled(gateway.data / "track.db", book)
    assert "ended with" not in gateway.log(), "a reload ends no process"
    print(f"{found}; {third.connections} connections to the hop that came and went")
    assert not found.faults, "\n".join([*found.faults[:50], gateway.log()[-6000:]])
    assert (book.disconnections, book.refused, found.in_doubt, found.duplicates) == (0, {}, 0, 0)
    assert found.acknowledged > 200
    assert {arrival.port for arrival in third.arrivals} == {third.port}


async def reload(gateway: Mailock, text: str) -> None:
    """Has it install its file by SIGHUP."""
    assert gateway.process is not None
    before = gateway.ask("status")["revision"]
    gateway.config.write_text(text)
    gateway.process.send_signal(signal.SIGHUP)
    for _ in range(200):
        if (await asyncio.to_thread(gateway.ask, "status"))["revision"] > before:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"SIGHUP installed nothing:\n{gateway.log()[-4000:]}")
